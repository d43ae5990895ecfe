//! Business events: what came, packed, and what became of it.

use domain::{
    business::{EventRecord, Happened, Step, StepState},
    failure::{StoreFailure, StoreFailureKind},
    ids::{EventId, MessageId, TenantId, UserId},
    message::MessageType,
    ports::{EventBook, EventKept, EventList, Page, Saved},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    compress::{pack, unpack},
    keys::{EVENT_SHARDS, Form, TenantKeys, due_of, event_of},
    list::each,
    schema::LIST,
    shape::{Blob, Id, Item, Row, When, corrupt, days_after, number, read},
    table::{Read, TenantTable, key_of},
    write::{Write, Written},
};

/// How long an event is remembered: as long as what keeps its messages from being accepted twice.
const DAYS: i64 = 90;

#[derive(Serialize, Deserialize)]
struct EventItem {
    /// What came, packed.
    b: Blob,
    /// Who told it, and when it came.
    w: String,
    ca: When,
    /// What became of it, and what followed.
    st: Happened,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sp: Vec<StepItem>,
    /// Tries so far, and when the sweep looks at it.
    tr: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    du: Option<When>,
    /// Version.
    v: u32,
    ttl: i64,
}

/// A step: its type, and a message, or why there is none, or nothing where the company wants none.
#[derive(Serialize, Deserialize)]
struct StepItem {
    t: char,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    m: Option<Id>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<String>,
}

impl From<&Step> for StepItem {
    fn from(step: &Step) -> Self {
        let (m, c, r) = match &step.state {
            StepState::Accepted(id) => (Some(Id(id.uuid())), None, None),
            StepState::Off => (None, None, None),
            StepState::Refused { code, reason } => (None, Some(code.clone()), Some(reason.clone())),
        };
        Self {
            t: step.message_type.letter(),
            m,
            c,
            r,
        }
    }
}

impl StepItem {
    fn step(self) -> Option<Step> {
        let state = match (self.m, self.c) {
            (Some(Id(id)), _) => StepState::Accepted(MessageId::from_uuid(id)),
            (None, Some(code)) => StepState::Refused {
                code,
                reason: self.r.unwrap_or_default(),
            },
            (None, None) => StepState::Off,
        };
        Some(Step {
            message_type: MessageType::from_letter(self.t)?,
            state,
        })
    }
}

/// The item of an event at this version.
fn row(operation: &'static str, record: &EventRecord, version: u32) -> Result<Row, StoreFailure> {
    let refused = || StoreFailure::new(operation, StoreFailureKind::Refused);
    let body = serde_json::to_vec(&record.event).map_err(|cause| refused().because(cause))?;
    let keys = TenantKeys::new(record.tenant);
    let id = record.id();
    let item = EventItem {
        b: Blob(pack(&body).map_err(|cause| refused().because(cause))?),
        w: record.told_by.as_str().to_owned(),
        ca: When(record.arrived_at),
        st: record.state,
        sp: record.steps.iter().map(StepItem::from).collect(),
        tr: record.tries,
        du: record.due.map(When),
        v: version,
        ttl: days_after(record.arrived_at, DAYS),
    };
    let due = record.due.map(|at| due_of(at, id.uuid()));
    Ok(Row::new(operation, keys.event(id), &item)?
        .listed(LIST, &keys.events(record.arrived_at, id))
        .due(due.as_ref()))
}

fn record(operation: &'static str, item: Item) -> Result<EventRecord, StoreFailure> {
    let damaged = || corrupt(operation);
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, id) = event_of(&pk, &sk).ok_or_else(damaged)?;
    let item: EventItem = read(operation, item)?;
    let body = unpack(&item.b.0).ok_or_else(damaged)?;
    let steps = item.sp.into_iter().map(StepItem::step);
    let record = EventRecord {
        tenant,
        told_by: UserId::new(&item.w),
        event: serde_json::from_slice(&body).map_err(|_damaged| damaged())?,
        arrived_at: item.ca.0,
        state: item.st,
        steps: steps.collect::<Option<_>>().ok_or_else(damaged)?,
        tries: item.tr,
        due: item.du.map(|When(at)| at),
        version: item.v,
    };
    if record.id() != id {
        return Err(damaged());
    }
    Ok(record)
}

impl TenantTable<'_> {
    async fn events(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<EventRecord>, StoreFailure> {
        const OPERATION: &str = "events.list";
        let shards: Vec<String> = (0..EVENT_SHARDS)
            .map(|shard| self.keys().events_shard(shard))
            .collect();
        let page = self
            .page_of(OPERATION, Form::Newest, &shards, after, limit)
            .await?;
        each(page, |item| record(OPERATION, item))
    }
}

impl EventBook for Store {
    async fn keep_event(&self, event: &EventRecord) -> Result<EventKept, StoreFailure> {
        const OPERATION: &str = "event.keep";
        let table = self.tenant(event.tenant);
        let write = Write::put(row(OPERATION, event, event.version)?).when_new();
        match table.write(OPERATION, &write).await? {
            Written::Applied(_) => Ok(EventKept::New),
            Written::Held(stands) => {
                let stands = stands.ok_or_else(|| corrupt(OPERATION))?;
                let known = record(OPERATION, stands)?;
                // Our own write, whose answer was lost.
                if known == *event {
                    return Ok(EventKept::New);
                }
                Ok(EventKept::Known(Box::new(known)))
            }
        }
    }

    async fn event(
        &self,
        tenant: TenantId,
        id: EventId,
    ) -> Result<Option<EventRecord>, StoreFailure> {
        const OPERATION: &str = "event.read";
        let table = self.tenant(tenant);
        let key = table.keys().event(id);
        let item = table.item(OPERATION, &key, Read::Strong).await?;
        item.map(|item| record(OPERATION, item)).transpose()
    }

    async fn save_event(&self, event: &mut EventRecord) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "event.save";
        let table = self.tenant(event.tenant);
        let next = EventRecord {
            version: event.version.saturating_add(1),
            ..event.clone()
        };
        let write = Write::put(row(OPERATION, &next, next.version)?)
            .when("v = :seen")
            .value(":seen", number(event.version));
        let saved = match table.write(OPERATION, &write).await? {
            Written::Applied(_) => Saved::Done,
            // Our own write, whose answer was lost, or another's that came to the same.
            Written::Held(Some(item)) if record(OPERATION, item.clone())? == next => Saved::Done,
            Written::Held(_) => Saved::Stale,
        };
        if saved == Saved::Done {
            event.version = next.version;
        }
        Ok(saved)
    }
}

impl EventList for Store {
    async fn events(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<EventRecord>, StoreFailure> {
        self.tenant(tenant).events(after, limit).await
    }
}
