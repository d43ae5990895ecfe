//! What every provider's adapter must keep, run over every [`ProviderKind`].

use std::{fs, path::PathBuf};

use domain::{
    channel::{AuthStatus, Channel, ChannelKey, Pace, SealedSecret, SecretHash},
    failure::ProviderFailure,
    ids::{ChannelId, TenantId},
    message::{Button, Content, Interactive, Media},
    phone::PhoneNumber,
    provider::{Item, Method, ProviderKind, RawWebhook, WireResponse},
};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::adapter;

const SECRET: &str = "an-invented-webhook-secret-of-some-length";

/// What the contract needs to know of a provider. The match has no default: a new provider must say.
struct Sample {
    /// Where its samples are, and a channel they are for.
    folder: &'static str,
    channel: &'static str,
    /// The header of its proof, in lower case.
    header: &'static str,
}

fn sample(kind: ProviderKind) -> Sample {
    match kind {
        ProviderKind::Whapi => Sample {
            folder: "whapi",
            channel: "HERON-7TEST",
            header: "x-webhook-secret",
        },
    }
}

const EVERY: [ProviderKind; 1] = [ProviderKind::Whapi];

pub(crate) fn channel(kind: ProviderKind) -> Channel {
    Channel {
        id: ChannelId::fresh(),
        tenant: TenantId::fresh(),
        provider: kind,
        name: "Shop".into(),
        provider_ref: sample(kind).channel.into(),
        auth: AuthStatus::Authorized,
        paid_until: None,
        sealed_token: SealedSecret(vec![]),
        key: ChannelKey::parse(&"a1".repeat(20)).unwrap(),
        webhook_secret: SecretHash::of(SECRET.as_bytes()),
        pace: Pace::WHAPI,
    }
}

fn samples(kind: ProviderKind) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let files = fs::read_dir(folder.join(sample(kind).folder)).unwrap();
    files
        .map(|file| file.unwrap())
        .filter(|file| file.file_name().to_string_lossy().starts_with("webhook_"))
        .map(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            (name, fs::read(file.path()).unwrap())
        })
        .collect()
}

fn webhook(headers: &[(&str, &[u8])], body: &[u8]) -> RawWebhook {
    RawWebhook {
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.to_vec()))
            .collect(),
        body: body.to_vec(),
    }
}

fn to() -> PhoneNumber {
    PhoneNumber::parse("+97333000001").unwrap()
}

fn contents() -> Vec<Content> {
    let media = Media {
        link: "https://files.example/1.pdf".into(),
        caption: Some("Invoice".into()),
        filename: Some("1.pdf".into()),
    };
    vec![
        Content::Text {
            body: "\u{1f600}".repeat(4096),
        },
        Content::Interactive(Interactive {
            header: Some("Header".into()),
            body: "Body".into(),
            footer: Some("Footer".into()),
            buttons: vec![Button {
                id: "btn1".into(),
                title: "Yes".into(),
            }],
        }),
        Content::Image(media.clone()),
        Content::Document(media),
    ]
}

/// X11: no provider is given the number with its plus.
#[test]
fn every_content_is_built_into_a_request_without_a_secret() {
    for kind in EVERY {
        for content in contents() {
            let request = adapter(kind).build_send(&to(), &content).unwrap();
            assert_eq!(request.method, Method::Post);
            assert!(request.path.starts_with('/') && !request.path.contains('?'));
            let body = request.body.unwrap().to_string();
            assert!(body.contains("97333000001") && !body.contains("+973"));
        }
    }
}

#[test]
fn what_goes_beyond_a_limit_is_refused_before_sending() {
    for kind in EVERY {
        let limits = adapter(kind).capabilities().limits;
        let long = Content::Text {
            body: "a".repeat(limits.text + 1),
        };
        let refused = adapter(kind).build_send(&to(), &long);
        assert!(matches!(refused, Err(ProviderFailure::Unsupported { .. })));
    }
}

/// X31, S0.1: fails closed on a missing, empty, short, long, repeated or wrong secret, and on another
/// channel's body.
#[test]
fn nothing_but_proof_is_a_verified_webhook() {
    for kind in EVERY {
        let Sample { header, .. } = sample(kind);
        let channel = channel(kind);
        let (_, body) = samples(kind).pop().unwrap();
        let good = SECRET.as_bytes();
        let verify = |headers: &[(&str, &[u8])], body: &[u8]| {
            adapter(kind).verify_webhook(&webhook(headers, body), &channel)
        };
        assert_eq!(verify(&[(header, good)], &body), Ok(()));
        assert_eq!(verify(&[("host", b"x"), (header, good)], &body), Ok(()));
        let long = SECRET.repeat(1_000);
        let upper = SECRET.to_uppercase();
        let wrong: [&[(&str, &[u8])]; 9] = [
            &[],
            &[(header, b"")],
            &[(header, b"an")],
            &[(header, &good[1..])],
            &[(header, long.as_bytes())],
            &[(header, upper.as_bytes())],
            &[(header, good), (header, good)],
            &[(header, b"\xff\xfe")],
            &[("authorization", good)],
        ];
        for headers in wrong {
            let refused = verify(headers, &body);
            assert_eq!(refused, Err(ProviderFailure::Unverified), "{headers:?}");
        }
        let others = String::from_utf8(body).unwrap();
        for others in [
            others.replace(&channel.provider_ref, "OTHER-7TEST"),
            others.replace("channel_id", "channel"),
            "{}".into(),
        ] {
            let refused = verify(&[(header, good)], others.as_bytes());
            assert_eq!(refused, Err(ProviderFailure::Unverified));
        }
        assert_eq!(
            verify(&[(header, good)], b"no json"),
            Ok(()),
            "journalled as unreadable"
        );
        assert_eq!(verify(&[], b"no json"), Err(ProviderFailure::Unverified));
    }
}

#[test]
fn every_sample_is_read_to_the_last_item() {
    for kind in EVERY {
        let samples = samples(kind);
        assert!(samples.len() > 20);
        for (name, body) in samples {
            let delivery = adapter(kind).read_webhook(&webhook(&[], &body), &channel(kind));
            assert!(!delivery.items.is_empty(), "{name}");
            for item in delivery.items {
                assert!(!matches!(item, Item::Unreadable { .. }), "{name}: {item:?}");
            }
        }
    }
}

/// An answer that says nothing is doubt, never success and never "send it again".
#[test]
fn an_empty_server_error_is_doubt() {
    for kind in EVERY {
        for status in [500, 502, 503, 504] {
            let answer = WireResponse {
                status,
                retry_after_seconds: None,
                body: vec![],
            };
            let read = adapter(kind).read_send(&answer);
            assert!(matches!(read, Err(ProviderFailure::OutcomeUnknown { .. })));
        }
    }
}

/// JSON of any shape, made of the words the parsers look for.
fn json() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "messages",
        "statuses",
        "health",
        "qr",
        "user",
        "event",
        "channel_id",
        "id",
        "type",
        "text",
        "body",
        "from_me",
        "from",
        "chat_id",
        "timestamp",
        "status",
        "context",
        "quoted_id",
        "reply",
        "buttons_reply",
        "list_reply",
        "title",
        "action",
        "reaction",
        "target",
        "emoji",
        "location",
        "latitude",
        "errors",
        "error",
        "code",
        "message",
        "sent",
        "image",
        "document",
        "link",
        "x",
    ]);
    let leaf = prop_oneof![
        word.clone().prop_map(|w| format!("\"{w}\"")),
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("1764000000".to_owned()),
        Just("\"1764000000\"".to_owned()),
        Just("1e400".to_owned()),
        Just("-0.5".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("\"\\u0000\"".to_owned()),
        Just("\"97333000001@s.whatsapp.net\"".to_owned()),
        Just("\"97333000001\"".to_owned()),
        "[a-z@.:]{0,12}".prop_map(|w| format!("\"{w}\"")),
        any::<i64>().prop_map(|n| n.to_string()),
    ];
    leaf.prop_recursive(6, 96, 12, move |inner| {
        let field = (word.clone(), inner.clone()).prop_map(|(k, v)| format!("\"{k}\":{v}"));
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(field, 0..12).prop_map(|f| format!("{{{}}}", f.join(","))),
        ]
    })
}

fn survive(kind: ProviderKind, body: &[u8]) {
    let channel = channel(kind);
    let raw = webhook(&[(sample(kind).header, SECRET.as_bytes())], body);
    let _verdict = adapter(kind).verify_webhook(&raw, &channel);
    for item in adapter(kind).read_webhook(&raw, &channel).items {
        match item {
            Item::Ignored { name } => assert!(name.len() <= 64),
            Item::Unreadable { why } => assert!(why.len() <= 128),
            Item::Status(item) => assert!((1..=512).contains(&item.provider_id.len())),
            Item::Inbound(_) | Item::Echo(_) | Item::Channel(_) => {}
        }
    }
    let request = adapter(kind).build_send(&to(), &contents()[1]).unwrap();
    for status in [200, 201, 302, 400, 401, 429, 500] {
        let answer = WireResponse {
            status,
            retry_after_seconds: Some(u64::MAX),
            body: body.to_vec(),
        };
        let _outcome = adapter(kind).read_send(&answer);
        let _seen = adapter(kind).read_lookup(&answer, &request, Timestamp::MIN);
        let _seen = adapter(kind).read_lookup(&answer, &request, Timestamp::MAX);
    }
}

proptest! {
    // `PROPTEST_CASES=1000000` turns these into a fuzzing run.
    #![proptest_config({
        let config = ProptestConfig::default();
        ProptestConfig { cases: config.cases.max(2_000), ..config }
    })]

    #[test]
    fn no_json_makes_an_adapter_panic(body in json()) {
        for kind in EVERY {
            survive(kind, body.as_bytes());
        }
    }

    #[test]
    fn no_bytes_make_an_adapter_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        for kind in EVERY {
            survive(kind, &body);
        }
    }

    /// A real sample with a few bytes changed: deeper into the parsers than noise comes.
    #[test]
    fn no_spoiled_sample_makes_an_adapter_panic(
        pick in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        for kind in EVERY {
            let mut samples = samples(kind);
            let mut body = samples.swap_remove(pick.index(samples.len())).1;
            for (place, byte) in &changes {
                let place = place.index(body.len());
                body[place] = *byte;
            }
            survive(kind, &body);
        }
    }
}
