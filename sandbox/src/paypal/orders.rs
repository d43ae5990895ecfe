//! What a buyer, a bank or a test does with a subscription.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    agreement::{Agreement, id},
    events,
};
use crate::{
    deliver::RawAnswer,
    orders::{Caused, change},
    provider::Party,
    state::{Handle, Refusal},
};

/// How an order about a subscription is carried out. Nothing is refused that PayPal would not do: a
/// payment of a cancelled subscription, or a second approval.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrderSpec {
    /// The payment's id: of a new one, or the one that is given back (the latest when absent).
    pub sale_id: Option<String>,
    /// Whether approving has no payment yet.
    pub without_payment: bool,
    /// Whether the payment is told before the approval.
    pub payment_first: bool,
    /// Keys to set in the event's resource; `null` removes one.
    pub change: Map<String, Value>,
}

/// Any body, signed in any way.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSpec {
    /// Whose webhook.
    pub client_id: String,
    /// A string is posted as its text, anything else as JSON.
    pub body: Value,
    /// The signature.
    #[serde(default)]
    pub signature: Signed,
}

/// How a webhook is signed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Signed {
    /// By PayPal.
    #[default]
    Valid,
    /// With a key that is not PayPal's.
    Forged,
    /// By PayPal, for another webhook.
    OtherWebhook,
    /// By PayPal, for another body.
    OtherBody,
    /// Not at all.
    Missing,
}

impl Handle {
    /// Carries out an order about a subscription: `approve`, `renew`, `cancel`, `suspend`, `expire`,
    /// `fail_payment`, `refund` or `reverse`.
    ///
    /// # Errors
    /// When the subscription, the order or the payment is not known.
    pub fn paypal_order(&self, id: &str, order: &str, spec: &OrderSpec) -> Result<Caused, Refusal> {
        let told = {
            let mut memory = self.memory();
            let mut apps = memory.paypal.values_mut();
            let app = apps.find(|app| app.agreements.contains_key(id));
            let app = app.ok_or_else(|| Refusal::Unknown("subscription".into()))?;
            let agreement = app.agreements.get_mut(id);
            let agreement = agreement.ok_or_else(|| Refusal::Unknown("subscription".into()))?;
            let mut kinds = act(agreement, order, spec)?;
            if spec.payment_first {
                kinds.reverse();
            }
            let agreement = agreement.clone();
            let resource = |(kind, sale): (&'static str, Option<String>)| {
                let mut resource = match (kind, &sale) {
                    ("PAYMENT.SALE.REFUNDED", Some(sale)) => events::refund(app, &agreement, sale),
                    (_, Some(sale)) => events::sale(app, &agreement, sale),
                    (_, None) => agreement.json(),
                };
                change(&mut resource, &spec.change);
                (kind, resource)
            };
            let told: Vec<_> = kinds.into_iter().map(resource).collect();
            (agreement, told)
        };
        let (agreement, told) = told;
        let party = Party::paypal(&agreement.client_id);
        let mut posted = Vec::new();
        for (kind, resource) in told {
            posted.extend(events::post(self, &party, &agreement, kind, resource));
        }
        Ok(Caused::by(Some(id), &posted))
    }

    /// Posts any body to an app's webhook, and tells what the first try was answered with.
    ///
    /// # Errors
    /// When the app does not exist or has no webhook.
    pub async fn paypal_event(&self, spec: EventSpec) -> Result<RawAnswer, Refusal> {
        let known = self.memory().paypal.contains_key(&spec.client_id);
        if !known {
            return Err(Refusal::Unknown("app".into()));
        }
        let body = match &spec.body {
            Value::String(text) => text.clone(),
            body => body.to_string(),
        };
        let party = Party::paypal(&spec.client_id);
        let posted = events::post_body(self, &party, None, "raw", &body, spec.signature);
        let Some(posted) = posted.into_iter().next() else {
            return Err(Refusal::Invalid("the app has no webhook".into()));
        };
        let webhook = posted.id;
        Ok(RawAnswer {
            webhook,
            status: posted.first_status().await,
        })
    }
}

/// Moves a subscription, and says which events follow; with the payment that an event is about.
fn act(
    agreement: &mut Agreement,
    order: &str,
    spec: &OrderSpec,
) -> Result<Vec<(&'static str, Option<String>)>, Refusal> {
    let pay = |agreement: &mut Agreement| {
        let sale = spec.sale_id.clone().unwrap_or_else(|| id(17));
        if !agreement.sales.contains(&sale) {
            agreement.sales.push(sale.clone());
        }
        ("PAYMENT.SALE.COMPLETED", Some(sale))
    };
    let known = |agreement: &Agreement| {
        let sale = spec.sale_id.as_ref().or(agreement.sales.last()).cloned();
        sale.ok_or_else(|| Refusal::Unknown("payment".into()))
    };
    Ok(match order {
        "approve" => {
            agreement.status = "ACTIVE".into();
            let mut told = vec![("BILLING.SUBSCRIPTION.ACTIVATED", None)];
            if !spec.without_payment {
                told.push(pay(agreement));
            }
            told
        }
        "renew" => vec![pay(agreement)],
        "cancel" => {
            agreement.status = "CANCELLED".into();
            vec![("BILLING.SUBSCRIPTION.CANCELLED", None)]
        }
        "suspend" => {
            agreement.status = "SUSPENDED".into();
            vec![("BILLING.SUBSCRIPTION.SUSPENDED", None)]
        }
        "expire" => {
            agreement.status = "EXPIRED".into();
            vec![("BILLING.SUBSCRIPTION.EXPIRED", None)]
        }
        "fail_payment" => vec![("BILLING.SUBSCRIPTION.PAYMENT.FAILED", None)],
        "refund" => vec![("PAYMENT.SALE.REFUNDED", Some(known(agreement)?))],
        "reverse" => vec![("PAYMENT.SALE.REVERSED", Some(known(agreement)?))],
        other => return Err(Refusal::Invalid(format!("`{other}` is no order"))),
    })
}
