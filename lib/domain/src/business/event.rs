//! Events as they come.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::Amount;
use crate::{
    message::{Context, MessageType},
    template::{Value, Variables},
};

/// The most events of one request.
pub const MOST_EVENTS: usize = 100;

/// Something that happened in the company's own system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessEvent {
    /// Its id there: the same id is the same event.
    pub id: String,
    /// When it happened; when it came, if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Whom it is about; an invoice that was paid needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// A customer, as the company's own system knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// Their id there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their number, with its country code.
    pub phone: String,
    /// The IANA zone they live in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Groups they belong to; those known already stay.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Fact {
    /// An order was delivered.
    #[serde(rename = "order.delivered")]
    OrderDelivered(Order),
    /// An invoice was made, or made anew under its id.
    #[serde(rename = "invoice.issued")]
    InvoiceIssued(InvoiceIssued),
    /// An invoice was paid.
    #[serde(rename = "invoice.paid")]
    InvoicePaid(InvoicePaid),
    /// A customer is new.
    #[serde(rename = "customer.created")]
    CustomerCreated(Welcomed),
    /// A booking was made.
    #[serde(rename = "booking.created")]
    BookingCreated(Booking),
    /// Somebody asked for something.
    #[serde(rename = "inquiry.created")]
    InquiryCreated(Inquiry),
    /// The details of a tour are ready.
    #[serde(rename = "tour.details_ready")]
    TourDetailsReady(Tour),
}

/// Nothing more is to be said of a new customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Welcomed {}

/// A delivered order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Its number.
    pub order_number: String,
    /// When it was delivered.
    pub delivery_date: Date,
    /// What was delivered.
    pub items: Vec<String>,
    /// A file to go with the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_url: Option<String>,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceIssued {
    /// Its id.
    pub invoice_id: String,
    /// Its number.
    pub invoice_number: String,
    /// Its date.
    pub invoice_date: Date,
    /// When it is to be paid.
    pub due_date: Date,
    /// What is to be paid.
    pub amount: Amount,
    /// Where its file is: an https link to a PDF, JPG or PNG of at most 10 MB.
    pub document_url: String,
}

/// A paid invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoicePaid {
    /// Its id.
    pub invoice_id: String,
}

/// A booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Booking {
    /// Its id.
    pub booking_id: String,
    /// What was booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_name: Option<String>,
    /// When it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Date>,
}

/// An inquiry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inquiry {
    /// Its id.
    pub inquiry_id: String,
    /// Where to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// After how many days they are asked again; the workflow's own number when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow_up_days: Option<u16>,
}

/// A tour whose details are ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tour {
    /// The booking it belongs to.
    pub booking_id: String,
    /// What was booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_name: Option<String>,
    /// When it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Date>,
    /// A file to go with the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_url: Option<String>,
}

/// The kinds of events, by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// `order.delivered`
    OrderDelivered,
    /// `invoice.issued`
    InvoiceIssued,
    /// `invoice.paid`
    InvoicePaid,
    /// `customer.created`
    CustomerCreated,
    /// `booking.created`
    BookingCreated,
    /// `inquiry.created`
    InquiryCreated,
    /// `tour.details_ready`
    TourDetailsReady,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::OrderDelivered,
        Self::InvoiceIssued,
        Self::InvoicePaid,
        Self::CustomerCreated,
        Self::BookingCreated,
        Self::InquiryCreated,
        Self::TourDetailsReady,
    ];

    /// The kind of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The name in requests and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OrderDelivered => "order.delivered",
            Self::InvoiceIssued => "invoice.issued",
            Self::InvoicePaid => "invoice.paid",
            Self::CustomerCreated => "customer.created",
            Self::BookingCreated => "booking.created",
            Self::InquiryCreated => "inquiry.created",
            Self::TourDetailsReady => "tour.details_ready",
        }
    }
}

impl Fact {
    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::OrderDelivered(_) => EventKind::OrderDelivered,
            Self::InvoiceIssued(_) => EventKind::InvoiceIssued,
            Self::InvoicePaid(_) => EventKind::InvoicePaid,
            Self::CustomerCreated(_) => EventKind::CustomerCreated,
            Self::BookingCreated(_) => EventKind::BookingCreated,
            Self::InquiryCreated(_) => EventKind::InquiryCreated,
            Self::TourDetailsReady(_) => EventKind::TourDetailsReady,
        }
    }

    /// The messages that follow from it.
    #[must_use]
    pub const fn messages(&self) -> &'static [MessageType] {
        match self {
            Self::OrderDelivered(_) => &[MessageType::StockDelivered],
            Self::InvoiceIssued(_) => &[MessageType::Invoice],
            Self::InvoicePaid(_) => &[],
            Self::CustomerCreated(_) => &[MessageType::Welcome],
            Self::BookingCreated(_) => &[MessageType::BookingConfirmation],
            Self::InquiryCreated(_) => {
                &[MessageType::InquiryAcknowledgement, MessageType::FollowUp]
            }
            Self::TourDetailsReady(_) => &[MessageType::TourDetails],
        }
    }

    /// Where the file is that goes with its message.
    #[must_use]
    pub fn document_url(&self) -> Option<&str> {
        match self {
            Self::OrderDelivered(order) => order.document_url.as_deref(),
            Self::InvoiceIssued(invoice) => Some(&invoice.document_url),
            Self::TourDetailsReady(tour) => tour.document_url.as_deref(),
            Self::InvoicePaid(_)
            | Self::CustomerCreated(_)
            | Self::BookingCreated(_)
            | Self::InquiryCreated(_) => None,
        }
    }
}

/// A day as people read it: `20 November 2026`.
#[must_use]
pub fn written(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

impl BusinessEvent {
    /// What its messages are about (S2.115).
    #[must_use]
    pub fn context(&self) -> Option<Context> {
        let (kind, id) = match &self.fact {
            Fact::OrderDelivered(order) => ("order", &order.order_number),
            Fact::InvoiceIssued(invoice) => ("invoice", &invoice.invoice_id),
            Fact::InvoicePaid(invoice) => ("invoice", &invoice.invoice_id),
            Fact::BookingCreated(booking) => ("booking", &booking.booking_id),
            Fact::TourDetailsReady(tour) => ("booking", &tour.booking_id),
            Fact::InquiryCreated(inquiry) => ("inquiry", &inquiry.inquiry_id),
            Fact::CustomerCreated(_) => ("customer", self.customer.as_ref()?.id.as_ref()?),
        };
        Context::parse(kind, id).ok()
    }

    /// The values of its messages' placeholders (S1.24, S1.28, S2.80–S2.85).
    #[must_use]
    pub fn variables(&self) -> Variables {
        let mut variables = Variables::new();
        let mut put = |name: &str, value: Value| {
            variables.insert(name.to_owned(), value);
        };
        let name = self.customer.as_ref().and_then(|c| c.name.as_deref());
        if let Some(name) = name {
            put("customerName", name.into());
        }
        match &self.fact {
            Fact::OrderDelivered(order) => {
                put("orderNumber", order.order_number.as_str().into());
                put("deliveryDate", Value::Text(written(order.delivery_date)));
                put("items", Value::List(order.items.clone()));
            }
            Fact::InvoiceIssued(invoice) => {
                put("invoiceNumber", invoice.invoice_number.as_str().into());
                put("invoiceDate", Value::Text(written(invoice.invoice_date)));
                put("amount", invoice.amount.as_str().into());
                put("dueDate", Value::Text(written(invoice.due_date)));
                put("invoiceLink", invoice.document_url.as_str().into());
            }
            Fact::BookingCreated(booking) => {
                stay(
                    &mut put,
                    booking.package_name.as_deref(),
                    booking.start_date,
                );
                // S2.80: the first eight characters, in capitals.
                let short: String = booking.booking_id.chars().take(8).collect();
                put("bookingReference", Value::Text(short.to_uppercase()));
            }
            Fact::TourDetailsReady(tour) => {
                stay(&mut put, tour.package_name.as_deref(), tour.start_date);
            }
            Fact::InquiryCreated(inquiry) => {
                if let Some(destination) = &inquiry.destination {
                    put("destination", destination.as_str().into());
                }
            }
            Fact::InvoicePaid(_) | Fact::CustomerCreated(_) => {}
        }
        variables
    }
}

fn stay(put: &mut impl FnMut(&str, Value), package: Option<&str>, start: Option<Date>) {
    if let Some(package) = package {
        put("packageName", package.into());
    }
    if let Some(start) = start {
        put("startDate", Value::Text(written(start)));
    }
}
