//! What the company's own system tells: customers, orders, invoices, bookings, inquiries, and what
//! happened to them. An event is kept before anything follows from it, and whatever follows happens
//! once, however often the event comes.

mod checks;
mod event;
mod invoice;
mod record;
mod workflow;

pub use self::{
    event::{
        Booking, BusinessEvent, Customer, EventKind, Fact, Inquiry, InvoiceIssued, InvoicePaid,
        MOST_EVENTS, Order, Tour, Welcomed, written,
    },
    invoice::{Amount, Bill, Invoice, NotAnAmount},
    record::{EventRecord, Happened, Step, StepState},
    workflow::{Choice, LONGEST_DELAY, Workflow, WorkflowName},
};
