//! Contacts as people read them: all of them by number, or those found by a number or a word.

use domain::{
    contact::Contact,
    failure::StoreFailure,
    ids::TenantId,
    ports::{ContactBook, Merger, Page, Saved},
};

use super::{Slot, slot};
use crate::{
    Store,
    keys::{CONTACT_SHARDS, Form, Key, contact_of_word},
    list::Part,
    shape::{Item, corrupt, text},
    table::{Range, Read, TenantTable, key_of},
};

/// The most that one search finds.
const MOST_FOUND: u16 = 200;

fn found(limit: u16) -> usize {
    usize::from(limit.clamp(1, MOST_FOUND))
}

impl TenantTable<'_> {
    fn contact_shards(&self) -> Vec<String> {
        (0..CONTACT_SHARDS)
            .map(|shard| self.keys().contacts_shard(shard))
            .collect()
    }

    async fn contacts(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Contact>, StoreFailure> {
        const OPERATION: &str = "contacts.list";
        let shards = self.contact_shards();
        let page = self
            .page_of(OPERATION, Form::Number, &shards, after, limit)
            .await?;
        Ok(Page {
            items: standing(OPERATION, page.items)?,
            next: page.next,
        })
    }

    async fn contacts_by_number(
        &self,
        digits: &str,
        limit: u16,
    ) -> Result<Vec<Contact>, StoreFailure> {
        const OPERATION: &str = "contacts.find";
        let shards = self.contact_shards();
        let (listed, _) = self
            .merged(OPERATION, &shards, Part::Beginning(digits), found(limit))
            .await?;
        standing(OPERATION, self.get_listed(OPERATION, &listed).await?)
    }

    async fn contacts_by_word(
        &self,
        beginning: &str,
        limit: u16,
    ) -> Result<Vec<Contact>, StoreFailure> {
        const OPERATION: &str = "contacts.find";
        let limit = found(limit);
        let words = self.keys().words(beginning);
        let range = Range {
            index: None,
            partition: &words.pk,
            sort: Some("begins_with(#s, :beginning)"),
            filter: None,
            values: vec![(":beginning", text(&words.sk))],
            read: Read::Eventual,
            // Several words of one name may begin alike.
            limit: limit * 2,
        };
        let mut keys: Vec<Key> = Vec::new();
        for item in self.query(OPERATION, &range).await? {
            let (_, sk) = key_of(OPERATION, &item)?;
            let contact = contact_of_word(&sk).ok_or_else(|| corrupt(OPERATION))?;
            let key = self.keys().contact(contact);
            if keys.len() < limit && !keys.contains(&key) {
                keys.push(key);
            }
        }
        let items = self.get_surely(OPERATION, &keys).await?;
        let mut contacts = standing(OPERATION, items)?;
        contacts.sort_by_cached_key(|contact| self.keys().contacts(contact).sort);
        Ok(contacts)
    }
}

/// The contacts among these items: what leads to another is left out, for that one is found by itself.
fn standing(operation: &'static str, items: Vec<Item>) -> Result<Vec<Contact>, StoreFailure> {
    let mut contacts = Vec::with_capacity(items.len());
    for item in items {
        match slot(operation, item)? {
            Slot::Contact(contact) => contacts.push(*contact),
            Slot::Redirect(_) => {}
        }
    }
    Ok(contacts)
}

impl ContactBook for Store {
    async fn contacts(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Contact>, StoreFailure> {
        self.tenant(tenant).contacts(after, limit).await
    }

    async fn find_contacts(
        &self,
        tenant: TenantId,
        prefix: &str,
        limit: u16,
    ) -> Result<Vec<Contact>, StoreFailure> {
        let table = self.tenant(tenant);
        if prefix.is_empty() {
            return Ok(Vec::new());
        }
        if prefix.bytes().all(|b| b.is_ascii_digit()) {
            return table.contacts_by_number(prefix, limit).await;
        }
        table.contacts_by_word(prefix, limit).await
    }

    async fn merge_contacts(&self, merger: &Merger) -> Result<Saved, StoreFailure> {
        self.tenant(merger.survivor.tenant)
            .merge_contacts(merger)
            .await
    }
}
