//! The platform's account at WHAPI, and the notices of its days.

use domain::{
    channel::{ChannelKey, SealedSecret, SecretHash},
    failure::StoreFailureKind,
    ids::BalanceNoticeId,
    partner::{BalanceNotice, PartnerSettings},
    ports::{BalanceNotices, PartnerSettingsBook, Saved},
};
use jiff::Timestamp;
use testkit::meter::Meter;

use crate::{
    costs::check,
    world::{World, audit, later, start},
};

/// A notice as WHAPI may word it.
pub fn notice(at: Timestamp, days: i64) -> BalanceNotice {
    BalanceNotice {
        id: BalanceNoticeId::fresh(),
        current_days: Some(days),
        days_limit: Some(30),
        received_at: at,
        raw: format!(r#"{{"days":{{"current_days":{days},"days_limit":30}}}}"#),
    }
}

fn settings() -> PartnerSettings {
    PartnerSettings {
        sealed_token: Some(SealedSecret(vec![1, 2, 3])),
        token_hint: "k3Ys".into(),
        project: Some("project-7".into()),
        partner: Some("acme".into()),
        key: ChannelKey::parse(&"a1".repeat(20)),
        webhook_secrets: vec![SecretHash::of(b"one"), SecretHash::of(b"two")],
        days_limit: Some(30),
        registered_at: Some(later(1)),
        tested_at: Some(later(2)),
        refused: true,
        keeps_unused_days: true,
        changed_at: Some(later(3)),
        version: 0,
    }
}

/// S3.26, S3.27: kept as they are, sealed, and belonging to no tenant.
#[tokio::test]
async fn the_settings_are_kept_and_belong_to_no_tenant() {
    let world = World::start().await;
    let store = &world.store;
    let empty = store.partner_settings().await.unwrap();
    assert_eq!(empty, PartnerSettings::default());
    for mut settings in [settings(), PartnerSettings::default()] {
        settings.version = store.partner_settings().await.unwrap().version;
        let line = audit(start());
        let saved = store.save_partner_settings(&mut settings, world.tenant, &line);
        assert_eq!(saved.await.unwrap(), Saved::Done);
        assert_eq!(store.partner_settings().await.unwrap(), settings);
    }
    assert_eq!(store.partner_settings().await.unwrap().version, 2);
    assert!(world.database.item("PF", "WHAPI").await.is_some());
}

/// Whoever read before somebody else wrote changes nothing, and leaves no audit line.
#[tokio::test]
async fn settings_that_changed_meanwhile_are_stale() {
    let world = World::start().await;
    let store = &world.store;
    let line = audit(start());
    let mut first = settings();
    let saved = store.save_partner_settings(&mut first, world.tenant, &line);
    assert_eq!(saved.await.unwrap(), Saved::Done);
    let before = world.database.items().await.len();
    for version in [0, 7] {
        let mut late = PartnerSettings {
            version,
            ..PartnerSettings::default()
        };
        let saved = store.save_partner_settings(&mut late, world.tenant, &line);
        assert_eq!(saved.await.unwrap(), Saved::Stale);
        assert_eq!(late.version, version);
    }
    assert_eq!(store.partner_settings().await.unwrap(), first);
    assert_eq!(world.database.items().await.len(), before);
}

/// S3.51, S3.64: every field and the raw body, newest first, in pages.
#[tokio::test]
async fn notices_are_kept_whole_and_read_newest_first() {
    let world = World::start().await;
    let store = &world.store;
    let mut kept: Vec<BalanceNotice> = (0..5).map(|n| notice(later(n), n)).collect();
    kept[2].current_days = None;
    kept[2].days_limit = None;
    kept[2].raw = "no JSON: \u{fffd} é".into();
    for notice in &kept {
        store.keep_notice(notice).await.unwrap();
        store.keep_notice(notice).await.unwrap();
    }
    kept.reverse();
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let page = store.balance_notices(after.as_deref(), 2).await.unwrap();
        read.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, kept);
    for odd in ["", "T#1", &"z".repeat(48), &"0".repeat(49)] {
        let refused = store.balance_notices(Some(odd), 2).await.unwrap_err();
        assert_eq!(refused.kind(), StoreFailureKind::Refused, "{odd}");
    }
}

#[tokio::test]
async fn what_the_account_at_whapi_costs() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let store = meter.store(&world.database);
    let mut settings = settings();
    meter.step("save");
    let line = audit(start());
    let saved = store.save_partner_settings(&mut settings, world.tenant, &line);
    assert_eq!(saved.await.unwrap(), Saved::Done);
    meter.step("notice");
    store.keep_notice(&notice(start(), 12)).await.unwrap();
    check(&meter, &[("save", 4), ("notice", 1)]);
}
