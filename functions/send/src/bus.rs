//! Business events from the bus. Whose one is stands in its `source`, which the bus takes from nobody but
//! the account it belongs to (docs/decisions/0015); nothing in `detail` names a company.

use domain::{
    failure::{AppFailure, FieldProblem},
    ids::TenantId,
    principal::Principal,
};
use runtime::cron::Event;
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use crate::{app::App, new_event};

/// What a company's `source` begins with; its id follows.
const SOURCE: &str = "waypost.tenant.";

/// What an event says, besides its type, which is its `detail-type`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Detail {
    id: Option<String>,
    at: Option<String>,
    customer: Option<Box<RawValue>>,
    data: Option<Box<RawValue>>,
}

/// Keeps an event of the bus, once however often the bus delivers it. What fails comes again, and then
/// lies in the bus's dead letters.
///
/// # Errors
/// VALIDATION for what can never be kept; storage failures.
pub async fn take(app: &App, event: Event) -> Result<(), AppFailure> {
    let (tenant, body) = read(&event)?;
    let new_event::Posted::One(event) = new_event::read(body.as_bytes())? else {
        return Err(AppFailure::validation(
            "An event of the bus is one event.",
            Vec::new(),
        ));
    };
    let desk = app.events();
    desk.tell(&Principal::of_bus(tenant), *event).await?;
    Ok(())
}

/// The company, and the event as `POST /v1/events` takes it. Without an id of its own the event has the
/// bus's.
fn read(event: &Event) -> Result<(TenantId, String), AppFailure> {
    let wrong = |field: &'static str, message: &str| {
        AppFailure::validation(
            "The event of the bus cannot be taken.",
            vec![FieldProblem::new(field, "FORMAT", message)],
        )
    };
    let source = event.source.as_deref().unwrap_or_default();
    let tenant = source.strip_prefix(SOURCE).map(TenantId::parse);
    let Some(Ok(tenant)) = tenant else {
        return Err(wrong(
            "source",
            "begin with waypost.tenant. and the company's id",
        ));
    };
    let detail: Detail = event.detail()?;
    let id = detail.id.or_else(|| event.id.clone());
    let mut body = json!({"id": id, "type": event.kind});
    let at = detail.at.or_else(|| event.time.clone());
    if let (Some(at), Some(body)) = (at, body.as_object_mut()) {
        body.insert("at".into(), at.into());
    }
    // As it came: its numbers and its order stay what they are.
    let mut text = body.to_string();
    for (name, part) in [("customer", detail.customer), ("data", detail.data)] {
        if let Some(part) = part {
            text.pop();
            text.push_str(&format!(",\"{name}\":{}}}", part.get()));
        }
    }
    Ok((tenant, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUS: &str = include_str!("../../../events/http/bus-invoice-paid.json");

    fn check(event: &str) -> Result<(TenantId, String), AppFailure> {
        read(&serde_json::from_str(event).unwrap())
    }

    #[test]
    fn the_source_says_whose_an_event_is() {
        let (tenant, body) = check(BUS).unwrap();
        assert_eq!(tenant.to_string(), "67e55044-10b1-426f-9247-bb680e5fe0c8");
        let new_event::Posted::One(event) = new_event::read(body.as_bytes()).unwrap() else {
            panic!("{body}");
        };
        assert_eq!(event.id, "evt-1001");
        assert_eq!(event.fact.kind().as_str(), "invoice.paid");
        assert!(event.at.is_some());
    }

    #[test]
    fn without_its_own_id_an_event_has_the_buss() {
        let (_, body) = check(&BUS.replace("\"id\": \"evt-1001\",", "")).unwrap();
        assert!(
            body.contains("6a7e8feb-b491-4cf7-a9f1-bf3703467718"),
            "{body}"
        );
    }

    #[test]
    fn a_company_named_elsewhere_is_not_believed() {
        for (was, now) in [
            ("waypost.tenant.", "somebody."),
            ("waypost.tenant.67e55044", "waypost.tenant.x7e55044"),
            (
                "\"detail\": {",
                "\"detail\": {\"tenant\": \"67e55044-10b1-426f-9247-bb680e5fe0c8\",",
            ),
        ] {
            let failure = check(&BUS.replace(was, now)).unwrap_err();
            assert!(!failure.retryable(), "{now}");
        }
    }
}
