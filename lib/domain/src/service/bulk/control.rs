//! What people do to a bulk job: pause it, resume it, cancel it.

use tracing::{info, warn};

use crate::{
    bulk::{Run, RunState, Unchangeable},
    failure::AppFailure,
    ids::JobId,
    ports::{AuditEntry, Clock, HandOver, Lanes, Rows, Runs, Saved},
    principal::Principal,
};

/// How often a write is tried when a pass keeps being first.
const TRIES: u8 = 6;

/// What changing a job needs.
#[derive(Debug)]
pub struct Control<'a, S, L, C> {
    /// Storage.
    pub store: &'a S,
    /// The lanes.
    pub lanes: &'a L,
    /// The time.
    pub clock: &'a C,
}

impl<S, L, C> Control<'_, S, L, C>
where
    S: Rows + Runs,
    L: Lanes,
    C: Clock,
{
    /// Holds a job back: nothing of it is sent until it is resumed, except what is being sent right now.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT when it is over.
    pub async fn pause(&self, principal: &Principal, id: JobId) -> Result<Run, AppFailure> {
        self.change(principal, id, RunState::Paused, "pause").await
    }

    /// Lets a paused job go on.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT when it is over.
    pub async fn resume(&self, principal: &Principal, id: JobId) -> Result<Run, AppFailure> {
        self.change(principal, id, RunState::Running, "resume")
            .await
    }

    /// Gives up what was not attempted, and gives its places in the limits back. What was attempted is
    /// not touched.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT when everything was attempted.
    pub async fn cancel(&self, principal: &Principal, id: JobId) -> Result<Run, AppFailure> {
        self.change(principal, id, RunState::Cancelled, "cancel")
            .await
    }

    /// A bulk job as it stands.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for another tenant's job and for one that is no bulk job.
    pub async fn find(&self, principal: &Principal, id: JobId) -> Result<Run, AppFailure> {
        let run = self.store.run(principal.tenant(), id).await?;
        run.ok_or_else(|| AppFailure::not_found("There is no such bulk job."))
    }

    async fn change(
        &self,
        principal: &Principal,
        id: JobId,
        to: RunState,
        action: &'static str,
    ) -> Result<Run, AppFailure> {
        for _ in 0..TRIES {
            let now = self.clock.now();
            let mut run = self.find(principal, id).await?;
            if run.state == to {
                return Ok(run);
            }
            let changed = match to {
                RunState::Paused => run.pause(now),
                RunState::Running => run.resume(now),
                RunState::Cancelled => run.cancel(now),
                RunState::Done => Err(Unchangeable::Done),
            };
            changed.map_err(|why| conflict(action, why))?;
            let give_back = match to {
                RunState::Cancelled => run.unclaimed(),
                RunState::Paused | RunState::Running | RunState::Done => 0,
            };
            let audit = AuditEntry::new(principal.user(), "jobs", action, id, now)
                .with("rows_made", run.next);
            if self.store.change_run(&mut run, give_back, &audit).await? == Saved::Done {
                info!(job.id = %id, tenant.id = %run.tenant, "{action} of job `{id}`");
                self.hand_over(&run).await;
                return Ok(run);
            }
        }
        Err(
            AppFailure::conflict("The job is changing right now. Please try again in a moment.")
                .with_detail("reason", "BUSY"),
        )
    }

    async fn hand_over(&self, run: &Run) {
        if run.due.is_none() {
            return;
        }
        let hand_over = HandOver::expand(run, self.clock.now());
        if let Err(failure) = self.lanes.hand_over(&hand_over).await {
            warn!(job.id = %run.job, error = %failure, "no hand-over of job `{}`; the sweep makes up for it", run.job);
        }
    }
}

fn conflict(action: &'static str, why: Unchangeable) -> AppFailure {
    let (verb, reason) = match (action, why) {
        ("pause", Unchangeable::Done) => ("paused", "DONE"),
        ("pause", Unchangeable::Cancelled) => ("paused", "CANCELLED"),
        ("resume", Unchangeable::Done) => ("resumed", "DONE"),
        ("resume", Unchangeable::Cancelled) => ("resumed", "CANCELLED"),
        (_, Unchangeable::Done) => ("cancelled", "DONE"),
        (_, Unchangeable::Cancelled) => ("cancelled", "CANCELLED"),
    };
    AppFailure::conflict(format!("The job cannot be {verb}: {why}.")).with_detail("reason", reason)
}
