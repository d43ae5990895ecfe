//! Inbound messages: written once, with contact and conversation, all of it or nothing. Only where the
//! copy of a file stands changes afterwards.

mod copy;

use domain::{
    conversation::Conversation,
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, ContactId, ConversationId, MessageId, TenantId},
    message::{InboundMessage, MediaCopy},
    ports::{Inbox, Received, Reception, Saved},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::copy::{CopyItem, first_due};
use crate::{
    Store, contact,
    conversation::{self, Aim},
    keys::{TenantKeys, tenant_and_conversation},
    schema::LIST,
    shape::{Id, Item, Row, When, corrupt, read},
    table::{Read, TenantTable},
    write::{Held, Transacted, Write},
};

const OPERATION: &str = "inbox.receive";

// Places in the transaction of the writes whose conditions mean something; the writer, if new, is next.
const MESSAGE: usize = 0;
const CONVERSATION: usize = 1;
const WRITER: usize = 2;

#[derive(Serialize, Deserialize)]
struct InboundItem {
    #[serde(skip_serializing)]
    lp: String,
    c: Id,
    k: Id,
    /// What the provider calls it.
    i: String,
    /// Whether the tenant's own phone sent it.
    e: bool,
    at: When,
    ar: When,
    /// Content and answer as JSON.
    w: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q: Option<String>,
    /// Where the copy of its file stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cp: Option<CopyItem>,
}

fn inbound_row(message: &InboundMessage) -> Result<Row, StoreFailure> {
    let refused = |_| StoreFailure::new(OPERATION, StoreFailureKind::Refused).because("no JSON");
    let keys = TenantKeys::new(message.tenant);
    let item = InboundItem {
        lp: String::new(),
        c: Id(message.channel.uuid()),
        k: Id(message.contact.uuid()),
        i: message.provider_id.clone(),
        e: message.from_us,
        at: When(message.at),
        ar: When(message.arrived_at),
        w: serde_json::to_string(&message.content).map_err(refused)?,
        q: message
            .answers
            .as_ref()
            .map(serde_json::to_string)
            .transpose()
            .map_err(refused)?,
        cp: message.copy.as_ref().map(CopyItem::first),
    };
    let thread = keys.thread(message.conversation, message.at, message.id);
    Ok(Row::new(OPERATION, keys.inbound(message.id), &item)?
        .listed(LIST, &thread)
        .due(first_due(message).as_ref()))
}

/// Reads an inbound message whose key is known.
pub(crate) fn inbound(
    operation: &'static str,
    tenant: TenantId,
    id: MessageId,
    item: Item,
) -> Result<InboundMessage, StoreFailure> {
    let damaged = || corrupt(operation);
    let item: InboundItem = read(operation, item)?;
    let (owner, conversation) = tenant_and_conversation(&item.lp).ok_or_else(damaged)?;
    if owner != tenant {
        return Err(damaged());
    }
    Ok(InboundMessage {
        id,
        tenant,
        channel: ChannelId::from_uuid(item.c.0),
        conversation,
        contact: ContactId::from_uuid(item.k.0),
        provider_id: item.i,
        from_us: item.e,
        at: item.at.0,
        arrived_at: item.ar.0,
        content: serde_json::from_str(&item.w).map_err(|_| damaged())?,
        answers: item
            .q
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|_| damaged())?,
        copy: item
            .cp
            .map(|copy| copy.copy().ok_or_else(damaged))
            .transpose()?,
    })
}

impl TenantTable<'_> {
    async fn receive(&self, reception: &Reception) -> Result<Received, StoreFailure> {
        let message = &reception.message;
        let put = Write::put(inbound_row(message)?).when_new();
        let new = &reception.contact;
        let claimed = contact::claim(OPERATION, new, &reception.claimed)?;
        // Somebody who was read before is there, and nothing of them changes.
        let mut writer = match new.version {
            0 => Some(contact::meet(OPERATION, new)?),
            _ => None,
        };
        let mut aim = Aim::at(message.conversation);
        // Each round aims lower or knows more; there are as many as there is to learn.
        loop {
            let mut writes = vec![put.clone(), conversation::receive(reception, aim)];
            writes.extend(writer.clone());
            writes.extend(claimed.iter().cloned());
            let mut reasons = match self.transact(OPERATION, &writes).await? {
                Transacted::Applied => return Ok(Received::New),
                Transacted::Held(reasons) => reasons,
            };
            if let Some(stands) = Held::item(&mut reasons, MESSAGE) {
                let stands = stands.ok_or_else(|| corrupt(OPERATION))?;
                let stands = inbound(OPERATION, message.tenant, message.id, stands)?;
                return Ok(Received::Duplicate(Box::new(stands)));
            }
            if let Some(stands) = Held::item(&mut reasons, CONVERSATION) {
                aim = aim.again(OPERATION, stands)?;
                continue;
            }
            if writer.is_some()
                && let Some(stands) = Held::item(&mut reasons, WRITER)
            {
                writer = contact::met(OPERATION, new, stands)?;
                continue;
            }
            // A further name that leads to somebody else by now: whoever tries again learns to whom.
            return Err(StoreFailure::new(OPERATION, StoreFailureKind::Conflict));
        }
    }
}

impl Inbox for Store {
    async fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreFailure> {
        self.tenant(tenant).conversation(id).await
    }

    async fn receive(&self, reception: &Reception) -> Result<Received, StoreFailure> {
        self.tenant(reception.message.tenant)
            .receive(reception)
            .await
    }

    async fn inbound(
        &self,
        tenant: TenantId,
        id: MessageId,
    ) -> Result<Option<InboundMessage>, StoreFailure> {
        const OPERATION: &str = "inbound.read";
        let table = self.tenant(tenant);
        let item = table
            .item(OPERATION, &table.keys().inbound(id), Read::Strong)
            .await?;
        item.map(|item| inbound(OPERATION, tenant, id, item))
            .transpose()
    }

    async fn move_copy(
        &self,
        message: &InboundMessage,
        to: &MediaCopy,
        due: Option<Timestamp>,
    ) -> Result<Saved, StoreFailure> {
        self.tenant(message.tenant)
            .move_copy(message, to, due)
            .await
    }
}
