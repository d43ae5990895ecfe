//! The platform's account at WHAPI, and the notices of its days.

use domain::{
    channel::{ChannelKey, SealedSecret, SecretHash},
    failure::StoreFailureKind,
    ids::BalanceNoticeId,
    partner::{BalanceNotice, NoticeName, PartnerSettings},
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
        as_of: at,
        raw: format!(r#"{{"days":{{"current_days":{days},"days_limit":30}}}}"#),
    }
}

/// A name that no other notice has.
pub fn named(notice: &BalanceNotice) -> NoticeName {
    NoticeName {
        digest: SecretHash::of(notice.id.to_string().as_bytes()).0,
        since: None,
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

/// S3.31: what WHAPI said of a token is kept while that token is the one that is set, and only when it is
/// news.
#[tokio::test]
async fn what_whapi_says_of_the_token_is_noted_once() {
    let world = World::start().await;
    let store = &world.store;
    let sealed = |byte| SealedSecret(vec![byte, 2, 3]);
    let line = audit(start());
    let absent = store.note_partner_token(&sealed(1), true, later(5)).await;
    assert_eq!(absent.unwrap(), Saved::Stale, "none is set");
    assert!(world.database.item("PF", "WHAPI").await.is_none());
    let mut kept = PartnerSettings {
        refused: false,
        ..settings()
    };
    let saved = store.save_partner_settings(&mut kept, world.tenant, &line);
    assert_eq!(saved.await.unwrap(), Saved::Done);
    for (token, refused, at, saved) in [
        (1, false, 5, Saved::Stale),
        (9, true, 6, Saved::Stale),
        (1, true, 7, Saved::Done),
        (1, true, 8, Saved::Stale),
        (9, false, 9, Saved::Stale),
        (1, false, 10, Saved::Done),
    ] {
        let token_set = sealed(token);
        let noted = store.note_partner_token(&token_set, refused, later(at));
        assert_eq!(noted.await.unwrap(), saved, "{token} {refused}");
        if saved == Saved::Done {
            kept.refused = refused;
            kept.tested_at = Some(later(at));
            kept.version += 1;
        }
        assert_eq!(store.partner_settings().await.unwrap(), kept);
    }
    // Whoever read the settings before it writes nothing over it.
    let mut late = PartnerSettings {
        version: kept.version - 1,
        ..kept.clone()
    };
    let saved = store.save_partner_settings(&mut late, world.tenant, &line);
    assert_eq!(saved.await.unwrap(), Saved::Stale);
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
        for saved in [Saved::Done, Saved::Done] {
            // Our own try whose answer was lost is no other notice.
            let kept = store.keep_notice(notice, &named(notice)).await;
            assert_eq!(kept.unwrap(), saved);
        }
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

/// S3.51, S3.52: kept once by its name, with the body and the time it came with first; a name that counts
/// for a while alone is another notice's afterwards.
#[tokio::test]
async fn a_notice_that_comes_again_is_kept_once() {
    let world = World::start().await;
    let store = &world.store;
    let first = notice(later(100), 12);
    let name = named(&first);
    let keep = async |at: i64, since: Option<i64>| {
        let again = notice(later(at), 12);
        let since = since.map(later);
        let name = NoticeName { since, ..name };
        store.keep_notice(&again, &name).await.unwrap()
    };
    let kept = store.keep_notice(&first, &name).await.unwrap();
    assert_eq!(kept, Saved::Done);
    for (at, since) in [(101, None), (160, Some(100)), (5, Some(0))] {
        assert_eq!(keep(at, since).await, Saved::Stale, "{at}");
    }
    let all = store.balance_notices(None, 9).await.unwrap().items;
    assert_eq!(all, std::slice::from_ref(&first));
    assert_eq!(keep(201, Some(101)).await, Saved::Done);
    assert_eq!(keep(202, Some(102)).await, Saved::Stale);
    let all = store.balance_notices(None, 9).await.unwrap().items;
    let came: Vec<_> = all.iter().map(|one| one.received_at).collect();
    assert_eq!(came, [later(201), later(100)]);
}

/// S3.51: whoever took it first died before they kept it: the next delivery keeps it where it belongs.
#[tokio::test]
async fn a_notice_whose_name_was_claimed_alone_is_kept_by_the_next_delivery() {
    let before = World::start().await;
    let mut first = notice(later(100), 12);
    first.as_of = later(50);
    let name = named(&first);
    let kept = before.store.keep_notice(&first, &name).await;
    assert_eq!(kept.unwrap(), Saved::Done);
    let mut items = before.database.items().await;
    items.retain(|item| item["pk"].as_s().unwrap().starts_with("PN#"));
    assert_eq!(items.len(), 1);
    let world = World::start().await;
    world.database.import(items);
    let store = &world.store;
    assert_eq!(store.balance_notices(None, 9).await.unwrap().items, []);
    let again = notice(later(160), 12);
    let kept = store.keep_notice(&again, &name).await.unwrap();
    assert_eq!(kept, Saved::Stale);
    assert_eq!(store.balance_notices(None, 9).await.unwrap().items, [first]);
}

/// S3.53: one that came late stands behind those that count from a later time.
#[tokio::test]
async fn notices_stand_by_the_time_they_count_from() {
    let world = World::start().await;
    let store = &world.store;
    let newer = notice(later(100), 7);
    let mut older = notice(later(200), 12);
    older.as_of = later(90);
    for one in [&newer, &older] {
        store.keep_notice(one, &named(one)).await.unwrap();
    }
    let all = store.balance_notices(None, 9).await.unwrap().items;
    assert_eq!(all, [newer, older]);
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
    for (step, refused) in [("token taken", false), ("token refused", true)] {
        meter.step(step);
        let sealed = settings.sealed_token.clone().unwrap();
        let noted = store.note_partner_token(&sealed, refused, later(4)).await;
        assert_eq!(noted.unwrap(), Saved::Done);
    }
    meter.step("notice");
    let first = notice(start(), 12);
    let name = named(&first);
    store.keep_notice(&first, &name).await.unwrap();
    meter.step("notice again");
    let again = notice(later(9), 12);
    let kept = store.keep_notice(&again, &name).await.unwrap();
    assert_eq!(kept, Saved::Stale);
    check(
        &meter,
        &[
            ("save", 4),
            ("token taken", 1),
            ("token refused", 1),
            ("notice", 2),
            ("notice again", 2),
        ],
    );
}
