//! The automatic answer: once in a day, whatever happens on the way.

use domain::{
    contact::Consent,
    message::{Content, Message, Status, Trigger},
    provider::WireRequest,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::memory::FailWhen;

use crate::world::{World, inbound, messages, statuses};

const CLOSED: &str = "We are closed until Sunday.";

/// The moment the world begins at.
const NOON: i64 = 1_795_170_600;

fn answering() -> World {
    let world = World::new();
    set(&world, Some(CLOSED));
    world
}

fn set(world: &World, text: Option<&str>) {
    let mut state = world.store.state();
    let acme = state.tenants.get_mut(&world.acme.tenant.id).unwrap();
    acme.settings.auto_reply = true;
    acme.settings.auto_reply_message = text.map(Into::into);
}

fn says(id: &str, second: i64, body: &str) -> Value {
    let text = json!({"type": "text", "text": {"body": body}, "timestamp": NOON + second});
    messages(&[inbound(id, text)])
}

/// The answers that are stored, each with what it says.
fn answers(world: &World) -> Vec<Message> {
    let state = world.store.state();
    let answers: Vec<_> = state.messages.values().cloned().collect();
    for answer in &answers {
        let payload = &state.payloads[&(answer.tenant, answer.id)];
        assert_eq!(
            payload.content,
            Content::Text {
                body: CLOSED.into()
            }
        );
    }
    answers
}

/// S2.48: who writes is answered in their thread, by Waypost itself, under the policy of everything
/// that is sent by itself.
#[tokio::test]
async fn who_writes_is_answered() {
    let world = answering();
    world.webhook(&says("in-1", 0, "Are you open?")).await;
    assert_eq!(world.sends(), 0, "the lane sends, not the webhook");
    world.drain().await;
    let [answer] = answers(&world).try_into().unwrap();
    assert_eq!(answer.status(), Status::Sent);
    assert_eq!(answer.trigger, Trigger::Auto);
    assert_eq!(
        (answer.sending.policy.max, answer.sending.policy.notify),
        (3, true)
    );
    let (_, WireRequest { body, .. }) = world.gate.sent().remove(0);
    let body = body.unwrap();
    assert_eq!(
        (&body["body"], &body["to"]),
        (&json!(CLOSED), &json!("97300000001"))
    );
    let conversation = world.conversation(answer.conversation);
    assert_eq!(
        (conversation.unread, conversation.preview.as_str()),
        (1, CLOSED)
    );
    assert_eq!(world.actions("messages"), ["auto_reply"]);
    assert_eq!(world.audited("messages")[0].user.as_str(), "waypost");
    world.assert_consistent().await;
}

/// The same message again, other messages, a batch of them: one answer within 24 hours, the next one
/// afterwards.
#[tokio::test]
async fn nobody_is_answered_twice_in_a_day() {
    let world = answering();
    for (id, second) in [("in-1", 0), ("in-1", 0), ("in-2", 5), ("in-1", 0)] {
        world.webhook(&says(id, second, "Hello?")).await;
        world.drain().await;
    }
    let several: Vec<_> = (3..20)
        .map(|n| {
            inbound(
                &format!("in-{n}"),
                json!({"type": "text", "text": {"body": "??"}}),
            )
        })
        .collect();
    world.webhook(&messages(&several)).await;
    world.drain().await;
    assert_eq!((answers(&world).len(), world.sends()), (1, 1));

    world
        .clock
        .advance(SignedDuration::from_secs(24 * 3_600 - 1));
    world.webhook(&says("in-30", 24 * 3_600, "And now?")).await;
    assert_eq!(answers(&world).len(), 1);
    world.clock.advance(SignedDuration::from_secs(1));
    world.webhook(&says("in-31", 24 * 3_600, "And now?")).await;
    world.drain().await;
    assert_eq!((answers(&world).len(), world.sends()), (2, 2));
}

/// Several webhooks of one person at once: the transaction lets one answer through.
#[tokio::test]
async fn of_two_webhooks_at_once_one_answers() {
    let world = answering();
    let (one, two) = (says("in-1", 0, "Hello?"), says("in-2", 0, "Anybody?"));
    tokio::join!(world.webhook(&one), world.webhook(&two));
    world.drain().await;
    assert_eq!((answers(&world).len(), world.sends()), (1, 1));
}

/// Each person in their own thread.
#[tokio::test]
async fn everybody_is_answered_once() {
    let world = answering();
    for from in ["97333000017", "97333000018", "97333000017"] {
        let item = inbound(
            &format!("in-{from}"),
            json!({"type": "text", "text": {"body": "Hi"}, "from": from,
                "chat_id": format!("{from}@s.whatsapp.net")}),
        );
        world.webhook(&messages(&[item])).await;
    }
    world.drain().await;
    assert_eq!((answers(&world).len(), world.sends()), (2, 2));
}

/// The process died between storing the message and answering, or the answer to the transaction was
/// lost, or the hand-over was: one answer all the same.
#[tokio::test]
async fn a_crash_in_between_costs_no_answer_and_makes_no_second_one() {
    for operation in [
        "inbox.receive",
        "directory.tenant",
        "contacts.by_id",
        "acceptances.repeated",
        "acceptances.commit",
    ] {
        for when in [FailWhen::Before, FailWhen::After] {
            let world = answering();
            world.store.fail(operation, 1, when);
            let came = world.webhook(&says("in-1", 0, "Hello?")).await;
            assert_eq!(came.verdicts, ["failed"], "{operation} {when:?}");
            world.minutes(5).await;
            assert_eq!(answers(&world).len(), 1, "{operation} {when:?}");
            assert_eq!(world.sends(), 1, "{operation} {when:?}");
            assert_eq!(world.store.state().inbound.len(), 1);
        }
    }
    let world = answering();
    world.lanes.set_broken(true);
    world.webhook(&says("in-1", 0, "Hello?")).await;
    world.lanes.set_broken(false);
    world.minutes(3).await;
    assert_eq!((answers(&world).len(), world.sends()), (1, 1));
}

/// S2.48: off unless it is set; an empty text is none.
#[tokio::test]
async fn without_a_text_nobody_is_answered() {
    for text in [None, Some(""), Some("  \n")] {
        let world = World::new();
        set(&world, text);
        world.webhook(&says("in-1", 0, "Hello?")).await;
        assert!(answers(&world).is_empty() && world.lanes.waiting().is_empty());
    }
}

/// Who speaks of being written to, who stopped, and what is no message is not answered.
#[tokio::test]
async fn some_things_are_not_answered() {
    for words in ["STOP", "stop.", "Start", "Stop promotions", "توقف"] {
        let world = answering();
        world.webhook(&says("in-1", 0, words)).await;
        assert!(answers(&world).is_empty(), "{words}");
    }
    let world = answering();
    let echo = json!({"type": "text", "text": {"body": "From the phone"}, "from_me": true});
    let reaction =
        json!({"type": "action", "action": {"type": "reaction", "target": "x-1", "emoji": "!"}});
    world
        .webhook(&messages(&[inbound("e-1", echo), inbound("r-1", reaction)]))
        .await;
    world
        .webhook(&statuses(&[("aB3dE0009-wAbCdEf", "read")]))
        .await;
    assert!(answers(&world).is_empty());

    let world = answering();
    world.webhook(&says("in-1", 0, "STOP")).await;
    let came = world.webhook(&says("in-2", 5, "Really, stop it")).await;
    assert_eq!(came.verdicts, ["applied"]);
    assert!(answers(&world).is_empty());
    let person = world.person("+97300000001");
    assert_eq!(person.consent, Consent::Stopped);
}

/// A limit that is reached or a channel that is switched off: no answer, no failure, nothing to retry.
#[tokio::test]
async fn an_answer_that_may_not_be_sent_is_left_out() {
    let spoil: [fn(&World); 3] = [
        |world| {
            let mut state = world.store.state();
            let acme = state.tenants.get_mut(&world.acme.tenant.id).unwrap();
            acme.plan.as_mut().unwrap().daily_messages = 0;
        },
        |world| {
            let mut state = world.store.state();
            let acme = state.tenants.get_mut(&world.acme.tenant.id).unwrap();
            acme.plan = None;
        },
        |world| {
            let key = (world.acme.tenant.id, world.acme.channel.id);
            world.store.state().channels.get_mut(&key).unwrap().active = false;
        },
    ];
    for spoil in spoil {
        let world = answering();
        spoil(&world);
        let came = world.webhook(&says("in-1", 0, "Hello?")).await;
        assert_eq!(
            (came.verdicts, came.unapplied),
            (vec!["applied".into()], false)
        );
        world.minutes(5).await;
        assert!(answers(&world).is_empty());
        assert_eq!(world.store.state().inbound.len(), 1);
    }
}

/// What comes an hour late is not answered: neither an old message nor one that could not be applied.
#[tokio::test]
async fn an_answer_that_comes_late_would_only_confuse() {
    for (second, count) in [(-3_600, 1), (-3_601, 0)] {
        let world = answering();
        world.webhook(&says("in-1", second, "Hello?")).await;
        assert_eq!(answers(&world).len(), count, "{second}");
    }
    let world = answering();
    world.store.fail("inbox.receive", 6, FailWhen::Before);
    world.webhook(&says("in-1", 0, "Hello?")).await;
    world.minutes(120).await;
    assert_eq!(world.store.state().inbound.len(), 1);
    assert!(answers(&world).is_empty());
}
