//! Festivals as people make and change them: what counts on the day, what is refused.

use std::collections::BTreeMap;

use domain::{
    failure::Code,
    principal::Role,
    service::{
        accept::IdempotencyKey,
        festivals::{FestivalEdit, FestivalGiven, WordsGiven},
        settings::{SettingsDesk, SettingsEdit},
    },
};
use jiff::{SignedDuration, civil::date};

use super::{at, desk, given, greetings, make, meet, read, says};
use crate::world::World;

/// S1.37: what is changed before the day counts on it; what is taken away or switched off greets nobody.
#[tokio::test]
async fn what_is_changed_before_the_day_counts() {
    let world = World::new();
    let manager = world.acme.user(Role::Manager);
    meet(&world, world.acme.tenant.id, 1, |_| {});
    let moved = make(&world, given("Moved")).await;
    let gone = make(&world, given("Gone")).await;
    let off = make(&world, given("Off")).await;
    let edit = FestivalEdit {
        version: 1,
        date: Some(date(2026, 11, 27)),
        name: Some("Late Harvest".into()),
        words: Some(WordsGiven::Text {
            content: "{festivalName}".into(),
            defaults: BTreeMap::new(),
        }),
        ..FestivalEdit::default()
    };
    let changed = desk(&world)
        .edit(&manager, moved.id, edit.clone())
        .await
        .unwrap();
    assert_eq!(
        (changed.version, changed.due),
        (2, Some(at("2026-11-27T06:00:00Z")))
    );
    let stale = desk(&world)
        .edit(&manager, moved.id, edit)
        .await
        .unwrap_err();
    assert_eq!(
        (stale.code(), stale.details()["reason"].as_str()),
        (Code::Conflict, "FESTIVAL_CHANGED")
    );
    desk(&world).delete(&manager, gone.id).await.unwrap();
    let switch = FestivalEdit {
        version: 1,
        active: Some(false),
        ..FestivalEdit::default()
    };
    let off = desk(&world).edit(&manager, off.id, switch).await.unwrap();
    assert_eq!(off.due, None);
    world.clock.set(at("2026-11-25T05:59:00Z"));
    world.minutes(5).await;
    assert_eq!(greetings(&world).len(), 0);
    world.clock.set(at("2026-11-27T05:59:00Z"));
    world.minutes(3).await;
    let [only] = greetings(&world).try_into().unwrap();
    assert_eq!(says(&world, &only), "Late Harvest");
    let lines: Vec<_> = world
        .store
        .state()
        .audit
        .iter()
        .filter(|(_, line)| line.entity_type == "festivals")
        .map(|(_, line)| line.action)
        .collect();
    assert_eq!(
        lines,
        ["create", "create", "create", "change", "delete", "change"]
    );
}

/// Another zone of the company moves its festivals.
#[tokio::test]
async fn another_zone_moves_a_festival() {
    let world = World::new();
    let manager = world.acme.user(Role::Manager);
    let festival = make(&world, given("Happy {festivalName}")).await;
    let settings = SettingsDesk {
        store: &world.store,
        clock: &world.clock,
    };
    let edit = SettingsEdit {
        zone: Some("Pacific/Honolulu".into()),
        ..SettingsEdit::default()
    };
    settings.change(&manager, &edit).await.unwrap();
    let moved = read(&world, &festival).await;
    assert_eq!(
        (moved.due, moved.version),
        (Some(at("2026-11-25T19:00:00Z")), 1)
    );
}

/// A request that comes again makes no second festival; another one under its key is refused. Another
/// company's festival is not there.
#[tokio::test]
async fn a_repeated_request_makes_one_festival() {
    let world = World::new();
    let manager = world.acme.user(Role::Manager);
    let key = IdempotencyKey::parse("/v1/festivals", "harvest-1", b"{}").unwrap();
    let desk = desk(&world);
    let first = desk.make(&manager, given("Hi"), Some(&key)).await.unwrap();
    world.clock.advance(SignedDuration::from_secs(30));
    let again = desk.make(&manager, given("Hi"), Some(&key)).await.unwrap();
    assert_eq!(first, again);
    let other = desk
        .make(&manager, given("Ho"), Some(&key))
        .await
        .unwrap_err();
    assert_eq!(other.details()["reason"], "IDEMPOTENCY_KEY_REUSED");
    let theirs = world.other.user(Role::Manager);
    for failure in [
        desk.read(&theirs, first.id).await.unwrap_err(),
        desk.delete(&theirs, first.id).await.unwrap_err(),
    ] {
        assert_eq!(failure.code(), Code::NotFound);
    }
    let listed = desk.list(&manager, None, 10).await.unwrap();
    assert_eq!(listed.items.len(), 1);
}

/// Everything that is wrong about a festival is told at once, and nothing of it is kept.
#[tokio::test]
async fn a_wrong_festival_is_refused_with_its_fields() {
    let world = World::new();
    let manager = world.acme.user(Role::Manager);
    let wrong = FestivalGiven {
        name: " ".into(),
        tag: Some("a,b".into()),
        ..given("Hello {invoiceNumber}")
    };
    let failure = desk(&world).make(&manager, wrong, None).await.unwrap_err();
    let fields: Vec<_> = failure.fields().iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["name", "tag", "content"]);
    let elsewhere = FestivalGiven {
        channel: Some(world.other.channel.id.to_string()),
        ..given("Hello")
    };
    let failure = desk(&world)
        .make(&manager, elsewhere, None)
        .await
        .unwrap_err();
    assert_eq!(failure.code(), Code::NotFound);
    assert!(world.store.state().festivals.is_empty());
}
