//! What proves a webhook, provider by provider: it fails closed on anything else.

use domain::{
    channel::{Channel, ChannelKey, Secret},
    failure::ProviderFailure,
    provider::{Expected, ProviderKind, RawWebhook},
};

use super::samples::{APP_SECRET, SECRET, channel, proven, samples, signature, webhook};
use crate::adapter;

fn verify(raw: &RawWebhook, channel: Option<&Channel>, secrets: &[&str]) -> bool {
    let kind = channel.map_or(ProviderKind::Meta, |channel| channel.provider);
    let secrets: Vec<Secret> = secrets.iter().map(|s| Secret::from(*s)).collect();
    let expected = Expected {
        channel,
        secrets: &secrets,
    };
    match adapter(kind).verify_webhook(raw, &expected) {
        Ok(()) => true,
        Err(ProviderFailure::Unverified) => false,
        Err(other) => panic!("{kind:?}: {other}"),
    }
}

#[test]
fn every_sample_with_its_proof_is_verified() {
    for kind in ProviderKind::ALL {
        for (name, body) in samples(kind) {
            let raw = proven(kind, body);
            assert!(
                verify(&raw, Some(&channel(kind)), &[APP_SECRET]),
                "{kind:?} {name}"
            );
        }
    }
}

/// No proof of one provider is a proof of another, and a URL without a channel proves nothing where the
/// proof is the channel's.
#[test]
fn a_proof_is_of_one_provider_and_of_one_channel() {
    let body = &samples(ProviderKind::Whapi)[0].1;
    for kind in ProviderKind::ALL {
        for other in ProviderKind::ALL {
            let mut raw = proven(other, body);
            raw.key = None;
            let own = channel(kind);
            let equal = kind == other && kind != ProviderKind::Messenger360;
            assert_eq!(
                verify(&raw, Some(&own), &[APP_SECRET]),
                equal,
                "{kind:?} {other:?}"
            );
        }
    }
    for kind in [ProviderKind::Whapi, ProviderKind::Messenger360] {
        let expected = Expected {
            channel: None,
            secrets: &[],
        };
        let refused = adapter(kind).verify_webhook(&proven(kind, body), &expected);
        assert_eq!(refused, Err(ProviderFailure::Unverified), "{kind:?}");
    }
}

/// X31, S0.1: fails closed on a missing, empty, short, long, repeated or wrong secret, and on another
/// channel's body.
#[test]
fn whapi_proves_with_the_channels_secret_and_the_channels_name() {
    const HEADER: &str = "x-webhook-secret";
    let channel = channel(ProviderKind::Whapi);
    let body = &samples(ProviderKind::Whapi)[0].1;
    let good = SECRET.as_bytes();
    let check = |headers: &[(&str, &[u8])], body: &[u8]| {
        verify(&webhook(None, headers, body), Some(&channel), &[])
    };
    assert!(check(&[(HEADER, good)], body));
    assert!(check(&[("host", b"x"), (HEADER, good)], body));
    let long = SECRET.repeat(1_000);
    let upper = SECRET.to_uppercase();
    let wrong: [&[(&str, &[u8])]; 9] = [
        &[],
        &[(HEADER, b"")],
        &[(HEADER, b"an")],
        &[(HEADER, &good[1..])],
        &[(HEADER, long.as_bytes())],
        &[(HEADER, upper.as_bytes())],
        &[(HEADER, good), (HEADER, good)],
        &[(HEADER, b"\xff\xfe")],
        &[("authorization", good)],
    ];
    for headers in wrong {
        assert!(!check(headers, body), "{headers:?}");
    }
    let text = String::from_utf8(body.clone()).unwrap();
    for others in [
        text.replace(&channel.provider_ref, "OTHER-7TEST"),
        text.replace("channel_id", "channel"),
        "{}".into(),
    ] {
        assert!(!check(&[(HEADER, good)], others.as_bytes()), "{others}");
    }
    assert!(
        check(&[(HEADER, good)], b"no json"),
        "journalled as unreadable"
    );
    assert!(!check(&[], b"no json"));
}

/// Hazards, "Isolation": HMAC over the raw bytes, several live secrets, one header of the exact form.
#[test]
fn meta_proves_with_a_signature_of_the_very_bytes() {
    const HEADER: &str = "x-hub-signature-256";
    let channel = channel(ProviderKind::Meta);
    let body = &samples(ProviderKind::Meta)[0].1;
    let good = signature(APP_SECRET, body);
    let check = |headers: &[(&str, &str)], body: &[u8], secrets: &[&str]| {
        let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_bytes())).collect();
        let raw = webhook(None, &headers, body);
        let own = verify(&raw, Some(&channel), secrets);
        assert_eq!(own, verify(&raw, None, secrets), "the URL proves nothing");
        own
    };
    assert!(check(&[(HEADER, &good)], body, &[APP_SECRET]));
    assert!(check(&[(HEADER, &good)], body, &["old", APP_SECRET]));
    assert!(check(&[(HEADER, &good)], body, &[APP_SECRET, "new"]));
    for secrets in [&[] as &[&str], &[""], &["other"], &[SECRET]] {
        assert!(!check(&[(HEADER, &good)], body, secrets), "{secrets:?}");
    }
    let unsigned = signature("", body);
    assert!(!check(&[(HEADER, &unsigned)], body, &[]));
    let (bare, upper) = (good.replace("sha256=", ""), good.to_uppercase());
    let sha1 = good.replace("sha256=", "sha1=");
    let wrong: [&[(&str, &str)]; 8] = [
        &[],
        &[(HEADER, "")],
        &[(HEADER, "sha256=")],
        &[(HEADER, &good[..40])],
        &[(HEADER, &bare)],
        &[(HEADER, &upper)],
        &[(HEADER, &good), (HEADER, &good)],
        &[(HEADER, &sha1)],
    ];
    for headers in wrong {
        assert!(!check(headers, body, &[APP_SECRET]), "{headers:?}");
    }
    assert!(!check(&[("x-hub-signature", &good)], body, &[APP_SECRET]));
    let written_again: serde_json::Value = serde_json::from_slice(body).unwrap();
    let written_again = written_again.to_string();
    assert!(!check(
        &[(HEADER, &good)],
        written_again.as_bytes(),
        &[APP_SECRET]
    ));
}

/// providers.md 3.3: no signature; the secret is the last part of the address.
#[test]
fn messenger360_proves_with_the_key_of_its_address() {
    let channel = channel(ProviderKind::Messenger360);
    let body = &samples(ProviderKind::Messenger360)[0].1;
    let check =
        |key: Option<&ChannelKey>| verify(&webhook(key, &[], body), Some(&channel), &[APP_SECRET]);
    assert!(check(Some(&channel.key)));
    assert!(!check(None));
    for other in ["a1".repeat(19), "a1".repeat(21), "b2".repeat(20)] {
        assert!(!check(ChannelKey::parse(&other).as_ref()), "{other}");
    }
    assert!(!verify(
        &webhook(
            None,
            &[("x-webhook-secret", channel.key.as_str().as_bytes())],
            body
        ),
        Some(&channel),
        &[]
    ));
}

/// Only Meta asks whether a URL is ours.
#[test]
fn who_never_asks_is_never_answered() {
    for kind in [ProviderKind::Whapi, ProviderKind::Messenger360] {
        let query = [("hub.challenge".to_owned(), "1".to_owned())];
        let tokens = [channel(kind).webhook_secret];
        let answer = adapter(kind).answer_challenge(&query, &tokens);
        assert!(
            matches!(answer, Err(ProviderFailure::Unsupported { .. })),
            "{kind:?}"
        );
    }
}
