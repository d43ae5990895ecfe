//! Inbound messages: written once, with contact and conversation, all of it or nothing.

use domain::{
    conversation::Conversation,
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, ContactId, ConversationId, MessageId, TenantId},
    message::InboundMessage,
    ports::{Inbox, Received, Reception},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, contact,
    conversation::{self, Place},
    keys::{TenantKeys, tenant_and_conversation},
    schema::LIST,
    shape::{Id, Item, Row, When, corrupt, read},
    write::{Held, Transacted, Write},
};

const OPERATION: &str = "inbox.receive";

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
    };
    let thread = keys.thread(message.conversation, message.at, message.id);
    Ok(Row::new(OPERATION, keys.inbound(message.id), &item)?.listed(LIST, &thread))
}

/// Reads an inbound message whose key is known.
fn inbound(tenant: TenantId, id: MessageId, item: Item) -> Result<InboundMessage, StoreFailure> {
    let damaged = || corrupt(OPERATION);
    let item: InboundItem = read(OPERATION, item)?;
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
    })
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
        let message = &reception.message;
        let table = self.tenant(message.tenant);
        let put = Write::put(inbound_row(message)?).when_new();
        let contact = contact::meet(&reception.contact);
        let mut place = Place::Newest;
        // Each round stands in a weaker place; the weakest has no condition but the message's own.
        for _ in 0..3 {
            let moved = conversation::receive(reception, place);
            let writes = [put.clone(), moved, contact.clone()];
            match table.transact(OPERATION, &writes).await? {
                Transacted::Applied => return Ok(Received::New),
                Transacted::Held(mut reasons) => {
                    if let Some(stands) = Held::item(&mut reasons, 0) {
                        let stands = stands.ok_or_else(|| corrupt(OPERATION))?;
                        let stands = inbound(message.tenant, message.id, stands)?;
                        return Ok(Received::Duplicate(Box::new(stands)));
                    }
                }
            }
            place = place.weaker();
        }
        Err(StoreFailure::new(OPERATION, StoreFailureKind::Conflict))
    }
}
