//! The signature of a webhook, and the call that verifies it.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{json, value::RawValue};
use uuid::Uuid;

use super::wire;
use crate::{answer::Answer, signing, state::Handle};

use super::orders::Signed;

/// What PayPal alone knows.
const KEY: &str = "what PayPal alone knows";

/// What somebody knows who is not PayPal.
const OTHER_KEY: &str = "what somebody else knows";

const ALGORITHM: &str = "SHA256withRSA";
const CERTIFICATE: &str = "https://api.paypal.com/v1/notifications/certs/CERT-5a4d0b1c-9f3e7a21";

/// The headers of a webhook with this body.
pub(super) fn headers(
    webhook_id: &str,
    body: &[u8],
    signed: Signed,
) -> BTreeMap<String, Option<String>> {
    if signed == Signed::Missing {
        return BTreeMap::new();
    }
    let id = Uuid::now_v7().to_string();
    let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let signature = match signed {
        Signed::Forged => sign(OTHER_KEY, &id, &time, webhook_id, body),
        Signed::OtherWebhook => sign(KEY, &id, &time, "9WEBHOOKOFOTHERS", body),
        Signed::OtherBody => sign(KEY, &id, &time, webhook_id, b"{}"),
        Signed::Valid | Signed::Missing => sign(KEY, &id, &time, webhook_id, body),
    };
    [
        ("paypal-transmission-id", id),
        ("paypal-transmission-time", time),
        ("paypal-transmission-sig", signature),
        ("paypal-cert-url", CERTIFICATE.into()),
        ("paypal-auth-algo", ALGORITHM.into()),
    ]
    .map(|(name, value)| (name.to_owned(), Some(value)))
    .into()
}

fn sign(key: &str, id: &str, time: &str, webhook_id: &str, body: &[u8]) -> String {
    let sum = crc32fast::hash(body);
    let text = format!("{id}|{time}|{webhook_id}|{sum}");
    STANDARD.encode(signing::digest(key, text.as_bytes()))
}

/// `webhook_event` is compared as it stands in the request, never as it could be written anew.
#[derive(Deserialize)]
struct Question<'a> {
    auth_algo: String,
    cert_url: String,
    transmission_id: String,
    transmission_sig: String,
    transmission_time: String,
    webhook_id: String,
    #[serde(borrow)]
    webhook_event: &'a RawValue,
}

/// `POST v1/notifications/verify-webhook-signature`.
pub(super) fn verify(handle: &Handle, client_id: &str, body: &[u8]) -> Result<Answer, Answer> {
    let question: Question<'_> = serde_json::from_slice(body)
        .map_err(|_unreadable| wire::error(400, "INVALID_REQUEST", "INVALID_PARAMETER_SYNTAX"))?;
    let ours = {
        let memory = handle.memory();
        let app = memory.paypal.get(client_id);
        app.is_some_and(|app| app.spec.webhook_id == question.webhook_id)
    };
    let wanted = sign(
        KEY,
        &question.transmission_id,
        &question.transmission_time,
        &question.webhook_id,
        question.webhook_event.get().as_bytes(),
    );
    let right = ours
        && question.auth_algo == ALGORITHM
        && question.cert_url == CERTIFICATE
        && question.transmission_sig == wanted;
    let status = if right { "SUCCESS" } else { "FAILURE" };
    Ok(Answer::json(200, &json!({"verification_status": status})))
}
