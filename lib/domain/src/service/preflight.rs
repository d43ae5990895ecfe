//! Everything that stands between a draft and its sending, found at once and told with its remedy.
//! Asked when a message is accepted, and again before every attempt.

use jiff::Timestamp;

use crate::{
    channel::{AuthStatus, Channel},
    contact::{Consent, Contact},
    conversation::Conversation,
    copy::{LIMIT_NOTE, NO_PLAN, PLAN_ENDED},
    failure::{AppFailure, FieldProblem},
    message::{Kind, MessageType, TemplateUse, Trigger},
    provider::Capabilities,
    template::ProviderTemplate,
    tenant::Tenant,
};

/// One reason not to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Something in the request itself.
    Field(FieldProblem),
    /// The state of things, whatever the request says.
    State {
        /// Machine code: `CHANNEL_NOT_AUTHORIZED`.
        code: &'static str,
        /// Why, and what to do.
        message: String,
        /// Whether it is a limit of the plan.
        plan: bool,
    },
}

impl Reason {
    /// The machine code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Field(problem) => problem.code,
            Self::State { code, .. } => code,
        }
    }

    /// The sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Field(problem) => &problem.message,
            Self::State { message, .. } => message,
        }
    }

    fn state(code: &'static str, message: &str) -> Self {
        Self::State {
            code,
            message: message.to_owned(),
            plan: false,
        }
    }
}

/// What a message is for and what caused it: what a company's switches are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// What it is for.
    pub message_type: MessageType,
    /// What caused it.
    pub trigger: Trigger,
}

/// What the company switched off (S1.7, S1.71–S1.75, S2.49).
fn switches(tenant: &Tenant, cause: Cause) -> Vec<Reason> {
    let settings = &tenant.settings;
    let Cause {
        message_type,
        trigger,
    } = cause;
    let mut reasons = Vec::new();
    let mut off = |off, code, message| {
        if off {
            reasons.push(Reason::state(code, message));
        }
    };
    off(
        !settings.enabled,
        "MESSAGING_OFF",
        "Sending is switched off in your settings. A manager can switch it on.",
    );
    off(
        settings.disabled.contains(&message_type),
        "TYPE_DISABLED",
        "This type of message is switched off in your settings. A manager can switch it on.",
    );
    off(
        !settings.automation && message_type.is_automatic(trigger),
        "AUTOMATION_OFF",
        "What is sent by itself is switched off in your settings. A manager can switch it on.",
    );
    let event = trigger == Trigger::Auto
        && message_type != MessageType::Other
        && !message_type.is_marketing();
    off(
        !settings.notifications && event,
        "NOTIFICATIONS_OFF",
        "Notifications about events are switched off in your settings. A manager can switch them on.",
    );
    off(
        !settings.marketing && message_type.is_marketing(),
        "MARKETING_OFF",
        MARKETING_OFF,
    );
    reasons
}

const MARKETING_OFF: &str =
    "Marketing is switched off in your settings. A manager can switch it on.";

/// What may have changed since a message was accepted: tenant, switches, channel and consent.
#[must_use]
pub fn standing(
    tenant: &Tenant,
    channel: &Channel,
    contact: Option<&Contact>,
    cause: Cause,
    now: Timestamp,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !tenant.active {
        reasons.push(Reason::state(
            "TENANT_INACTIVE",
            "This company's account is switched off. Ask Waypost's support.",
        ));
    }
    reasons.extend(switches(tenant, cause));
    match channel.auth {
        AuthStatus::Authorized => {}
        AuthStatus::Pending | AuthStatus::QrGenerated => reasons.push(Reason::state(
            "CHANNEL_NOT_AUTHORIZED",
            "This channel's phone is not linked yet. Scan its QR code first.",
        )),
        AuthStatus::Disconnected => reasons.push(Reason::state(
            "CHANNEL_NOT_AUTHORIZED",
            "This channel's phone is no longer linked. Link it again by its QR code.",
        )),
    }
    if !channel.active {
        reasons.push(Reason::state(
            "CHANNEL_INACTIVE",
            "This channel is switched off. A manager can switch it on, or choose another one.",
        ));
    }
    if channel.paid_until.is_some_and(|until| until <= now) {
        reasons.push(Reason::State {
            code: "CHANNEL_EXPIRED",
            message: "This channel's paid days are over. Extend it to send from it again.".into(),
            plan: true,
        });
    }
    if contact.is_some_and(|c| c.consent == Consent::Stopped) {
        reasons.push(Reason::state(
            "CONSENT_STOPPED",
            "This person asked for no more messages. Nothing is sent until they ask for messages again.",
        ));
    }
    let refuses = contact.is_some_and(|c| c.consent == Consent::NoMarketing);
    if refuses && cause.message_type.is_marketing() {
        reasons.push(Reason::state(
            "NO_MARKETING",
            "This person asked for no marketing, and this is. Other messages may be sent.",
        ));
    }
    reasons
}

/// That nothing was subscribed to, or that it is over. Asked when something is accepted: what was
/// accepted goes out, whatever becomes of the plan.
#[must_use]
pub fn no_plan(tenant: &Tenant, now: Timestamp) -> Option<Reason> {
    let message = match &tenant.plan {
        None => NO_PLAN,
        Some(plan) if plan.counts(now) => return None,
        Some(_) => PLAN_ENDED,
    };
    Some(Reason::State {
        code: "NO_PLAN",
        message: message.into(),
        plan: true,
    })
}

/// Whether a day's limit leaves room for one more. Only the transaction that accepts decides; this tells
/// what it would decide now.
#[must_use]
pub fn daily_limit(used: u32, limit: u32) -> Option<Reason> {
    (used >= limit).then(|| Reason::State {
        code: "DAILY_LIMIT",
        message: LIMIT_NOTE.into(),
        plan: true,
    })
}

/// Whether a provider's 24-hour window lets this kind of content through (X45). Asked at accept and
/// again before the call: the window may close while a message waits.
#[must_use]
pub fn window(
    capabilities: &Capabilities,
    conversation: Option<&Conversation>,
    kind: Kind,
    now: Timestamp,
) -> Option<Reason> {
    let open = conversation.is_some_and(|c| c.window_open(now));
    if !capabilities.window_rule || kind == Kind::Template || open {
        return None;
    }
    Some(Reason::state(
        "WINDOW_CLOSED",
        "This person has not written within the last 24 hours, so WhatsApp lets only templates through. \
         Send a template, or wait until they write.",
    ))
}

/// What speaks against a template, as far as its provider told us of it.
#[must_use]
pub fn template(
    tenant: &Tenant,
    known: Option<&ProviderTemplate>,
    contact: Option<&Contact>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let Some(known) = known else {
        return reasons;
    };
    if known.missing_since.is_some() {
        reasons.push(Reason::state(
            "TEMPLATE_GONE",
            "The provider no longer has this template. Use another one; if it was made again, sync the channel's templates.",
        ));
    }
    let known = &known.known;
    if known.is_refused() {
        let status = known.status.as_deref().unwrap_or_default();
        let why = known.reason.as_deref().map(|why| format!(": {why}"));
        reasons.push(Reason::state(
            "TEMPLATE_NOT_APPROVED",
            &format!(
                "The template's state at the provider is {status}{}. Use another one, or wait until it is approved.",
                why.unwrap_or_default()
            ),
        ));
    }
    let refuses = contact.is_some_and(|c| c.consent == Consent::NoMarketing);
    if known.is_marketing() && !tenant.settings.marketing {
        reasons.push(Reason::state("MARKETING_OFF", MARKETING_OFF));
    }
    if known.is_marketing() && refuses {
        reasons.push(Reason::state(
            "NO_MARKETING",
            "This person asked for no marketing, and the template is marketing. Other messages may be sent.",
        ));
    }
    reasons
}

/// What of a message does not fit the template it names, as far as the provider's list showed it: its
/// language, and the values of its slots (S2.11). `languages` is what is known of it in any language.
#[must_use]
pub fn template_values(
    given: &TemplateUse,
    known: Option<&ProviderTemplate>,
    languages: &[ProviderTemplate],
) -> Vec<Reason> {
    if let Some(known) = known {
        let shape = known.shape.as_ref();
        let problems = shape.map(|shape| shape.problems(given)).unwrap_or_default();
        return problems.into_iter().map(Reason::Field).collect();
    }
    // Only a list tells which languages there are; webhooks tell of single ones.
    let listed = languages.iter();
    let listed = listed.filter(|one| one.shape.is_some() && one.missing_since.is_none());
    let listed: Vec<&str> = listed.map(|one| one.language.as_str()).collect();
    if listed.is_empty() {
        return Vec::new();
    }
    vec![Reason::Field(FieldProblem::new(
        "template.language",
        "UNKNOWN_LANGUAGE",
        format!(
            "the template is there in {}; write one of them exactly, or sync the channel's templates if it is new",
            listed.join(", ")
        ),
    ))]
}

/// The failure that tells all reasons at once: 422 when the request itself is wrong, 403 for a plan
/// limit, 409 for a state that does not allow sending.
#[must_use]
pub fn refusal(reasons: Vec<Reason>) -> AppFailure {
    let in_request = reasons.iter().any(|r| matches!(r, Reason::Field(_)));
    let plan = reasons
        .iter()
        .find(|r| matches!(r, Reason::State { plan: true, .. }));
    let first = reasons.first().map_or("", Reason::message).to_owned();
    if in_request {
        let fields = reasons
            .into_iter()
            .map(|reason| match reason {
                Reason::Field(problem) => problem,
                Reason::State { code, message, .. } => {
                    FieldProblem::new("channel_id", code, message)
                }
            })
            .collect();
        return AppFailure::validation(
            "The message cannot be sent as it is; see the fields.",
            fields,
        );
    }
    if let Some(reason) = plan {
        return AppFailure::forbidden(reason.message().to_owned())
            .with_detail("reason", reason.code());
    }
    let codes: Vec<_> = reasons.iter().map(Reason::code).collect();
    AppFailure::conflict(first).with_detail("reason", codes.join(" "))
}
