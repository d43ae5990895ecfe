//! Accepting a bulk job: every row is judged, the good ones are kept, and then one transaction makes the
//! job. Rows whose job was never made expire.

use futures::{StreamExt, TryStreamExt, stream};
use tracing::{info, warn};

use super::{
    draft::{BulkDraft, Recipients, upload_key},
    judge::{Judged, Yardstick, judge},
    open::{Ready, opening},
    report,
    sheet::{self, Sheet},
};
use crate::{
    bulk::{CHUNK_ROWS, FrozenRow, MOST_INLINE, MOST_PRIORITY, ORPHANED, Run},
    failure::{AppFailure, FieldProblem, StoreFailure},
    ids::JobId,
    job::Job,
    message::{Content, Context, Trigger},
    ports::{
        Acceptances, Clock, Directory, Files, HandOver, IdempotencyRecord, Lanes, Opened, Outbox,
        ProviderTemplates, Rows, Runs,
    },
    principal::Principal,
    provider::Adapters,
    service::{
        check::{named_channel, scheduled},
        draft::IdempotencyKey,
        import::RowProblem,
        preflight::{self, Cause, Reason},
    },
    tenant::{PlanLimits, Tenant},
};

/// Chunks of rows that are stored side by side.
const AT_ONCE: usize = 25;

/// What accepting bulk jobs needs.
#[derive(Debug)]
pub struct AcceptBulk<'a, S, F, L, C> {
    /// Storage.
    pub store: &'a S,
    /// Uploads and reports.
    pub files: &'a F,
    /// The lanes.
    pub lanes: &'a L,
    /// The time.
    pub clock: &'a C,
    /// The adapters.
    pub adapters: Adapters,
}

/// An accepted bulk job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkAccepted {
    /// The job.
    pub job: Job,
    /// How far it is.
    pub run: Run,
    /// The first problems of rows that were left out.
    pub problems: Vec<RowProblem>,
    /// Whether it was accepted by an earlier request with the same key.
    pub repeated: bool,
}

impl<S, F, L, C> AcceptBulk<'_, S, F, L, C>
where
    S: Directory + Acceptances + ProviderTemplates + Outbox + Rows + Runs,
    F: Files,
    L: Lanes,
    C: Clock,
{
    /// Accepts a bulk job.
    ///
    /// # Errors
    /// VALIDATION with every wrong field, or with the first wrong rows and how many there are;
    /// `NOT_FOUND` for a channel or an upload of somebody else, CONFLICT for a used key or a channel
    /// that cannot send, FORBIDDEN with its reason for a plan limit.
    pub async fn run(
        &self,
        principal: &Principal,
        draft: BulkDraft,
        key: Option<&IdempotencyKey>,
    ) -> Result<BulkAccepted, AppFailure> {
        let now = self.clock.now();
        if let Some(key) = key {
            let known = self
                .store
                .repeated(principal.tenant(), &key.key, now)
                .await?;
            if let Some(record) = known {
                return self.repeat(principal, key, &record).await;
            }
        }
        let (ready, recipients, plan) = self.check(principal, draft).await?;
        let sheet = self.sheet(principal, recipients).await?;
        let limits = (self.adapters)(ready.channel.provider)
            .capabilities()
            .limits;
        let yardstick = Yardstick {
            content: &ready.content,
            limits: &limits,
        };
        let judged = judge(sheet, &yardstick);
        if judged.good.is_empty() || judged.bad > 0 && !ready.keep_good_rows {
            return Err(report::refusal(&judged));
        }
        self.fits(&ready, &plan, judged.good.len()).await?;
        let job = JobId::fresh();
        self.keep(&ready.tenant, job, &judged.good).await?;
        let report = self.report(&ready.tenant, job, &judged).await?;
        let (daily, bulk) = (ready.daily_limit(&plan), ready.bulk_limit(&plan));
        let opening = opening(principal, ready, &judged, job, report, &plan, key, now);
        match self.store.open(&opening).await? {
            Opened::Done => {
                let mut run = opening.run;
                run.version = 1;
                info!(
                    job.id = %job, tenant.id = %run.tenant, rows = run.size,
                    "accepted job `{job}` of {} rows", run.size
                );
                self.hand_over(&run).await;
                let mut problems = judged.problems;
                problems.truncate(report::TOLD);
                Ok(BulkAccepted {
                    job: opening.job,
                    run,
                    problems,
                    repeated: false,
                })
            }
            Opened::Repeated(record) => match key {
                Some(key) => self.repeat(principal, key, &record).await,
                None => Err(AppFailure::unknown("a key was repeated that nobody gave")),
            },
            Opened::DailyLimit => Err(daily),
            Opened::BulkLimit => Err(bulk),
        }
    }

    async fn check(
        &self,
        principal: &Principal,
        draft: BulkDraft,
    ) -> Result<(Ready, Recipients, PlanLimits), AppFailure> {
        let now = self.clock.now();
        let mut reasons = Vec::new();
        let context = draft
            .context
            .as_ref()
            .map(|(kind, id)| Context::parse(kind, id));
        let context = context.transpose().unwrap_or_else(|problems| {
            reasons.extend(problems.into_iter().map(Reason::Field));
            None
        });
        let scheduled_for = scheduled(draft.scheduled_for.as_deref(), now, &mut reasons);
        reasons.extend(counts(&draft));
        let tenant = self
            .store
            .tenant(principal.tenant())
            .await?
            .ok_or_else(|| AppFailure::forbidden("This company has no account yet."))?;
        let channel = named_channel(self.store, &tenant, draft.channel.as_deref()).await?;
        let adapter = (self.adapters)(channel.provider);
        let content = Content::from(draft.content);
        let cause = Cause {
            message_type: draft.message_type,
            trigger: scheduled_for.map_or(Trigger::Manual, |_| Trigger::Scheduled),
        };
        let starts = scheduled_for.unwrap_or(now);
        reasons.extend(preflight::standing(&tenant, &channel, None, cause, starts));
        if let Content::Template(template) = &content {
            let account = channel.account.as_deref().unwrap_or(&channel.provider_ref);
            let known = self
                .store
                .template(tenant.id, account, &template.name, &template.language)
                .await?;
            reasons.extend(preflight::template(&tenant, known.as_ref(), None));
        }
        reasons.extend(preflight::no_plan(&tenant, now));
        let (true, Some(plan)) = (reasons.is_empty(), tenant.plan.clone()) else {
            return Err(preflight::refusal(reasons));
        };
        let ready = Ready {
            polled: adapter.capabilities().polled && adapter.build_status(&channel, "").is_ok(),
            usage_day: tenant.day(starts),
            tenant,
            channel,
            content,
            cause,
            context,
            scheduled_for,
            priority: draft.priority,
            keep_good_rows: draft.keep_good_rows,
        };
        Ok((ready, draft.recipients, plan))
    }

    async fn sheet(
        &self,
        principal: &Principal,
        recipients: Recipients,
    ) -> Result<Sheet, AppFailure> {
        match recipients {
            Recipients::Inline(rows) => Ok(sheet::inline(rows)),
            Recipients::Upload(upload) => {
                let key = upload_key(principal.tenant(), upload);
                let bytes = self.files.get(&key).await?.ok_or_else(|| {
                    AppFailure::not_found(
                        "There is no such upload, or its file did not arrive yet. POST /v1/uploads makes one.",
                    )
                })?;
                sheet::file(&bytes)
            }
        }
    }

    /// Refused before anything is kept; the transaction still decides.
    async fn fits(&self, ready: &Ready, plan: &PlanLimits, rows: usize) -> Result<(), AppFailure> {
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        let tenant = ready.tenant.id;
        let used = self.store.used(tenant, ready.usage_day).await?;
        if used.saturating_add(rows) > plan.daily_messages {
            return Err(ready.daily_limit(plan));
        }
        let used = self.store.used_bulk(tenant, ready.cycle()).await?;
        if used.saturating_add(rows) > plan.bulk_per_cycle {
            return Err(ready.bulk_limit(plan));
        }
        Ok(())
    }

    async fn keep(
        &self,
        tenant: &Tenant,
        job: JobId,
        rows: &[FrozenRow],
    ) -> Result<(), StoreFailure> {
        let expires_at = self.clock.now() + ORPHANED;
        let chunks = (0_u32..).zip(rows.chunks(CHUNK_ROWS as usize));
        let mut keeping = Vec::new();
        for (chunk, rows) in chunks {
            let kept = self
                .store
                .keep_rows(tenant.id, job, chunk, rows, expires_at);
            keeping.push(kept);
        }
        stream::iter(keeping)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn report(
        &self,
        tenant: &Tenant,
        job: JobId,
        judged: &Judged,
    ) -> Result<Option<String>, StoreFailure> {
        if judged.problems.is_empty() {
            return Ok(None);
        }
        let key = report::key(tenant.id, job);
        self.files
            .put(&key, report::file(&judged.problems)?)
            .await?;
        Ok(Some(key))
    }

    async fn hand_over(&self, run: &Run) {
        let now = self.clock.now();
        if run.starts_at() > now {
            return;
        }
        if let Err(failure) = self.lanes.hand_over(&HandOver::expand(run, now)).await {
            warn!(job.id = %run.job, error = %failure, "no hand-over of job `{}`; the sweep makes up for it", run.job);
        }
    }

    async fn repeat(
        &self,
        principal: &Principal,
        key: &IdempotencyKey,
        record: &IdempotencyRecord,
    ) -> Result<BulkAccepted, AppFailure> {
        if record.request != key.request {
            return Err(AppFailure::conflict(
                "This Idempotency-Key was used with another body. Use a new key for a new job.",
            )
            .with_detail("reason", "IDEMPOTENCY_KEY_REUSED"));
        }
        let tenant = principal.tenant();
        let job = self.store.job(tenant, record.job).await?;
        let run = self.store.run(tenant, record.job).await?;
        let (Some(job), Some(run)) = (job, run) else {
            return Err(AppFailure::unknown("an idempotency record without its job"));
        };
        Ok(BulkAccepted {
            job,
            run,
            problems: Vec::new(),
            repeated: true,
        })
    }
}

fn counts(draft: &BulkDraft) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut wrong = |field, code, message: String| {
        reasons.push(Reason::Field(FieldProblem::new(field, code, message)));
    };
    if draft.priority > MOST_PRIORITY {
        let message = format!("use a number from 0 to {MOST_PRIORITY}; the highest goes first");
        wrong("priority", "RANGE", message);
    }
    if let Recipients::Inline(rows) = &draft.recipients
        && (rows.is_empty() || rows.len() > MOST_INLINE)
    {
        let message = format!(
            "list 1 to {MOST_INLINE} recipients; more come as a file, see POST /v1/uploads"
        );
        wrong("recipients", "COUNT", message);
    }
    reasons
}
