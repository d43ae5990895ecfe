//! Bulk jobs.

mod accepting;
mod changing;
mod expanding;
mod storms;

use std::collections::BTreeMap;

use domain::{
    bulk::Run,
    failure::AppFailure,
    ids::JobId,
    job::Totals,
    message::{Message, MessageType},
    principal::Role,
    service::{
        accept::{DraftContent, IdempotencyKey},
        bulk::{AcceptBulk, BulkAccepted, BulkDraft, Control, NewRow, Recipients},
    },
};
use testkit::{
    fakes::{FakeClock, FakeLanes},
    memory::MemoryStore,
};

use crate::world::World;

/// A world whose company may send campaigns.
pub fn world() -> World {
    let world = World::new();
    {
        let mut state = world.store.state();
        let tenant = state.tenants.get_mut(&world.acme.tenant.id).unwrap();
        tenant.settings.marketing = true;
        let plan = tenant.plan.as_mut().unwrap();
        (plan.daily_messages, plan.bulk_per_cycle) = (20_000, 30_000);
    }
    world
}

pub fn number(n: u32) -> String {
    format!("+9733300{n:04}")
}

pub fn row(n: u32) -> NewRow {
    NewRow {
        to: number(n),
        name: Some(format!("Person {n}")),
        parameters: BTreeMap::from([("city".into(), format!("Town {n}"))]),
    }
}

pub fn draft(rows: Vec<NewRow>) -> BulkDraft {
    BulkDraft {
        channel: None,
        message_type: MessageType::Promotion,
        content: DraftContent::Text {
            body: "Dear {name}, we open in {city}.".into(),
        },
        recipients: Recipients::Inline(rows),
        priority: 0,
        scheduled_for: None,
        keep_good_rows: false,
        context: None,
    }
}

pub fn of(count: u32) -> BulkDraft {
    draft((0..count).map(row).collect())
}

impl World {
    pub fn bulk(&self) -> AcceptBulk<'_, MemoryStore, MemoryStore, FakeLanes, FakeClock> {
        AcceptBulk {
            store: &self.store,
            files: &self.store,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    pub fn control(&self) -> Control<'_, MemoryStore, FakeLanes, FakeClock> {
        Control {
            store: &self.store,
            lanes: &self.lanes,
            clock: &self.clock,
        }
    }

    pub async fn open(&self, draft: BulkDraft) -> Result<BulkAccepted, AppFailure> {
        self.bulk()
            .run(&self.acme.user(Role::Manager), draft, None)
            .await
    }

    pub async fn open_with(
        &self,
        draft: BulkDraft,
        key: &IdempotencyKey,
    ) -> Result<BulkAccepted, AppFailure> {
        self.bulk()
            .run(&self.acme.user(Role::Manager), draft, Some(key))
            .await
    }

    pub fn run_of(&self, job: JobId) -> Run {
        self.store.state().runs[&(self.acme.tenant.id, job)].clone()
    }

    pub fn rows_of(&self, job: JobId) -> Vec<Message> {
        let state = self.store.state();
        let mut rows: Vec<_> = state
            .messages
            .values()
            .filter(|message| message.job == job)
            .cloned()
            .collect();
        rows.sort_by_key(|message| message.row);
        rows
    }

    /// The texts that the provider was given, in order.
    pub fn said(&self) -> Vec<String> {
        let sent = self.gate.sent();
        let sends = sent
            .iter()
            .filter(|(_, request)| request.path.starts_with("/messages/text"));
        sends
            .map(|(_, request)| {
                request.body.clone().unwrap()["body"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    }

    /// Totals, which always sum to the size.
    pub async fn summed(&self, job: JobId) -> Totals {
        let totals = self.totals(job).await;
        assert_eq!(totals.sum(), self.run_of(job).size, "{totals:?}");
        totals
    }

    /// What is used of the day and of the cycle.
    pub fn used(&self, run: &Run) -> (u32, u32) {
        let state = self.store.state();
        (
            state.usage[&(run.tenant, run.usage_day)],
            state.bulk_usage[&(run.tenant, run.cycle)],
        )
    }
}
