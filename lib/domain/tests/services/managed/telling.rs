//! What webhooks tell of a managed channel, and what stays of one that was deleted.

use domain::{
    channel::AuthStatus,
    failure::Code,
    managed::{BillingStatus, ManagedChannel, Stage},
    message::Status,
    ports::{Clock, Directory, HandOver, ManagedChannels, Task},
    principal::Role,
    service::{inbox::InboxDesk, outbox},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{
    billing,
    builders::{RECIPIENT, text_draft},
    memory::FailWhen,
};

use crate::world::{World, inbound, messages};

/// Acme's channel, paid for by the platform.
fn paid(world: &World) -> ManagedChannel {
    let channel = &world.acme.channel;
    let now = world.clock.now();
    let record = ManagedChannel {
        id: channel.id,
        key: channel.key.clone(),
        stage: Stage::Live,
        provider_ref: Some(channel.provider_ref.clone()),
        webhooks_set: true,
        active_till: Some(now + SignedDuration::from_hours(24 * 30)),
        stopped: true,
        spent: 30,
        version: 1,
        ..billing::managed(channel.tenant, now)
    };
    let key = (channel.tenant, channel.id);
    world.store.state().managed.insert(key, record.clone());
    record
}

fn user(verb: &str) -> Value {
    json!({"user": {"id": "97333000099", "name": "Acme"}, "event": {"type": "users", "event": verb},
        "channel_id": "FALCON-T35T1"})
}

fn health(word: &str) -> Value {
    json!({"health": {"status": {"code": 4, "text": word}}, "event": {"type": "channel", "event": "post"},
        "channel_id": "FALCON-T35T1"})
}

async fn record(world: &World) -> ManagedChannel {
    let channel = &world.acme.channel;
    let found = world
        .store
        .managed(channel.tenant, channel.id)
        .await
        .unwrap();
    found.unwrap()
}

/// S3.24, X30: scanned, a channel is authorised, active and not stopped, and its number is known.
#[tokio::test]
async fn a_login_starts_the_channel_and_tells_its_number() {
    let world = World::new();
    paid(&world);
    let now = world.clock.now();
    assert_eq!(record(&world).await.billing(now), BillingStatus::Stopped);
    let ingested = world.webhook(&user("post")).await;
    assert_eq!(ingested.verdicts, ["channel:authorized"]);
    assert_eq!(record(&world).await.billing(now), BillingStatus::Active);
    let key = (world.acme.tenant.id, world.acme.channel.id);
    let channel = world.store.state().channels[&key].clone();
    assert_eq!(channel.auth, AuthStatus::Authorized);
    assert_eq!(channel.phone.unwrap().as_str(), "+97333000099");
    let lines: Vec<_> = world
        .store
        .state()
        .audit
        .iter()
        .map(|(_, line)| format!("{line:?}"))
        .collect();
    assert!(
        !lines.concat().contains("97333000099"),
        "the log holds no number"
    );

    // Told again it changes nothing.
    let before = record(&world).await;
    world.webhook(&user("post")).await;
    assert_eq!(record(&world).await, before);
}

/// A channel that WHAPI stopped says so, and one that only lost its login does not.
#[tokio::test]
async fn what_whapi_stopped_is_stopped() {
    let world = World::new();
    paid(&world);
    world.webhook(&health("AUTH")).await;
    assert!(!record(&world).await.stopped, "S3.24: health says so too");
    world.webhook(&user("delete")).await;
    assert!(!record(&world).await.stopped);
    world.webhook(&health("STOP")).await;
    let now = world.clock.now();
    assert_eq!(record(&world).await.billing(now), BillingStatus::Stopped);
    // Somebody else writes at the same moment: it is told nevertheless.
    let key = (world.acme.tenant.id, world.acme.channel.id);
    world.store.meanwhile("managed.save", move |state| {
        state.managed.get_mut(&key).unwrap().version += 1;
    });
    let ingested = world.webhook(&health("AUTH")).await;
    assert!(!ingested.unapplied && !record(&world).await.stopped);
    world.store.fail("managed.save", 1, FailWhen::Before);
    assert!(
        world.webhook(&health("STOP")).await.unapplied,
        "it is tried again"
    );
}

/// X28: what waits on a deleted channel fails with its reason, and its history stays readable.
#[tokio::test]
async fn a_deleted_channels_messages_end_and_its_history_stays() {
    let world = World::new();
    let came = inbound(
        "wamid.IN-1",
        json!({"type": "text", "text": {"body": "Hello"}}),
    );
    world.webhook(&messages(&[came])).await;
    let sent = world
        .send(text_draft(RECIPIENT, "Sent before"))
        .await
        .unwrap()
        .message;
    let mut draft = text_draft(RECIPIENT, "Never sent");
    draft.scheduled_for = Some("2026-11-20T11:00:00Z".into());
    let waiting = world.send(draft).await.unwrap().message;
    let channel = world.acme.channel.clone();
    world.store.bury_channel(&channel).await.unwrap();
    assert!(
        world
            .store
            .channels(channel.tenant)
            .await
            .unwrap()
            .is_empty()
    );

    let calls = world.gate.sent().len();
    world.minutes(31).await;
    world.drain().await;
    let ended = world.message(waiting.id);
    assert_eq!(ended.status(), Status::Failed);
    let failed = format!("{:?}", ended.facts.failed);
    assert!(
        failed.contains("CHANNEL_GONE") && failed.contains("no longer exists"),
        "{failed}"
    );
    assert_eq!(
        world.gate.sent().len(),
        calls,
        "nothing was asked of the provider"
    );
    let task = Task::Message(ended.tenant, ended.id);
    assert_eq!(HandOver::without_channel(&ended).task, task);

    let manager = world.acme.user(Role::Manager);
    let view = outbox::message(&world.store, &manager, sent.id).await;
    assert!(view.is_ok());
    let desk = InboxDesk {
        store: &world.store,
        clock: &world.clock,
    };
    let thread = desk
        .thread(&manager, sent.conversation, None, 20)
        .await
        .unwrap();
    assert_eq!(thread.items.len(), 3);
    let details = desk.details(&manager, sent.conversation).await.unwrap();
    assert!(details.channel.is_none() && details.contact.is_some());
    // And nothing new is taken for it.
    let refused = world.send(text_draft(RECIPIENT, "Anew")).await.unwrap_err();
    assert_ne!(refused.code(), Code::Unknown, "{refused}");
}
