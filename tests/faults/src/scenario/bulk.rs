//! Bulk jobs: accepted, expanded, paused and resumed, cancelled.

use std::collections::BTreeMap;

use domain::{
    ids::JobId,
    job::Totals,
    message::MessageType,
    ports::{Messages, Outbox},
    service::{
        accept::{DraftContent, IdempotencyKey},
        bulk::{AcceptBulk, BulkDraft, Control, Expand, NewRow, Recipients},
        outbox,
    },
};
use store::Store;
use testkit::fakes::{FakeClock, FakeLanes};

use super::{Doing, Found, PLAIN, Scenario};
use crate::{points::Watched, world::World};

/// Rows of the job: few, for the process dies at each of their awaits.
const ROWS: u32 = 3;

/// The job's messages are its own: nobody asks for one by itself.
const BULK: Scenario = Scenario {
    requests: &[],
    ends: &[],
    ..PLAIN
};

pub const ALL: &[Scenario] = &[
    // Rows kept, then one transaction, then the hand-over.
    Scenario {
        name: "bulk-open",
        act: open,
        again: open,
        finally: all_sent,
        ..BULK
    },
    // The pass that claims rows, makes their messages and hands them over; their attempts.
    Scenario {
        name: "bulk-expand",
        fate: &["delivered", "read"],
        setup: open,
        act: work,
        finally: all_read,
        ..BULK
    },
    // Held back with its messages in the lanes, and let go again.
    Scenario {
        name: "bulk-pause",
        setup: open_and_expand,
        act: pause_and_resume,
        again: resume,
        finally: all_sent,
        ..BULK
    },
    // Cancelled before anything of it was made.
    Scenario {
        name: "bulk-cancel",
        setup: open,
        act: cancel,
        again: cancel,
        finally: none_sent,
        ..BULK
    },
    // Cancelled when one was sent and the others wait in the lanes.
    Scenario {
        name: "bulk-cancel-midway",
        setup: open_expand_and_send_one,
        act: cancel,
        again: cancel,
        finally: one_sent,
        ..BULK
    },
];

impl World {
    pub fn control(&self) -> Control<'_, Store, Watched<FakeLanes>, FakeClock> {
        Control {
            store: &self.store,
            lanes: &self.lanes,
            clock: &self.clock,
        }
    }

    /// The one job.
    async fn job(&self) -> JobId {
        let jobs = self.store.jobs(self.place.tenant, None, 9);
        let jobs = self.points.aside(jobs).await.unwrap();
        jobs.items.first().unwrap().id
    }

    async fn expand(&self) {
        let expand = Expand {
            store: &self.store,
            lanes: &self.lanes,
            clock: &self.clock,
        };
        let job = self.job().await;
        let _ = expand.run(self.place.tenant, job).await;
    }
}

fn draft() -> BulkDraft {
    let row = |n: u32| NewRow {
        to: format!("+9733300{n:04}"),
        name: Some(format!("Person {n}")),
        parameters: BTreeMap::from([("city".to_owned(), format!("Town {n}"))]),
    };
    BulkDraft {
        channel: None,
        message_type: MessageType::Other,
        content: DraftContent::Text {
            body: "Dear {name}, we open in {city}.".into(),
        },
        recipients: Recipients::Inline((0..ROWS).map(row).collect()),
        priority: 0,
        scheduled_for: None,
        keep_good_rows: false,
        context: None,
    }
}

fn open(world: &World) -> Doing<'_> {
    Box::pin(async {
        let key = IdempotencyKey::parse("POST /v1/jobs", "campaign", b"{}").unwrap();
        let accept = AcceptBulk {
            store: &world.store,
            files: &world.files,
            lanes: &world.lanes,
            clock: &world.clock,
            adapters: providers::adapter,
        };
        let _ = accept.run(&world.manager(), draft(), Some(&key)).await;
    })
}

fn open_and_expand(world: &World) -> Doing<'_> {
    Box::pin(async {
        open(world).await;
        world.expand().await;
    })
}

fn open_expand_and_send_one(world: &World) -> Doing<'_> {
    Box::pin(async {
        open_and_expand(world).await;
        let job = world.job().await;
        let first = domain::ids::MessageId::of_row(job, 0);
        let _ = world.attempt().run(world.place.tenant, first).await;
        let sent = world.store.message(world.place.tenant, first).await;
        assert!(sent.unwrap().unwrap().facts.gone_out());
    })
}

fn work(world: &World) -> Doing<'_> {
    Box::pin(async { world.drain().await })
}

fn pause_and_resume(world: &World) -> Doing<'_> {
    Box::pin(async {
        let job = world.job().await;
        let _ = world.control().pause(&world.manager(), job).await;
        world.drain().await;
        resume(world).await;
    })
}

fn resume(world: &World) -> Doing<'_> {
    Box::pin(async {
        let job = world.job().await;
        // Refused when everything was sent meanwhile.
        let _ = world.control().resume(&world.manager(), job).await;
        world.drain().await;
    })
}

fn cancel(world: &World) -> Doing<'_> {
    Box::pin(async {
        let job = world.job().await;
        let _ = world.control().cancel(&world.manager(), job).await;
        world.drain().await;
    })
}

async fn counted(world: &World, wanted: Totals, state: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let jobs = world.store.jobs(world.place.tenant, None, 9).await.unwrap();
    if jobs.items.len() != 1 {
        wrong.push(format!("{} jobs, not one", jobs.items.len()));
    }
    for job in jobs.items {
        let view = outbox::job(&world.store, &world.manager(), job.id)
            .await
            .unwrap();
        if view.totals != wanted {
            wrong.push(format!("{:?}, not {wanted:?}", view.totals));
        }
        let shown = view.run.map_or("none", |run| run.shown());
        if shown != state {
            wrong.push(format!("the job is {shown}, not {state}"));
        }
    }
    wrong
}

fn all_sent(world: &World) -> Found<'_> {
    let wanted = Totals {
        sent: ROWS,
        ..Totals::default()
    };
    Box::pin(counted(world, wanted, "done"))
}

fn all_read(world: &World) -> Found<'_> {
    let wanted = Totals {
        read: ROWS,
        ..Totals::default()
    };
    Box::pin(counted(world, wanted, "done"))
}

fn none_sent(world: &World) -> Found<'_> {
    let wanted = Totals {
        cancelled: ROWS,
        ..Totals::default()
    };
    Box::pin(counted(world, wanted, "cancelled"))
}

fn one_sent(world: &World) -> Found<'_> {
    let wanted = Totals {
        sent: 1,
        cancelled: ROWS - 1,
        ..Totals::default()
    };
    Box::pin(counted(world, wanted, "cancelled"))
}
