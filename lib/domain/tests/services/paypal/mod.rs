//! Subscriptions at PayPal, over memory and a PayPal that keeps what it is told.

mod dealing;
mod ending;
mod orders;
mod racing;
mod setting_up;
mod taking;
mod waking;

use domain::{
    billing::{Balances, Notification, Plan, Subscription},
    failure::AppFailure,
    ids::{PlanId, TenantId},
    ports::{Clock, Plans},
    principal::{Principal, Role},
    provider::RawWebhook,
    service::{
        accept::IdempotencyKey,
        paypal::{PayPalDeals, PayPalHooks},
    },
    tenant::PlanLimits,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{
    billing,
    builders::Company,
    fakes::{FakeClock, FakePayPal, PAYPAL_PROOF},
    memory::MemoryStore,
};

pub const NOW: &str = "2026-11-20T12:00:00Z";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// One company, one plan of 30 days, and PayPal.
pub struct Deal {
    pub store: MemoryStore,
    pub paypal: FakePayPal,
    pub clock: FakeClock,
    pub company: Company,
    pub plan: Plan,
}

impl Deal {
    pub async fn new() -> Self {
        let deal = Self {
            store: MemoryStore::new(),
            paypal: FakePayPal::default(),
            clock: FakeClock::at(NOW),
            company: Company::named("falcon"),
            plan: billing::plan("Starter", at("2026-11-01T08:00:00Z")),
        };
        let mut tenant = deal.company.tenant.clone();
        tenant.plan = None;
        deal.store.state().tenants.insert(tenant.id, tenant);
        deal.add(deal.plan.clone()).await;
        deal
    }

    pub async fn add(&self, mut plan: Plan) {
        let by = TenantId::PLATFORM;
        let audit = billing::change(by, at(NOW)).audit;
        self.store.save_plan(&mut plan, by, &audit).await.unwrap();
    }

    pub fn manager(&self) -> Principal {
        let manager = self.company.user(Role::Manager);
        manager.known_as("owner@falcon.example")
    }

    pub fn deals(&self) -> PayPalDeals<'_, MemoryStore, FakePayPal, FakeClock> {
        PayPalDeals {
            store: &self.store,
            paypal: &self.paypal,
            clock: &self.clock,
        }
    }

    pub fn hooks(&self) -> PayPalHooks<'_, MemoryStore, FakePayPal, FakeClock> {
        PayPalHooks {
            store: &self.store,
            paypal: &self.paypal,
            clock: &self.clock,
            read: paypal::read_event,
        }
    }

    pub async fn ask(&self, plan: PlanId, key: Option<&str>) -> Result<Subscription, AppFailure> {
        let key = key.map(|key| IdempotencyKey::parse("subscribe", key, b"{}").unwrap());
        let (deals, manager) = (self.deals(), self.manager());
        let opened = deals.subscribe(&manager, plan, key.as_ref()).await?;
        Ok(opened.subscription)
    }

    pub async fn subscribed(&self) -> Subscription {
        self.ask(self.plan.id, Some("key-1")).await.unwrap()
    }

    /// The same, approved and paid once at the moment it began.
    pub async fn active(&self) -> Subscription {
        let begun = self.subscribed().await;
        self.tell(&told(&begun, "ACTIVATED", "WH-1", NOW))
            .await
            .unwrap();
        self.tell(&sale(&begun, "SALE-1", NOW)).await.unwrap();
        self.paypal.set_status(&paypal_id(&begun), "ACTIVE");
        self.read(&begun)
    }

    pub async fn tell(&self, event: &Value) -> Result<&'static str, AppFailure> {
        self.hooks().take(&proven(event)).await
    }

    pub fn read(&self, of: &Subscription) -> Subscription {
        self.store.state().subscriptions[&(of.tenant, of.id)].clone()
    }

    pub fn limits(&self) -> Option<PlanLimits> {
        self.store.state().tenants[&self.company.tenant.id]
            .plan
            .clone()
    }

    /// The sums of the ledger as they stand, which its entries must come to.
    pub fn balances(&self) -> Balances {
        let state = self.store.state();
        let tenant = self.company.tenant.id;
        let own = state.entries.iter().filter(|entry| entry.tenant == tenant);
        let folded = Balances::of(own).unwrap();
        let stands = state.accounts.get(&tenant);
        assert_eq!(
            folded,
            stands.map_or_else(Balances::default, |a| a.balances)
        );
        folded
    }

    pub fn told(&self, tenant: TenantId) -> Vec<Notification> {
        let state = self.store.state();
        let own = state
            .notifications
            .values()
            .filter(|one| one.tenant == tenant);
        own.cloned().collect()
    }

    pub fn codes(&self) -> Vec<String> {
        let told = self.told(self.company.tenant.id);
        let mut codes: Vec<_> = told.into_iter().map(|one| one.code).collect();
        codes.sort();
        codes
    }

    pub fn verdicts(&self, tenant: TenantId) -> Vec<String> {
        let state = self.store.state();
        let own = state.journal.values().filter(|e| e.key.tenant == tenant);
        let mut verdicts: Vec<_> = own.flat_map(|entry| entry.verdicts.clone()).collect();
        verdicts.sort();
        verdicts
    }

    pub fn in_days(&self, days: i64) {
        self.clock.advance(SignedDuration::from_hours(24 * days));
    }

    pub fn now(&self) -> String {
        self.clock.now().to_string()
    }
}

pub fn paypal_id(of: &Subscription) -> String {
    of.paypal.as_ref().unwrap().id.clone()
}

/// `BILLING.SUBSCRIPTION.{kind}` of a subscription.
pub fn told(of: &Subscription, kind: &str, id: &str, when: &str) -> Value {
    json!({
        "id": id, "create_time": when, "event_version": "1.0", "resource_type": "subscription",
        "event_type": format!("BILLING.SUBSCRIPTION.{kind}"),
        "resource": {"id": paypal_id(of), "custom_id": of.id.to_string()},
    })
}

/// A payment.
pub fn sale(of: &Subscription, sale: &str, when: &str) -> Value {
    json!({
        "id": format!("WH-{sale}"), "create_time": when, "event_type": "PAYMENT.SALE.COMPLETED",
        "resource": {"id": sale, "state": "completed", "create_time": when,
            "billing_agreement_id": paypal_id(of), "custom": of.id.to_string()},
    })
}

pub fn proven(event: &Value) -> RawWebhook {
    RawWebhook {
        key: None,
        headers: vec![(PAYPAL_PROOF.into(), b"signed".to_vec())],
        body: event.to_string().into_bytes(),
    }
}
