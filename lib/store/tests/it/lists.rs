//! Jobs newest first, boards, and messages by id.

use std::collections::HashSet;

use domain::{
    failure::StoreFailureKind,
    ids::{JobId, MessageId, TenantId},
    job::{BOARD_ROWS, Board, Job, RowChange},
    message::Status,
    ports::{Acceptances, Boards, Outbox, Saved},
};
use jiff::Timestamp;

use crate::world::{World, later, start};

async fn accept(world: &World, at: Timestamp) -> Job {
    let acceptance = world.acceptance(at);
    world.store.commit(&acceptance).await.unwrap();
    acceptance.job
}

async fn all(world: &World, page: u16) -> Vec<Job> {
    let (mut jobs, mut after) = (Vec::new(), None);
    loop {
        let answer = world
            .store
            .jobs(world.tenant, after.as_deref(), page)
            .await
            .unwrap();
        assert!(answer.items.len() <= usize::from(page));
        jobs.extend(answer.items);
        after = answer.next;
        if after.is_none() {
            return jobs;
        }
    }
}

/// Time falling, then id rising, whatever shard a job is in and however small the page.
#[tokio::test]
async fn jobs_are_listed_newest_first_and_equal_times_by_id() {
    let world = World::start().await;
    let mut expected = Vec::new();
    for n in 0..23 {
        expected.push(accept(&world, later(n / 4)).await);
    }
    expected.sort_by_key(|job| (std::cmp::Reverse(job.created_at), job.id));
    for page in [1, 2, 5, 22, 23, 24, 100] {
        assert_eq!(all(&world, page).await, expected, "pages of {page}");
    }
}

#[tokio::test]
async fn a_full_last_page_has_no_next() {
    let world = World::start().await;
    for n in 0..3 {
        accept(&world, later(n)).await;
    }
    let page = world.store.jobs(world.tenant, None, 3).await.unwrap();
    assert_eq!((page.items.len(), page.next), (3, None));
    let none = world.store.jobs(TenantId::fresh(), None, 3).await.unwrap();
    assert_eq!((none.items.len(), none.next), (0, None));
}

#[tokio::test]
async fn a_position_that_is_not_ours_is_refused() {
    let world = World::start().await;
    for n in 0..3 {
        accept(&world, later(n)).await;
    }
    let ours = world
        .store
        .jobs(world.tenant, None, 1)
        .await
        .unwrap()
        .next
        .unwrap();
    let others = [
        String::new(),
        "0".repeat(80),
        ours.to_uppercase(),
        format!("{ours}0"),
        format!("{}#", &ours[..79]),
        format!("{}{}", TenantId::fresh().key(), &ours[32..]),
        "\u{fe0f}".repeat(27),
    ];
    for position in others {
        let refused = world
            .store
            .jobs(world.tenant, Some(&position), 5)
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), StoreFailureKind::Refused, "{position:?}");
    }
    let foreign = world
        .store
        .jobs(TenantId::fresh(), Some(&ours), 5)
        .await
        .unwrap_err();
    assert_eq!(foreign.kind(), StoreFailureKind::Refused);
    for limit in [0, u16::MAX] {
        let page = world
            .store
            .jobs(world.tenant, Some(&ours), limit)
            .await
            .unwrap();
        assert!(!page.items.is_empty(), "{limit}");
    }
}

#[tokio::test]
async fn messages_come_in_the_order_asked_for() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for _ in 0..110 {
        ids.push(world.accepted().await.id);
    }
    ids.reverse();
    ids.insert(3, MessageId::fresh());
    ids.push(ids[0]);
    let found = world.store.messages(world.tenant, &ids).await.unwrap();
    let found: Vec<_> = found.iter().map(|message| message.id).collect();
    ids.remove(3);
    assert_eq!(found, ids);
    assert_eq!(found.iter().collect::<HashSet<_>>().len(), 110);
    assert_eq!(world.store.messages(world.tenant, &[]).await.unwrap(), []);
}

fn board_with(row: u32, version: u32) -> Board {
    let mut board = Board::default();
    board.apply(RowChange {
        row,
        version,
        status: Status::Delivered,
    });
    board
}

#[tokio::test]
async fn boards_are_written_by_version() {
    let world = World::start().await;
    let job = accept(&world, start()).await;
    let (store, tenant) = (&world.store, world.tenant);
    for number in [0, 1, 7] {
        let row = number * BOARD_ROWS;
        let empty = store.board(tenant, job.id, number).await.unwrap();
        assert_eq!(empty, Some((Board::default(), 0)), "{number}");
        let first = board_with(row, 1);
        let save = |board: Board, version| async move {
            store
                .save_board(tenant, job.id, number, &board, version)
                .await
                .unwrap()
        };
        assert_eq!(save(first.clone(), 0).await, Saved::Done);
        assert_eq!(
            save(first.clone(), 0).await,
            Saved::Done,
            "the same again is no conflict"
        );
        assert_eq!(save(board_with(row + 1, 2), 0).await, Saved::Stale);
        let second = board_with(row, 2);
        assert_eq!(save(second.clone(), 1).await, Saved::Done);
        assert_eq!(save(first, 1).await, Saved::Stale);
        assert_eq!(
            store.board(tenant, job.id, number).await.unwrap(),
            Some((second, 2))
        );
    }
    let boards = store.boards(tenant, job.id, 0..9).await.unwrap();
    assert_eq!(boards.len(), 9);
    let written: Vec<_> = (0..9).filter(|n| boards[*n] != Board::default()).collect();
    assert_eq!(written, [0, 1, 7]);
    assert_eq!(
        store.job(tenant, job.id).await.unwrap(),
        Some(job),
        "the job is as it was"
    );
}

#[tokio::test]
async fn a_job_that_is_not_there_has_no_boards() {
    let world = World::start().await;
    let (tenant, job) = (world.tenant, JobId::fresh());
    for number in [0, 3] {
        assert_eq!(world.store.board(tenant, job, number).await.unwrap(), None);
    }
    let saved = world
        .store
        .save_board(tenant, job, 0, &board_with(0, 1), 0)
        .await
        .unwrap();
    assert_eq!(saved, Saved::Stale);
    assert_eq!(world.count().await, 0);
    let too_many = world
        .store
        .boards(tenant, job, 0..u32::MAX)
        .await
        .unwrap_err();
    assert_eq!(too_many.kind(), StoreFailureKind::Refused);
}

/// S0.32: 256 rows fit into the job's item, which stays below one write unit.
#[tokio::test]
async fn a_full_board_costs_one_unit() {
    let world = World::start().await;
    let job = accept(&world, start()).await;
    let mut board = Board::default();
    for row in 0..BOARD_ROWS {
        board.apply(RowChange {
            row,
            version: 9,
            status: Status::Read,
        });
    }
    world
        .store
        .save_board(world.tenant, job.id, 0, &board, 0)
        .await
        .unwrap();
    let key = format!("T#{}#J#{}", world.tenant.key(), job.id.key());
    let item = world.database.item(&key, "J").await.unwrap();
    let size = store::size::item_size(&item);
    assert!(size <= 1_024, "{size}");
}
