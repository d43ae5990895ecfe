//! The message log.

use std::collections::HashMap;

use domain::{
    failure::StoreFailure,
    ids::{ContactId, TenantId},
    ports::{LogOrder, LogPage, LogPart, LogRange, MessageLog},
};

use super::{MemoryStore, page};

impl MessageLog for MemoryStore {
    async fn log(
        &self,
        tenant: TenantId,
        range: &LogRange,
        after: Option<&str>,
        limit: u16,
    ) -> Result<LogPage, StoreFailure> {
        const OPERATION: &str = "log.read";
        self.run(OPERATION, |s| {
            let rows = s
                .messages
                .values()
                .filter(|message| message.tenant == tenant)
                .filter(|message| match &range.part {
                    LogPart::Classes(classes) => classes.contains(&message.status().class()),
                    LogPart::Threads(threads) => threads.contains(&message.conversation),
                })
                .filter(|message| range.from.is_none_or(|from| message.created_at >= from))
                .filter(|message| range.until.is_none_or(|until| message.created_at <= until))
                .map(|message| {
                    let (at, id) = (message.created_at, message.id.uuid());
                    let sort = match range.order {
                        LogOrder::NewestFirst => page::newest_first(at, id),
                        LogOrder::OldestFirst => page::oldest_first(at, id),
                    };
                    let position = format!("{}{sort}", tenant.key());
                    (sort, (message.clone(), position))
                })
                .collect();
            let page = page::page(OPERATION, tenant, rows, after, limit)?;
            Ok(LogPage {
                items: page.items,
                next: page.next,
            })
        })?
    }

    async fn contact_names(
        &self,
        tenant: TenantId,
        contacts: &[ContactId],
    ) -> Result<HashMap<ContactId, String>, StoreFailure> {
        self.run("contacts.names", |s| {
            let named = contacts.iter().filter_map(|id| {
                let place = s.slots.get(&(tenant, *id)).unwrap_or(id);
                let contact = s.contacts.get(&(tenant, *place))?;
                Some((*id, contact.name.clone()?))
            });
            named.collect()
        })
    }
}
