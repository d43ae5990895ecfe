//! The stored shape of a message. Names are one or two letters, ids are bytes and the conversation
//! is only in the index key, because this item is rewritten by every status: it must stay below one
//! kilobyte.

use domain::{
    contact::Recipient,
    failure::StoreFailure,
    ids::{ChannelId, ContactId, JobId},
    message::{
        Context, Kind, MadeFrom, Message, MessageType, Phase, RetryPolicy, Sending, Status, Trigger,
    },
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::facts::FactsItem;
use crate::{
    keys::{TenantKeys, due, message_of, tenant_and_conversation},
    schema::{LIST, LOG},
    shape::{Blob, Id, Item, Row, When, corrupt, read},
    size::item_size,
};

/// What the item may weigh. A unit is 1,024 bytes; the rest is room for a number that grows a digit.
pub(super) const MOST: usize = 1_000;

#[derive(Serialize, Deserialize)]
pub(super) struct MessageItem {
    #[serde(skip_serializing)]
    pk: String,
    #[serde(skip_serializing)]
    sk: String,
    #[serde(skip_serializing)]
    lp: String,
    /// Version.
    v: u32,
    /// Nonce of the last write.
    n: Blob,
    /// Job and row.
    j: Id,
    r: u32,
    /// Channel, contact, and whom it goes to: the number with its plus, or a provider's name.
    c: Id,
    k: Id,
    to: String,
    /// Kind, what it is for, and trigger.
    y: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<char>,
    g: Trigger,
    /// Created, updated, scheduled for.
    ca: When,
    ua: When,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sf: Option<When>,
    /// The day whose limit it counts against.
    ud: Date,
    /// Phase, its time, whether the coming attempt counts as a retry.
    p: PhaseName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pt: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pc: Option<bool>,
    /// Attempts and retries so far.
    a: u16,
    q: u8,
    /// Retry policy: most, minutes between, mail.
    pm: u8,
    pi: u16,
    pe: bool,
    /// When the sweep must look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    du: Option<When>,
    /// Whether it waits for the end of quiet hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    qh: Option<bool>,
    /// How often the provider was asked for its status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    po: Option<u8>,
    /// What it is about: type and id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    xt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    xi: Option<String>,
    /// The template it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mf: Option<String>,
    /// Since when the person it answers had waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    aw: Option<When>,
    /// Code of the shown status, for whoever reads the stream; derived, never read back.
    s: u8,
    #[serde(default)]
    f: FactsItem,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum PhaseName {
    #[serde(rename = "r")]
    Ready,
    #[serde(rename = "c")]
    Calling,
    #[serde(rename = "u")]
    Unknown,
    #[serde(rename = "a")]
    Accepted,
    #[serde(rename = "f")]
    Failed,
    #[serde(rename = "x")]
    Cancelled,
}

/// The item of a message at this version, listed in its indexes: in the due index only while
/// something is open.
pub(crate) fn message_row(
    operation: &'static str,
    message: &Message,
    version: u32,
    nonce: &[u8],
) -> Result<Row, StoreFailure> {
    let mut item = MessageItem::of(message, version, nonce);
    let row = listed(operation, message, &item)?;
    let excess = item_size(&row.item).saturating_sub(MOST);
    if excess == 0 {
        return Ok(row);
    }
    item.f.shorten_reasons(excess);
    listed(operation, message, &item)
}

fn listed(
    operation: &'static str,
    message: &Message,
    item: &MessageItem,
) -> Result<Row, StoreFailure> {
    let keys = TenantKeys::new(message.tenant);
    let thread = keys.thread(message.conversation, message.created_at, message.id);
    let log = keys.log(message.status().class(), message.created_at, message.id);
    let due = message.sending.due.map(|at| due(at, message.id));
    Ok(Row::new(operation, keys.message(message.id), item)?
        .listed(LIST, &thread)
        .listed(LOG, &log)
        .due(due.as_ref()))
}

/// How a type is stored: nothing for what nobody named, which is most of them.
pub(crate) fn letter(message_type: MessageType) -> Option<char> {
    (message_type != MessageType::Other).then(|| message_type.letter())
}

/// The type of a stored letter; none when there is no such letter.
pub(crate) fn type_of(letter: Option<char>) -> Option<MessageType> {
    letter.map_or(Some(MessageType::Other), MessageType::from_letter)
}

/// Reads a message from its item.
pub(crate) fn message(operation: &'static str, item: Item) -> Result<Message, StoreFailure> {
    read::<MessageItem>(operation, item)?.message(operation)
}

impl MessageItem {
    fn of(message: &Message, version: u32, nonce: &[u8]) -> Self {
        let sending = &message.sending;
        let (p, pt, pc) = match sending.phase {
            Phase::Ready { at, counts } => (PhaseName::Ready, Some(at), counts.then_some(true)),
            Phase::Calling { lease } => (PhaseName::Calling, Some(lease), None),
            Phase::Unknown { since } => (PhaseName::Unknown, Some(since), None),
            Phase::Accepted => (PhaseName::Accepted, None, None),
            Phase::Failed => (PhaseName::Failed, None, None),
            Phase::Cancelled => (PhaseName::Cancelled, None, None),
        };
        Self {
            pk: String::new(),
            sk: String::new(),
            lp: String::new(),
            v: version,
            n: Blob(nonce.to_vec()),
            j: Id(message.job.uuid()),
            r: message.row,
            c: Id(message.channel.uuid()),
            k: Id(message.contact.uuid()),
            to: message.to.as_str().to_owned(),
            y: message.kind,
            t: letter(message.message_type),
            g: message.trigger,
            ca: When(message.created_at),
            ua: When(message.updated_at),
            sf: message.scheduled_for.map(When),
            ud: message.usage_day,
            p,
            pt: pt.map(When),
            pc,
            a: sending.attempt,
            q: sending.retries,
            pm: sending.policy.max,
            pi: sending.policy.interval_minutes,
            pe: sending.policy.notify,
            du: sending.due.map(When),
            qh: sending.quiet.then_some(true),
            po: sending.polls,
            xt: message.context.as_ref().map(|context| context.kind.clone()),
            xi: message.context.as_ref().map(|context| context.id.clone()),
            mf: message.made_from.as_ref().map(MadeFrom::word),
            aw: message.answers_since.map(When),
            s: message.status().code(),
            f: FactsItem::from(&message.facts),
        }
    }

    pub(super) fn message(self, operation: &'static str) -> Result<Message, StoreFailure> {
        let damaged = || corrupt(operation);
        let (tenant, id) = message_of(&self.pk, &self.sk).ok_or_else(damaged)?;
        let (owner, conversation) = tenant_and_conversation(&self.lp).ok_or_else(damaged)?;
        if owner != tenant || self.to.is_empty() || Status::from_code(self.s).is_none() {
            return Err(damaged());
        }
        let time = self.pt.map(|When(at)| at).ok_or_else(damaged);
        let phase = match self.p {
            PhaseName::Ready => Phase::Ready {
                at: time?,
                counts: self.pc.unwrap_or(false),
            },
            PhaseName::Calling => Phase::Calling { lease: time? },
            PhaseName::Unknown => Phase::Unknown { since: time? },
            PhaseName::Accepted => Phase::Accepted,
            PhaseName::Failed => Phase::Failed,
            PhaseName::Cancelled => Phase::Cancelled,
        };
        Ok(Message {
            id,
            tenant,
            job: JobId::from_uuid(self.j.0),
            row: self.r,
            channel: ChannelId::from_uuid(self.c.0),
            conversation,
            contact: ContactId::from_uuid(self.k.0),
            to: Recipient::read(&self.to),
            kind: self.y,
            message_type: type_of(self.t).ok_or_else(damaged)?,
            trigger: self.g,
            context: self.xt.zip(self.xi).map(|(kind, id)| Context { kind, id }),
            made_from: self.mf.as_deref().and_then(MadeFrom::parse),
            answers_since: self.aw.map(|When(at)| at),
            created_at: self.ca.0,
            updated_at: self.ua.0,
            scheduled_for: self.sf.map(|When(at)| at),
            usage_day: self.ud,
            sending: Sending {
                phase,
                attempt: self.a,
                retries: self.q,
                policy: RetryPolicy {
                    max: self.pm,
                    interval_minutes: self.pi,
                    notify: self.pe,
                },
                due: self.du.map(|When(at)| at),
                quiet: self.qh.unwrap_or(false),
                polls: self.po,
            },
            facts: self.f.into(),
            version: self.v,
        })
    }
}
