//! Everything that opening a bulk job stores at once, from a draft that passed every check.

use jiff::{Timestamp, civil::Date};

use super::judge::Judged;
use crate::{
    bulk::{Run, RunState},
    channel::Channel,
    copy::LIMIT_NOTE,
    failure::AppFailure,
    ids::{JobId, MessageId},
    job::Job,
    message::{Content, Context, MadeFrom},
    ports::{AuditEntry, IdempotencyRecord, Opening},
    principal::Principal,
    service::{draft::IdempotencyKey, preflight::Cause},
    tenant::{PlanLimits, Tenant},
};

/// A draft that passed every check but that of its rows.
pub(super) struct Ready {
    pub(super) tenant: Tenant,
    pub(super) channel: Channel,
    pub(super) content: Content,
    pub(super) cause: Cause,
    pub(super) context: Option<Context>,
    pub(super) scheduled_for: Option<Timestamp>,
    pub(super) usage_day: Date,
    pub(super) priority: u8,
    pub(super) keep_good_rows: bool,
    pub(super) polled: bool,
}

impl Ready {
    /// The cycle that the job counts against.
    pub(super) fn cycle(&self) -> Date {
        self.tenant.cycle(self.usage_day)
    }

    /// A limit that has no room for the job, and when it begins anew.
    pub(super) fn daily_limit(&self, plan: &PlanLimits) -> AppFailure {
        let resets = self.tenant.day_after(self.usage_day);
        limit("DAILY_LIMIT", plan.daily_messages, resets)
    }

    /// The same of the cycle.
    pub(super) fn bulk_limit(&self, plan: &PlanLimits) -> AppFailure {
        let resets = self.tenant.cycle_end(self.usage_day);
        limit("BULK_LIMIT", plan.bulk_per_cycle, resets)
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "each is a thing of its own that the transaction holds"
)]
pub(super) fn opening(
    principal: &Principal,
    ready: Ready,
    judged: &Judged,
    job: JobId,
    report: Option<String>,
    plan: &PlanLimits,
    key: Option<&IdempotencyKey>,
    now: Timestamp,
) -> Opening {
    let size = u32::try_from(judged.good.len()).unwrap_or(u32::MAX);
    let cycle = ready.cycle();
    let kind = ready.content.kind();
    let audit = AuditEntry::new(principal.user(), "jobs", "accept", job, now)
        .with("rows", size)
        .with("left_out", judged.bad);
    Opening {
        job: Job {
            id: job,
            tenant: principal.tenant(),
            channel: ready.channel.id,
            size,
            bulk: true,
            kind,
            message_type: ready.cause.message_type,
            trigger: ready.cause.trigger,
            created_at: now,
            created_by: principal.user().clone(),
        },
        run: Run {
            job,
            tenant: principal.tenant(),
            channel: ready.channel.id,
            state: RunState::Running,
            size,
            priority: ready.priority,
            created_at: now,
            scheduled_for: ready.scheduled_for,
            adopted: false,
            next: 0,
            settled: 0,
            usage_day: ready.usage_day,
            cycle,
            kind,
            message_type: ready.cause.message_type,
            trigger: ready.cause.trigger,
            policy: ready.tenant.auto_retry(),
            polled: ready.polled,
            context: ready.context,
            made_from: MadeFrom::of(&ready.content),
            left_out: judged.bad,
            report,
            // Its rows are to be kept for good at once, whenever it begins.
            due: Some(now),
            version: 0,
        },
        content: ready.content,
        daily_limit: plan.daily_messages,
        bulk_limit: plan.bulk_per_cycle,
        idempotency: key.map(|key| IdempotencyRecord {
            key: key.key.clone(),
            request: key.request.clone(),
            job,
            message: MessageId::of_row(job, 0),
            expires_at: now + key.lifetime,
        }),
        audit,
    }
}

fn limit(reason: &'static str, limit: u32, resets: Option<Timestamp>) -> AppFailure {
    let failure = AppFailure::forbidden(LIMIT_NOTE)
        .with_detail("reason", reason)
        .with_detail("limit", limit.to_string());
    match resets {
        Some(at) => failure.with_detail("resets_at", at.to_string()),
        None => failure,
    }
}
