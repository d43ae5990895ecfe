//! Channels at WHAPI that Waypost makes and pays for: ordered, extended, linked by a code, used, and
//! deleted with their unused days credited.

use std::sync::Arc;

use domain::ports::Money;
use reqwest::Method;
use sandbox::whapi::partner::{DeedKind, ScanSpec};
use serde_json::{Value, json};

use crate::{
    Case,
    partner::{ACCOUNT, Platform},
    payments::buy,
    world::World,
};

const GONE: &str =
    "Channel deleted successfully. Unused days have been credited back to your balance.";

pub fn cases() -> Vec<Case> {
    vec![(
        "whapi_channels::from_its_order_to_its_deletion",
        whole_story,
    )]
}

/// S3.1–S3.25, S3.33, S3.34, S3.38, S3.65, S3.66–S3.71, S3.77: a plan is bought by transfer, a channel is
/// made with its days, extended, linked, used up to the limit of the day, and deleted. Every step shows in
/// the next read.
fn whole_story(world: Arc<World>) {
    world.clone().block_on(async {
        let _alone = ACCOUNT.lock().await;
        let platform = Platform::of(&world, "orders", 1_000).await;
        platform
            .set(&json!({"partner_token": platform.token, "project_id": "project-of-the-tests"}))
            .await;
        buy(&world, &platform.company, 1).await;
        let api = &platform.company.api;
        let order =
            |name: &str| json!({"provider": "whapi", "name": name, "phone": "+97333000061", "days": 20});
        let made = api
            .post("/v1/channels", &order("First Channel"))
            .await
            .unwrap();
        assert_eq!(made.status, 201, "{}", made.body);
        let channel = made.data().unwrap()["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/channels/{channel}");
        let shown = async || platform.company.get(&path).await;
        let live = world
            .until("the channel is live and extended", async || {
                let shown = shown().await;
                (shown["billing"] == "active").then_some(shown)
            })
            .await;
        assert_eq!(
            (&live["state"], &live["days_left"]),
            (&json!("pending"), &json!(24))
        );
        let there = world.sandbox.partner_shown(&platform.name).unwrap();
        assert_eq!(there.channels.len(), 1, "{there:?}");
        world.plant(&there.channels[0].token);
        let whapi = there.channels[0].id.clone();
        assert_eq!(live["provider_ref"], json!(whapi));

        let second = api
            .post("/v1/channels", &order("Second Channel"))
            .await
            .unwrap();
        assert_eq!(second.status, 403, "{}", second.body);
        let error = &second.body["error"];
        assert_eq!(error["message"], "Channel limit reached for your plan.");
        assert_eq!(error["details"]["reason"], "CHANNEL_LIMIT");

        let extended = api
            .post(&format!("{path}/extend"), &json!({"days": 6}))
            .await
            .unwrap();
        assert_eq!(extended.status, 200, "{}", extended.body);
        assert_eq!(extended.data().unwrap()["confirmed"], true);
        let over = api
            .post(&format!("{path}/extend"), &json!({"days": 5}))
            .await
            .unwrap();
        assert_eq!(over.body["error"]["details"]["reason"], "DAYS_EXHAUSTED");

        let code = platform.company.get(&format!("{path}/qr")).await;
        let qr = code["qr"].as_str().unwrap();
        assert!(qr.starts_with("data:image/png;base64,"), "{qr}");
        assert_eq!(code["status"], "qr_generated");
        world
            .sandbox
            .scan(&whapi, &ScanSpec { phone: None })
            .unwrap();
        world
            .until("the channel is linked", async || {
                let shown = shown().await;
                (shown["state"] == "active").then_some(())
            })
            .await;
        let linked = platform.company.get(&format!("{path}/qr")).await;
        assert_eq!(
            linked["message"],
            "Channel connected successfully and now active."
        );

        let text = json!({"to": "+97300000762", "channel_id": channel, "text": {"body": "Hello"}});
        let sent = platform.company.send(&text).await;
        assert_eq!(sent["status"], "sent", "{sent}");
        let full = api.post("/v1/messages", &text).await.unwrap();
        assert_eq!(full.status, 403, "{}", full.body);
        let details = &full.body["error"]["details"];
        assert_eq!(details["reason"], "DAILY_LIMIT", "{}", full.body);
        assert!(details["resets_at"].is_string(), "{}", full.body);
        let usage = platform.company.get("/v1/usage").await;
        assert_eq!(usage["can_send"]["allowed"], false, "{usage}");

        let deleted = api.call(Method::DELETE, &path, &[], None).await.unwrap();
        assert_eq!(deleted.status, 200, "{}", deleted.body);
        let told: &Value = deleted.data().unwrap();
        assert_eq!(
            (&told["credited_days"], &told["message"]),
            (&json!(26), &json!(GONE))
        );
        let there = world.sandbox.partner_shown(&platform.name).unwrap();
        let count = |kind| there.deeds.iter().filter(|deed| deed.kind == kind).count();
        assert_eq!((count(DeedKind::Create), count(DeedKind::Delete)), (1, 1));
        assert_eq!(count(DeedKind::Extend), 2);
        let gone = api.get(&path).await.unwrap();
        assert_eq!(gone.status, 404, "{}", gone.body);
        let id = sent["id"].as_str().unwrap();
        assert_eq!(
            platform.company.shown(id).await["status"],
            "sent",
            "its history stays"
        );
        let account = world
            .worlds
            .store
            .account(platform.company.seeded.tenant.id)
            .await
            .unwrap();
        assert_eq!((account.balances.free, account.channels), (30, 0));
    });
}
