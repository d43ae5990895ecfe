//! Events as PayPal writes them, as events in our words. Shapes: PayPal's webhook event names, and the
//! resources of Subscriptions v1 (`custom_id`) and of a sale (`billing_agreement_id`, `custom`).

use domain::billing::{PayPalEvent, PayPalEventKind};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// Longest id that is one of PayPal's.
const LONGEST: usize = 64;

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    create_time: Value,
    #[serde(default)]
    event_type: Value,
    #[serde(default)]
    resource: Value,
}

/// What a webhook's body says. Whatever it is, it is something: an event without what it needs is
/// unreadable, one that nobody asked for is another.
#[must_use]
pub fn read_event(body: &[u8]) -> PayPalEvent {
    let Ok(event) = serde_json::from_slice::<Envelope>(body) else {
        return unreadable();
    };
    let (Some(id), Some(kind)) = (name(&event.id), event.event_type.as_str()) else {
        return unreadable();
    };
    let at = time(&event.create_time);
    let resource = &event.resource;
    let of = |field: &str| resource.get(field).and_then(name);
    let said = |field: &str| resource.get(field).and_then(said);
    let (kind, subscription, custom_id) = match kind {
        "BILLING.SUBSCRIPTION.CREATED" => (PayPalEventKind::Created, of("id"), said("custom_id")),
        "BILLING.SUBSCRIPTION.ACTIVATED" | "BILLING.SUBSCRIPTION.RE-ACTIVATED" => {
            (PayPalEventKind::Activated, of("id"), said("custom_id"))
        }
        "BILLING.SUBSCRIPTION.CANCELLED"
        | "BILLING.SUBSCRIPTION.SUSPENDED"
        | "BILLING.SUBSCRIPTION.EXPIRED" => (PayPalEventKind::Ended, of("id"), said("custom_id")),
        "BILLING.SUBSCRIPTION.PAYMENT.FAILED" => {
            (PayPalEventKind::PaymentFailed, of("id"), said("custom_id"))
        }
        "PAYMENT.SALE.COMPLETED" => match of("id") {
            Some(sale) => (
                PayPalEventKind::Paid { sale },
                of("billing_agreement_id"),
                said("custom"),
            ),
            None => return unreadable(),
        },
        "PAYMENT.SALE.REFUNDED" => (
            PayPalEventKind::GivenBack {
                sale: of("sale_id"),
            },
            of("billing_agreement_id"),
            said("custom"),
        ),
        "PAYMENT.SALE.REVERSED" => (
            PayPalEventKind::GivenBack {
                sale: of("sale_id").or_else(|| of("id")),
            },
            of("billing_agreement_id"),
            said("custom"),
        ),
        other => {
            let word = word(other);
            (PayPalEventKind::Other { word }, None, None)
        }
    };
    // A payment has a time of its own: the event may be told long after it.
    let own_time = match kind {
        PayPalEventKind::Paid { .. } => resource.get("create_time").and_then(time),
        PayPalEventKind::Created
        | PayPalEventKind::Activated
        | PayPalEventKind::Ended
        | PayPalEventKind::PaymentFailed
        | PayPalEventKind::GivenBack { .. }
        | PayPalEventKind::Other { .. }
        | PayPalEventKind::Unreadable => None,
    };
    PayPalEvent {
        id,
        at: own_time.or(at),
        kind,
        subscription,
        custom_id,
    }
}

fn unreadable() -> PayPalEvent {
    PayPalEvent {
        id: String::new(),
        at: None,
        kind: PayPalEventKind::Unreadable,
        subscription: None,
        custom_id: None,
    }
}

/// A short text that may stand in keys and logs; anything else is none of PayPal's ids.
fn name(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let fits = (1..=LONGEST).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    fits.then(|| text.to_owned())
}

/// What we wrote on a subscription, or whatever stands there instead: it must be seen that it is not ours.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.chars().take(LONGEST).collect()),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Some("unreadable".into())
        }
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn word(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "_-.".contains(c) {
            c
        } else {
            '_'
        }
    };
    text.chars().take(48).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn told(kind: &str, resource: Value) -> PayPalEvent {
        let event = json!({
            "id": "WH-8FALCON1-2B", "create_time": "2026-11-20T12:00:01.250Z",
            "event_type": kind, "event_version": "1.0", "resource": resource, "links": [],
        });
        read_event(event.to_string().as_bytes())
    }

    /// X49: each event that says something, with whom it is about.
    #[test]
    fn events_of_a_subscription_name_it() {
        for (kind, read) in [
            ("BILLING.SUBSCRIPTION.CREATED", PayPalEventKind::Created),
            ("BILLING.SUBSCRIPTION.ACTIVATED", PayPalEventKind::Activated),
            (
                "BILLING.SUBSCRIPTION.RE-ACTIVATED",
                PayPalEventKind::Activated,
            ),
            ("BILLING.SUBSCRIPTION.CANCELLED", PayPalEventKind::Ended),
            ("BILLING.SUBSCRIPTION.SUSPENDED", PayPalEventKind::Ended),
            ("BILLING.SUBSCRIPTION.EXPIRED", PayPalEventKind::Ended),
            (
                "BILLING.SUBSCRIPTION.PAYMENT.FAILED",
                PayPalEventKind::PaymentFailed,
            ),
        ] {
            let event = told(
                kind,
                json!({"id": "I-FALCON1", "custom_id": "ours", "plan_id": "P-1"}),
            );
            assert_eq!(event.kind, read, "{kind}");
            assert_eq!(event.subscription.as_deref(), Some("I-FALCON1"));
            assert_eq!(event.custom_id.as_deref(), Some("ours"));
            assert_eq!(event.at.unwrap().to_string(), "2026-11-20T12:00:01.25Z");
        }
    }

    #[test]
    fn a_payment_names_its_subscription_and_its_own_time() {
        let sale = json!({"id": "5SALE1", "state": "completed", "custom": "ours",
            "billing_agreement_id": "I-FALCON1", "create_time": "2026-11-20T11:59:59Z"});
        let event = told("PAYMENT.SALE.COMPLETED", sale.clone());
        let wanted = PayPalEventKind::Paid {
            sale: "5SALE1".into(),
        };
        assert_eq!(event.kind, wanted);
        assert_eq!(event.subscription.as_deref(), Some("I-FALCON1"));
        assert_eq!(event.custom_id.as_deref(), Some("ours"));
        assert_eq!(event.at.unwrap().to_string(), "2026-11-20T11:59:59Z");
        for (kind, named) in [
            ("PAYMENT.SALE.REFUNDED", None),
            ("PAYMENT.SALE.REVERSED", Some("5SALE1".into())),
        ] {
            let event = told(kind, sale.clone());
            assert_eq!(
                event.kind,
                PayPalEventKind::GivenBack { sale: named },
                "{kind}"
            );
        }
    }

    #[test]
    fn what_is_no_event_is_unreadable_and_what_is_new_is_another() {
        for odd in [
            "",
            "[]",
            "{}",
            "null",
            r#"{"id": 5, "event_type": "X"}"#,
            r#"{"id": "a b", "event_type": "X"}"#,
        ] {
            assert_eq!(read_event(odd.as_bytes()), unreadable(), "{odd}");
        }
        let sale = told(
            "PAYMENT.SALE.COMPLETED",
            json!({"billing_agreement_id": "I-1"}),
        );
        assert_eq!(
            sale,
            unreadable(),
            "a payment without an id could be credited twice"
        );
        let new = told("CUSTOMER.DISPUTE.CREATED<script>", json!({"id": "I-1"}));
        let word = PayPalEventKind::Other {
            word: "CUSTOMER.DISPUTE.CREATED_script_".into(),
        };
        assert_eq!((new.kind, new.subscription), (word, None));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..400), text in "\\PC{0,80}") {
            prop_assert!(read_event(&body).id.len() <= LONGEST);
            let resource = json!({"id": text, "custom": text, "create_time": text, "billing_agreement_id": text});
            let event = told("PAYMENT.SALE.COMPLETED", resource);
            prop_assert!(event.subscription.is_none_or(|id| id.len() <= LONGEST));
        }
    }
}
