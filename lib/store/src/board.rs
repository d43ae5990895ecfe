//! Boards of jobs: board 0 inside the job's item, so that a job of one reads and writes one item;
//! the others beside it.

use std::{collections::HashMap, ops::Range};

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::{JobId, TenantId},
    job::{BOARD_ROWS, Board},
    ports::{Boards, Saved},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    keys::Key,
    shape::{self, Blob, Item, Row, read},
    table::{Read, TenantTable, key_of},
    write::{Write, Written},
};

/// The most boards one call reads: a job has at most 100,000 rows.
const MOST: u32 = 100_000_u32.div_ceil(BOARD_ROWS);

/// The part of an item that is a board.
#[derive(Default, Serialize, Deserialize)]
struct BoardItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    b: Option<Blob>,
    #[serde(default)]
    bv: u32,
}

impl BoardItem {
    fn board(self) -> (Board, u32) {
        let board = self.b.map(|Blob(bytes)| Board::from_bytes(&bytes));
        (board.unwrap_or_default(), self.bv)
    }
}

/// Board 0 is a part of its job's item: it is set there, and the job stays as it is.
fn update(row: Row) -> Write {
    let mut write = Write::update(row.key, "SET b = :b, bv = :bv");
    for (name, value) in row.item {
        if name == "b" || name == "bv" {
            write = write.value(&format!(":{name}"), value);
        }
    }
    write
}

fn same(item: &Item, board: &Board, version: u32) -> bool {
    read::<BoardItem>("board.save", item.clone())
        .is_ok_and(|item| item.board() == (board.clone(), version))
}

impl TenantTable<'_> {
    fn board_key(&self, job: JobId, number: u32) -> Key {
        match number {
            0 => self.keys().job(job),
            number => self.keys().board(job, number),
        }
    }

    pub(crate) async fn boards(
        &self,
        job: JobId,
        numbers: Range<u32>,
    ) -> Result<Vec<Board>, StoreFailure> {
        const OPERATION: &str = "boards.read";
        if numbers.len() > MOST as usize {
            return Err(StoreFailure::new(OPERATION, StoreFailureKind::Refused)
                .because("more boards than a job has"));
        }
        let keys: Vec<Key> = numbers.map(|n| self.board_key(job, n)).collect();
        let mut found: HashMap<(String, String), Board> = HashMap::new();
        for item in self.get_all(OPERATION, &keys, Read::Strong).await? {
            let key = key_of(OPERATION, &item)?;
            found.insert(key, read::<BoardItem>(OPERATION, item)?.board().0);
        }
        let board = |key: Key| found.remove(&(key.pk, key.sk)).unwrap_or_default();
        Ok(keys.into_iter().map(board).collect())
    }
}

impl Boards for Store {
    async fn board(
        &self,
        tenant: TenantId,
        job: JobId,
        number: u32,
    ) -> Result<Option<(Board, u32)>, StoreFailure> {
        const OPERATION: &str = "board.read";
        let table = self.tenant(tenant);
        let key = table.board_key(job, number);
        let item: Option<BoardItem> = table.get(OPERATION, &key, Read::Strong).await?;
        if let Some(item) = item {
            return Ok(Some(item.board()));
        }
        if number == 0 {
            return Ok(None);
        }
        let job: Option<BoardItem> = table
            .get(OPERATION, &table.keys().job(job), Read::Strong)
            .await?;
        Ok(job.map(|_| (Board::default(), 0)))
    }

    async fn save_board(
        &self,
        tenant: TenantId,
        job: JobId,
        number: u32,
        board: &Board,
        version: u32,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "board.save";
        let table = self.tenant(tenant);
        let next = BoardItem {
            b: Some(Blob(board.to_bytes())),
            bv: version.saturating_add(1),
        };
        let row = Row::new(OPERATION, table.board_key(job, number), &next)?;
        let write = match number {
            0 => update(row),
            _ => Write::put(row),
        };
        let write = match (number, version) {
            (0, 0) => write.when("attribute_exists(pk) AND attribute_not_exists(bv)"),
            (_, 0) => write.when_new(),
            _ => write
                .when("bv = :seen")
                .value(":seen", shape::number(version)),
        };
        Ok(match table.write(OPERATION, &write).await? {
            Written::Applied(_) => Saved::Done,
            // The board we meant, at the version we meant: our own write, whose answer was lost.
            Written::Held(Some(item)) if same(&item, board, next.bv) => Saved::Done,
            Written::Held(_) => Saved::Stale,
        })
    }
}
