//! PayPal's webhook events, in the shapes of its subscriptions and of their payments.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    agreement::{Agreement, id, second},
    app::{App, dollars},
    orders::Signed,
    signature,
};
use crate::{
    deliver::{Hook, Posted},
    orders::set,
    provider::Party,
    state::Handle,
};

/// The envelope of an event.
pub(super) fn event(event_type: &str, resource: Value) -> Value {
    let (kind, version) = match event_type {
        "PAYMENT.SALE.REFUNDED" => ("refund", None),
        sale if sale.starts_with("PAYMENT.SALE.") => ("sale", None),
        _ => ("subscription", Some("2.0")),
    };
    let mut event = json!({
        "id": format!("WH-{}-{}", id(17), id(17)),
        "event_version": "1.0",
        "create_time": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        "resource_type": kind,
        "event_type": event_type,
        "summary": event_type.to_lowercase().replace('.', " "),
        "resource": resource,
        "links": [],
    });
    if let Some(version) = version {
        set(&mut event, "resource_version", version);
    }
    event
}

/// The payment `sale` of a subscription.
pub(super) fn sale(app: &App, agreement: &Agreement, sale: &str) -> Value {
    let plan = app
        .spec
        .plans
        .iter()
        .find(|plan| plan.id == agreement.plan_id);
    let (value, currency) = match plan {
        Some(plan) => (plan.value.clone(), plan.currency.clone()),
        None => ("26.50".into(), dollars()),
    };
    let now = second(Timestamp::now());
    let mut resource = json!({
        "id": sale,
        "state": "completed",
        "billing_agreement_id": agreement.id,
        "amount": {"total": value, "currency": currency, "details": {"subtotal": value}},
        "payment_mode": "INSTANT_TRANSFER",
        "protection_eligibility": "ELIGIBLE",
        "transaction_fee": {"value": "1.32", "currency": currency},
        "create_time": now,
        "update_time": now,
    });
    if let Some(custom_id) = &agreement.custom_id {
        set(&mut resource, "custom", custom_id.as_str());
    }
    resource
}

/// A payment that was given back.
pub(super) fn refund(app: &App, agreement: &Agreement, of: &str) -> Value {
    let mut resource = sale(app, agreement, &id(17));
    set(&mut resource, "sale_id", of);
    resource
}

/// Posts an event of a subscription, rightly signed. Events of one subscription stay in order.
pub(super) fn post(
    handle: &Handle,
    party: &Party,
    agreement: &Agreement,
    event_type: &str,
    resource: Value,
) -> Vec<Posted> {
    let body = event(event_type, resource).to_string();
    post_body(
        handle,
        party,
        Some(&agreement.id),
        event_type,
        &body,
        Signed::Valid,
    )
}

/// Posts a body as it is.
pub(super) fn post_body(
    handle: &Handle,
    party: &Party,
    about: Option<&str>,
    event_type: &str,
    body: &str,
    signed: Signed,
) -> Vec<Posted> {
    let webhook_id = {
        let memory = handle.memory();
        let app = memory.paypal.get(&party.key);
        app.map(|app| app.spec.webhook_id.clone())
    };
    let mut hook = Hook::of(event_type, about, body.to_owned());
    let webhook_id = webhook_id.unwrap_or_default();
    hook.headers = signature::headers(&webhook_id, body.as_bytes(), signed);
    handle.post(party, &hook)
}
