//! Business events, invoices and workflows.

use domain::{
    business::{EventRecord, Invoice, Workflow, WorkflowName},
    failure::StoreFailure,
    ids::{EventId, InvoiceId, TenantId},
    ports::{AuditEntry, EventBook, EventKept, EventList, Invoices, Page, Saved, Workflows},
    settings::ReminderBasis,
};
use jiff::civil::Date;

use super::{
    MemoryStore,
    page::{newest_first, page},
};

impl EventBook for MemoryStore {
    async fn keep_event(&self, record: &EventRecord) -> Result<EventKept, StoreFailure> {
        let key = (record.tenant, record.id());
        self.run("events.keep", |s| match s.events.get(&key) {
            Some(known) => EventKept::Known(Box::new(known.clone())),
            None => {
                s.events.insert(key, record.clone());
                EventKept::New
            }
        })
    }

    async fn event(
        &self,
        tenant: TenantId,
        id: EventId,
    ) -> Result<Option<EventRecord>, StoreFailure> {
        self.run("events.event", |s| s.events.get(&(tenant, id)).cloned())
    }

    async fn save_event(&self, record: &mut EventRecord) -> Result<Saved, StoreFailure> {
        let key = (record.tenant, record.id());
        let saved = self.run("events.save", |s| {
            let known = s.events.get_mut(&key);
            let Some(known) = known.filter(|known| known.version == record.version) else {
                return Saved::Stale;
            };
            *known = EventRecord {
                version: record.version + 1,
                ..record.clone()
            };
            Saved::Done
        })?;
        if saved == Saved::Done {
            record.version += 1;
        }
        Ok(saved)
    }
}

impl EventList for MemoryStore {
    async fn events(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<EventRecord>, StoreFailure> {
        let rows = self.run("events.list", |s| {
            let of_tenant = s.events.values().filter(|record| record.tenant == tenant);
            of_tenant
                .map(|record| {
                    let place = newest_first(record.arrived_at, record.id().uuid());
                    (place, record.clone())
                })
                .collect()
        })?;
        page("events.list", tenant, rows, after, limit)
    }
}

impl Invoices for MemoryStore {
    async fn invoice(
        &self,
        tenant: TenantId,
        id: InvoiceId,
    ) -> Result<Option<Invoice>, StoreFailure> {
        self.run("invoices.invoice", |s| {
            s.invoices.get(&(tenant, id)).cloned()
        })
    }

    async fn open_invoices(
        &self,
        tenant: TenantId,
        basis: ReminderBasis,
        (first, last): (Date, Date),
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Invoice>, StoreFailure> {
        let rows = self.run("invoices.open", |s| {
            let own = s.invoices.values().filter(|one| one.tenant == tenant);
            own.filter(|one| one.is_open())
                .filter_map(|one| {
                    let bill = one.bill.as_ref()?;
                    let day = match basis {
                        ReminderBasis::InvoiceDate => bill.date,
                        ReminderBasis::DueDate => bill.due_date,
                    };
                    let place = format!("{day}#{}", one.key().key());
                    (first..=last).contains(&day).then(|| (place, one.clone()))
                })
                .collect()
        })?;
        page("invoices.open", tenant, rows, after, limit)
    }

    async fn save_invoice(&self, invoice: &mut Invoice) -> Result<Saved, StoreFailure> {
        let key = (invoice.tenant, invoice.key());
        let saved = self.run("invoices.save", |s| {
            let known = s.invoices.get(&key).map_or(0, |known| known.version);
            if known != invoice.version {
                return Saved::Stale;
            }
            let next = Invoice {
                version: invoice.version + 1,
                ..invoice.clone()
            };
            s.invoices.insert(key, next);
            Saved::Done
        })?;
        if saved == Saved::Done {
            invoice.version += 1;
        }
        Ok(saved)
    }
}

impl Workflows for MemoryStore {
    async fn workflow(
        &self,
        tenant: TenantId,
        name: WorkflowName,
    ) -> Result<Option<Workflow>, StoreFailure> {
        self.run("workflows.workflow", |s| {
            s.workflows.get(&(tenant, name)).cloned()
        })
    }

    async fn save_workflow(
        &self,
        workflow: &mut Workflow,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        let key = (workflow.tenant, workflow.name);
        let saved = self.run("workflows.save", |s| {
            let known = s.workflows.get(&key).map_or(0, |known| known.version);
            if known != workflow.version {
                return Saved::Stale;
            }
            let next = Workflow {
                version: workflow.version + 1,
                ..workflow.clone()
            };
            s.workflows.insert(key, next);
            s.audit.push((workflow.tenant, audit.clone()));
            Saved::Done
        })?;
        if saved == Saved::Done {
            workflow.version += 1;
        }
        Ok(saved)
    }
}
