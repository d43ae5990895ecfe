//! A thread as people read it: outbound messages with what they say, and inbound ones, of one
//! conversation and of those it took in.

use domain::{
    bulk::fill,
    failure::StoreFailure,
    ids::ConversationId,
    message::{Content, Message},
    ports::{Page, ThreadItem},
};

use crate::{
    inbound,
    keys::{Form, Key, inbound_of, message_of},
    list::{Listed, Part, page},
    message::{self, content},
    shape::{Item, corrupt},
    table::{TenantTable, key_of},
};

const OPERATION: &str = "thread.read";

impl TenantTable<'_> {
    pub(crate) async fn thread(
        &self,
        threads: &[ConversationId],
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<ThreadItem>, StoreFailure> {
        let after = self.position(OPERATION, Form::Newest, after)?;
        let mut partitions: Vec<String> = threads
            .iter()
            .map(|thread| self.keys().thread_of(*thread))
            .collect();
        partitions.sort();
        partitions.dedup();
        let (listed, next) = self
            .merged(OPERATION, &partitions, Part::After(after), page(limit))
            .await?;
        let mut keys: Vec<Key> = Vec::with_capacity(listed.len() * 2);
        for entry in &listed {
            keys.push(entry.key.clone());
            keys.extend(self.payload_of(entry));
        }
        let mut items = self
            .get_surely(OPERATION, &keys)
            .await?
            .into_iter()
            .peekable();
        let mut thread = Vec::with_capacity(listed.len());
        while let Some(item) = items.next() {
            let (pk, sk) = key_of(OPERATION, &item)?;
            if let Some((tenant, id)) = inbound_of(&pk, &sk) {
                let inbound = inbound::inbound(OPERATION, tenant, id, item)?;
                thread.push(ThreadItem::Inbound(Box::new(inbound)));
                continue;
            }
            // What an outbound message says stands beside it, and so comes after it.
            let beside = items.next_if(|next| beside(next, &pk));
            let message = message::message(OPERATION, item)?;
            let content = match beside {
                Some(beside) => content(OPERATION, beside)?,
                None => self.frozen_content(&message).await?,
            };
            thread.push(ThreadItem::Outbound(Box::new((message, content))));
        }
        Ok(Page {
            items: thread,
            next,
        })
    }

    /// What a message of a bulk job says: nothing stands beside it.
    async fn frozen_content(&self, message: &Message) -> Result<Content, StoreFailure> {
        let frozen = self.frozen_row(OPERATION, message.job, message.row).await?;
        frozen
            .and_then(|(content, row)| fill(&content, &row).ok())
            .ok_or_else(|| corrupt(OPERATION))
    }

    /// Where it stands what an outbound message says.
    fn payload_of(&self, entry: &Listed) -> Option<Key> {
        let (_, id) = message_of(&entry.key.pk, &entry.key.sk)?;
        Some(self.keys().payload(id))
    }
}

fn beside(item: &Item, pk: &str) -> bool {
    key_of(OPERATION, item).is_ok_and(|(partition, _)| partition == pk)
}
