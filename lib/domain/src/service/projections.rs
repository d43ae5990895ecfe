//! Derived data: the boards that count a job's messages.

use std::collections::BTreeMap;

use crate::{
    failure::{StoreFailure, StoreFailureKind},
    ids::{JobId, TenantId},
    job::{BOARD_ROWS, RowChange},
    ports::{Boards, Saved},
};

/// How often a board is written when another shard's projector keeps being first.
const TRIES: u8 = 12;

/// A message's new state, as the stream tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageChange {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its job.
    pub job: JobId,
    /// Its row's new status.
    pub row: RowChange,
}

/// Applies changes to the boards of their jobs: one write per board and batch. Any batch may come
/// again, overlap another or come late.
///
/// # Errors
/// Storage failures; applying the same batch again is harmless.
pub async fn project<S: Boards>(store: &S, changes: &[MessageChange]) -> Result<(), StoreFailure> {
    let mut boards: BTreeMap<(TenantId, JobId, u32), Vec<RowChange>> = BTreeMap::new();
    for change in changes {
        let number = change.row.row / BOARD_ROWS;
        boards
            .entry((change.tenant, change.job, number))
            .or_default()
            .push(change.row);
    }
    for ((tenant, job, number), rows) in boards {
        project_board(store, tenant, job, number, &rows).await?;
    }
    Ok(())
}

async fn project_board<S: Boards>(
    store: &S,
    tenant: TenantId,
    job: JobId,
    number: u32,
    rows: &[RowChange],
) -> Result<(), StoreFailure> {
    for _ in 0..TRIES {
        let Some((mut board, version)) = store.board(tenant, job, number).await? else {
            tracing::error!(tenant.id = %tenant, job.id = %job, "messages of job `{job}` changed, but there is no such job");
            return Ok(());
        };
        let mut changed = false;
        for row in rows {
            changed |= board.apply(*row);
        }
        if !changed
            || store
                .save_board(tenant, job, number, &board, version)
                .await?
                == Saved::Done
        {
            return Ok(());
        }
    }
    Err(StoreFailure::new(
        "boards.project",
        StoreFailureKind::Conflict,
    ))
}
