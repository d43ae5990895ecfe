//! What the company's own system told: events, invoices, and how workflows are wanted.

use std::future::Future;

use jiff::civil::Date;

use super::{AuditEntry, Page, Saved};
use crate::{
    business::{EventRecord, Invoice, Workflow, WorkflowName},
    failure::StoreFailure,
    ids::{EventId, InvoiceId, TenantId},
    settings::ReminderBasis,
};

/// What came of keeping an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKept {
    /// It is new, and kept.
    New,
    /// An event with its id is kept already.
    Known(Box<EventRecord>),
}

/// Business events.
pub trait EventBook: Send + Sync {
    /// Keeps an event, once.
    fn keep_event(
        &self,
        record: &EventRecord,
    ) -> impl Future<Output = Result<EventKept, StoreFailure>> + Send;

    /// An event (strongly consistent).
    fn event(
        &self,
        tenant: TenantId,
        id: EventId,
    ) -> impl Future<Output = Result<Option<EventRecord>, StoreFailure>> + Send;

    /// Writes how far an event has come, if nobody did since it was read. Raises the version.
    fn save_event(
        &self,
        record: &mut EventRecord,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Invoices.
pub trait Invoices: Send + Sync {
    /// An invoice (strongly consistent).
    fn invoice(
        &self,
        tenant: TenantId,
        id: InvoiceId,
    ) -> impl Future<Output = Result<Option<Invoice>, StoreFailure>> + Send;

    /// Open invoices whose date, or due date, is one of these days, first and last included: earliest
    /// first. The index they are found by may lag; each is read strongly and is open indeed.
    fn open_invoices(
        &self,
        tenant: TenantId,
        basis: ReminderBasis,
        days: (Date, Date),
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Invoice>, StoreFailure>> + Send;

    /// Writes an invoice if nobody did since it was read (version 0: if it is new). Raises the version.
    fn save_invoice(
        &self,
        invoice: &mut Invoice,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// How a company wants its workflows.
pub trait Workflows: Send + Sync {
    /// A workflow; none while nobody changed it.
    fn workflow(
        &self,
        tenant: TenantId,
        name: WorkflowName,
    ) -> impl Future<Output = Result<Option<Workflow>, StoreFailure>> + Send;

    /// Writes a workflow if nobody did since it was read, and notes who did it. Raises the version.
    fn save_workflow(
        &self,
        workflow: &mut Workflow,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Events as people look at them.
pub trait EventList: Send + Sync {
    /// Events of a company, newest first.
    fn events(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<EventRecord>, StoreFailure>> + Send;
}
