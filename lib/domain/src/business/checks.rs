//! Everything about an event that cannot be, each with its field.

use jiff::tz::TimeZone;

use super::{BusinessEvent, Customer, Fact, LONGEST_DELAY};
use crate::{
    contact::{MOST_TAGS, tag},
    failure::FieldProblem,
    message::Context,
    phone::PhoneNumber,
};

/// The longest text of an event, in characters.
const LONGEST: usize = 512;
/// The most items of an order.
const MOST_ITEMS: usize = 200;

impl BusinessEvent {
    /// Everything about this event that cannot be, each with its field. Links are https ones, or begin
    /// with the origin that the operator trusts.
    #[must_use]
    pub fn problems(&self, trusted: Option<&str>) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let visible = |c: char| !c.is_control() && !c.is_whitespace();
        if !(1..=128).contains(&self.id.chars().count()) || !self.id.chars().all(visible) {
            problems.push(FieldProblem::new(
                "id",
                "FORMAT",
                "use 1 to 128 visible characters, for example the event's UUID",
            ));
        }
        match (&self.customer, &self.fact) {
            (Some(customer), _) => customer.problems(&mut problems),
            (None, Fact::InvoicePaid(_)) => {}
            (None, _) => problems.push(FieldProblem::new(
                "customer",
                "REQUIRED",
                "say whom it is about: at least {\"phone\": \"+97300000001\"}",
            )),
        }
        self.fact.problems(&mut problems);
        if let Some(url) = self.fact.document_url() {
            link(&mut problems, url, trusted);
        }
        problems
    }
}

impl Customer {
    fn problems(&self, problems: &mut Vec<FieldProblem>) {
        if let Err(problem) = PhoneNumber::parse(&self.phone) {
            problems.push(FieldProblem::new(
                "customer.phone",
                "PHONE",
                problem.to_string(),
            ));
        }
        if let Some(id) = &self.id {
            named(problems, "customer.id", id);
        }
        if let Some(name) = &self.name {
            short(problems, "customer.name", name, 128);
        }
        let zone = self.zone.as_deref();
        if zone.is_some_and(|zone| TimeZone::get(zone).is_err()) {
            problems.push(FieldProblem::new(
                "customer.zone",
                "ZONE",
                "give an IANA time zone, for example Asia/Bahrain",
            ));
        }
        if self.tags.len() > MOST_TAGS || self.tags.iter().any(|text| tag(text).is_none()) {
            problems.push(FieldProblem::new(
                "customer.tags",
                "FORMAT",
                format!("give at most {MOST_TAGS} tags of 1 to 40 characters without commas"),
            ));
        }
    }
}

impl Fact {
    fn problems(&self, problems: &mut Vec<FieldProblem>) {
        match self {
            Self::OrderDelivered(order) => {
                named(problems, "data.order_number", &order.order_number);
                if order.items.is_empty() || order.items.len() > MOST_ITEMS {
                    problems.push(FieldProblem::new(
                        "data.items",
                        "COUNT",
                        format!("name 1 to {MOST_ITEMS} items"),
                    ));
                }
                for (index, item) in order.items.iter().enumerate() {
                    short(problems, &format!("data.items[{index}]"), item, LONGEST);
                }
            }
            Self::InvoiceIssued(invoice) => {
                named(problems, "data.invoice_id", &invoice.invoice_id);
                short(
                    problems,
                    "data.invoice_number",
                    &invoice.invoice_number,
                    LONGEST,
                );
                if invoice.due_date < invoice.invoice_date {
                    problems.push(FieldProblem::new(
                        "data.due_date",
                        "BEFORE",
                        "an invoice is due on its own date or later",
                    ));
                }
            }
            Self::InvoicePaid(invoice) => named(problems, "data.invoice_id", &invoice.invoice_id),
            Self::CustomerCreated(_) => {}
            Self::BookingCreated(booking) => {
                named(problems, "data.booking_id", &booking.booking_id);
                package(problems, booking.package_name.as_deref());
            }
            Self::InquiryCreated(inquiry) => {
                named(problems, "data.inquiry_id", &inquiry.inquiry_id);
                if let Some(destination) = &inquiry.destination {
                    short(problems, "data.destination", destination, LONGEST);
                }
                if inquiry
                    .follow_up_days
                    .is_some_and(|days| days > LONGEST_DELAY)
                {
                    problems.push(FieldProblem::new(
                        "data.follow_up_days",
                        "RANGE",
                        format!("give 0 to {LONGEST_DELAY} days; 0 means no follow-up"),
                    ));
                }
            }
            Self::TourDetailsReady(tour) => {
                named(problems, "data.booking_id", &tour.booking_id);
                package(problems, tour.package_name.as_deref());
            }
        }
    }
}

fn package(problems: &mut Vec<FieldProblem>, name: Option<&str>) {
    if let Some(name) = name {
        short(problems, "data.package_name", name, LONGEST);
    }
}

/// An id of the company's own system: it becomes a context's.
fn named(problems: &mut Vec<FieldProblem>, field: &str, id: &str) {
    if Context::parse("id", id).is_err() {
        problems.push(FieldProblem::new(
            field,
            "FORMAT",
            "use 1 to 128 visible characters, for example A-1001",
        ));
    }
}

fn short(problems: &mut Vec<FieldProblem>, field: &str, text: &str, most: usize) {
    if text.trim().is_empty() {
        problems.push(FieldProblem::new(
            field,
            "REQUIRED",
            "write at least one character",
        ));
    } else if text.chars().count() > most {
        problems.push(FieldProblem::new(
            field,
            "TOO_LONG",
            format!("shorten it to {most} characters"),
        ));
    }
}

fn link(problems: &mut Vec<FieldProblem>, url: &str, trusted: Option<&str>) {
    let safe = url.starts_with("https://") || trusted.is_some_and(|origin| url.starts_with(origin));
    if !safe || url.len() > 2_048 || url.chars().any(char::is_whitespace) {
        problems.push(FieldProblem::new(
            "data.document_url",
            "NOT_HTTPS",
            "give an https:// link to a PDF, JPG or PNG of at most 10 MB",
        ));
    }
}
