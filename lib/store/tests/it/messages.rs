//! Saving, withdrawing and retrying: versions, indexes, size.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    contact::Recipient,
    failure::StoreFailureKind,
    message::{
        Acceptance, Fact, FailedFact, FailureOrigin, Message, Outcome, Reply, ReplyKind, Status,
    },
    notice::{Notice, NoticeState},
    ports::{Acceptances, Messages, Notices, Saved},
};
use jiff::SignedDuration;
use store::size::item_size;

use crate::world::{World, audit, later, start};

async fn item(world: &World, message: &Message) -> testkit::database::Item {
    let key = format!("T#{}#M#{}", message.tenant.key(), message.id.key());
    world.database.item(&key, "M").await.unwrap()
}

#[tokio::test]
async fn a_save_raises_the_version_and_a_stale_one_changes_nothing() {
    let world = World::start().await;
    let mut mine = world.accepted().await;
    let mut theirs = mine.clone();
    mine.claim(later(1)).unwrap();
    assert_eq!(
        world.store.save(&mut mine, None).await.unwrap(),
        Saved::Done
    );
    assert_eq!(mine.version, 2);
    theirs.cancel(later(2)).unwrap();
    assert_eq!(
        world.store.save(&mut theirs, None).await.unwrap(),
        Saved::Stale
    );
    assert_eq!(theirs.version, 1);
    let stored = world.store.message(world.tenant, mine.id).await.unwrap();
    assert_eq!(stored, Some(mine));
}

#[tokio::test]
async fn a_message_that_is_not_there_is_never_made_by_a_save() {
    let world = World::start().await;
    let mut message = world.message(start());
    message.version = 1;
    assert_eq!(
        world.store.save(&mut message, None).await.unwrap(),
        Saved::Stale
    );
    let withdrawn = world.store.withdraw(&mut message, &audit(start())).await;
    assert_eq!(withdrawn.unwrap(), Saved::Stale);
    assert_eq!(world.count().await, 0);
}

/// The log index follows the status class, the due index only what is open.
#[tokio::test]
async fn indexes_follow_the_status() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    let log = |item: &testkit::database::Item| {
        let place = item["op"].as_s().unwrap().clone();
        place.split('#').nth(3).unwrap().to_owned()
    };
    let stored = item(&world, &message).await;
    assert_eq!(
        (log(&stored).as_str(), stored.contains_key("dp")),
        ("o", true)
    );
    let attempt = message.claim(later(1)).unwrap();
    world.store.save(&mut message, None).await.unwrap();
    let claimed = item(&world, &message).await;
    assert_eq!(
        claimed["ds"], stored["ds"],
        "a claim leaves the due index alone"
    );
    let outcome = Outcome::Accepted {
        provider_id: Some("wa-1".into()),
    };
    message.record(attempt, outcome, later(2));
    world.store.save(&mut message, None).await.unwrap();
    let sent = item(&world, &message).await;
    assert_eq!((log(&sent).as_str(), sent.contains_key("dp")), ("s", false));
    message.observe(Fact::Read { at: later(3) }, later(3));
    world.store.save(&mut message, None).await.unwrap();
    let read = item(&world, &message).await;
    for name in ["lp", "ls", "op", "os"] {
        assert_eq!(read[name], sent[name], "{name}");
    }
    assert_eq!(
        read["s"],
        AttributeValue::N(Status::Read.code().to_string())
    );
    let stored = world.store.message(world.tenant, message.id).await.unwrap();
    assert_eq!(stored, Some(message));
}

#[tokio::test]
async fn a_failure_is_stored_with_its_notice_or_not_at_all() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    let mut stale = message.clone();
    let attempt = message.claim(later(1)).unwrap();
    let refused = Outcome::Rejected {
        code: "NO".into(),
        reason: "No.".into(),
    };
    message.record(attempt, refused, later(2));
    let notice = Notice::called_for(false, &message, later(2)).unwrap();
    let saved = world.store.save(&mut message, Some(&notice)).await.unwrap();
    assert_eq!((saved, message.version), (Saved::Done, 2));
    assert_eq!(
        world.store.notice(&notice.key).await.unwrap(),
        Some(notice.clone())
    );

    let mut other = notice.clone();
    other.key.attempt = 9;
    assert_eq!(
        world.store.save(&mut stale, Some(&other)).await.unwrap(),
        Saved::Stale
    );
    assert_eq!(world.store.notice(&other.key).await.unwrap(), None);

    let mut mailed = notice.clone();
    mailed.state = NoticeState::Mailed;
    mailed.due = None;
    world.store.move_notice(&notice, &mailed).await.unwrap();
    let again = world.store.save(&mut message, Some(&notice)).await.unwrap();
    assert_eq!((again, message.version), (Saved::Done, 3));
    assert_eq!(
        world.store.notice(&notice.key).await.unwrap(),
        Some(mailed),
        "mailed stays mailed"
    );
}

#[tokio::test]
async fn a_withdrawn_message_gives_its_place_back_once() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    let mut racing = message.clone();
    let day = message.usage_day;
    message.cancel(later(1)).unwrap();
    racing.cancel(later(1)).unwrap();
    let done = world
        .store
        .withdraw(&mut message, &audit(later(1)))
        .await
        .unwrap();
    assert_eq!((done, message.version), (Saved::Done, 2));
    let raced = world
        .store
        .withdraw(&mut racing, &audit(later(1)))
        .await
        .unwrap();
    assert_eq!(raced, Saved::Stale);
    assert_eq!(world.store.used(world.tenant, day).await.unwrap(), 0);
    let lines = world.database.items().await;
    let audited = lines
        .iter()
        .filter(|i| i["pk"].as_s().unwrap().contains("#A#"))
        .count();
    assert_eq!(audited, 2, "accepted, cancelled");
}

#[tokio::test]
async fn a_counter_at_nothing_does_not_keep_a_message_from_being_withdrawn() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    message.usage_day = "2026-11-19".parse().unwrap();
    message.cancel(later(1)).unwrap();
    let done = world
        .store
        .withdraw(&mut message, &audit(later(1)))
        .await
        .unwrap();
    assert_eq!(done, Saved::Done);
    assert_eq!(
        world
            .store
            .used(world.tenant, message.usage_day)
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn a_retry_by_hand_is_stored_with_who_asked_for_it() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    let before = world.count().await;
    message.updated_at = later(5);
    let mut stale = message.clone();
    let saved = world
        .store
        .save_audited(&mut message, &audit(later(5)))
        .await
        .unwrap();
    assert_eq!((saved, message.version), (Saved::Done, 2));
    let saved = world
        .store
        .save_audited(&mut stale, &audit(later(5)))
        .await
        .unwrap();
    assert_eq!((saved, stale.version), (Saved::Stale, 1));
    assert_eq!(world.count().await, before + 1);
}

fn failed(attempt: u16, reason: String) -> FailedFact {
    FailedFact {
        at: later(i64::from(attempt)),
        origin: FailureOrigin::Ourselves,
        code: "CHANNEL_UNAUTHORIZED".into(),
        reason,
    }
}

/// Three attempts that failed for long and different reasons, one that went all the way, and an
/// answer of eighty characters: the whole item stays below a write unit.
#[tokio::test]
async fn the_worst_message_costs_one_unit() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    message.scheduled_for = Some(later(77));
    message.trigger = domain::message::Trigger::Scheduled;
    message.sending.attempt = 4;
    message.sending.retries = 3;
    message.sending.due = Some(later(99));
    message.sending.polls = Some(10);
    message.to = Recipient::User("BH.1098765432109876543".into());
    for attempt in 1..=3 {
        let reason = format!("{attempt}: {}", "nobody could be reached; ".repeat(20));
        message
            .facts
            .failed
            .insert(attempt, failed(attempt, reason));
    }
    let accepted = Acceptance {
        at: later(4),
        provider_id: Some("P".repeat(48)),
    };
    message.facts.accepted.insert(4, accepted);
    message.facts.sent.insert(4, later(4));
    message.facts.delivered = Some(later(5));
    message.facts.read = Some(later(6));
    message.facts.reply = Some(Reply {
        at: later(7),
        inbound: "I".repeat(48),
        kind: ReplyKind::ListRow,
        button_id: Some("btn3".into()),
        title: "x".repeat(80),
    });
    assert_eq!(
        world.store.save(&mut message, None).await.unwrap(),
        Saved::Done
    );
    let size = item_size(&item(&world, &message).await);
    println!("replied to after three failures: {size} bytes");
    assert!(size <= 1_000, "{size}");
    let stored = world
        .store
        .message(world.tenant, message.id)
        .await
        .unwrap()
        .unwrap();
    let newest = &stored.facts.failed[&3].reason;
    assert!(
        newest.starts_with("3: nobody") && newest.len() >= 40,
        "{newest}"
    );
}

/// Four failures: the newest reason is kept whole, repeated ones cost nothing, the rest are cut.
#[tokio::test]
async fn reasons_are_cut_from_the_oldest() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    message.sending.attempt = 4;
    let reason = |n: u16| format!("{n}: {}", "é".repeat(150));
    for attempt in 1..=4 {
        message
            .facts
            .failed
            .insert(attempt, failed(attempt, reason(attempt)));
    }
    world.store.save(&mut message, None).await.unwrap();
    let size = item_size(&item(&world, &message).await);
    println!("four failures for different reasons: {size} bytes");
    assert!(size <= 1_000, "{size}");
    let stored = world
        .store
        .message(world.tenant, message.id)
        .await
        .unwrap()
        .unwrap();
    let kept = |n: u16| stored.facts.failed[&n].reason.len();
    assert!(kept(4) >= 199, "{}", kept(4));
    assert!(kept(1) <= kept(2) && kept(2) <= kept(3));
    for attempt in 1..=4 {
        assert!(reason(attempt).starts_with(&stored.facts.failed[&attempt].reason));
        // Hearing of the same failure again, whole, is no news.
        let mut again = stored.clone();
        let failure = failed(attempt, reason(attempt));
        assert!(!again.observe(Fact::Failed { attempt, failure }, later(50)));
    }
    let mut same = world.accepted().await;
    for attempt in 1..=4 {
        same.facts
            .failed
            .insert(attempt, failed(attempt, "x".repeat(200)));
    }
    world.store.save(&mut same, None).await.unwrap();
    let stored = world.store.message(world.tenant, same.id).await.unwrap();
    assert_eq!(stored, Some(same), "one reason for all four is kept whole");
}

#[tokio::test]
async fn a_provider_time_of_any_year_is_kept() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    let far = "9999-12-30T22:00:00.999999999Z".parse().unwrap();
    let long_ago = "0001-01-01T00:00:00Z".parse().unwrap();
    message.facts.delivered = Some(far);
    message.facts.read = Some(long_ago);
    message.sending.due = Some(start() - SignedDuration::from_hours(24 * 365 * 80));
    world.store.save(&mut message, None).await.unwrap();
    let stored = world.store.message(world.tenant, message.id).await.unwrap();
    assert_eq!(stored, Some(message));
}

#[tokio::test]
async fn a_notice_of_another_tenant_is_refused() {
    let world = World::start().await;
    let mut message = world.accepted().await;
    let notice = Notice {
        key: domain::notice::NoticeKey {
            tenant: domain::ids::TenantId::fresh(),
            window: start(),
            message: message.id,
            attempt: 1,
        },
        state: NoticeState::Waiting,
        due: None,
    };
    let refused = world
        .store
        .save(&mut message, Some(&notice))
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), StoreFailureKind::Refused);
}
