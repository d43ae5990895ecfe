use domain::{
    contact::Recipient,
    ids::{ChannelId, ContactId, ConversationId, JobId, MessageId, TenantId},
    message::{
        Fact, Facts, FailedFact, FailureOrigin, Kind, MessageType, Phase, Reply, RetryPolicy,
        Sending, Trigger,
    },
    phone::PhoneNumber,
};
use jiff::civil::date;
use serde_json::{Value, json};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_170_600 + second).unwrap()
}

fn ours(phase: Phase, facts: impl IntoIterator<Item = Fact>) -> Value {
    let mut known = Facts::default();
    for fact in facts {
        known.merge(fact);
    }
    let message = Message {
        id: MessageId::fresh(),
        tenant: TenantId::fresh(),
        job: JobId::fresh(),
        row: 0,
        channel: ChannelId::fresh(),
        conversation: ConversationId::fresh(),
        contact: ContactId::fresh(),
        to: Recipient::Phone(PhoneNumber::parse("+97333000017").unwrap()),
        kind: Kind::Text,
        message_type: MessageType::Other,
        trigger: Trigger::Manual,
        created_at: at(0),
        updated_at: at(0),
        scheduled_for: None,
        context: None,
        made_from: None,
        answers_since: None,
        usage_day: date(2026, 11, 20),
        sending: Sending {
            phase,
            attempt: 1,
            retries: 0,
            policy: RetryPolicy::MANUAL,
            due: None,
            quiet: false,
            polls: None,
        },
        facts: known,
        version: 2,
    };
    let body = "At nine.".to_owned();
    let item = ThreadItem::Outbound(Box::new((message, Content::Text { body })));
    serde_json::to_value(ItemShown::of(&item, at(60))).unwrap()
}

fn accepted() -> Fact {
    Fact::Accepted {
        attempt: 1,
        at: at(1),
        provider_id: Some("aB3dE-1".into()),
    }
}

fn failed() -> Fact {
    Fact::Failed {
        attempt: 1,
        failure: FailedFact {
            at: at(2),
            origin: FailureOrigin::Provider,
            code: "NO_WHATSAPP".into(),
            reason: "This number has no WhatsApp.".into(),
        },
    }
}

/// S2.24, S4.27, S4.55: the direction, the status of the outbox, why it failed, and whether the retry button works.
#[test]
fn ours_show_their_status_error_and_answer() {
    let sent = ours(Phase::Accepted, [accepted()]);
    assert_eq!(sent["direction"], "outbound");
    assert_eq!(sent["content"], json!({"type": "text", "body": "At nine."}));
    assert_eq!(
        (&sent["type"], &sent["status"]),
        (&json!("text"), &json!("sent"))
    );
    assert_eq!(sent["timestamp"], "2026-11-20T10:30:00Z");
    assert_eq!(sent["provider_message_id"], "aB3dE-1");
    assert_eq!(
        (&sent["from_phone"], &sent["can_retry"]),
        (&json!(false), &json!(false))
    );

    let failed_one = ours(Phase::Failed, [failed()]);
    assert_eq!(
        (&failed_one["status"], &failed_one["can_retry"]),
        (&json!("failed"), &json!(true))
    );
    let error = json!({"code": "NO_WHATSAPP", "message": "This number has no WhatsApp."});
    assert_eq!(failed_one["error"], error);

    let reached = ours(
        Phase::Accepted,
        [accepted(), failed(), Fact::Delivered { at: at(3) }],
    );
    assert_eq!(reached["status"], "delivered");
    assert_eq!(
        (&reached["error"], &reached["can_retry"]),
        (&Value::Null, &json!(false))
    );

    for (phase, status) in [
        (Phase::Unknown { since: at(1) }, "pending"),
        (Phase::Calling { lease: at(90) }, "pending"),
    ] {
        let open = ours(phase, []);
        assert_eq!(
            (&open["status"], &open["can_retry"]),
            (&json!(status), &json!(false))
        );
    }

    let reply = Fact::Replied(Reply {
        at: at(9),
        inbound: "in-1".into(),
        kind: ReplyKind::Button,
        button_id: Some("btn1".into()),
        title: "Confirmed".into(),
    });
    let pill = ours(Phase::Accepted, [accepted(), reply]);
    let expected = json!({"kind": "button", "button_id": "btn1", "title": "Confirmed",
        "at": "2026-11-20T10:30:09Z"});
    assert_eq!(
        (&pill["reply"], &pill["status"]),
        (&expected, &json!("replied"))
    );
}

fn theirs(content: InboundContent, copy: Option<MediaCopy>, from_us: bool) -> Value {
    let item = ThreadItem::Inbound(Box::new(InboundMessage {
        id: MessageId::fresh(),
        tenant: TenantId::fresh(),
        channel: ChannelId::fresh(),
        conversation: ConversationId::fresh(),
        contact: ContactId::fresh(),
        provider_id: "in-1".into(),
        from_us,
        at: at(5),
        arrived_at: at(7),
        content,
        answers: Some(Answers {
            quoted: Some("aB3dE-1".into()),
            message: None,
            kind: ReplyKind::Text,
            button_id: None,
            title: "Fine".into(),
        }),
        copy,
    }));
    serde_json::to_value(ItemShown::of(&item, at(60))).unwrap()
}

fn text() -> InboundContent {
    InboundContent::Text {
        body: "Fine".into(),
    }
}

/// S2.24: both times, what it answers, and who sent it: the person, or the company's own phone.
#[test]
fn theirs_show_both_times_and_who_sent_them() {
    let item = theirs(text(), None, false);
    for (field, value) in [
        ("direction", json!("inbound")),
        ("status", json!("received")),
        ("type", json!("text")),
        ("content", json!({"body": "Fine"})),
        ("timestamp", json!("2026-11-20T10:30:05Z")),
        ("arrived_at", json!("2026-11-20T10:30:07Z")),
        ("from_phone", json!(false)),
        ("provider_message_id", json!("in-1")),
        ("file", Value::Null),
    ] {
        assert_eq!(item[field], value, "{field}");
    }
    assert_eq!(item["answers"]["provider_message_id"], "aB3dE-1");
    let echo = theirs(text(), None, true);
    assert_eq!(echo["direction"], "outbound");
    assert_eq!(
        (&echo["from_phone"], &echo["status"]),
        (&json!(true), &json!("sent"))
    );
}

/// Where the provider keeps a file is nobody's business: the link may carry a secret, and soon ends.
#[test]
fn a_file_shows_where_our_copy_stands_and_never_the_providers() {
    let stored = MediaCopy::Stored {
        key: "media/t/m.jpg".into(),
        mime: "image/jpeg".into(),
        bytes: 2_048,
    };
    let refused = MediaCopy::Refused {
        code: "TOO_LARGE".into(),
        reason: "it is larger than 16 MB".into(),
    };
    for (copy, state) in [
        (MediaCopy::Wanted { tries: 1 }, "copying"),
        (stored, "ready"),
        (refused, "refused"),
    ] {
        let picture = InboundContent::Media {
            media: "image".into(),
            media_id: Some("jpeg-17".into()),
            link: Some("https://files.provider.example/s3cret".into()),
            mime_type: Some("image/jpeg".into()),
            filename: None,
            caption: Some("Look".into()),
        };
        let item = theirs(picture, Some(copy), false);
        assert_eq!(
            (&item["type"], &item["file"]["state"]),
            (&json!("image"), &json!(state))
        );
        assert_eq!(item["content"]["caption"], "Look");
        for hidden in ["s3cret", "jpeg-17", "media/t"] {
            assert!(!item.to_string().contains(hidden), "{item}");
        }
        let ready = (state == "ready").then_some(2_048);
        assert_eq!(item["file"]["size_bytes"].as_u64(), ready);
        let code = item["file"]["refusal"]["code"].as_str();
        assert_eq!(code, (state == "refused").then_some("TOO_LARGE"));
    }
}

#[test]
fn every_kind_of_content_has_a_type_of_its_own() {
    let of = "in-0".to_owned();
    let cases = [
        (text(), "text"),
        (
            InboundContent::Location {
                latitude: "26.2".into(),
                longitude: "50.6".into(),
                name: None,
            },
            "location",
        ),
        (
            InboundContent::Reaction {
                to: of.clone(),
                emoji: "\u{1f44d}".into(),
            },
            "reaction",
        ),
        (
            InboundContent::Edit {
                of: of.clone(),
                body: "Fine!".into(),
            },
            "edit",
        ),
        (InboundContent::Revoke { of }, "revoke"),
        (
            InboundContent::Notice {
                text: "Ada has a new number.".into(),
            },
            "notice",
        ),
        (
            InboundContent::Card {
                card: "order".into(),
                summary: "2 items".into(),
            },
            "card",
        ),
        (
            InboundContent::Other {
                name: "poll".into(),
            },
            "other",
        ),
    ];
    for (content, name) in cases {
        let item = theirs(content, None, false);
        assert_eq!(item["type"], name);
        assert!(!item["content"].as_object().unwrap().is_empty(), "{name}");
    }
}
