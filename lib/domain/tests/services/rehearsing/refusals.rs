//! Everything that keeps a message from being sent, each with its code and its sentence.

use domain::{
    channel::AuthStatus,
    contact::Consent,
    message::{MessageType, Trigger},
    service::accept::Draft,
};
use testkit::{
    builders::{RECIPIENT, text_draft},
    memory::State,
};

use super::{codes, consents, count, kind, mut_channel, mut_tenant, plain, preflight};
use crate::world::World;

/// What is wrong, the code and the sentence that tell it, and a draft it keeps from being sent.
type Refusal = (
    &'static str,
    &'static str,
    fn(&mut State, &World),
    fn() -> Draft,
);

const REFUSALS: &[Refusal] = &[
    (
        "TENANT_INACTIVE",
        "This company's account is switched off. Ask Waypost's support.",
        |state, world| mut_tenant(state, world).active = false,
        plain,
    ),
    (
        "MESSAGING_OFF",
        "Sending is switched off in your settings. A manager can switch it on.",
        |state, world| mut_tenant(state, world).settings.enabled = false,
        plain,
    ),
    (
        "TYPE_DISABLED",
        "This type of message is switched off in your settings. A manager can switch it on.",
        |state, world| {
            let settings = &mut mut_tenant(state, world).settings;
            settings.disabled.insert(MessageType::Invoice);
        },
        || kind(MessageType::Invoice, Trigger::Manual),
    ),
    (
        "AUTOMATION_OFF",
        "What is sent by itself is switched off in your settings. A manager can switch it on.",
        |state, world| mut_tenant(state, world).settings.automation = false,
        || kind(MessageType::PaymentReminder, Trigger::Auto),
    ),
    (
        "NOTIFICATIONS_OFF",
        "Notifications about events are switched off in your settings. A manager can switch them on.",
        |state, world| mut_tenant(state, world).settings.notifications = false,
        || kind(MessageType::Invoice, Trigger::Auto),
    ),
    (
        "MARKETING_OFF",
        "Marketing is switched off in your settings. A manager can switch it on.",
        |state, world| mut_tenant(state, world).settings.marketing = false,
        || kind(MessageType::Promotion, Trigger::Manual),
    ),
    (
        "CHANNEL_NOT_AUTHORIZED",
        "This channel's phone is not linked yet. Scan its QR code first.",
        |state, world| mut_channel(state, world).auth = AuthStatus::QrGenerated,
        plain,
    ),
    (
        "CHANNEL_NOT_AUTHORIZED",
        "This channel's phone is no longer linked. Link it again by its QR code.",
        |state, world| mut_channel(state, world).auth = AuthStatus::Disconnected,
        plain,
    ),
    (
        "CHANNEL_INACTIVE",
        "This channel is switched off. A manager can switch it on, or choose another one.",
        |state, world| mut_channel(state, world).active = false,
        plain,
    ),
    (
        "CHANNEL_EXPIRED",
        "This channel's paid days are over. Extend it to send from it again.",
        |state, world| {
            mut_channel(state, world).paid_until = Some("2026-11-20T10:00:00Z".parse().unwrap());
        },
        plain,
    ),
    (
        "CONSENT_STOPPED",
        "This person asked for no more messages. Nothing is sent until they ask for messages again.",
        |state, world| consents(state, world, Consent::Stopped),
        plain,
    ),
    (
        "NO_MARKETING",
        "This person asked for no marketing, and this is. Other messages may be sent.",
        |state, world| {
            mut_tenant(state, world).settings.marketing = true;
            consents(state, world, Consent::NoMarketing);
        },
        || kind(MessageType::Promotion, Trigger::Manual),
    ),
    (
        "NO_PLAN",
        "This company has no active plan. Subscribe to one to send messages.",
        |state, world| mut_tenant(state, world).plan = None,
        plain,
    ),
    (
        "DAILY_LIMIT",
        domain::copy::LIMIT_NOTE,
        |state, world| {
            let plan = mut_tenant(state, world).plan.as_mut().unwrap();
            plan.daily_messages = 0;
        },
        plain,
    ),
    (
        "PHONE",
        "a number has 8 to 15 digits in total, country code included",
        |_, _| {},
        || text_draft("12", "Hello"),
    ),
    (
        "TIME",
        "use an RFC 3339 time, for example 2026-11-20T09:00:00Z",
        |_, _| {},
        || Draft {
            scheduled_for: Some("tomorrow".into()),
            ..plain()
        },
    ),
    (
        "TOO_FAR",
        "schedule at most a year ahead",
        |_, _| {},
        || Draft {
            scheduled_for: Some("2029-01-01T00:00:00Z".into()),
            ..plain()
        },
    ),
    (
        "FORMAT",
        "use 1 to 40 characters of A–Z, a–z, 0–9, `_`, `.` and `-`, for example order",
        |_, _| {},
        || Draft {
            context: Some(("an order".into(), "1".into())),
            ..plain()
        },
    ),
    (
        "REQUIRED",
        "write at least one character",
        |_, _| {},
        || text_draft(RECIPIENT, ""),
    ),
];

/// S1.98, S2.49, S1.138–S1.140, S0.42, S3.50: every refusal has its code and its sentence; preflight tells
/// what accepting refuses, and neither stores anything.
#[tokio::test]
async fn every_refusal_is_told_with_its_sentence() {
    for (code, sentence, break_it, draft) in REFUSALS {
        let world = World::new();
        break_it(&mut world.store.state(), &world);
        let draft = draft();
        let before = count(&world);
        let told = preflight(&world, &draft).await;
        let reasons: Vec<_> = told
            .reasons
            .iter()
            .map(|r| (r.code(), r.message()))
            .collect();
        assert_eq!(reasons, [(*code, *sentence)]);
        let refused = world.send(draft).await.unwrap_err();
        assert!(codes(&refused).contains(&(*code).to_owned()), "{refused:?}");
        assert_eq!(count(&world), before, "{code}: nothing is stored or sent");
    }
}
