//! What is refused: strangers, other companies, low roles, full days, bad requests.

use std::sync::Arc;

use domain::{ids::ChannelId, ports::Vault};
use reqwest::Method;
use serde_json::json;

use crate::{
    Case,
    world::{Company, World, text},
};

const TO: &str = "+97300000404";

pub fn cases() -> Vec<Case> {
    vec![
        (
            "refusing::without_a_good_token_nothing_is_answered",
            unauthorized,
        ),
        ("refusing::another_companys_ids_do_not_exist", foreign),
        (
            "refusing::the_daily_limit_is_kept_to_the_message",
            daily_limit,
        ),
        ("refusing::bad_requests_name_their_field", bad_requests),
        (
            "refusing::a_token_sealed_for_another_company_does_not_open",
            moved_secret,
        ),
    ]
}

/// Every route of the API with ids of this company.
fn routes(id: &str, job: &str) -> Vec<(Method, String)> {
    vec![
        (Method::POST, "/v1/messages".into()),
        (Method::POST, format!("/v1/messages/{id}/retry")),
        (Method::POST, format!("/v1/messages/{id}/cancel")),
        (Method::GET, "/v1/jobs".into()),
        (Method::GET, format!("/v1/jobs/{job}")),
        (Method::GET, format!("/v1/jobs/{job}/messages")),
        (Method::GET, format!("/v1/messages/{id}")),
        (Method::GET, format!("/v1/messages/{id}/timeline")),
    ]
}

async fn sent(company: &Company) -> (String, String) {
    let sent = company.send(&text(TO, "Hello")).await;
    (
        sent["id"].as_str().unwrap().to_owned(),
        sent["job_id"].as_str().unwrap().to_owned(),
    )
}

fn unauthorized(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("private", json!([])).await;
        let (id, job) = sent(&acme).await;
        let mut parts: Vec<_> = acme.token.split('.').map(str::to_owned).collect();
        parts[2] = parts[2].chars().rev().collect();
        let tokens = [
            None,
            Some(String::new()),
            Some("nonsense".into()),
            Some(parts.join(".")),
            Some(world.expired.clone()),
        ];
        for token in tokens {
            let api = acme.api.with_token(token.clone());
            for (method, path) in routes(&id, &job) {
                let body = (method == Method::POST).then(|| text(TO, "Hello").to_string());
                // Claims that a caller writes themselves count for nothing.
                let forged = [("x-tenant", "any"), ("x-amzn-request-context", "{}")];
                let answer = api
                    .call(method.clone(), &path, &forged, body)
                    .await
                    .unwrap();
                assert_eq!(answer.status, 401, "{method} {path} {token:?}");
            }
        }
        assert_eq!(acme.taken().len(), 1);
    });
}

/// S0.14: no data mixing.
fn foreign(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("mine", json!([])).await;
        let stranger = world.company("theirs", json!([])).await;
        let (id, job) = sent(&acme).await;
        for (method, path) in routes(&id, &job)
            .into_iter()
            .filter(|(_, path)| path.contains(&id) || path.contains(&job))
        {
            let body = (method == Method::POST).then(|| "{}".to_owned());
            let answer = stranger
                .api
                .call(method.clone(), &path, &[], body)
                .await
                .unwrap();
            assert_eq!(
                (answer.status, &answer.body["error"]["code"]),
                (404, &json!("NOT_FOUND")),
                "{method} {path}"
            );
        }
        let mut body = text(TO, "Hello");
        body["channel_id"] = json!(acme.seeded.channel.id.to_string());
        assert_eq!(
            stranger
                .api
                .post("/v1/messages", &body)
                .await
                .unwrap()
                .status,
            404
        );
        assert_eq!(stranger.get("/v1/jobs").await["items"], json!([]));
        // A cursor of another company.
        sent(&acme).await;
        let cursor = acme.get("/v1/jobs?limit=1").await["next_cursor"]
            .as_str()
            .unwrap()
            .to_owned();
        let answer = stranger
            .api
            .get(&format!("/v1/jobs?limit=1&cursor={cursor}"))
            .await
            .unwrap();
        assert_eq!(
            (
                answer.status,
                &answer.body["error"]["details"]["fields"][0]["field"]
            ),
            (422, &json!("cursor"))
        );
        // Ids that try to be keys.
        for odd in ["T%23", "*", "..%2f..", "%00", "0", &"a".repeat(500)] {
            let answer = acme.api.get(&format!("/v1/messages/{odd}")).await.unwrap();
            assert_eq!(answer.status, 404, "{odd}");
        }
    });
}

/// S0.42, S0.43.
fn daily_limit(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company_with("small", json!([]), 2).await;
        sent(&acme).await;
        sent(&acme).await;
        let refused = acme
            .api
            .post("/v1/messages", &text(TO, "One too many"))
            .await
            .unwrap();
        let error = &refused.body["error"];
        assert_eq!((refused.status, &error["code"]), (403, &json!("FORBIDDEN")));
        assert_eq!(
            error["message"],
            "You have reached your daily/monthly sending limit. Upgrade to send more."
        );
        assert_eq!(error["details"]["reason"], "DAILY_LIMIT");
        assert!(error["details"]["resets_at"].is_string(), "{error}");
        assert_eq!(acme.taken().len(), 2);
    });
}

fn bad_requests(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("clumsy", json!([])).await;
        let post = async |body: &str| {
            acme.api
                .call(Method::POST, "/v1/messages", &[], Some(body.to_owned()))
                .await
                .unwrap()
        };
        for unreadable in ["", "{", "[", "{\"to\":\"\\ud800\"}", "{\"to\":1e400}", "{\"a\":1,\"a\":2}"] {
            let answer = post(unreadable).await;
            assert_eq!(answer.status, 400, "{unreadable}: {}", answer.body);
        }
        let cases = [
            (json!({}), "to"),
            (json!({"to": "12", "text": {"body": "x"}}), "to"),
            (json!({"to": "\u{0669}\u{0667}\u{0663}39000001", "text": {"body": "x"}}), "to"),
            (json!({"to": TO}), "text"),
            (json!({"to": TO, "text": {"body": ""}}), "text.body"),
            (json!({"to": TO, "text": {"body": "a".repeat(4_097)}}), "text.body"),
            (json!({"to": TO, "text": {"body": "x"}, "companyId": 7}), "companyId"),
            (json!({"to": TO, "interactive": {"body": "x", "buttons": []}}), "interactive.buttons"),
            (json!({"to": TO, "interactive": {"body": "x", "buttons": [{"title": "t".repeat(26)}]}}),
                "interactive.buttons[0].title"),
            (json!({"to": TO, "text": {"body": "x"}, "scheduled_for": "soon"}), "scheduled_for"),
        ];
        for (body, field) in cases {
            let answer = post(&body.to_string()).await;
            let named = &answer.body["error"]["details"]["fields"][0]["field"];
            assert_eq!((answer.status, named), (422, &json!(field)), "{}", answer.body);
        }
        for query in ["limit=0", "limit=-1", "limit=2147483648", "limit=x", "cursor=x", "page=2"] {
            let answer = acme.api.get(&format!("/v1/jobs?{query}")).await.unwrap();
            assert_eq!(answer.status, 422, "{query}: {}", answer.body);
        }
        for key in ["a b", &"k".repeat(256)] {
            let answer = acme
                .api
                .call(Method::POST, "/v1/messages", &[("idempotency-key", key)], Some(text(TO, "x").to_string()))
                .await
                .unwrap();
            assert_eq!(answer.status, 422, "{key:.20}");
        }
        assert!(acme.taken().is_empty());
        let answer = post(&text(TO, "x").to_string()).await;
        assert!(answer.body["request_id"].is_string());
    });
}

/// A ciphertext is bound to its tenant and channel by the key service itself.
fn moved_secret(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("sealed", json!([])).await;
        let vault = &world.worlds.vault;
        let mut channel = acme.seeded.channel.clone();
        vault.token(&channel).await.unwrap();
        channel.id = ChannelId::fresh();
        assert!(vault.token(&channel).await.is_err(), "another channel");
        channel.id = acme.seeded.channel.id;
        channel.tenant = domain::ids::TenantId::fresh();
        assert!(vault.token(&channel).await.is_err(), "another tenant");
    });
}
