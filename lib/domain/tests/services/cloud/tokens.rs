//! Our own word in every request: it brings a status home whose message Meta never named to us.

use domain::{
    failure::{ProviderFailure, StoreFailureKind},
    ids::MessageId,
    message::{Phase, Status},
    principal::Role,
    webhook::{CallbackToken, Pointer},
};
use serde_json::json;
use testkit::memory::FailWhen;

use super::{Cloud, MONA, at, messages, notice, stamped, status, statuses, text, wamid, with};

fn lost() -> ProviderFailure {
    ProviderFailure::OutcomeUnknown {
        what: "timeout".into(),
    }
}

/// A message whose answer was lost, and the token that its request carried.
async fn unknown(cloud: &Cloud) -> (MessageId, String) {
    cloud.world.gate.next(Err(lost()));
    let message = cloud.world.send(notice()).await.unwrap().message;
    assert!(matches!(message.sending.phase, Phase::Unknown { .. }));
    (message.id, token(cloud))
}

/// The token of the last request.
fn token(cloud: &Cloud) -> String {
    let (_, request) = cloud.world.gate.sent().pop().unwrap();
    let body = request.body.unwrap();
    body["biz_opaque_callback_data"].as_str().unwrap().into()
}

async fn tells(cloud: &Cloud, word: &str, second: i64, token: &str) -> Vec<String> {
    let status = stamped(&wamid(7), word, second, token);
    cloud.own(&[statuses(&cloud.own, &[status])]).await
}

/// X9, X41, S4.80: any status that brings the token is the lost answer: the attempt was taken, nothing
/// is sent again, and later statuses find the message by Meta's name alone.
#[tokio::test]
async fn a_status_with_our_word_heals_a_lost_answer() {
    for (word, shown) in [
        ("sent", Status::Sent),
        ("delivered", Status::Delivered),
        ("read", Status::Read),
        ("held_for_quality_assessment", Status::Sent),
    ] {
        let cloud = Cloud::new();
        let (id, token) = unknown(&cloud).await;
        assert_eq!(tells(&cloud, word, 5, &token).await, ["applied"]);
        let message = cloud.world.message(id);
        assert_eq!(message.status(), shown, "{word}");
        assert_eq!(message.sending.phase, Phase::Accepted);
        let answer = &message.facts.accepted[&1];
        assert_eq!(answer.provider_id, Some(wamid(7)));
        assert_eq!(answer.at, at(5));
        cloud.world.minutes(90).await;
        assert_eq!(cloud.world.sends(), 1);
        assert!(cloud.world.mailer.sent().is_empty());
        let bare = status(&wamid(7), "read", 9);
        assert!(cloud.own(&[statuses(&cloud.own, &[bare])]).await[0] != "parked");
        assert_eq!(cloud.world.message(id).status(), Status::Read);
        cloud.world.assert_consistent().await;
    }
}

/// The same after the hold time, when it was already given up and mailed about.
#[tokio::test]
async fn it_heals_after_the_hold_time_too() {
    let cloud = Cloud::new();
    let (id, token) = unknown(&cloud).await;
    cloud.world.minutes(20).await;
    let message = cloud.world.message(id);
    assert_eq!(message.facts.failed[&1].code, "OUTCOME_UNKNOWN");
    assert_eq!(message.status(), Status::Failed);
    tells(&cloud, "delivered", 1_200, &token).await;
    let message = cloud.world.message(id);
    assert_eq!(
        (message.status(), message.sending.phase),
        (Status::Delivered, Phase::Accepted)
    );
    cloud.world.minutes(90).await;
    assert_eq!(cloud.world.sends(), 1);
}

/// A retry that a person asked for meanwhile is not made any more; one that was made stays.
#[tokio::test]
async fn it_heals_before_and_after_a_retry_by_hand() {
    for made in [false, true] {
        let cloud = Cloud::new();
        let (id, token) = unknown(&cloud).await;
        cloud.world.minutes(20).await;
        let manager = cloud.world.acme.user(Role::Manager);
        cloud.world.change().retry(&manager, id).await.unwrap();
        if made {
            cloud.world.work(id).await;
        }
        tells(&cloud, "sent", 1_300, &token).await;
        cloud.world.minutes(30).await;
        let message = cloud.world.message(id);
        assert_eq!(message.status(), Status::Sent);
        let named: Vec<_> = message.facts.accepted.keys().copied().collect();
        let (sends, attempts) = if made { (2, vec![1, 2]) } else { (1, vec![1]) };
        assert_eq!((cloud.world.sends(), named), (sends, attempts));
    }
}

/// It says that Meta refused what it had taken: a failure with Meta's reason, and no doubt any more.
#[tokio::test]
async fn a_failure_with_our_word_is_metas_own() {
    let cloud = Cloud::new();
    let (id, token) = unknown(&cloud).await;
    let failed = with(
        stamped(&wamid(7), "failed", 5, &token),
        "errors",
        json!([{"code": 131_026, "title": "Message undeliverable"}]),
    );
    cloud.own(&[statuses(&cloud.own, &[failed])]).await;
    let message = cloud.world.message(id);
    assert!(message.is_dead());
    assert_ne!(message.facts.failed[&1].code, "OUTCOME_UNKNOWN");
    cloud.world.minutes(60).await;
    assert_eq!(
        (cloud.world.sends(), cloud.world.mailer.sent().len()),
        (1, 1)
    );
}

/// They answered before any status brought the token: the answer waited, and is not lost.
#[tokio::test]
async fn what_waited_for_the_name_is_told_when_it_comes() {
    let cloud = Cloud::new();
    let (id, token) = unknown(&cloud).await;
    let quoting = with(
        text("wamid.A", MONA, 3, "Thank you"),
        "context",
        json!({"id": wamid(7)}),
    );
    cloud.own(&[messages(&cloud.own, &[quoting])]).await;
    let bare = status(&wamid(7), "read", 2);
    assert_eq!(
        cloud.own(&[statuses(&cloud.own, &[bare])]).await,
        ["parked"]
    );
    assert_eq!(cloud.world.message(id).status(), Status::Pending);
    tells(&cloud, "delivered", 1, &token).await;
    let facts = cloud.world.message(id).facts;
    assert_eq!(facts.reply.unwrap().title, "Thank you");
    assert_eq!((facts.delivered, facts.read), (Some(at(1)), Some(at(2))));
}

/// Somebody died in between, wherever: the same webhook again tells everything.
#[tokio::test]
async fn a_crash_at_any_step_is_made_up_for() {
    for operation in [
        "pointers.pointer",
        "pointers.point",
        "messages.message",
        "pointers.parked",
        "messages.save",
    ] {
        for when in [FailWhen::Before, FailWhen::After] {
            let cloud = Cloud::new();
            let (id, token) = unknown(&cloud).await;
            let bare = status(&wamid(7), "read", 2);
            cloud.own(&[statuses(&cloud.own, &[bare])]).await;
            cloud.world.store.fail(operation, 1, when);
            assert_eq!(
                tells(&cloud, "delivered", 1, &token).await,
                ["failed"],
                "{operation}"
            );
            cloud.world.minutes(3).await;
            let message = cloud.world.message(id);
            let answer = &message.facts.accepted[&1];
            assert_eq!(answer.provider_id, Some(wamid(7)), "{operation} {when:?}");
            assert_eq!(message.status(), Status::Read, "{operation} {when:?}");
            assert_eq!(message.facts.delivered, Some(at(1)));
            assert_eq!(cloud.world.sends(), 1);
        }
    }
}

/// The sender died between pointing and recording: the pointer is there, the answer is not.
#[tokio::test]
async fn a_sender_that_died_after_pointing_is_healed() {
    let cloud = Cloud::new();
    let kind = StoreFailureKind::Unavailable;
    let store = &cloud.world.store;
    store.fail_after("messages.save", 1, 1, FailWhen::Before, kind);
    let id = cloud.world.send(notice()).await.unwrap().message.id;
    assert_eq!(store.state().pointers.len(), 1);
    assert!(cloud.world.message(id).facts.accepted.is_empty());
    let sent = stamped(&wamid(1), "sent", 5, &token(&cloud));
    cloud.own(&[statuses(&cloud.own, &[sent])]).await;
    let message = cloud.world.message(id);
    assert_eq!(message.sending.phase, Phase::Accepted);
    assert_eq!(message.facts.accepted[&1].provider_id, Some(wamid(1)));
}

/// When the answer came, the token costs nothing: one write of the message, none for the pointer, none
/// for what was parked; and none at all for what is known.
#[tokio::test]
async fn a_token_that_is_not_needed_costs_no_write() {
    let cloud = Cloud::new();
    let id = cloud.world.send(notice()).await.unwrap().message.id;
    let token = token(&cloud);
    let store = &cloud.world.store;
    for never in ["pointers.point", "pointers.park", "pointers.parked"] {
        store.fail(never, 1, FailWhen::Before);
    }
    for (word, verdict, writes) in [
        ("sent", "applied", 1),
        ("delivered", "applied", 1),
        ("delivered", "duplicate", 0),
        ("held", "duplicate", 0),
    ] {
        let before = cloud.world.message(id).version;
        let news = stamped(&wamid(1), word, 5, &token);
        assert_eq!(cloud.own(&[statuses(&cloud.own, &[news])]).await, [verdict]);
        assert_eq!(cloud.world.message(id).version, before + writes, "{word}");
    }
}

/// Two writes heal: the pointer, and the message once, whatever waited.
#[tokio::test]
async fn healing_is_one_pointer_and_one_write_of_the_message() {
    let cloud = Cloud::new();
    let (id, token) = unknown(&cloud).await;
    for (word, second) in [("read", 3), ("delivered", 2)] {
        let bare = status(&wamid(7), word, second);
        cloud.own(&[statuses(&cloud.own, &[bare])]).await;
    }
    let before = cloud.world.message(id).version;
    tells(&cloud, "sent", 1, &token).await;
    let message = cloud.world.message(id);
    assert_eq!(message.version, before + 1);
    assert_eq!(message.status(), Status::Read);
    assert_eq!(cloud.world.store.state().pointers.len(), 1);
}

/// A token of another channel, another tenant, another attempt of nobody, cut, changed or endless opens
/// nothing: the status waits like any other.
#[tokio::test]
async fn a_token_that_is_not_ours_moves_nothing() {
    let cloud = Cloud::new();
    let (id, own) = unknown(&cloud).await;
    let named = Pointer {
        message: id,
        attempt: 1,
    };
    let foreign = |channel| CallbackToken::seal(channel, named).as_str().to_owned();
    let before = cloud.world.message(id);
    for (second, forged) in [
        String::new(),
        foreign(&cloud.shared),
        foreign(&cloud.theirs),
        own.to_uppercase(),
        own[..own.len() - 1].into(),
        format!("{own}0"),
        own.repeat(152),
    ]
    .into_iter()
    .enumerate()
    {
        let second = i64::try_from(second).unwrap();
        let verdicts = tells(&cloud, "delivered", second, &forged).await;
        assert_eq!(verdicts, ["parked"], "{forged}");
    }
    assert_eq!(cloud.world.message(id), before);
    assert!(cloud.world.store.state().pointers.is_empty());
}

/// The id was Meta's answer to another message: that one keeps it.
#[tokio::test]
async fn a_token_never_takes_another_messages_name() {
    let cloud = Cloud::new();
    let first = cloud.world.send(notice()).await.unwrap().message.id;
    let (second, token) = unknown(&cloud).await;
    let odd = stamped(&wamid(1), "read", 5, &token);
    cloud.own(&[statuses(&cloud.own, &[odd])]).await;
    assert_eq!(cloud.world.message(first).status(), Status::Read);
    assert_eq!(cloud.world.message(second).status(), Status::Pending);
}

/// The same while it is being pointed to the other one this very moment.
#[tokio::test]
async fn a_token_yields_to_who_was_first() {
    let cloud = Cloud::new();
    let first = cloud.world.send(notice()).await.unwrap().message.id;
    let (second, token) = unknown(&cloud).await;
    let key = (cloud.own.tenant, cloud.own.id, wamid(7));
    let other = Pointer {
        message: first,
        attempt: 1,
    };
    cloud.world.store.meanwhile("pointers.point", move |state| {
        state.pointers.insert(key, other);
    });
    tells(&cloud, "read", 5, &token).await;
    assert_eq!(cloud.world.message(first).status(), Status::Read);
    assert_eq!(cloud.world.message(second).status(), Status::Pending);
    let answer = cloud.world.message(first).facts.accepted[&1].clone();
    assert_eq!(answer.provider_id, Some(wamid(1)));
}
