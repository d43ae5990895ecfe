//! PayPal's subscriptions: made, shown, cancelled.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{app::App, events, wire};
use crate::{
    answer::Answer,
    gate::Incoming,
    orders::set,
    provider::Party,
    state::{Handle, Memory},
};

/// A subscription as PayPal has it.
#[derive(Clone, Debug, Serialize)]
pub struct Agreement {
    /// PayPal's id, `I-…`.
    pub id: String,
    /// Whose it is.
    pub client_id: String,
    /// What is subscribed to.
    pub plan_id: String,
    /// What the seller wrote on it.
    pub custom_id: Option<String>,
    /// `APPROVAL_PENDING`, `ACTIVE`, `SUSPENDED`, `CANCELLED`, `EXPIRED`.
    pub status: String,
    /// When it was made.
    pub create_time: Timestamp,
    /// Where the buyer is sent after approving.
    pub return_url: Option<String>,
    /// Its payments, oldest first.
    pub sales: Vec<String>,
}

impl Agreement {
    /// Its JSON, as shown and as sent in webhooks.
    pub(super) fn json(&self) -> Value {
        let mut body = json!({
            "id": self.id,
            "status": self.status,
            "plan_id": self.plan_id,
            "quantity": "1",
            "plan_overridden": false,
            "start_time": second(self.create_time),
            "create_time": second(self.create_time),
            "status_update_time": second(self.create_time),
        });
        if let Some(custom_id) = &self.custom_id {
            set(&mut body, "custom_id", custom_id.as_str());
        }
        if self.status != "APPROVAL_PENDING" {
            let subscriber = json!({
                "name": {"given_name": "Ada", "surname": "Example"},
                "email_address": "buyer@example.com",
                "payer_id": "SANDBOXPAYER1",
            });
            set(&mut body, "subscriber", subscriber);
        }
        body
    }

    fn with_links(&self, host: &str) -> Value {
        let own = format!("http://{host}/paypal/v1/billing/subscriptions/{}", self.id);
        let approve = format!(
            "http://{host}/paypal/webapps/billing/subscriptions?ba_token=BA-{}",
            self.id.trim_start_matches("I-")
        );
        let link = |href: &str, rel: &str, method: &str| json!({"href": href, "rel": rel, "method": method});
        let mut links = Vec::new();
        if self.status == "APPROVAL_PENDING" {
            links.push(link(&approve, "approve", "GET"));
        }
        links.push(link(&own, "edit", "PATCH"));
        links.push(link(&own, "self", "GET"));
        let mut body = self.json();
        set(&mut body, "links", links);
        body
    }
}

/// Times as PayPal writes them in its resources.
pub(super) fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An id that looks like PayPal's: capital letters and digits, of which no two are alike.
pub(super) fn id(length: usize) -> String {
    let text = Uuid::now_v7().simple().to_string().to_uppercase();
    // The last ones are random; the first are the time.
    text.chars()
        .skip(text.len().saturating_sub(length))
        .collect()
}

pub(super) fn not_found() -> Answer {
    wire::error(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID")
}

fn invalid(issue: &str) -> Answer {
    wire::error(400, "INVALID_REQUEST", issue)
}

fn app<'a>(memory: &'a mut Memory, client_id: &str) -> Result<&'a mut App, Answer> {
    memory
        .paypal
        .get_mut(client_id)
        .ok_or_else(wire::token_failed)
}

/// `POST v1/billing/subscriptions`: once for each request id.
pub(super) fn create(
    handle: &Handle,
    client_id: &str,
    incoming: &Incoming,
    body: &Value,
) -> Result<Answer, Answer> {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let plan_id = text(&body["plan_id"]).ok_or_else(|| invalid("MISSING_REQUIRED_PARAMETER"))?;
    let custom_id = text(&body["custom_id"]);
    if custom_id.as_ref().is_some_and(|custom| custom.len() > 127) {
        return Err(invalid("INVALID_STRING_LENGTH"));
    }
    let request_id = incoming.headers.get("paypal-request-id");
    let request_id = request_id
        .and_then(|id| id.to_str().ok())
        .map(str::to_owned);
    let made = {
        let mut memory = handle.memory();
        let app = app(&mut memory, client_id)?;
        let earlier = request_id.as_ref().and_then(|asked| app.asked.get(asked));
        if let Some(agreement) = earlier.and_then(|id| app.agreements.get(id)) {
            return Ok(Answer::json(200, &agreement.with_links(&incoming.host)));
        }
        let plans = &app.spec.plans;
        if !plans.is_empty() && !plans.iter().any(|plan| plan.id == plan_id) {
            return Err(not_found());
        }
        let made = Agreement {
            id: format!("I-{}", id(12)),
            client_id: client_id.into(),
            plan_id,
            custom_id,
            status: "APPROVAL_PENDING".into(),
            create_time: Timestamp::now(),
            return_url: body
                .pointer("/application_context/return_url")
                .and_then(text),
            sales: Vec::new(),
        };
        if let Some(asked) = request_id {
            app.asked.insert(asked, made.id.clone());
        }
        app.agreements.insert(made.id.clone(), made.clone());
        made
    };
    let party = Party::paypal(client_id);
    events::post(
        handle,
        &party,
        &made,
        "BILLING.SUBSCRIPTION.CREATED",
        made.json(),
    );
    Ok(Answer::json(201, &made.with_links(&incoming.host)))
}

/// `GET v1/billing/subscriptions/{id}`.
pub(super) fn show(
    handle: &Handle,
    client_id: &str,
    id: &str,
    incoming: &Incoming,
) -> Result<Answer, Answer> {
    let mut memory = handle.memory();
    let agreement = app(&mut memory, client_id)?.agreements.get(id);
    let agreement = agreement.ok_or_else(not_found)?;
    Ok(Answer::json(200, &agreement.with_links(&incoming.host)))
}

/// `POST v1/billing/subscriptions/{id}/cancel`.
pub(super) fn cancel(
    handle: &Handle,
    client_id: &str,
    id: &str,
    body: &Value,
) -> Result<Answer, Answer> {
    let reason = body["reason"].as_str().unwrap_or_default();
    if reason.is_empty() || reason.len() > 128 {
        return Err(invalid("MISSING_REQUIRED_PARAMETER"));
    }
    let cancelled = {
        let mut memory = handle.memory();
        let agreement = app(&mut memory, client_id)?.agreements.get_mut(id);
        let agreement = agreement.ok_or_else(not_found)?;
        if !["ACTIVE", "SUSPENDED"].contains(&agreement.status.as_str()) {
            let (name, issue) = ("UNPROCESSABLE_ENTITY", "SUBSCRIPTION_STATUS_INVALID");
            return Err(wire::error(422, name, issue));
        }
        agreement.status = "CANCELLED".into();
        agreement.clone()
    };
    let party = Party::paypal(client_id);
    events::post(
        handle,
        &party,
        &cancelled,
        "BILLING.SUBSCRIPTION.CANCELLED",
        cancelled.json(),
    );
    Ok(Answer::empty(204))
}
