//! What is known of customers and invoices, as the newest event tells it.

use jiff::Timestamp;

use crate::{
    business::{Bill, BusinessEvent, Invoice, InvoiceIssued},
    contact::{Alias, Contact, MOST_ALIASES, tag},
    failure::{StoreFailure, StoreFailureKind},
    ids::{InvoiceId, TenantId},
    phone::PhoneNumber,
    ports::{Contacts, Invoices, Saved},
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// The person an event is about: a new contact, or what is new about a known one.
pub(super) async fn customer<S: Contacts>(
    store: &S,
    tenant: TenantId,
    event: &BusinessEvent,
) -> Result<Option<Contact>, StoreFailure> {
    let Some(customer) = &event.customer else {
        return Ok(None);
    };
    let Ok(phone) = PhoneNumber::parse(&customer.phone) else {
        return Ok(None);
    };
    for _ in 0..TRIES {
        let by_phone = store.contact(tenant, &Alias::phone(&phone)).await?;
        let by_id = match &customer.id {
            Some(id) => store.contact(tenant, &Alias::customer(id)).await?,
            None => None,
        };
        let id_is_free = by_id.is_none();
        // The number decides who is written to, so it decides who they are.
        let known = by_phone.or(by_id);
        let is_new = known.is_none();
        let mut contact = known.unwrap_or_else(|| Contact::met(tenant, &phone, None));
        let before = contact.clone();
        let mut claimed = Vec::new();
        let mut further = vec![Alias::phone(&phone)];
        if id_is_free {
            further.extend(customer.id.as_deref().map(Alias::customer));
        }
        for alias in further {
            if !contact.aliases.contains(&alias) && contact.aliases.len() < MOST_ALIASES {
                contact.aliases.push(alias.clone());
                claimed.push(alias);
            }
        }
        contact.phone = Some(phone.clone());
        if customer.name.is_some() {
            contact.name.clone_from(&customer.name);
        }
        if customer.zone.is_some() {
            contact.zone.clone_from(&customer.zone);
        }
        let tags = customer.tags.iter().filter_map(|text| tag(text));
        contact.tags.extend(tags);
        if contact == before && !is_new {
            return Ok(Some(contact));
        }
        if store.save_contact(&mut contact, &claimed, None).await? == Saved::Done {
            return Ok(Some(contact));
        }
    }
    Err(busy("events.customer"))
}

/// Notes what an invoice says.
pub(super) async fn issue<S: Invoices>(
    store: &S,
    tenant: TenantId,
    issued: &InvoiceIssued,
    event: &BusinessEvent,
    contact: &Contact,
    at: Timestamp,
) -> Result<(), StoreFailure> {
    let bill = Bill {
        contact: contact.id,
        phone: event
            .customer
            .as_ref()
            .map(|customer| customer.phone.clone())
            .unwrap_or_default(),
        customer_name: contact.name.clone(),
        number: issued.invoice_number.clone(),
        date: issued.invoice_date,
        due_date: issued.due_date,
        amount: issued.amount.clone(),
    };
    invoice(store, tenant, &issued.invoice_id, |invoice| {
        invoice.issue(bill.clone(), at)
    })
    .await
}

/// Changes an invoice, if the change changes anything.
pub(super) async fn invoice<S: Invoices>(
    store: &S,
    tenant: TenantId,
    id: &str,
    change: impl Fn(&mut Invoice) -> bool,
) -> Result<(), StoreFailure> {
    for _ in 0..TRIES {
        let known = store.invoice(tenant, InvoiceId::of(tenant, id)).await?;
        let mut invoice = known.unwrap_or_else(|| Invoice::unknown(tenant, id.to_owned()));
        if !change(&mut invoice) {
            return Ok(());
        }
        if store.save_invoice(&mut invoice).await? == Saved::Done {
            return Ok(());
        }
    }
    Err(busy("events.invoice"))
}

fn busy(operation: &'static str) -> StoreFailure {
    StoreFailure::new(operation, StoreFailureKind::Conflict)
}
