//! Contacts. The id follows from the first alias, so looking that one up is one read. Every further
//! alias has an item in the place of the contact it would have been, which holds nothing but where it
//! leads to.

mod book;
mod merge;
mod names;
mod places;
mod words;

use std::collections::BTreeSet;

use domain::{
    contact::{Alias, Consent, Contact},
    failure::{StoreFailure, StoreFailureKind},
    ids::{ContactId, TenantId},
    phone::PhoneNumber,
    ports::{AuditEntry, Contacts, Saved},
};
use serde::{Deserialize, Serialize};

pub(crate) use self::places::claim;
use crate::{
    Store, audit,
    keys::{Key, TenantKeys, contact_of},
    schema::LIST,
    shape::{Blob, Id, Item, Row, When, corrupt, number, read, text},
    table::{Read, TenantTable, key_of},
    update::Update,
    write::{Transacted, Write, Written, nonce},
};

/// How many redirects are followed: a merge leaves one, and leads the older ones on.
const HOPS: u8 = 4;

#[derive(Serialize, Deserialize)]
struct ContactItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<PhoneNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shown: Option<String>,
    /// Where they live, and the tenant's words for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zn: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    tg: BTreeSet<String>,
    consent: Consent,
    /// Since when that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ct: Option<When>,
    /// The aliases; contacts from before there were several have only their number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    al: Vec<String>,
    /// Version; contacts from before there was one are at 1.
    #[serde(default = "first")]
    v: u32,
    /// Nonce of the last write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<Blob>,
}

const fn first() -> u32 {
    1
}

/// What stands in the place of a further alias.
#[derive(Serialize, Deserialize)]
struct Redirect {
    to: Id,
}

/// What stands in a contact's place.
enum Slot {
    Contact(Box<Contact>),
    Redirect(ContactId),
}

impl ContactItem {
    fn of(contact: &Contact, version: u32) -> Self {
        Self {
            phone: contact.phone.clone(),
            shown: contact.name.clone(),
            zn: contact.zone.clone(),
            tg: contact.tags.clone(),
            consent: contact.consent,
            ct: contact.consent_at.map(When),
            al: contact
                .aliases
                .iter()
                .map(|alias| alias.as_str().to_owned())
                .collect(),
            v: version,
            n: Some(Blob(nonce())),
        }
    }

    fn contact(self, tenant: TenantId, id: ContactId) -> Option<Contact> {
        let mut aliases = Vec::with_capacity(self.al.len());
        for alias in &self.al {
            aliases.push(Alias::stored(alias)?);
        }
        if aliases.is_empty() {
            aliases.extend(self.phone.as_ref().map(Alias::phone));
        }
        Some(Contact {
            id,
            tenant,
            phone: self.phone,
            name: self.shown,
            aliases,
            zone: self.zn,
            tags: self.tg,
            consent: self.consent,
            consent_at: self.ct.map(|When(at)| at),
            version: self.v,
        })
    }
}

/// Reads what stands in a contact's place.
fn slot(operation: &'static str, item: Item) -> Result<Slot, StoreFailure> {
    let damaged = || corrupt(operation);
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = contact_of(&pk, &sk).ok_or_else(damaged)?;
    if item.contains_key("to") {
        let Redirect { to } = read(operation, item)?;
        return Ok(Slot::Redirect(ContactId::from_uuid(to.0)));
    }
    let item: ContactItem = read(operation, item)?;
    let contact = item.contact(tenant, id).ok_or_else(damaged)?;
    Ok(Slot::Contact(Box::new(contact)))
}

fn row(operation: &'static str, contact: &Contact, version: u32) -> Result<Row, StoreFailure> {
    let keys = TenantKeys::new(contact.tenant);
    let item = ContactItem::of(contact, version);
    Ok(Row::new(operation, keys.contact(contact.id), &item)?.listed(LIST, &keys.contacts(contact)))
}

/// Writes a new contact. One that is there already stays as it is.
pub(crate) fn meet(operation: &'static str, contact: &Contact) -> Result<Write, StoreFailure> {
    Ok(Write::put(row(operation, contact, first())?).when_new())
}

/// What is left to write of a new contact when somebody else met them meanwhile: the name, if that is
/// not known yet.
///
/// # Errors
/// Conflict when their place leads to another contact by now: whoever tries again learns to whom.
pub(crate) fn met(
    operation: &'static str,
    contact: &Contact,
    stands: Option<Item>,
) -> Result<Option<Write>, StoreFailure> {
    let conflict = || StoreFailure::new(operation, StoreFailureKind::Conflict);
    let Slot::Contact(known) = slot(operation, stands.ok_or_else(conflict)?)? else {
        return Err(conflict());
    };
    let Some(name) = contact.name.as_deref().filter(|_| known.name.is_none()) else {
        return Ok(None);
    };
    let mut update = Update::of(TenantKeys::new(contact.tenant).contact(contact.id));
    update.when("attribute_exists(consent) AND attribute_not_exists(shown)");
    update.set("shown", text(name));
    update.set("v", number(known.version.saturating_add(1)));
    update.when("v = :known");
    update.value("known", number(known.version));
    Ok(Some(update.write()))
}

/// Writes a contact one version on, if nobody did since it was read.
fn replace(operation: &'static str, contact: &Contact) -> Result<Write, StoreFailure> {
    let write = Write::put(row(operation, contact, contact.version.saturating_add(1))?);
    Ok(at_version(write, contact.version))
}

/// Only when the contact is at this version. What leads to another contact has none.
fn at_version(write: Write, version: u32) -> Write {
    if version == 0 {
        return write.when_new();
    }
    let condition = if version == first() {
        "v = :v OR (attribute_exists(consent) AND attribute_not_exists(v))"
    } else {
        "v = :v"
    };
    write.when(condition).value(":v", number(version))
}

impl TenantTable<'_> {
    /// The contact that stands in this place, or where it leads to.
    async fn contact_at(&self, key: Key, freshness: Read) -> Result<Option<Contact>, StoreFailure> {
        const OPERATION: &str = "contact.read";
        let Some(mut item) = self.item(OPERATION, &key, freshness).await? else {
            return Ok(None);
        };
        for _ in 0..HOPS {
            let id = match slot(OPERATION, item)? {
                Slot::Contact(contact) => return Ok(Some(*contact)),
                Slot::Redirect(id) => id,
            };
            // What leads somewhere is written together with where it leads.
            let key = self.keys().contact(id);
            let next = self.item(OPERATION, &key, Read::Strong).await?;
            item = next.ok_or_else(|| corrupt(OPERATION))?;
        }
        match slot(OPERATION, item)? {
            Slot::Contact(contact) => Ok(Some(*contact)),
            // Round and round.
            Slot::Redirect(_) => Err(corrupt(OPERATION)),
        }
    }

    async fn save_contact(
        &self,
        contact: &Contact,
        claimed: &[Alias],
        audit: Option<&AuditEntry>,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "contact.save";
        let replacement = replace(OPERATION, contact)?;
        let mut writes = vec![replacement.clone()];
        writes.extend(claim(OPERATION, contact, claimed)?);
        if let Some(entry) = audit {
            writes.push(audit::note(OPERATION, contact.tenant, entry)?);
        }
        if writes.len() > 1 {
            return Ok(match self.transact(OPERATION, &writes).await? {
                Transacted::Applied => Saved::Done,
                Transacted::Held(_) => Saved::Stale,
            });
        }
        Ok(match self.write(OPERATION, &replacement).await? {
            Written::Applied(_) => Saved::Done,
            // Our own write, whose answer was lost.
            Written::Held(Some(item)) if replacement.puts(&item) => Saved::Done,
            Written::Held(_) => Saved::Stale,
        })
    }
}

impl Contacts for Store {
    async fn contact(
        &self,
        tenant: TenantId,
        alias: &Alias,
    ) -> Result<Option<Contact>, StoreFailure> {
        let table = self.tenant(tenant);
        let key = table.keys().alias(alias);
        table.contact_at(key, Read::Eventual).await
    }

    async fn contact_by_id(
        &self,
        tenant: TenantId,
        id: ContactId,
    ) -> Result<Option<Contact>, StoreFailure> {
        let table = self.tenant(tenant);
        // Strong: what somebody else changed a moment ago is what is changed next.
        table
            .contact_at(table.keys().contact(id), Read::Strong)
            .await
    }

    async fn save_contact(
        &self,
        contact: &mut Contact,
        claimed: &[Alias],
        audit: Option<&AuditEntry>,
    ) -> Result<Saved, StoreFailure> {
        let table = self.tenant(contact.tenant);
        let saved = table.save_contact(contact, claimed, audit).await?;
        if saved == Saved::Done {
            contact.version = contact.version.saturating_add(1);
        }
        Ok(saved)
    }
}
