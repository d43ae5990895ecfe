//! Counts a company's jobs again from their messages, reports where boards differ, and heals them when
//! asked to (design §7). Boards are states: what is written is what the messages show, and a change that
//! comes meanwhile applies after it as ever.

use jiff::{SignedDuration, Timestamp};

use crate::{
    failure::StoreFailure,
    ids::{JobId, MessageId, TenantId},
    job::{BOARD_ROWS, Board, Job, RowChange},
    message::{Message, Status},
    ports::{Boards, Outbox, Saved},
};

/// What changed a moment ago may still be on its way through the stream.
const SETTLED: SignedDuration = SignedDuration::from_mins(2);
/// Jobs and messages read at a time.
const PAGE: u16 = 100;
/// Differences that are told one by one.
const TOLD: usize = 1_000;
/// How often a board is written when the projector keeps being first.
const TRIES: u8 = 12;

/// Whether boards are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Nothing is written.
    Look,
    /// Wrong boards become what the messages show.
    Heal,
}

/// A row whose board shows something else than its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drift {
    /// The job.
    pub job: JobId,
    /// The row.
    pub row: u32,
    /// What the board shows.
    pub board: Status,
    /// What the message shows; queued when it is still to be made.
    pub message: Status,
}

/// What counting came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recounted {
    /// Jobs looked at.
    pub jobs: u64,
    /// Their rows.
    pub rows: u64,
    /// Rows whose board is wrong.
    pub wrong: u64,
    /// The first thousand of them.
    pub drifts: Vec<Drift>,
    /// Boards that were written.
    pub healed: u64,
}

/// Counts again.
///
/// # Errors
/// Storage failures; what was healed stays so, and counting again is harmless.
pub async fn recount<S: Outbox + Boards>(
    store: &S,
    tenant: TenantId,
    manner: Manner,
    now: Timestamp,
) -> Result<Recounted, StoreFailure> {
    let mut counted = Recounted::default();
    let mut after = None;
    loop {
        let page = store.jobs(tenant, after.as_deref(), PAGE).await?;
        for job in &page.items {
            counted.jobs += 1;
            counted.rows += u64::from(job.size);
            for number in 0..job.boards() {
                look(store, job, number, manner, now, &mut counted).await?;
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(counted);
        }
    }
}

async fn look<S: Outbox + Boards>(
    store: &S,
    job: &Job,
    number: u32,
    manner: Manner,
    now: Timestamp,
    counted: &mut Recounted,
) -> Result<(), StoreFailure> {
    for tried in 0..TRIES {
        // The board first: whatever its messages show then is as new or newer.
        let Some((board, version)) = store.board(job.tenant, job.id, number).await? else {
            return Ok(());
        };
        let first = number * BOARD_ROWS;
        let rows = first..(first + BOARD_ROWS).min(job.size);
        let messages = messages(store, job, rows.clone()).await?;
        let mut healed = board.clone();
        let mut drifts = Vec::new();
        let mut found = messages.iter().peekable();
        for row in rows {
            let message = found.next_if(|message| message.row == row);
            let young = message.is_some_and(|message| message.updated_at + SETTLED > now);
            let shown = message.map_or(Status::Queued, Message::status);
            if young || board.status(row) == shown {
                continue;
            }
            drifts.push(Drift {
                job: job.id,
                row,
                board: board.status(row),
                message: shown,
            });
            healed.correct(RowChange {
                row,
                version: message.map_or(0, |message| message.version),
                status: shown,
            });
        }
        let write = manner == Manner::Heal && !drifts.is_empty();
        if write && !save(store, job, number, &healed, version).await? {
            tracing::debug!(job.id = %job.id, tried, "the projector was first");
            continue;
        }
        counted.healed += u64::from(write);
        counted.wrong += u64::try_from(drifts.len()).unwrap_or(u64::MAX);
        let room = TOLD.saturating_sub(counted.drifts.len());
        counted.drifts.extend(drifts.into_iter().take(room));
        return Ok(());
    }
    Err(StoreFailure::new(
        "boards.recount",
        crate::failure::StoreFailureKind::Conflict,
    ))
}

async fn save<S: Boards>(
    store: &S,
    job: &Job,
    number: u32,
    board: &Board,
    version: u32,
) -> Result<bool, StoreFailure> {
    let saved = store.save_board(job.tenant, job.id, number, board, version);
    Ok(saved.await? == Saved::Done)
}

/// The messages of these rows that were made, in their order.
async fn messages<S: Outbox>(
    store: &S,
    job: &Job,
    rows: std::ops::Range<u32>,
) -> Result<Vec<Message>, StoreFailure> {
    let ids: Vec<MessageId> = rows.map(|row| MessageId::of_row(job.id, row)).collect();
    let mut messages = Vec::with_capacity(ids.len());
    for ids in ids.chunks(usize::from(PAGE)) {
        messages.extend(store.messages(job.tenant, ids).await?);
    }
    Ok(messages)
}
