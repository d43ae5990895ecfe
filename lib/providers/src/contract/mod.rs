//! What every provider's adapter must keep, run over every [`ProviderKind`].

mod fuzz;
mod proof;
mod samples;

use domain::{
    contact::Recipient,
    failure::ProviderFailure,
    message::Content,
    provider::{Address, Credential, Item, Method, ProviderKind, WireRequest, WireResponse},
    webhook::{CallbackToken, Pointer},
};
use jiff::Timestamp;

pub(crate) use self::samples::channel;
use self::samples::{APP_SECRET, SECRET, contents, proven, sample, samples, to};
use crate::adapter;

fn refused<T>(answer: Result<T, ProviderFailure>) -> bool {
    matches!(answer, Err(ProviderFailure::Unsupported { .. }))
}

/// What the limits allow is built, what they do not is refused before anything is sent.
#[test]
fn every_content_is_built_or_refused_as_the_limits_say() {
    for kind in ProviderKind::ALL {
        let limits = adapter(kind).capabilities().limits;
        let mut built = 0;
        for content in contents() {
            let request = adapter(kind).build_send(&channel(kind), &to(), &content);
            if content.problems(&limits).is_empty() {
                let request = request.unwrap_or_else(|why| panic!("{kind:?} {content:?}: {why}"));
                check_request(kind, &request);
                built += 1;
            } else {
                assert!(refused(request), "{kind:?} {content:?}");
            }
        }
        assert!(built >= 3, "{kind:?} sends texts, pictures and documents");
    }
}

/// X11, X23: the form of the number each provider wants, and no secret.
fn check_request(kind: ProviderKind, request: &WireRequest) {
    assert_eq!(request.method, Method::Post);
    assert!(request.path.starts_with('/') && !request.path.contains('?'));
    let stored = serde_json::to_string(request).unwrap();
    let plus = stored.contains("+97333000001");
    match kind {
        ProviderKind::Meta => assert!(plus, "{stored}"),
        ProviderKind::Whapi | ProviderKind::Messenger360 => {
            assert!(!plus && stored.contains("97333000001"), "{stored}");
        }
    }
    let channel = channel(kind);
    for secret in [SECRET, APP_SECRET, channel.key.as_str()] {
        assert!(!stored.contains(secret), "{stored}");
    }
    let again: WireRequest = serde_json::from_str(&stored).unwrap();
    assert_eq!(&again, request, "what is stored is what is sent");
}

#[test]
fn what_goes_beyond_a_limit_is_refused_before_sending() {
    for kind in ProviderKind::ALL {
        let limits = adapter(kind).capabilities().limits;
        let long = Content::Text {
            body: "a".repeat(limits.text + 1),
        };
        assert!(refused(adapter(kind).build_send(
            &channel(kind),
            &to(),
            &long
        )));
    }
}

/// X13: a person without a number is written to where the provider can, by its own name alone.
#[test]
fn a_person_without_a_number_is_written_to_as_the_capabilities_say() {
    let text = Content::Text { body: "Hi".into() };
    for kind in ProviderKind::ALL {
        let send = |name: &str| {
            let to = Recipient::User(name.into());
            adapter(kind).build_send(&channel(kind), &to, &text)
        };
        let users = adapter(kind).capabilities().users;
        assert_eq!(users, sample(kind).user.is_some(), "{kind:?}");
        if let Some(user) = sample(kind).user {
            let request = send(user).unwrap();
            assert!(request.body.unwrap().to_string().contains(user));
        }
        for foreign in ["", "../..", "973 33 00", "a\u{0}b"] {
            assert!(refused(send(foreign)), "{kind:?} {foreign:?}");
        }
    }
}

/// A stamp brings statuses back and changes nothing else; where nothing comes back it changes nothing.
#[test]
fn a_stamp_changes_nothing_of_what_is_said() {
    for kind in ProviderKind::ALL {
        let channel = channel(kind);
        let pointer = Pointer {
            message: domain::ids::MessageId::fresh(),
            attempt: 1,
        };
        let token = CallbackToken::seal(&channel, pointer);
        let text = Content::Text { body: "Hi".into() };
        let request = adapter(kind).build_send(&channel, &to(), &text).unwrap();
        let stamped = adapter(kind).stamp(request.clone(), &token);
        match kind {
            ProviderKind::Whapi | ProviderKind::Messenger360 => assert_eq!(stamped, request),
            ProviderKind::Meta => {
                assert_eq!(stamped.path, request.path);
                let (stamped, body) = (stamped.body.unwrap(), request.body.unwrap());
                assert!(stamped.to_string().contains(token.as_str()));
                for (key, value) in body.as_object().unwrap() {
                    assert_eq!(stamped.get(key), Some(value), "{key}");
                }
            }
        }
    }
}

/// What a provider is not able to do is refused, and what it is able to do is a question that changes
/// nothing.
#[test]
fn questions_are_asked_as_the_capabilities_say() {
    for kind in ProviderKind::ALL {
        let (adapter, channel) = (adapter(kind), channel(kind));
        let able = adapter.capabilities();
        let lookup = adapter.build_lookup(&channel, &to(), Timestamp::UNIX_EPOCH);
        assert_eq!(lookup.is_ok(), able.lookup, "{kind:?}");
        let status = adapter.build_status(&channel, "id-1&x=/../");
        assert_eq!(status.is_ok(), able.polled, "{kind:?}");
        let health = adapter.build_health(&channel);
        assert!(health.is_ok(), "{kind:?}");
        for question in [lookup, status, health].into_iter().flatten() {
            assert_eq!(question.method, Method::Get, "{kind:?}");
            assert_eq!(question.credential, Credential::Bearer, "{kind:?}");
            assert!(question.body.is_none() && question.path.starts_with('/'));
            assert!(!question.path.contains("/.."), "{}", question.path);
            assert!(!question.path.contains("&x="), "{}", question.path);
        }
        let refused = adapter.read_health(&channel, &answer(401, "{}"));
        assert!(
            matches!(refused, Err(ProviderFailure::Rejected { .. })),
            "{kind:?}: {refused:?}"
        );
    }
}

fn answer(status: u16, body: &str) -> WireResponse {
    WireResponse {
        status,
        retry_after_seconds: None,
        body: body.into(),
    }
}

#[test]
fn every_sample_is_read_to_the_last_item() {
    for kind in ProviderKind::ALL {
        let samples = samples(kind);
        assert!(samples.len() > 20, "{kind:?}: {}", samples.len());
        for (name, body) in samples {
            let delivery = adapter(kind).read_webhook(&proven(kind, body));
            assert!(!delivery.items.is_empty(), "{kind:?} {name}");
            for (_, item) in delivery.items {
                assert!(
                    !matches!(item, Item::Unreadable { .. }),
                    "{kind:?} {name}: {item:?}"
                );
            }
        }
    }
}

/// One tenant's journal never holds another's items, and loses none of its own.
#[test]
fn a_part_of_a_webhook_holds_what_it_is_for_and_nothing_else() {
    for kind in ProviderKind::ALL {
        for (name, body) in samples(kind) {
            let raw = proven(kind, body);
            let whole = adapter(kind).read_webhook(&raw).items;
            let addresses: Vec<&Address> = whole.iter().map(|(address, _)| address).collect();
            for mine in addresses {
                let part = adapter(kind).part_webhook(&raw, &|address| address == mine);
                let read = adapter(kind).read_webhook(&proven(kind, &part)).items;
                let own: Vec<_> = whole.iter().filter(|(a, _)| a == mine).cloned().collect();
                assert_eq!(read, own, "{kind:?} {name} {mine:?}");
            }
            let nothing = adapter(kind).part_webhook(&raw, &|_| false);
            for (_, item) in adapter(kind).read_webhook(&proven(kind, &nothing)).items {
                assert!(matches!(item, Item::Unreadable { .. }), "{name}: {item:?}");
            }
        }
    }
}

/// An answer that says nothing is doubt, never success and never "send it again".
#[test]
fn an_empty_server_error_is_doubt() {
    for kind in ProviderKind::ALL {
        for status in [500, 502, 503, 504] {
            let read = adapter(kind).read_send(&answer(status, ""));
            assert!(
                matches!(read, Err(ProviderFailure::OutcomeUnknown { .. })),
                "{kind:?} {status}: {read:?}"
            );
        }
    }
}
