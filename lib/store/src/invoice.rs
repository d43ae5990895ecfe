//! Invoices. One that is open is listed by its own date and by the date it is due.

use domain::{
    business::{Amount, Bill, Invoice},
    failure::StoreFailure,
    ids::{ContactId, InvoiceId, TenantId},
    ports::{Invoices, Page, Saved},
    settings::ReminderBasis,
};
use futures::future::try_join_all;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    keys::{Form, Key, Position, TenantKeys, invoice_of},
    list::{Listed, page},
    schema::{LIST, LOG},
    shape::{Id, Item, Row, When, corrupt, number, read, text},
    table::{Range, Read, TenantTable, key_of},
    write::{Write, Written},
};

#[derive(Serialize, Deserialize)]
struct InvoiceItem {
    /// Its id at the company.
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bill: Option<BillItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ia: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pa: Option<When>,
    v: u32,
}

#[derive(Serialize, Deserialize)]
struct BillItem {
    k: Id,
    to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    who: Option<String>,
    no: String,
    on: Date,
    by: Date,
    sum: Amount,
}

fn row(operation: &'static str, invoice: &Invoice) -> Result<Row, StoreFailure> {
    let keys = TenantKeys::new(invoice.tenant);
    let item = InvoiceItem {
        id: invoice.id.clone(),
        bill: invoice.bill.as_ref().map(|bill| BillItem {
            k: Id(bill.contact.uuid()),
            to: bill.phone.clone(),
            who: bill.customer_name.clone(),
            no: bill.number.clone(),
            on: bill.date,
            by: bill.due_date,
            sum: bill.amount.clone(),
        }),
        ia: invoice.issued_at.map(When),
        pa: invoice.paid_at.map(When),
        v: invoice.version,
    };
    let id = invoice.key();
    let row = Row::new(operation, keys.invoice(id), &item)?;
    Ok(match invoice.bill.as_ref().filter(|_| invoice.is_open()) {
        Some(bill) => row
            .listed(LIST, &keys.open_invoices(bill.date, id))
            .listed(LOG, &keys.due_invoices(bill.due_date, id)),
        None => row,
    })
}

fn invoice(operation: &'static str, item: Item) -> Result<Invoice, StoreFailure> {
    let damaged = || corrupt(operation);
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = invoice_of(&pk, &sk).ok_or_else(damaged)?;
    let item: InvoiceItem = read(operation, item)?;
    let invoice = Invoice {
        tenant,
        id: item.id,
        bill: item.bill.map(|bill| Bill {
            contact: ContactId::from_uuid(bill.k.0),
            phone: bill.to,
            customer_name: bill.who,
            number: bill.no,
            date: bill.on,
            due_date: bill.by,
            amount: bill.sum,
        }),
        issued_at: item.ia.map(|When(at)| at),
        paid_at: item.pa.map(|When(at)| at),
        version: item.v,
    };
    if invoice.key() == id {
        Ok(invoice)
    } else {
        Err(damaged())
    }
}

impl TenantTable<'_> {
    async fn open_invoices(
        &self,
        basis: ReminderBasis,
        (first, last): (Date, Date),
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Invoice>, StoreFailure> {
        const OPERATION: &str = "invoices.open";
        let (index, letter) = match basis {
            ReminderBasis::InvoiceDate => (LIST, 'o'),
            ReminderBasis::DueDate => (LOG, 'd'),
        };
        let after = self.position(OPERATION, Form::Day, after)?;
        // Ids are hexadecimal digits: `~` comes after all of them.
        let first = match after {
            Some(position) => format!("{}~", position.sort()),
            None => format!("{first}#"),
        };
        let last = format!("{last}#~");
        if first > last {
            return Ok(Page {
                items: Vec::new(),
                next: None,
            });
        }
        let limit = page(limit);
        let partitions: Vec<String> = self.keys().invoice_shards(letter).collect();
        let parts = partitions.iter().map(async |partition| {
            let range = Range {
                index: Some(index),
                partition,
                sort: Some("#s BETWEEN :first AND :last"),
                filter: None,
                values: vec![(":first", text(&first)), (":last", text(&last))],
                read: Read::Eventual,
                limit: limit + 1,
            };
            let items = self.query(OPERATION, &range).await?;
            let entries = items.iter().map(|item| self.entry(OPERATION, index, item));
            entries.collect::<Result<Vec<Listed>, StoreFailure>>()
        });
        let mut listed: Vec<Listed> = try_join_all(parts).await?.into_iter().flatten().collect();
        listed.sort_by(|one, other| one.sort.cmp(&other.sort));
        let more = listed.len() > limit;
        listed.truncate(limit);
        let end = listed.last().filter(|_| more);
        let next = end.map(|end| Position::write(self.id(), &end.sort));
        let keys: Vec<Key> = listed.into_iter().map(|entry| entry.key).collect();
        let mut items = Vec::with_capacity(keys.len());
        for item in self.get_all(OPERATION, &keys, Read::Strong).await? {
            let found = invoice(OPERATION, item)?;
            if found.is_open() {
                items.push(found);
            }
        }
        Ok(Page { items, next })
    }
}

impl Invoices for Store {
    async fn invoice(
        &self,
        tenant: TenantId,
        id: InvoiceId,
    ) -> Result<Option<Invoice>, StoreFailure> {
        const OPERATION: &str = "invoice.read";
        let table = self.tenant(tenant);
        let key = table.keys().invoice(id);
        let item = table.item(OPERATION, &key, Read::Strong).await?;
        item.map(|item| invoice(OPERATION, item)).transpose()
    }

    async fn open_invoices(
        &self,
        tenant: TenantId,
        basis: ReminderBasis,
        days: (Date, Date),
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Invoice>, StoreFailure> {
        let table = self.tenant(tenant);
        table.open_invoices(basis, days, after, limit).await
    }

    async fn save_invoice(&self, changed: &mut Invoice) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "invoice.save";
        let table = self.tenant(changed.tenant);
        let next = Invoice {
            version: changed.version.saturating_add(1),
            ..changed.clone()
        };
        let write = Write::put(row(OPERATION, &next)?);
        let write = if changed.version == 0 {
            write.when_new()
        } else {
            write
                .when("v = :seen")
                .value(":seen", number(changed.version))
        };
        let saved = match table.write(OPERATION, &write).await? {
            Written::Applied(_) => Saved::Done,
            // Our own write, whose answer was lost, or another's that came to the same.
            Written::Held(Some(item)) if invoice(OPERATION, item.clone())? == next => Saved::Done,
            Written::Held(_) => Saved::Stale,
        };
        if saved == Saved::Done {
            changed.version = next.version;
        }
        Ok(saved)
    }
}
