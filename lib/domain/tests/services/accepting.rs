//! Accepting: all or nothing, told with every reason.

use std::collections::BTreeSet;

use domain::{
    channel::AuthStatus,
    contact::Consent,
    failure::Code,
    message::{MessageType, Status, Trigger},
    principal::Role,
    service::{accept::IdempotencyKey, send::FirstAttempt},
};
use jiff::SignedDuration;
use testkit::{
    builders::{RECIPIENT, interactive_draft, text_draft},
    memory::FailWhen,
};

use crate::world::World;

/// S0.1–S0.12, S0.22–S0.24, S0.34, S0.36: what goes to the provider, and what is stored of it, is the
/// request of the specification, with the channel's own token.
#[tokio::test]
async fn the_stored_payload_is_the_request_that_was_sent() {
    let world = World::new();
    let accepted = world.send(interactive_draft("+97339116526")).await.unwrap();
    let (channel, sent) = world.gate.sent().remove(0);
    assert_eq!(channel, world.acme.channel.id);
    assert_eq!(sent.path, "/messages/interactive");
    let expected = serde_json::json!({
        "header": {"text": "Delivery"},
        "body": {"text": "Your parcel arrives tomorrow. Does that suit you?"},
        "footer": {"text": "Example Courier"},
        "action": {"buttons": [
            {"type": "quick_reply", "title": "Confirmed", "id": "btn1"},
            {"type": "quick_reply", "title": "Reschedule", "id": "btn2"},
        ]},
        "type": "button",
        "to": "97339116526",
    });
    assert_eq!(sent.body, Some(expected));
    let key = (world.acme.tenant.id, accepted.message.id);
    assert_eq!(world.store.state().payloads[&key].request, sent);
}

/// S0.13 (as X2 decides it: before the call), S0.16–S0.29, S0.38: one job row and one message row with
/// the provider's id, whose status starts open and becomes sent.
#[tokio::test]
async fn one_job_and_one_message_are_stored_before_the_provider_is_called() {
    let world = World::new();
    let queued = world
        .send_with(interactive_draft(RECIPIENT), None, FirstAttempt::InLane)
        .await
        .unwrap()
        .message;
    assert_eq!(world.sends(), 0);
    assert_eq!(queued.status(), Status::Queued);
    assert_eq!(world.totals(queued.job).await.queued, 1);
    assert_eq!(queued.to.as_str(), RECIPIENT);
    assert!(queued.facts.reply.is_none() && queued.facts.failed.is_empty());

    world.drain().await;
    let sent = world.message(queued.id);
    assert_eq!(sent.status(), Status::Sent);
    assert_eq!(
        sent.facts.accepted[&1].provider_id.as_deref(),
        Some(crate::world::provider_id(1).as_str())
    );
    assert!(sent.updated_at >= sent.created_at);
    assert_eq!(world.store.state().jobs.len(), 1);
    world.assert_consistent().await;
}

/// S1.140, S2.29: a context that is none is told with all the rest.
#[tokio::test]
async fn everything_wrong_is_told_at_once_and_nothing_is_stored() {
    let world = World::new();
    let mut draft = interactive_draft("0097x");
    draft.scheduled_for = Some("tomorrow".into());
    draft.context = Some(("an order".into(), String::new()));
    if let domain::service::accept::DraftContent::Interactive { body, buttons, .. } =
        &mut draft.content
    {
        body.clear();
        buttons.clear();
    }
    let failure = world.send(draft).await.unwrap_err();
    let fields: Vec<_> = failure.fields().iter().map(|f| f.field.as_str()).collect();
    assert_eq!(failure.code(), Code::Validation);
    assert_eq!(
        fields,
        [
            "to",
            "context.type",
            "context.id",
            "scheduled_for",
            "interactive.body",
            "interactive.buttons"
        ]
    );
    let state = world.store.state();
    assert!(
        state.messages.is_empty() && state.jobs.is_empty() && state.usage.values().all(|n| *n == 0)
    );
}

#[tokio::test]
async fn what_stands_against_sending_is_refused_with_its_reason() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    let channel_key = (tenant, world.acme.channel.id);
    let reason = async |world: &World| {
        let failure = world
            .send(text_draft(RECIPIENT, "Hello"))
            .await
            .unwrap_err();
        (failure.code(), failure.details()["reason"].clone())
    };

    world
        .store
        .state()
        .channels
        .get_mut(&channel_key)
        .unwrap()
        .auth = AuthStatus::Disconnected;
    assert_eq!(
        reason(&world).await,
        (Code::Conflict, "CHANNEL_NOT_AUTHORIZED".into())
    );
    let past = "2026-11-20T10:29:59Z".parse().unwrap();
    {
        let mut state = world.store.state();
        let channel = state.channels.get_mut(&channel_key).unwrap();
        channel.auth = AuthStatus::Authorized;
        channel.paid_until = Some(past);
    }
    assert_eq!(
        reason(&world).await,
        (Code::Forbidden, "CHANNEL_EXPIRED".into())
    );
    {
        let mut state = world.store.state();
        state.channels.get_mut(&channel_key).unwrap().paid_until = None;
        state.tenants.get_mut(&tenant).unwrap().settings.disabled =
            BTreeSet::from([MessageType::Other]);
    }
    assert_eq!(
        reason(&world).await,
        (Code::Conflict, "TYPE_DISABLED".into())
    );
    {
        let mut state = world.store.state();
        let tenant = state.tenants.get_mut(&tenant).unwrap();
        tenant.settings.disabled.clear();
        tenant.plan = None;
    }
    assert_eq!(reason(&world).await, (Code::Forbidden, "NO_PLAN".into()));
    assert_eq!(world.sends(), 0);
}

#[tokio::test]
async fn a_person_who_asked_to_stop_gets_nothing() {
    let world = World::new();
    world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    for contact in world.store.state().contacts.values_mut() {
        contact.consent = Consent::Stopped;
    }
    let failure = world
        .send(text_draft(RECIPIENT, "Hello again"))
        .await
        .unwrap_err();
    assert_eq!(failure.details()["reason"], "CONSENT_STOPPED");
    assert_eq!(world.sends(), 1);
}

/// S0.42, S0.43, X25: the daily limit is a condition of accepting; the refusal says when it resets.
#[tokio::test]
async fn the_daily_limit_refuses_with_its_copy_and_resets_at_the_tenants_midnight() {
    let world = World::new();
    let tenant = world.acme.tenant.id;
    let limit = |n| {
        let mut state = world.store.state();
        state
            .tenants
            .get_mut(&tenant)
            .unwrap()
            .plan
            .as_mut()
            .unwrap()
            .daily_messages = n;
    };
    limit(2);
    for _ in 0..2 {
        world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
    }
    let failure = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap_err();
    assert_eq!(failure.code(), Code::Forbidden);
    assert_eq!(
        failure.message(),
        "You have reached your daily/monthly sending limit. Upgrade to send more."
    );
    assert_eq!(failure.details()["reason"], "DAILY_LIMIT");
    assert_eq!(failure.details()["resets_at"], "2026-11-20T21:00:00Z");
    assert_eq!(world.sends(), 2);

    world.clock.set("2026-11-20T21:00:00Z".parse().unwrap());
    world
        .send(text_draft(RECIPIENT, "Good morning"))
        .await
        .unwrap();
    world.assert_consistent().await;
}

#[tokio::test]
async fn a_scheduled_message_counts_against_the_day_it_goes_out() {
    let world = World::new();
    let mut draft = text_draft(RECIPIENT, "Tomorrow");
    draft.scheduled_for = Some("2026-11-21T07:00:00+03:00".into());
    let message = world.send(draft).await.unwrap().message;
    assert_eq!(message.usage_day.to_string(), "2026-11-21");
    assert_eq!(message.trigger, Trigger::Scheduled);
    assert_eq!(world.sends(), 0);
}

/// The same key and body answers the first message again; another body is refused; the key is free
/// again when it expired, although it is still stored (hazards.md, failure points 8 and 9).
#[tokio::test]
async fn an_idempotency_key_makes_one_message() {
    let world = World::new();
    let key = |body: &str| {
        IdempotencyKey::parse("POST /v1/messages", "order-17", body.as_bytes()).unwrap()
    };
    let send = async |key: &IdempotencyKey| {
        world
            .send_with(
                text_draft(RECIPIENT, "Hello"),
                Some(key),
                FirstAttempt::Here,
            )
            .await
    };
    let first = send(&key("{}")).await.unwrap();
    let again = send(&key("{}")).await.unwrap();
    assert!(!first.repeated && again.repeated);
    assert_eq!(again.message.id, first.message.id);
    assert_eq!(world.sends(), 1);

    let other = send(&key("{\"a\":1}")).await.unwrap_err();
    assert_eq!(other.code(), Code::Conflict);

    world.clock.advance(SignedDuration::from_hours(48));
    let later = send(&key("{}")).await.unwrap();
    assert_ne!(later.message.id, first.message.id);
    world.assert_consistent().await;
}

/// The answer of the first transaction is lost and the caller asks again with its key.
#[tokio::test]
async fn a_lost_answer_of_the_store_makes_no_second_message() {
    let world = World::new();
    world.store.fail("acceptances.commit", 1, FailWhen::After);
    let key = IdempotencyKey::parse("POST /v1/messages", "k", b"{}").unwrap();
    let send = async || {
        world
            .send_with(
                text_draft(RECIPIENT, "Hello"),
                Some(&key),
                FirstAttempt::Here,
            )
            .await
    };
    let lost = send().await.unwrap_err();
    assert!(lost.retryable());
    let accepted = send().await.unwrap();
    assert!(accepted.repeated);
    world.minutes(3).await;
    assert_eq!(world.message(accepted.message.id).status(), Status::Sent);
    assert_eq!(world.sends(), 1);
    world.assert_consistent().await;
}

#[tokio::test]
async fn another_companys_channel_does_not_exist() {
    let world = World::new();
    for id in [
        world.other.channel.id.to_string(),
        "nonsense".into(),
        "T#".into(),
        format!("{}#C", world.acme.channel.id),
    ] {
        let mut draft = text_draft(RECIPIENT, "Hello");
        draft.channel = Some(id);
        assert_eq!(world.send(draft).await.unwrap_err().code(), Code::NotFound);
    }
}

#[test]
fn keys_that_cannot_be_kept_are_refused() {
    for key in ["", " ", "a b", "\u{e9}", &"k".repeat(256)] {
        assert!(IdempotencyKey::parse("r", key, b"").is_err(), "{key:?}");
    }
    assert_ne!(
        IdempotencyKey::parse("POST /v1/messages", "k", b"").unwrap(),
        IdempotencyKey::parse("POST /v1/jobs", "k", b"").unwrap(),
        "a key belongs to its route"
    );
}

#[tokio::test]
async fn who_sent_what_is_in_the_audit_log() {
    let world = World::new();
    let message = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message;
    world
        .change()
        .retry(&world.acme.user(Role::Manager), message.id)
        .await
        .unwrap_err();
    let state = world.store.state();
    let lines: Vec<_> = state
        .audit
        .iter()
        .map(|(_, a)| (a.entity_type, a.action, a.entity.clone()))
        .collect();
    assert_eq!(lines, [("messages", "accept", message.id.to_string())]);
}
