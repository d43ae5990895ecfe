//! Webhooks: proven, isolated, idempotent, in any order.

use domain::{
    failure::{Code, StoreFailureKind},
    message::{InboundContent, ReplyKind, Status},
    service::send::FirstAttempt,
};
use serde_json::json;
use testkit::{
    builders::{RECIPIENT, WEBHOOK_SECRET, interactive_draft, text_draft},
    memory::FailWhen,
};

use crate::world::{World, inbound, messages, press, provider_id, statuses, text};

/// S0.35, S0.41, S0.27: delivered, read, and the pressed button with its title and time.
#[tokio::test]
async fn a_press_becomes_the_pill() {
    let world = World::new();
    let sent = world
        .send(interactive_draft(RECIPIENT))
        .await
        .unwrap()
        .message;
    world.status(&provider_id(1), "delivered").await;
    world.status(&provider_id(1), "read").await;
    let body = messages(&[press(
        "in-1-aBcDeF",
        Some(&provider_id(1)),
        "btn1",
        "Confirmed",
    )]);
    assert_eq!(world.webhook(&body).await.verdicts, ["applied"]);
    let message = world.message(sent.id);
    let reply = message.facts.reply.clone().unwrap();
    assert_eq!(message.status(), Status::Replied);
    assert_eq!(
        (reply.kind, reply.title.as_str(), reply.button_id.as_deref()),
        (ReplyKind::Button, "Confirmed", Some("btn1"))
    );
    assert_eq!(reply.at.as_second(), 1_795_170_700);
    let totals = world.totals(sent.job).await;
    assert_eq!((totals.replied, totals.sum()), (1, 1));
}

/// providers.md 1.2: a press may arrive as the plain title, or without context.
#[tokio::test]
async fn a_press_without_context_or_as_plain_title_is_a_press() {
    for body in [
        press("in-1-aBcDeF", None, "btn2", "Reschedule"),
        text("in-1-aBcDeF", "Reschedule"),
        text("in-1-aBcDeF", " Reschedule "),
    ] {
        let world = World::new();
        let id = world
            .send(interactive_draft(RECIPIENT))
            .await
            .unwrap()
            .message
            .id;
        world.webhook(&messages(&[body])).await;
        let reply = world.message(id).facts.reply.unwrap();
        assert_eq!(
            (reply.title.as_str(), reply.button_id.as_deref()),
            ("Reschedule", Some("btn2"))
        );
    }
}

#[tokio::test]
async fn other_words_are_no_press_and_a_prompt_that_never_left_was_not_pressed() {
    let world = World::new();
    let id = world
        .send(interactive_draft(RECIPIENT))
        .await
        .unwrap()
        .message
        .id;
    world
        .webhook(&messages(&[text("in-1-aBcDeF", "reschedule please")]))
        .await;
    assert!(world.message(id).facts.reply.is_none());

    let world = World::new();
    let queued = world
        .send_with(interactive_draft(RECIPIENT), None, FirstAttempt::InLane)
        .await
        .unwrap();
    world
        .webhook(&messages(&[text("in-1-aBcDeF", "Confirmed")]))
        .await;
    assert!(world.message(queued.message.id).facts.reply.is_none());
}

/// Hazards 2, 3: duplicated, reordered, batched or one by one, the end is the same.
#[tokio::test]
async fn any_order_and_any_batching_ends_the_same() {
    let id = provider_id(1);
    let steps = [
        statuses(&[(&id, "sent")]),
        statuses(&[(&id, "delivered")]),
        statuses(&[(&id, "read")]),
        messages(&[press("in-1-aBcDeF", Some(&id), "btn1", "Confirmed")]),
    ];
    let mut ends = Vec::new();
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        for early in [0, 2, 4] {
            let world = World::new();
            for step in order.iter().take(early) {
                world.webhook(&steps[*step]).await;
            }
            let sent = world
                .send(interactive_draft(RECIPIENT))
                .await
                .unwrap()
                .message;
            for step in order.iter().chain(&order) {
                world.webhook(&steps[*step]).await;
            }
            let message = world.message(sent.id);
            ends.push((message.facts.clone(), message.status()));
            world.assert_consistent().await;
            assert_eq!(world.store.state().inbound.len(), 1);
        }
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
}

/// Hazard 3: a late `sent` does not lower `delivered`; `failed` after `delivered` does not either.
#[tokio::test]
async fn a_status_never_goes_back() {
    let world = World::new();
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    for (status, shown) in [
        ("read", Status::Read),
        ("sent", Status::Read),
        ("delivered", Status::Read),
        ("failed", Status::Read),
        ("pending", Status::Read),
        ("never-seen", Status::Read),
    ] {
        world.status(&provider_id(1), status).await;
        assert_eq!(world.message(id).status(), shown, "after {status}");
    }
}

#[tokio::test]
async fn an_inbound_message_is_stored_once_with_contact_and_conversation() {
    let world = World::new();
    let body = messages(&[text("in-1-aBcDeF", "Good morning")]);
    assert_eq!(world.webhook(&body).await.verdicts, ["applied"]);
    assert_eq!(world.webhook(&body).await.verdicts, ["duplicate"]);
    let state = world.store.state();
    let conversation = state.conversations.values().next().unwrap();
    assert_eq!(
        (conversation.unread, conversation.preview.as_str()),
        (1, "Good morning")
    );
    assert_eq!(
        state.contacts.values().next().unwrap().name.as_deref(),
        Some("Ada Example")
    );
    assert_eq!((state.inbound.len(), state.journal.len()), (1, 2));
}

/// The process died between storing the press and telling the message: the redelivery tells it, even
/// though another prompt is open by then.
#[tokio::test]
async fn a_press_that_was_stored_but_not_told_is_told_by_its_redelivery() {
    let world = World::new();
    let first = world
        .send(interactive_draft(RECIPIENT))
        .await
        .unwrap()
        .message
        .id;
    let body = messages(&[text("in-1-aBcDeF", "Confirmed")]);
    world.store.fail("messages.save", 1, FailWhen::Before);
    assert!(world.webhook(&body).await.unapplied);
    let second = world
        .send(interactive_draft(RECIPIENT))
        .await
        .unwrap()
        .message
        .id;
    world.webhook(&body).await;
    assert_eq!(world.message(first).status(), Status::Replied);
    assert_eq!(world.message(second).status(), Status::Sent);
}

/// Own echoes are outbound facts, never inbound messages.
#[tokio::test]
async fn an_echo_proves_the_send_and_counts_as_nothing_unread() {
    let world = World::new();
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    let echo = |id: &str, source: &str| {
        let mut item = inbound(id, json!({"type": "text", "text": {"body": "Hello"}}));
        item["from_me"] = json!(true);
        item["source"] = json!(source);
        messages(&[item])
    };
    world.webhook(&echo(&provider_id(1), "api")).await;
    assert!(world.message(id).facts.sent.contains_key(&1));
    assert!(world.store.state().inbound.is_empty());

    world.webhook(&echo("typed-1-aBcDeF", "mobile")).await;
    let state = world.store.state();
    assert!(state.inbound.values().all(|m| m.from_us));
    assert_eq!(state.conversations.values().next().unwrap().unread, 0);
}

#[tokio::test]
async fn no_or_wrong_secret_changes_nothing() {
    let world = World::new();
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    let body = statuses(&[(&provider_id(1), "read")])
        .to_string()
        .into_bytes();
    for secret in [None, Some(""), Some("wrong"), Some(&WEBHOOK_SECRET[1..])] {
        let refused = world.webhook_with(body.clone(), secret).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthorized);
    }
    let foreign = String::from_utf8(body)
        .unwrap()
        .replace("FALCON-T35T1", "FALCON-OTHER");
    let refused = world
        .webhook_with(foreign.into_bytes(), Some(WEBHOOK_SECRET))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::Unauthorized);
    assert_eq!(world.message(id).status(), Status::Sent);
    assert!(world.store.state().journal.is_empty());
}

/// One poisoned item among good ones: the good ones count, the bad one is in the journal.
#[tokio::test]
async fn a_bad_item_never_fails_its_neighbours() {
    let world = World::new();
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    let mut body = statuses(&[(&provider_id(1), "sent"), (&provider_id(1), "delivered")]);
    body["statuses"]
        .as_array_mut()
        .unwrap()
        .insert(1, json!({"id": 17, "status": [], "timestamp": {}}));
    let ingested = world.webhook(&body).await;
    assert_eq!(ingested.verdicts.len(), 3);
    assert!(
        ingested.verdicts[1].starts_with("unreadable"),
        "{:?}",
        ingested.verdicts
    );
    assert_eq!(world.message(id).status(), Status::Delivered);
}

#[tokio::test]
async fn a_type_nobody_has_seen_is_a_visible_placeholder() {
    let world = World::new();
    world
        .webhook(&messages(&[inbound(
            "in-1-aBcDeF",
            json!({"type": "hologram", "hologram": {"x": 1}}),
        )]))
        .await;
    let state = world.store.state();
    let message = state.inbound.values().next().unwrap();
    assert_eq!(
        message.content,
        InboundContent::Other {
            name: "hologram".into()
        }
    );
}

#[tokio::test]
async fn an_unreadable_body_is_journalled_and_answered() {
    let world = World::new();
    for body in [&b"{"[..], b"[]", b"\xff\xfe", b"", b"null"] {
        let ingested = world
            .webhook_with(body.to_vec(), Some(WEBHOOK_SECRET))
            .await
            .unwrap();
        assert!(!ingested.unapplied);
    }
    assert_eq!(world.store.state().journal.len(), 5);
}

/// A large body goes to the file store, and can be applied again from there.
#[tokio::test]
async fn a_large_body_is_kept_as_a_file_and_applied_again_from_there() {
    let world = World::new();
    let items: Vec<_> = (0..3_000)
        .map(|n| text(&format!("in-{n}-aBcDeF"), &"x".repeat(60)))
        .collect();
    world.store.fail("inbox.receive", 1, FailWhen::Before);
    assert!(world.webhook(&messages(&items)).await.unapplied);
    assert_eq!(world.store.state().inbound.len(), 2_999);
    world.minutes(2).await;
    let state = world.store.state();
    assert_eq!((state.inbound.len(), state.files.len()), (3_000, 1));
}

/// Non-200 only when neither the effects nor the journal could be stored.
#[tokio::test]
async fn the_provider_is_asked_again_only_when_nothing_could_be_kept() {
    let world = World::new();
    let id = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message
        .id;
    let body = || {
        statuses(&[(&provider_id(1), "read")])
            .to_string()
            .into_bytes()
    };
    world.store.fail("journal.write", 1, FailWhen::Before);
    world
        .webhook_with(body(), Some(WEBHOOK_SECRET))
        .await
        .unwrap();
    assert_eq!(world.message(id).status(), Status::Read);

    world.store.fail_after(
        "pointers.pointer",
        0,
        1,
        FailWhen::Before,
        StoreFailureKind::Throttled,
    );
    world.store.fail("journal.write", 1, FailWhen::Before);
    let refused = world
        .webhook_with(body(), Some(WEBHOOK_SECRET))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::DbError);
    assert!(refused.retryable());
}

/// A status racing with the record of the send: the webhook finds no pointer, then the sender writes it
/// and sees nothing parked, then the webhook parks. It must look for the pointer once more.
#[tokio::test]
async fn a_status_that_races_with_the_record_is_not_lost() {
    let world = World::new();
    let sent = world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap()
        .message;
    {
        let mut state = world.store.state();
        let pointer = state.pointers.drain().next();
        assert!(pointer.is_some());
        state.pointer_before_park = pointer;
    }
    let ingested = world.status(&provider_id(1), "read").await;
    assert_eq!(ingested.verdicts, ["applied"]);
    assert_eq!(world.message(sent.id).status(), Status::Read);
}

#[tokio::test]
async fn a_channel_that_logs_out_stops_sending_and_one_that_logs_in_sends_again() {
    let world = World::new();
    let user = |verb: &str| {
        json!({"user": {"id": "97300000009", "name": "Acme"}, "event": {"type": "users", "event": verb},
            "channel_id": "FALCON-T35T1"})
    };
    world.webhook(&user("delete")).await;
    world
        .send(text_draft(RECIPIENT, "Hello"))
        .await
        .unwrap_err();
    world.webhook(&user("post")).await;
    world.send(text_draft(RECIPIENT, "Hello")).await.unwrap();
}
