//! PayPal's JSON, as far as we write or read it.

use domain::{
    channel::Secret,
    failure::ProviderFailure,
    ports::{PayPalAccess, PayPalOrder, PayPalSubscription},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    exchange::{Answered, unknown},
    headers::Signed,
};

#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: Secret,
    /// Seconds; nine hours usually.
    #[serde(default)]
    pub(crate) expires_in: u64,
}

#[derive(Serialize)]
pub(crate) struct NewSubscription<'a> {
    plan_id: &'a str,
    /// At most 127 characters.
    custom_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscriber: Option<Subscriber<'a>>,
    application_context: Context<'a>,
}

#[derive(Serialize)]
struct Subscriber<'a> {
    email_address: &'a str,
}

#[derive(Serialize)]
struct Context<'a> {
    user_action: &'static str,
    shipping_preference: &'static str,
    return_url: &'a str,
    cancel_url: &'a str,
}

impl<'a> NewSubscription<'a> {
    pub(crate) fn of(access: &'a PayPalAccess, order: &'a PayPalOrder) -> Self {
        Self {
            plan_id: &order.plan,
            custom_id: order.subscription.to_string(),
            subscriber: order
                .email
                .as_deref()
                .map(|email_address| Subscriber { email_address }),
            application_context: Context {
                user_action: "SUBSCRIBE_NOW",
                shipping_preference: "NO_SHIPPING",
                return_url: &access.return_url,
                cancel_url: &access.cancel_url,
            },
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct SubscriptionAnswer {
    id: String,
    status: String,
    #[serde(default)]
    custom_id: Option<String>,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    href: String,
    #[serde(default)]
    rel: String,
}

impl From<SubscriptionAnswer> for PayPalSubscription {
    fn from(answer: SubscriptionAnswer) -> Self {
        let approve = answer.links.into_iter().find(|link| link.rel == "approve");
        Self {
            id: answer.id,
            status: answer.status,
            approve_url: approve.map(|link| link.href),
            custom_id: answer.custom_id,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct Cancellation<'a> {
    pub(crate) reason: &'a str,
}

/// The question whether PayPal sent a webhook. The event stands in it byte for byte.
#[derive(Serialize)]
pub(crate) struct Verification<'a> {
    auth_algo: &'a str,
    cert_url: &'a str,
    transmission_id: &'a str,
    transmission_sig: &'a str,
    transmission_time: &'a str,
    webhook_id: &'a str,
    webhook_event: &'a RawValue,
}

impl<'a> Verification<'a> {
    pub(crate) const fn of(signed: &Signed<'a>, webhook_id: &'a str, event: &'a RawValue) -> Self {
        Self {
            auth_algo: signed.algorithm,
            cert_url: signed.certificate,
            transmission_id: signed.id,
            transmission_sig: signed.signature,
            transmission_time: signed.time,
            webhook_id,
            webhook_event: event,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Verdict {
    pub(crate) verification_status: String,
}

#[derive(Deserialize, Default)]
struct ErrorAnswer {
    #[serde(default)]
    name: String,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    issue: String,
}

/// The body of a success, or what the answer means otherwise.
pub(crate) fn success<T: DeserializeOwned>(answered: &Answered) -> Result<T, ProviderFailure> {
    if !(200..300).contains(&answered.status) {
        return Err(refusal(answered));
    }
    serde_json::from_slice(&answered.body).map_err(|_unreadable| unknown("unreadable answer"))
}

/// What an answer that is no success means.
pub(crate) fn refusal(answered: &Answered) -> ProviderFailure {
    let (code, reason) = match answered.status {
        429 => {
            return ProviderFailure::RateLimited {
                retry_after: answered.retry_after,
            };
        }
        401 | 403 => (
            "PAYPAL_LOGIN",
            "PayPal does not take the platform's client id and secret. The platform's people can correct them in its settings.".to_owned(),
        ),
        400..500 => {
            let issue = issue(&answered.body);
            let reason = format!("PayPal refused the request ({issue}).");
            ("PAYPAL_REFUSED", reason)
        }
        _ => return unknown("server error"),
    };
    ProviderFailure::Rejected {
        code: code.into(),
        reason,
    }
}

/// PayPal's word for what is wrong, where it is a plain one.
pub(crate) fn issue(body: &[u8]) -> String {
    let error: ErrorAnswer = serde_json::from_slice(body).unwrap_or_default();
    let issue = error.details.into_iter().next().map(|detail| detail.issue);
    let word = issue
        .filter(|issue| !issue.is_empty())
        .unwrap_or(error.name);
    let plain =
        (1..=64).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    if plain { word } else { "no reason".into() }
}
