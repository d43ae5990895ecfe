//! Jobs: sets of messages accepted together, and the board that counts them.
//!
//! A board keeps, for every row of a job, the shown status and the message version it was taken
//! from: two bytes a row. Applying a change means "row r is in status s as of version v", and an
//! older version never overwrites a newer one. Counting is therefore exact under any duplication,
//! reordering or overlap of stream deliveries, without remembering what was delivered; and a page of
//! a job's messages in one status is found without an index
//! (docs/decisions/0002-boards-instead-of-counters.md).

use jiff::Timestamp;

use crate::{
    ids::{ChannelId, JobId, MessageId, TenantId, UserId},
    message::{Kind, MessageType, Status, Trigger},
};

/// Rows on one board. 256 rows are 512 bytes: with the rest of a job's item it stays below one
/// write unit.
pub const BOARD_ROWS: u32 = 256;

const VERSION_BITS: u16 = 12;
const VERSION_MAX: u16 = (1 << VERSION_BITS) - 1;

/// A set of outbound messages accepted together; a single send is a job of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The number its messages go out from.
    pub channel: ChannelId,
    /// How many messages it has.
    pub size: u32,
    /// Whether its messages are made one after the other from frozen rows ([`Run`](crate::bulk::Run)),
    /// rather than with it.
    pub bulk: bool,
    /// What its messages are.
    pub kind: Kind,
    /// What its messages are for.
    pub message_type: MessageType,
    /// What caused it.
    pub trigger: Trigger,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Who asked for it.
    pub created_by: UserId,
}

impl Job {
    /// The ids of the messages in these rows, in order.
    pub fn messages(&self, rows: std::ops::Range<u32>) -> impl Iterator<Item = MessageId> {
        let (job, size) = (self.id, self.size);
        rows.take_while(move |row| *row < size)
            .map(move |row| MessageId::of_row(job, row))
    }

    /// How many boards its rows need.
    #[must_use]
    pub const fn boards(&self) -> u32 {
        self.size.div_ceil(BOARD_ROWS)
    }
}

/// A change of one row, as a message's new state tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowChange {
    /// The row in its job.
    pub row: u32,
    /// The message's version.
    pub version: u32,
    /// The status shown at that version.
    pub status: Status,
}

/// The statuses of up to [`BOARD_ROWS`] consecutive rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Board {
    rows: Vec<u16>,
}

impl Board {
    /// Reads the stored form: two bytes a row, big-endian.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self {
            rows: bytes
                .chunks_exact(2)
                .take(BOARD_ROWS as usize)
                .map(|pair| match pair {
                    [high, low] => u16::from_be_bytes([*high, *low]),
                    _ => 0,
                })
                .collect(),
        }
    }

    /// The stored form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.rows
            .iter()
            .flat_map(|cell| cell.to_be_bytes())
            .collect()
    }

    /// Applies one change; answers whether the board is different now.
    pub fn apply(&mut self, change: RowChange) -> bool {
        let index = (change.row % BOARD_ROWS) as usize;
        if self.rows.len() <= index {
            self.rows.resize(index + 1, 0);
        }
        // A message written more than 4,094 times keeps the highest version: from then on its
        // changes apply in the order of its stream, which is the order they happened in.
        let version = u16::try_from(change.version)
            .unwrap_or(VERSION_MAX)
            .min(VERSION_MAX);
        let Some(cell) = self.rows.get_mut(index) else {
            return false;
        };
        let known = *cell & VERSION_MAX;
        if known > version || (known == version && version < VERSION_MAX) {
            return false;
        }
        let next = (u16::from(change.status.code()) << VERSION_BITS) | version;
        let changed = *cell != next;
        *cell = next;
        changed
    }

    /// The status of a row; rows nobody touched are queued.
    #[must_use]
    pub fn status(&self, row: u32) -> Status {
        let index = (row % BOARD_ROWS) as usize;
        let cell = self.rows.get(index).copied().unwrap_or(0);
        let code = u8::try_from(cell >> VERSION_BITS).unwrap_or(0);
        Status::from_code(code).unwrap_or(Status::Queued)
    }

    /// Counts the first `rows` rows.
    #[must_use]
    pub fn totals(&self, rows: u32) -> Totals {
        let mut totals = Totals::default();
        for row in 0..rows.min(BOARD_ROWS) {
            *totals.of(self.status(row)) += 1;
        }
        totals
    }
}

/// How many messages of a job show each status; always sums to the job's size (S0.32).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "each field is the count of the status it is named for"
)]
pub struct Totals {
    pub queued: u32,
    pub pending: u32,
    pub sent: u32,
    pub delivered: u32,
    pub read: u32,
    pub failed: u32,
    pub replied: u32,
    pub cancelled: u32,
}

impl Totals {
    /// The counter of a status.
    pub const fn of(&mut self, status: Status) -> &mut u32 {
        match status {
            Status::Queued => &mut self.queued,
            Status::Pending => &mut self.pending,
            Status::Sent => &mut self.sent,
            Status::Delivered => &mut self.delivered,
            Status::Read => &mut self.read,
            Status::Failed => &mut self.failed,
            Status::Replied => &mut self.replied,
            Status::Cancelled => &mut self.cancelled,
        }
    }

    /// The sum of all.
    #[must_use]
    pub const fn sum(&self) -> u32 {
        self.queued
            + self.pending
            + self.sent
            + self.delivered
            + self.read
            + self.failed
            + self.replied
            + self.cancelled
    }

    /// Adds another board's counts.
    pub const fn add(&mut self, other: &Self) {
        self.queued += other.queued;
        self.pending += other.pending;
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.read += other.read;
        self.failed += other.failed;
        self.replied += other.replied;
        self.cancelled += other.cancelled;
    }

    /// `pending` while anything is open, then `done` (S0.17).
    #[must_use]
    pub const fn job_status(&self) -> &'static str {
        if self.queued + self.pending > 0 {
            "pending"
        } else {
            "done"
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(row: u32, version: u32, status: Status) -> RowChange {
        RowChange {
            row,
            version,
            status,
        }
    }

    /// S0.17, S0.32: seven counters and the cancelled ones, summing to the size from the first moment.
    #[test]
    fn totals_sum_to_the_size_and_unseen_rows_are_queued() {
        let mut board = Board::default();
        assert_eq!(board.totals(3).queued, 3);
        board.apply(change(1, 2, Status::Sent));
        let totals = board.totals(3);
        assert_eq!((totals.queued, totals.sent, totals.sum()), (2, 1, 3));
        assert_eq!(totals.job_status(), "pending");
    }

    #[test]
    fn an_older_version_never_overwrites_a_newer_one() {
        let mut board = Board::default();
        assert!(board.apply(change(0, 5, Status::Delivered)));
        assert!(!board.apply(change(0, 4, Status::Sent)));
        assert!(!board.apply(change(0, 5, Status::Delivered)));
        assert_eq!(board.status(0), Status::Delivered);
    }

    #[test]
    fn a_message_written_more_often_than_versions_fit_still_moves() {
        let mut board = Board::default();
        assert!(board.apply(change(0, 5_000, Status::Sent)));
        assert!(board.apply(change(0, 5_001, Status::Delivered)));
        assert_eq!(board.status(0), Status::Delivered);
    }

    proptest! {
        /// Any order and duplication of the same changes ends in the same board, and what is stored is what is read.
        #[test]
        fn order_and_duplicates_do_not_matter(
            seed in proptest::collection::vec((0_u32..BOARD_ROWS, 1_u32..60), 1..80),
            order in proptest::collection::vec(any::<prop::sample::Index>(), 0..160),
        ) {
            // One status per (row, version), as one message has one state per version.
            let changes: Vec<_> = seed
                .iter()
                .map(|(row, version)| {
                    let status = Status::ALL[((row * 31 + version * 7) % 8) as usize];
                    change(*row, *version, status)
                })
                .collect();
            let mut straight = Board::default();
            for one in &changes {
                straight.apply(*one);
            }
            let mut shuffled = Board::default();
            for index in &order {
                shuffled.apply(*index.get(&changes));
            }
            for one in changes.iter().rev() {
                shuffled.apply(*one);
            }
            for row in 0..BOARD_ROWS {
                prop_assert_eq!(shuffled.status(row), straight.status(row));
            }
            prop_assert_eq!(straight.totals(BOARD_ROWS).sum(), BOARD_ROWS);
            prop_assert_eq!(Board::from_bytes(&straight.to_bytes()), straight);
        }
    }
}
