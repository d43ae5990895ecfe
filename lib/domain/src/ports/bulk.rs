//! Bulk jobs as they are stored and worked.

use std::future::Future;

use jiff::{Timestamp, civil::Date};

use super::{AuditEntry, IdempotencyRecord, Saved};
use crate::{
    bulk::{Frozen, FrozenRow, Run},
    failure::StoreFailure,
    ids::{ChannelId, JobId, TenantId},
    job::Job,
    message::{Content, Message},
};

/// Everything that accepting a bulk job writes at once, after its rows were kept: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The job.
    pub job: Job,
    /// How far it is, at version 0; stored as version 1.
    pub run: Run,
    /// What it says, with its placeholders.
    pub content: Content,
    /// The day's limit of the tenant's plan; the whole job must fit.
    pub daily_limit: u32,
    /// The cycle's bulk limit; likewise.
    pub bulk_limit: u32,
    /// The caller's idempotency key, if one came.
    pub idempotency: Option<IdempotencyRecord>,
    /// Who did what.
    pub audit: AuditEntry,
}

/// What came of an opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Everything is stored.
    Done,
    /// The key was used before; nothing was stored.
    Repeated(IdempotencyRecord),
    /// The job does not fit into the day's limit; nothing was stored.
    DailyLimit,
    /// The job does not fit into the cycle's bulk limit; nothing was stored.
    BulkLimit,
}

/// Bulk jobs of one tenant.
pub trait Runs: Send + Sync {
    /// Keeps rows of a job to come. They expire at this time unless [`Runs::adopt_rows`] keeps them.
    fn keep_rows(
        &self,
        tenant: TenantId,
        job: JobId,
        chunk: u32,
        rows: &[FrozenRow],
        expires_at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Keeps the rows of a chunk for good.
    fn adopt_rows(
        &self,
        tenant: TenantId,
        job: JobId,
        chunk: u32,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// The rows of a chunk, in order; none when there is no such chunk.
    fn rows(
        &self,
        tenant: TenantId,
        job: JobId,
        chunk: u32,
    ) -> impl Future<Output = Result<Vec<FrozenRow>, StoreFailure>> + Send;

    /// Stores an accepted job: all of it or nothing.
    fn open(&self, opening: &Opening) -> impl Future<Output = Result<Opened, StoreFailure>> + Send;

    /// Messages of bulk jobs counted against a cycle's limit.
    fn used_bulk(
        &self,
        tenant: TenantId,
        cycle: Date,
    ) -> impl Future<Output = Result<u32, StoreFailure>> + Send;

    /// Writes a run if nobody wrote it since it was read. Raises the version.
    fn save_run(&self, run: &mut Run) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// The same as somebody asked for, who is noted; gives so many messages of both limits back. All or
    /// nothing.
    fn change_run(
        &self,
        run: &mut Run,
        give_back: u32,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Jobs of a channel with rows that are not claimed, paused ones too: the highest priority first,
    /// then the earliest. At most this many.
    fn open_runs(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<Run>, StoreFailure>> + Send;

    /// Stores a row's message at version 1; [`Saved::Stale`] when it is there already.
    fn add_row(
        &self,
        message: &Message,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Stores a cancelled message of a row, new at version 0, and gives its place in both limits back,
    /// all or nothing. [`Saved::Stale`] when somebody wrote it meanwhile.
    fn withdraw_row(
        &self,
        message: &mut Message,
        cycle: Date,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// What the messages of bulk jobs are made from; others have a payload of their own.
pub trait Rows: Send + Sync {
    /// What the message of this row is made from; none when the job is no bulk job.
    fn frozen(
        &self,
        tenant: TenantId,
        job: JobId,
        row: u32,
    ) -> impl Future<Output = Result<Option<Frozen>, StoreFailure>> + Send;

    /// How far a bulk job is (strongly consistent).
    fn run(
        &self,
        tenant: TenantId,
        job: JobId,
    ) -> impl Future<Output = Result<Option<Run>, StoreFailure>> + Send;
}
