//! The body of `POST /v1/events`: one event, or up to a hundred.

use domain::{
    business::{
        Booking, BusinessEvent, Customer, EventKind, Fact, Inquiry, InvoiceIssued, InvoicePaid,
        MOST_EVENTS, Order, Tour, Welcomed,
    },
    failure::{AppFailure, FieldProblem},
};
use jiff::Timestamp;
use runtime::http::parse;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// Something that happened in your own system.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvent {
    /// Its id there, 1 to 128 visible characters: the same id is the same event.
    #[schema(example = "evt-1001")]
    id: String,
    /// `order.delivered`, `invoice.issued`, `invoice.paid`, `customer.created`, `booking.created`,
    /// `inquiry.created` or `tour.details_ready`.
    #[serde(rename = "type")]
    #[schema(example = "invoice.issued")]
    kind: String,
    /// When it happened; now when left out. Of two that contradict each other the later one counts.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// Whom it is about: `phone`, and as far as known `id`, `name`, `zone` and `tags`. Only
    /// `invoice.paid` goes without.
    #[schema(value_type = Option<Object>)]
    customer: Option<Customer>,
    /// What happened; its fields follow from the type, see the examples.
    #[schema(value_type = Option<Object>)]
    data: Option<Box<RawValue>>,
}

/// Several events at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvents {
    /// 1 to 100 of them.
    #[schema(value_type = Vec<NewEvent>, min_items = 1, max_items = 100)]
    events: Vec<Box<RawValue>>,
}

/// What was posted.
#[derive(Debug)]
pub enum Posted {
    /// One event.
    One(Box<BusinessEvent>),
    /// Several, each read by itself.
    Many(Vec<Result<BusinessEvent, AppFailure>>),
}

/// Only to see whether there is a list.
#[derive(Deserialize)]
struct Sketch {
    #[serde(default)]
    events: Option<serde::de::IgnoredAny>,
}

/// Reads a body.
///
/// # Errors
/// VALIDATION of the body as a whole, or of its one event.
pub fn read(body: &[u8]) -> Result<Posted, AppFailure> {
    if parse::<Sketch>(body)?.events.is_none() {
        return one(body).map(|event| Posted::One(Box::new(event)));
    }
    let many = parse::<NewEvents>(body)?.events;
    if !(1..=MOST_EVENTS).contains(&many.len()) {
        return Err(AppFailure::validation(
            "The events cannot be taken.",
            vec![FieldProblem::new(
                "events",
                "COUNT",
                format!("post 1 to {MOST_EVENTS} events at once"),
            )],
        ));
    }
    let each = many.iter().map(|event| one(event.get().as_bytes()));
    Ok(Posted::Many(each.collect()))
}

fn one(body: &[u8]) -> Result<BusinessEvent, AppFailure> {
    let event = parse::<NewEvent>(body)?;
    event.read()
}

impl NewEvent {
    fn read(self) -> Result<BusinessEvent, AppFailure> {
        let Some(kind) = EventKind::parse(&self.kind) else {
            let names = EventKind::ALL.map(EventKind::as_str).join(", ");
            return Err(AppFailure::validation(
                "The event cannot be so; see the fields.",
                vec![FieldProblem::new(
                    "type",
                    "UNKNOWN_TYPE",
                    format!("name one of {names}"),
                )],
            ));
        };
        let data = self.data.as_deref().map_or("{}", RawValue::get);
        let fact = match kind {
            EventKind::OrderDelivered => Fact::OrderDelivered(data_of::<Order>(data)?),
            EventKind::InvoiceIssued => Fact::InvoiceIssued(data_of::<InvoiceIssued>(data)?),
            EventKind::InvoicePaid => Fact::InvoicePaid(data_of::<InvoicePaid>(data)?),
            EventKind::CustomerCreated => Fact::CustomerCreated(data_of::<Welcomed>(data)?),
            EventKind::BookingCreated => Fact::BookingCreated(data_of::<Booking>(data)?),
            EventKind::InquiryCreated => Fact::InquiryCreated(data_of::<Inquiry>(data)?),
            EventKind::TourDetailsReady => Fact::TourDetailsReady(data_of::<Tour>(data)?),
        };
        Ok(BusinessEvent {
            id: self.id,
            at: self.at,
            customer: self.customer,
            fact,
        })
    }
}

/// The fields of a type, whose problems are those of `data`.
fn data_of<T: DeserializeOwned>(text: &str) -> Result<T, AppFailure> {
    parse(text.as_bytes()).map_err(|failure| {
        let inner = failure.fields().iter().map(|problem| {
            let field = match problem.field.as_str() {
                "" => "data".to_owned(),
                field => format!("data.{field}"),
            };
            FieldProblem::new(field, problem.code, problem.message.clone())
        });
        AppFailure::validation("The event cannot be so; see the fields.", inner.collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &str) -> Vec<String> {
        let failure = match read(body.as_bytes()) {
            Err(failure) => failure,
            Ok(Posted::Many(mut all)) => all.remove(0).unwrap_err(),
            Ok(Posted::One(_)) => panic!("{body} is taken"),
        };
        let fields = failure.fields().iter();
        fields.map(|problem| problem.field.clone()).collect()
    }

    #[test]
    fn a_wrong_event_names_its_field() {
        for (body, field) in [
            (r#"{"id":"e","type":"order.eaten"}"#, "type"),
            (r#"{"id":"e","type":"invoice.paid"}"#, "data.invoice_id"),
            (
                r#"{"id":"e","type":"invoice.paid","data":{"invoice":1}}"#,
                "data.invoice",
            ),
            (r#"{"type":"invoice.paid","data":{}}"#, "id"),
            (
                r#"{"id":"e","type":"customer.created","customr":{}}"#,
                "customr",
            ),
            (
                r#"{"id":"e","type":"customer.created","customer":{"name":"x"}}"#,
                "customer.phone",
            ),
            (
                r#"{"id":"e","type":"invoice.paid","at":"noon","data":{"invoice_id":"1"}}"#,
                "at",
            ),
            (r#"{"events":[{"id":"e","type":"order.eaten"}]}"#, "type"),
            (r#"{"events":[]}"#, "events"),
            (r#"{"events":[],"id":"e"}"#, "id"),
        ] {
            assert_eq!(fields(body), [field], "{body}");
        }
    }

    #[test]
    fn of_several_events_each_is_read_by_itself() {
        let body = r#"{"events":[{"id":"e-1","type":"invoice.paid","data":{"invoice_id":"1"}},7,
            {"id":"e-2","type":"customer.created","customer":{"phone":"+97333000017"}}]}"#;
        let Posted::Many(all) = read(body.as_bytes()).unwrap() else {
            panic!("it is one");
        };
        let good: Vec<bool> = all.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, true]);
        let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
        let body = format!(r#"{{"events":[{}]}}"#, many.join(","));
        assert_eq!(fields(&body), ["events"]);
    }
}
