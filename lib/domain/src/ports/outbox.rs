//! Jobs as they are counted and read.

use std::future::Future;

use super::Saved;
use crate::{
    failure::StoreFailure,
    ids::{JobId, MessageId, TenantId},
    job::{Board, Job},
    message::{Context, Message},
};

/// Boards of jobs, for the projector.
pub trait Boards: Send + Sync {
    /// A board and its version; a board nobody wrote is empty, version 0. None when there is no such job.
    fn board(
        &self,
        tenant: TenantId,
        job: JobId,
        number: u32,
    ) -> impl Future<Output = Result<Option<(Board, u32)>, StoreFailure>> + Send;

    /// Writes a board if nobody wrote it since.
    fn save_board(
        &self,
        tenant: TenantId,
        job: JobId,
        number: u32,
        board: &Board,
        version: u32,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// One page of a list and where the next begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Position after the last item; opaque to services.
    pub next: Option<String>,
}

/// The outbox, for reading.
pub trait Outbox: Send + Sync {
    /// A job.
    fn job(
        &self,
        tenant: TenantId,
        id: JobId,
    ) -> impl Future<Output = Result<Option<Job>, StoreFailure>> + Send;

    /// Jobs, newest first.
    fn jobs(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Job>, StoreFailure>> + Send;

    /// Messages about a thing of the tenant's own system, newest first.
    fn by_context(
        &self,
        tenant: TenantId,
        context: &Context,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Message>, StoreFailure>> + Send;

    /// Boards of a job by number, in the order asked for; unwritten ones are empty.
    fn boards(
        &self,
        tenant: TenantId,
        job: JobId,
        numbers: std::ops::Range<u32>,
    ) -> impl Future<Output = Result<Vec<Board>, StoreFailure>> + Send;

    /// Messages by id, in the order asked for; unknown ids are left out.
    fn messages(
        &self,
        tenant: TenantId,
        ids: &[MessageId],
    ) -> impl Future<Output = Result<Vec<Message>, StoreFailure>> + Send;
}
