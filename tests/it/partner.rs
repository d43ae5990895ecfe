//! The platform's account at WHAPI: its token set, tried and refused; the notices of its days.

use std::sync::Arc;

use sandbox::whapi::partner::{NoticeSpec, PartnerSpec};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use xtask::client::{Answer, Api};

use crate::{
    Case,
    world::{Company, World, digits},
};

/// The platform has one account at WHAPI: held by every test that changes it or counts on it.
pub static ACCOUNT: Mutex<()> = Mutex::const_new(());

const BANNER: &str = "WHAPI Partner Token missing or invalid — please update integration settings.";
const SETTINGS: &str = "/v1/platform/whapi";

pub fn cases() -> Vec<Case> {
    vec![
        ("partner::a_token_is_set_tried_and_refused", token),
        ("partner::low_days_are_told_and_shown", low_days),
    ]
}

/// The platform's people, and their account at the sandbox.
pub struct Platform {
    pub company: Company,
    admin: Api,
    pub token: String,
    pub name: String,
}

impl Platform {
    /// The platform's people, and a partner of theirs at the sandbox that nobody told us of.
    pub async fn of(world: &Arc<World>, name: &str, live_days: i64) -> Self {
        let company = world.company_of_all_roles(name).await;
        let admin = company.others["platform_admin"].id_token.clone();
        world.plant(&admin);
        let token = format!("partner-token-{name}-{}", digits());
        world.plant(&token);
        let name = format!("{name}-{}", digits());
        let connect_to = format!("127.0.0.1:{}", world.stack.emulator().port());
        let spec = json!({
            "token": token, "name": name, "projects": ["project-of-the-tests"],
            "live_days": live_days, "webhook": {"connect_to": connect_to},
            "channels": {"connect_to": connect_to},
        });
        let spec: PartnerSpec = serde_json::from_value(spec).unwrap();
        world.sandbox.partner(spec).unwrap();
        Self {
            admin: company.api.with_token(Some(admin)),
            company,
            token,
            name,
        }
    }

    /// Repeats what somebody else's write to the same settings got in the way of.
    async fn patiently(&self, mut ask: impl AsyncFnMut(&Api) -> Answer) -> Answer {
        loop {
            let answer = ask(&self.admin).await;
            if answer.body["error"]["details"]["reason"] != "SETTINGS_CHANGED" {
                return answer;
            }
        }
    }

    pub async fn set(&self, change: &Value) -> Value {
        let put = async |api: &Api| {
            let body = Some(change.to_string());
            let headers = [("content-type", "application/json")];
            let call = api.call(reqwest::Method::PUT, SETTINGS, &headers, body);
            call.await.unwrap()
        };
        let answer = self.patiently(put).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.data().unwrap().clone()
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let path = format!("{SETTINGS}/{path}");
        let post = async |api: &Api| api.post(&path, body).await.unwrap();
        self.patiently(post).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.admin.get(path).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.data().unwrap().clone()
    }
}

/// S3.26–S3.31, S3.54, S3.73: write-only, tried live, and the banner while WHAPI refuses it.
fn token(world: Arc<World>) {
    world.clone().block_on(async {
        let _alone = ACCOUNT.lock().await;
        let platform = Platform::of(&world, "tokens", 100).await;
        let wrong = format!("revoked-{}", platform.token);
        let set = platform
            .set(&json!({"partner_token": wrong, "project_id": "elsewhere"}))
            .await;
        assert_eq!(set["partner_token_hint"], wrong[wrong.len() - 4..]);
        let refused = platform.post("test", &json!({})).await;
        assert_eq!(refused.status, 502, "{}", refused.body);
        let error = &refused.body["error"];
        assert_eq!(error["code"], "PROVIDER_ERROR");
        assert_eq!(error["details"]["reason"], "PARTNER_TOKEN");
        assert_eq!(error["details"]["banner"], BANNER);
        assert_eq!(platform.get(SETTINGS).await["banner"], BANNER);

        platform
            .set(&json!({"partner_token": platform.token}))
            .await;
        let tested = platform.post("test", &json!({})).await;
        assert_eq!(tested.status, 200, "{}", tested.body);
        let tested = tested.data().unwrap();
        assert_eq!(tested["projects"], json!(["project-of-the-tests"]));
        assert_eq!(tested["project_found"], false);
        platform
            .set(&json!({"project_id": "project-of-the-tests"}))
            .await;
        let again = platform.post("test", &json!({})).await;
        assert_eq!(again.data().unwrap()["project_found"], true);
        let shown = platform.get(SETTINGS).await;
        assert_eq!(
            (&shown["banner"], &shown["has_partner_token"]),
            (&Value::Null, &json!(true))
        );
        assert!(!shown.to_string().contains(&platform.token), "{shown}");
    });
}

/// S3.28, S3.51–S3.53: registered with a secret, told when days run low, refused when forged.
fn low_days(world: Arc<World>) {
    world.clone().block_on(async {
        let _alone = ACCOUNT.lock().await;
        let platform = Platform::of(&world, "days", 12).await;
        platform
            .set(&json!({
                "partner_token": platform.token, "project_id": "project-of-the-tests",
                "partner_name": platform.name,
            }))
            .await;
        let registered = platform.post("notices", &json!({"days_limit": 30})).await;
        assert_eq!(registered.status, 200, "{}", registered.body);
        let webhook = registered.data().unwrap()["webhook"].clone();
        assert_eq!(
            (&webhook["days_limit"], &webhook["has_secret"]),
            (&json!(30), &json!(true))
        );
        let url = webhook["url"].as_str().unwrap().to_owned();
        let path = &url[url.find("/webhooks/").unwrap()..];
        world.plant(path.rsplit('/').next().unwrap());
        let held = world.sandbox.partner_shown(&platform.name).unwrap();
        assert_eq!(held.webhooks, [url.as_str()]);

        for (body, sentence) in [
            (None, "Partner balance: 12 days remaining (updated "),
            (
                Some(json!({"liveDays": "7"})),
                "Partner balance: 7 days remaining (updated ",
            ),
        ] {
            let partner = platform.name.clone();
            world
                .sandbox
                .days_notice(&NoticeSpec { partner, body })
                .unwrap();
            let shown = world.until("the notice", async || {
                let balance = platform.get("/v1/platform/partner-balance?limit=1").await;
                let shown = balance["sentence"].as_str()?;
                shown.starts_with(sentence).then_some(balance)
            });
            let shown = shown.await;
            let at = shown["latest"]["received_at"].as_str().unwrap();
            assert_eq!(shown["sentence"], format!("{sentence}{at})"));
        }
        let forged = br#"{"current_days": 999}"#;
        for headers in [&[][..], &[("x-webhook-secret", "guessed")]] {
            let refused = platform.company.webhook_to(path, forged, headers).await;
            assert_eq!(refused.status, 401, "{}", refused.body);
        }
        let other = format!("/webhooks/whapi-partner/{}", "a".repeat(40));
        assert_eq!(
            platform
                .company
                .webhook_to(&other, forged, &[])
                .await
                .status,
            401
        );
        let kept = platform.get("/v1/platform/partner-balance").await;
        assert!(!kept.to_string().contains("999"), "{kept}");
    });
}
