//! A company pays by PayPal: from the order to the verified webhook, renewals, and the end.

use std::sync::Arc;

use domain::{
    billing::{BillingPeriod, PayPalSettings, Plan, RequestType},
    ids::{PlanId, TenantId, UserId},
    ports::{AuditEntry, Money, PayPalBook, PayPalVault, Plans},
};
use jiff::Timestamp;
use reqwest::Method;
use sandbox::{
    faults::{Fault, FaultOrder},
    paypal::{AppSpec, EventSpec, OrderSpec, Signed},
};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{
    Case,
    world::{Company, World},
};

const CLIENT: &str = "Afalcon-tests_1";
const SECRET: &str = "EFalcon-secret-of-the-tests-7fQ2";
const WEBHOOK: &str = "4WEBHOOKTESTS1";

pub fn cases() -> Vec<Case> {
    vec![
        ("paypal::a_company_pays_and_renews_by_paypal", pays),
        ("paypal::a_lost_answer_makes_no_second_subscription", lost),
    ]
}

/// PayPal loses answers to the platform's app, whoever asks: one test at a time asks it for subscriptions.
static ASKING: Mutex<()> = Mutex::const_new(());

fn audit() -> AuditEntry {
    let (nobody, now) = (UserId::new("tests"), Timestamp::now());
    AuditEntry::new(&nobody, "platform", "set_paypal", "paypal", now)
}

/// Sets the platform's app at PayPal up, there and here; doing it again changes nothing.
async fn platform(world: &World, company: &Company) {
    world.plant(SECRET);
    let mut app = AppSpec::new(CLIENT, SECRET, WEBHOOK);
    app.webhook = Some(company.hook("/webhooks/paypal"));
    world.sandbox.paypal_app(app).unwrap();
    let worlds = &world.worlds;
    if worlds.store.paypal_settings().await.unwrap().is_some() {
        return;
    }
    let mut settings = PayPalSettings {
        client_id: CLIENT.into(),
        sealed_secret: worlds.vault.seal_paypal(&SECRET.into()).await.unwrap(),
        hint: "7fQ2".into(),
        webhook_id: WEBHOOK.into(),
        return_url: "https://console.falcon.example/paid".into(),
        cancel_url: "https://console.falcon.example/plans".into(),
        changed_at: Timestamp::now(),
        version: 0,
    };
    // Another test may be first; it writes the same.
    let by = TenantId::fresh();
    let line = audit();
    let saved = worlds.store.save_paypal_settings(&mut settings, by, &line);
    saved.await.unwrap();
}

/// A plan of 30 days that PayPal knows too.
async fn plan(world: &World, name: &str) -> PlanId {
    let now = Timestamp::now();
    let mut plan = Plan {
        id: PlanId::fresh(),
        name: name.into(),
        price_fils: 10_000,
        period: BillingPeriod::Monthly,
        channels: 1,
        daily_messages: 500,
        bulk_per_cycle: 1_000,
        features: Vec::new(),
        paypal_plan: Some("P-FALCON30".into()),
        request: RequestType::Paid,
        active: true,
        created_at: now,
        updated_at: now,
        version: 0,
    };
    let (by, line) = (TenantId::fresh(), audit());
    let saved = world.worlds.store.save_plan(&mut plan, by, &line).await;
    saved.unwrap();
    plan.id
}

impl Company {
    async fn ordered(&self, plan: PlanId) -> Value {
        let body = json!({"plan_id": plan.to_string(), "method": "paypal"});
        let answer = self.api.post("/v1/subscriptions", &body).await.unwrap();
        answer.data().unwrap().clone()
    }

    async fn subscription(&self, id: &str) -> Value {
        self.get(&format!("/v1/subscriptions/{id}")).await
    }

    /// What PayPal calls a subscription of ours.
    fn at_paypal(&self, id: &str) -> Vec<String> {
        let known = self.world.sandbox.paypal_subscriptions();
        let own = known
            .into_iter()
            .filter(|one| one.custom_id.as_deref() == Some(id));
        own.map(|one| one.id).collect()
    }

    async fn until_days(&self, days: u32) {
        let (store, tenant) = (&self.world.worlds.store, self.seeded.tenant.id);
        self.world
            .until(&format!("{days} days are free"), async || {
                let balances = store.account(tenant).await.unwrap().balances;
                (balances.total == days && balances.free == days).then_some(())
            })
            .await;
    }
}

/// S3.39, S3.43, S3.44, S3.46, S3.48, X49: begun, approved at PayPal, active by its verified webhook alone;
/// each payment once; a forged webhook refused; ended, and usable until its end.
fn pays(world: Arc<World>) {
    world.clone().block_on(async {
        let company = world.company("paypal-falcon", json!([])).await;
        platform(&world, &company).await;
        let plan = plan(&world, "Falcon Starter").await;
        let asking = ASKING.lock().await;
        let ordered = company.ordered(plan).await;
        drop(asking);
        assert_eq!(ordered["status"], "pending", "{ordered}");
        assert!(
            ordered["approve_url"]
                .as_str()
                .unwrap()
                .contains("ba_token=")
        );
        let id = ordered["id"].as_str().unwrap();
        let [paypal] = &company.at_paypal(id)[..] else {
            panic!("one subscription at PayPal");
        };

        let event = json!({"id": "WH-FORGED", "event_type": "BILLING.SUBSCRIPTION.ACTIVATED",
            "create_time": "2026-11-20T12:00:00Z", "resource": {"id": paypal, "custom_id": id}});
        for signature in [
            Signed::Forged,
            Signed::OtherBody,
            Signed::OtherWebhook,
            Signed::Missing,
        ] {
            let forged = EventSpec {
                client_id: CLIENT.into(),
                body: event.clone(),
                signature,
            };
            let answer = world.sandbox.paypal_event(forged).await.unwrap();
            assert_eq!(answer.status, Some(401), "{signature:?}");
        }
        assert_eq!(company.subscription(id).await["status"], "pending");

        let order = |order: &str, spec: &OrderSpec| {
            world.sandbox.paypal_order(paypal, order, spec).unwrap();
        };
        let first = OrderSpec {
            payment_first: true,
            ..OrderSpec::default()
        };
        order("approve", &first);
        world
            .until("the subscription is active", async || {
                let shown = company.subscription(id).await;
                (shown["status"] == "active" && shown["payments"] == 1).then_some(())
            })
            .await;
        company.until_days(30).await;
        let renewal = OrderSpec {
            sale_id: Some("5FALCONRENEWAL".into()),
            ..OrderSpec::default()
        };
        order("renew", &renewal);
        order("renew", &renewal);
        company.until_days(60).await;
        assert_eq!(company.subscription(id).await["payments"], 2);
        let told = company.get("/v1/notifications").await.to_string();
        assert!(told.contains(domain::copy::PLAN_ACTIVE), "{told}");

        let path = format!("/v1/subscriptions/{id}/cancel");
        let ended = company.api.post(&path, &json!({})).await.unwrap();
        assert_eq!(ended.data().unwrap()["status"], "canceled");
        let known = world.sandbox.paypal_subscriptions();
        let known = known.iter().find(|one| one.id == *paypal).unwrap();
        assert_eq!(known.status, "CANCELLED");
        let shown = company.subscription(id).await;
        let end: Timestamp = shown["end_at"].as_str().unwrap().parse().unwrap();
        assert!(end > Timestamp::now(), "what is paid stays usable");
        company.until_days(60).await;
    });
}

/// X49: PayPal made it and its answer was lost: asked for again with the same key, it is the same one.
fn lost(world: Arc<World>) {
    world.clone().block_on(async {
        let company = world.company("paypal-heron", json!([])).await;
        platform(&world, &company).await;
        let plan = plan(&world, "Heron Starter").await;
        let body = json!({"plan_id": plan.to_string(), "method": "paypal"}).to_string();
        let key = [("idempotency-key", "heron-1")];
        let ask = async || {
            let api = &company.api;
            let path = "/v1/subscriptions";
            let answer = api.call(Method::POST, path, &key, Some(body.clone()));
            answer.await.unwrap()
        };
        let order = FaultOrder {
            token: Some(CLIENT.into()),
            path: Some("/paypal/v1/billing/subscriptions".into()),
            ..FaultOrder::once(Fault::ResetAfterAccept)
        };
        let asking = ASKING.lock().await;
        world.sandbox.fault(order).unwrap();
        let broken = ask().await;
        assert_eq!(broken.status, 503, "{}", broken.body);
        drop(asking);
        let again = ask().await;
        let shown = again.data().unwrap().clone();
        assert!(shown["approve_url"].is_string(), "{shown}");
        let id = shown["id"].as_str().unwrap();
        assert_eq!(company.at_paypal(id).len(), 1);
    });
}
