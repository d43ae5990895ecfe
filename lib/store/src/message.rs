//! Outbound messages: the item that statuses rewrite, and what the message says beside it.

mod facts;
mod payload;
mod stored;

use domain::{
    failure::StoreFailure,
    ids::{MessageId, TenantId},
    message::{Message, Payload},
    notice::Notice,
    ports::{AuditEntry, Messages, Saved},
};

pub(crate) use self::{
    payload::{content, payload_row},
    stored::{letter, message, message_row, type_of},
};
use crate::{
    Store, audit, notice,
    shape::{Item, number},
    table::{Read, TenantTable},
    usage,
    write::{Held, Transacted, Write, Written, nonce},
};

/// The write that replaces a message, if nobody did since it was read, and its nonce.
struct Replacement {
    write: Write,
    version: u32,
    nonce: Vec<u8>,
}

impl Replacement {
    fn of(operation: &'static str, message: &Message) -> Result<Self, StoreFailure> {
        let nonce = nonce();
        let version = message.version.saturating_add(1);
        let row = message_row(operation, message, version, &nonce)?;
        let write = Write::put(row);
        let write = match message.version {
            // A row of a bulk job, which begins like this.
            0 => write.when_new(),
            version => write.when("v = :v").value(":v", number(version)),
        };
        Ok(Self {
            write,
            version,
            nonce,
        })
    }

    /// What a false condition means: our own write whose answer was lost, or somebody else's.
    fn judge(&self, stands: Option<&Item>) -> Saved {
        let ours = stands.is_some_and(|item| {
            let version = item.get("v").and_then(|v| v.as_n().ok());
            let nonce = item.get("n").and_then(|n| n.as_b().ok());
            version == Some(&self.version.to_string())
                && nonce.is_some_and(|nonce| nonce.as_ref() == self.nonce)
        });
        if ours { Saved::Done } else { Saved::Stale }
    }

    fn finish(&self, message: &mut Message, saved: Saved) -> Saved {
        if saved == Saved::Done {
            message.version = self.version;
        }
        saved
    }
}

impl TenantTable<'_> {
    pub(crate) async fn messages(
        &self,
        operation: &'static str,
        ids: &[MessageId],
    ) -> Result<Vec<Message>, StoreFailure> {
        let keys: Vec<_> = ids.iter().map(|id| self.keys().message(*id)).collect();
        self.get_all(operation, &keys, Read::Strong)
            .await?
            .into_iter()
            .map(|item| message(operation, item))
            .collect()
    }

    pub(crate) async fn replace(
        &self,
        operation: &'static str,
        message: &mut Message,
    ) -> Result<Saved, StoreFailure> {
        let replacement = Replacement::of(operation, message)?;
        let saved = match self.write(operation, &replacement.write).await? {
            Written::Applied(_) => Saved::Done,
            Written::Held(stands) => replacement.judge(stands.as_ref()),
        };
        Ok(replacement.finish(message, saved))
    }

    /// Replaces the message together with `beside`; where only conditions of `beside` stand in the
    /// way, with `otherwise` instead.
    pub(crate) async fn replace_beside(
        &self,
        operation: &'static str,
        message: &mut Message,
        beside: Vec<Write>,
        otherwise: Vec<Write>,
    ) -> Result<Saved, StoreFailure> {
        let replacement = Replacement::of(operation, message)?;
        for others in [beside, otherwise] {
            let mut writes = vec![replacement.write.clone()];
            writes.extend(others);
            let saved = match self.transact(operation, &writes).await? {
                Transacted::Applied => Saved::Done,
                Transacted::Held(mut reasons) => match Held::item(&mut reasons, 0) {
                    Some(stands) => replacement.judge(stands.as_ref()),
                    None => continue,
                },
            };
            return Ok(replacement.finish(message, saved));
        }
        Ok(Saved::Stale)
    }
}

impl Messages for Store {
    async fn message(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<Message>, StoreFailure> {
        const OPERATION: &str = "message.read";
        let table = self.tenant(tenant);
        let item: Option<stored::MessageItem> = table
            .get(OPERATION, &table.keys().message(id), Read::Strong)
            .await?;
        item.map(|item| item.message(OPERATION)).transpose()
    }

    async fn payload(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<Payload>, StoreFailure> {
        self.tenant(tenant).payload(id).await
    }

    async fn save(
        &self,
        message: &mut Message,
        notice: Option<&Notice>,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "message.save";
        let table = self.tenant(message.tenant);
        let Some(notice) = notice else {
            return table.replace(OPERATION, message).await;
        };
        // A notice that is there already was called for by the same failure: it stays as it stands.
        let notice = notice::first(OPERATION, notice)?;
        table
            .replace_beside(OPERATION, message, vec![notice], Vec::new())
            .await
    }

    async fn withdraw(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "message.withdraw";
        let tenant = message.tenant;
        let note = audit::note(OPERATION, tenant, audit)?;
        let place = usage::give_back(tenant, message.usage_day, 1);
        // A counter that is gone or at nothing has no place to give back.
        self.tenant(tenant)
            .replace_beside(OPERATION, message, vec![place, note.clone()], vec![note])
            .await
    }

    async fn save_audited(
        &self,
        message: &mut Message,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "message.save_audited";
        let note = audit::note(OPERATION, message.tenant, audit)?;
        self.tenant(message.tenant)
            .replace_beside(OPERATION, message, vec![note.clone()], vec![note])
            .await
    }
}
