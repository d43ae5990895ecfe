//! Business events: kept before anything follows from them, each once.

use jiff::SignedDuration;
use tracing::{info, warn};

use crate::{
    business::{BusinessEvent, EventRecord, Happened},
    failure::AppFailure,
    ids::EventId,
    ports::{Clock, EventBook, EventKept, EventList, HandOver, Lanes, Page},
    principal::Principal,
};

/// How long after it came the sweep looks whether an event's hand-over was lost.
const GRACE: SignedDuration = SignedDuration::from_secs(60);

/// Events as they are told and looked at.
#[derive(Debug)]
pub struct EventDesk<'a, S, L, C> {
    /// Storage.
    pub store: &'a S,
    /// The lanes.
    pub lanes: &'a L,
    /// The time.
    pub clock: &'a C,
    /// Where files of events may be besides https addresses: `http://files.internal:8080/`.
    pub trusted_origin: Option<&'a str>,
}

/// An event that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// As it is kept.
    pub record: EventRecord,
    /// Whether it was told before.
    pub repeated: bool,
}

impl<S, L, C> EventDesk<'_, S, L, C>
where
    S: EventBook + EventList,
    L: Lanes,
    C: Clock,
{
    /// Keeps an event and hands it over. Told again under its id it is the same event.
    ///
    /// # Errors
    /// VALIDATION with every wrong field; CONFLICT when its id was another event's; storage failures.
    pub async fn tell(
        &self,
        principal: &Principal,
        event: BusinessEvent,
    ) -> Result<Told, AppFailure> {
        let problems = event.problems(self.trusted_origin);
        if !problems.is_empty() {
            return Err(AppFailure::validation(
                "The event cannot be so; see the fields.",
                problems,
            ));
        }
        let now = self.clock.now();
        let record = EventRecord {
            tenant: principal.tenant(),
            told_by: principal.user().clone(),
            event,
            arrived_at: now,
            state: Happened::Accepted,
            steps: Vec::new(),
            tries: 0,
            due: Some(now + GRACE),
            version: 1,
        };
        match self.store.keep_event(&record).await? {
            EventKept::New => {
                let kind = record.event.fact.kind().as_str();
                info!(tenant.id = %record.tenant, event.kind = kind, "kept an event `{kind}`");
                self.hand_over(&record).await;
                Ok(Told {
                    record,
                    repeated: false,
                })
            }
            EventKept::Known(known) if known.event == record.event => Ok(Told {
                record: *known,
                repeated: true,
            }),
            EventKept::Known(_) => Err(AppFailure::conflict(
                "Another event was told under this id. Give every event an id of its own.",
            )
            .with_detail("reason", "EVENT_ID_REUSED")),
        }
    }

    /// The sweep makes up for a hand-over that fails.
    async fn hand_over(&self, record: &EventRecord) {
        let hand_over = HandOver::event(record.tenant, record.id(), self.clock.now());
        if let Err(failure) = self.lanes.hand_over(&hand_over).await {
            warn!(tenant.id = %record.tenant, error = %failure, "no hand-over of an event; the sweep makes up for it");
        }
    }

    /// An event with what became of it, by the id that the company gave it.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for another company's event.
    pub async fn event(&self, principal: &Principal, id: &str) -> Result<EventRecord, AppFailure> {
        let tenant = principal.tenant();
        let record = self.store.event(tenant, EventId::of(tenant, id)).await?;
        record.ok_or_else(|| AppFailure::not_found("There is no such event."))
    }

    /// Events, newest first.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn events(
        &self,
        principal: &Principal,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<EventRecord>, AppFailure> {
        Ok(self.store.events(principal.tenant(), after, limit).await?)
    }
}
