//! Tokens that open nowhere else, and what waits for its message.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::message::ReplyKind;

fn channel(n: u128) -> Channel {
    use crate::{channel as c, provider::ProviderKind};
    let id = ChannelId::from_uuid(Uuid::from_u128(n));
    Channel {
        id,
        tenant: TenantId::from_uuid(Uuid::from_u128(n + 1_000)),
        provider: ProviderKind::Meta,
        name: "Cloud".into(),
        provider_ref: "301700000000001".into(),
        account: None,
        phone: None,
        api: None,
        active: true,
        auth: c::AuthStatus::Authorized,
        health: None,
        paid_until: None,
        sealed_token: c::SealedSecret(Vec::new()),
        token_hint: String::new(),
        sealed_app_secret: None,
        key: c::ChannelKey::parse(&format!("{n:032}")).unwrap(),
        webhook_secret: c::SecretHash::of(b""),
        pace: c::Pace::META,
        created_at: Timestamp::UNIX_EPOCH,
        version: 1,
    }
}

fn pointer(message: u128, attempt: AttemptNumber) -> Pointer {
    Pointer {
        message: MessageId::from_uuid(Uuid::from_u128(message)),
        attempt,
    }
}

/// Another tenant, another channel or another key alone is enough.
#[test]
fn a_token_opens_on_its_own_channel_alone() {
    let (own, other) = (channel(1), channel(2));
    let token = CallbackToken::seal(&own, pointer(7, 3));
    assert_eq!(
        CallbackToken::open(&own, token.as_str()),
        Some(pointer(7, 3))
    );
    assert_eq!(format!("{token:?}"), "CallbackToken(…)");
    for elsewhere in [
        other.clone(),
        Channel {
            tenant: other.tenant,
            ..own.clone()
        },
        Channel {
            id: other.id,
            ..own.clone()
        },
        Channel {
            key: other.key,
            ..own.clone()
        },
    ] {
        assert_eq!(CallbackToken::open(&elsewhere, token.as_str()), None);
    }
    // A new name or a new secret changes nothing.
    let renamed = Channel {
        name: "Shop".into(),
        version: 9,
        ..own
    };
    assert!(CallbackToken::open(&renamed, token.as_str()).is_some());
}

#[test]
fn odd_texts_open_nothing() {
    let own = channel(1);
    let token = CallbackToken::seal(&own, pointer(7, 3));
    let text = token.as_str();
    for odd in [
        String::new(),
        "w1".into(),
        text[2..].into(),
        text[..text.len() - 1].into(),
        format!("{text}0"),
        format!(" {text}"),
        format!("{text}\n"),
        text.to_uppercase(),
        text.replacen("w1", "w2", 1),
        format!("w1{}", "0".repeat(64)),
        format!("w1{}", "é".repeat(32)),
        text.repeat(156),
    ] {
        assert_eq!(CallbackToken::open(&own, &odd), None, "{odd}");
    }
}

fn observed(at: i64) -> [Observed; 6] {
    let at = Timestamp::from_second(at).unwrap();
    let failed = |code: &str| Observed::Failed {
        at,
        code: code.into(),
        reason: "It was not delivered.".into(),
    };
    [
        Observed::Sent { at },
        Observed::Delivered { at },
        Observed::Read { at },
        failed("131026"),
        failed("131049"),
        Observed::Replied(Reply {
            at,
            inbound: "wamid.IN1".into(),
            kind: ReplyKind::Text,
            button_id: None,
            title: "Yes".into(),
        }),
    ]
}

/// S4.80, X41: what waits has one place for each thing that is said, however often it is said.
#[test]
fn observations_of_one_kind_have_one_name() {
    let names: Vec<_> = observed(1).iter().map(Observed::name).collect();
    let mut distinct = names.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), names.len());
    let later: Vec<_> = observed(2).iter().map(Observed::name).collect();
    assert_eq!(later, names);
    let endless = Observed::Failed {
        at: Timestamp::UNIX_EPOCH,
        code: "é".repeat(9_999),
        reason: String::new(),
    };
    assert!(endless.name().chars().count() < 80);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_was_sealed_is_opened_and_any_change_is_not(
        message in any::<u128>(),
        attempt in any::<u16>(),
        place in any::<prop::sample::Index>(),
        other in any::<char>(),
    ) {
        let own = channel(1);
        let to = pointer(message, attempt);
        let token = CallbackToken::seal(&own, to);
        prop_assert_eq!(CallbackToken::open(&own, token.as_str()), Some(to));
        let mut letters: Vec<char> = token.as_str().chars().collect();
        prop_assert_eq!(letters.len(), 66);
        for other in [other, letters[place.index(66)].to_ascii_uppercase(), '0', 'f'] {
            let place = place.index(66);
            let was = std::mem::replace(&mut letters[place], other);
            if was != other {
                let changed: String = letters.iter().collect();
                prop_assert_eq!(CallbackToken::open(&own, &changed), None);
            }
            letters[place] = was;
        }
    }

    #[test]
    fn foreign_texts_open_nothing(text in ".{0,100}", digits in "w1[0-9a-f]{64}") {
        prop_assert_eq!(CallbackToken::open(&channel(1), &text), None);
        prop_assert_eq!(CallbackToken::open(&channel(1), &digits), None);
    }
}
