//! Contacts, and the index they are found by.

use domain::{
    contact::{Alias, Contact},
    failure::StoreFailure,
    ids::{ContactId, TenantId},
    ports::{AuditEntry, ContactBook, Contacts, Merger, Page, Saved, SearchIndex},
    search,
};

use super::{MemoryStore, State, page::page};

impl Contacts for MemoryStore {
    async fn contact(
        &self,
        tenant: TenantId,
        alias: &Alias,
    ) -> Result<Option<Contact>, StoreFailure> {
        let slot = ContactId::of_alias(tenant, alias.as_str());
        self.run("contacts.contact", |s| s.known(tenant, slot).cloned())
    }

    async fn contact_by_id(
        &self,
        tenant: TenantId,
        id: ContactId,
    ) -> Result<Option<Contact>, StoreFailure> {
        self.run("contacts.by_id", |s| s.known(tenant, id).cloned())
    }

    async fn save_contact(
        &self,
        contact: &mut Contact,
        claimed: &[Alias],
        audit: Option<&AuditEntry>,
    ) -> Result<Saved, StoreFailure> {
        self.run("contacts.save", |s| s.save_contact(contact, claimed, audit))
    }
}

impl ContactBook for MemoryStore {
    async fn contacts(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Contact>, StoreFailure> {
        const OPERATION: &str = "contacts.list";
        self.run(OPERATION, |s| {
            let rows = s.of_tenant(tenant).map(by_number).collect();
            page(OPERATION, tenant, rows, after, limit)
        })?
    }

    async fn find_contacts(
        &self,
        tenant: TenantId,
        prefix: &str,
        limit: u16,
    ) -> Result<Vec<Contact>, StoreFailure> {
        self.run("contacts.find", |s| {
            let mut found: Vec<(String, Contact)> = s
                .of_tenant(tenant)
                .filter(|contact| begins(contact, prefix) || s.indexed(contact, prefix))
                .map(by_number)
                .collect();
            found.sort_by(|(one, _), (other, _)| one.cmp(other));
            found.truncate(usize::from(limit));
            found.into_iter().map(|(_, contact)| contact).collect()
        })
    }

    async fn merge_contacts(&self, merger: &Merger) -> Result<Saved, StoreFailure> {
        self.run("contacts.merge", |s| s.merge(merger))?
    }
}

impl SearchIndex for MemoryStore {
    async fn index_contact(
        &self,
        tenant: TenantId,
        contact: ContactId,
        words: &[String],
        stale: &[String],
    ) -> Result<(), StoreFailure> {
        self.run("search.index", |s| {
            for word in stale {
                if let Some(contacts) = s.words.get_mut(&(tenant, word.clone())) {
                    contacts.remove(&contact);
                }
            }
            for word in words {
                let contacts = s.words.entry((tenant, word.clone())).or_default();
                contacts.insert(contact);
            }
        })
    }
}

impl State {
    fn of_tenant(&self, tenant: TenantId) -> impl Iterator<Item = &Contact> {
        let own = move |contact: &&Contact| contact.tenant == tenant;
        self.contacts.values().filter(own)
    }

    /// Whether the index, which may lag, says that a word of the contact begins like this.
    fn indexed(&self, contact: &Contact, prefix: &str) -> bool {
        self.words
            .range((contact.tenant, prefix.to_owned())..)
            .take_while(|((tenant, word), _)| *tenant == contact.tenant && word.starts_with(prefix))
            .flat_map(|(_, contacts)| contacts)
            .any(|id| self.leads_to(contact.tenant, *id) == contact.id)
    }
}

/// Those without a number come last.
fn by_number(contact: &Contact) -> (String, Contact) {
    let number = contact.phone.as_ref().map_or("~", |phone| phone.as_str());
    let sort = format!("{number}#{}", contact.id.key());
    (sort, contact.clone())
}

fn begins(contact: &Contact, prefix: &str) -> bool {
    let number = contact.phone.as_ref().map_or("", |phone| phone.digits());
    let words = contact.name.as_deref().map(search::words);
    let mut words = words.unwrap_or_default().into_iter();
    number.starts_with(prefix) || words.any(|word| word.starts_with(prefix))
}
