//! Channels at WHAPI that Waypost makes and pays for: ordered, extended, linked by a code, used, and
//! deleted with their unused days credited.

use std::sync::Arc;

use domain::{
    billing::{Applied, Change, Entry, EntryName},
    ids::{PaymentId, UserId},
    ports::{AuditEntry, Directory, Money},
};
use jiff::Timestamp;
use reqwest::Method;
use sandbox::whapi::partner::{DeedKind, ScanSpec};
use serde_json::{Value, json};

use crate::{
    Case,
    partner::{ACCOUNT, Platform},
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

/// Credits days, and gives the company a plan of one channel.
async fn subscribe(world: &World, platform: &Platform, days: u32) {
    let tenant = platform.company.seeded.tenant.id;
    let (now, by) = (Timestamp::now(), UserId::new("tests"));
    let audit = AuditEntry::new(&by, "billing", "credit", "tests", now);
    let mut change = Change::of(tenant, audit);
    let name = EntryName::Approve(PaymentId::fresh());
    change.entries = vec![Entry::new(tenant, &name, days, now, &by)];
    let stored = Directory::tenant(&world.worlds.store, tenant)
        .await
        .unwrap();
    let mut plan = stored.unwrap().plan.unwrap();
    plan.channels = 1;
    change.limits = Some(plan);
    let applied = world.worlds.store.apply(&change).await.unwrap();
    assert_eq!(applied, Applied::Done);
}

/// S3.1–S3.25, S3.33, S3.38, S3.66–S3.70: the whole story of a channel.
fn whole_story(world: Arc<World>) {
    world.clone().block_on(async {
        let _alone = ACCOUNT.lock().await;
        let platform = Platform::of(&world, "orders", 1_000).await;
        platform
            .set(&json!({"partner_token": platform.token, "project_id": "project-of-the-tests"}))
            .await;
        subscribe(&world, &platform, 45).await;
        let api = &platform.company.api;
        let order =
            |name: &str| json!({"provider": "whapi", "name": name, "phone": "+97333000061"});
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
            (&json!("pending"), &json!(34))
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
            .post(&format!("{path}/extend"), &json!({"days": 10}))
            .await
            .unwrap();
        assert_eq!(extended.status, 200, "{}", extended.body);
        assert_eq!(extended.data().unwrap()["confirmed"], true);
        let over = api
            .post(&format!("{path}/extend"), &json!({"days": 6}))
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

        let deleted = api.call(Method::DELETE, &path, &[], None).await.unwrap();
        assert_eq!(deleted.status, 200, "{}", deleted.body);
        let told: &Value = deleted.data().unwrap();
        assert_eq!(
            (&told["credited_days"], &told["message"]),
            (&json!(40), &json!(GONE))
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
        assert_eq!((account.balances.free, account.channels), (45, 0));
    });
}
