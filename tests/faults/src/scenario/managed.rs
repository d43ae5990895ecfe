//! Channels at WHAPI that the platform pays for: made, extended, deleted.

use domain::{
    billing::{Change, Entry, EntryName},
    ids::{ChannelId, PaymentId, UserId},
    managed::{ManagedChannel, Stage},
    ports::{AuditEntry, Clock, Directory, ManagedChannels, Money},
    service::{accept::IdempotencyKey, managed::Order},
};
use sandbox::faults::{BodyShape, Fault, FaultOrder};

use super::{Doing, PLAIN, Scenario, Unsettled};
use crate::{checks::Check, world::World};

/// A scenario without messages.
const SILENT: Scenario = Scenario {
    requests: &[],
    ends: &[],
    ..PLAIN
};

pub const ALL: &[Scenario] = &[
    Scenario {
        name: "create",
        setup: credit,
        act: create,
        again: create,
        settled: created,
        ..SILENT
    },
    // WHAPI made it, and its answer is lost: it is found by its name.
    Scenario {
        name: "create-lost",
        setup: credit,
        act: create,
        again: create,
        settled: created,
        faults: || lost("/manager/channels", "PUT"),
        ..SILENT
    },
    Scenario {
        name: "extend",
        setup: live,
        act: extend,
        again: extend,
        settled: extended,
        ..SILENT
    },
    // The first extension is the one of the making.
    Scenario {
        name: "extend-lost",
        setup: credit,
        act: create,
        again: create,
        settled: created,
        faults: || lost("/manager/channels/*", "POST"),
        ..SILENT
    },
    Scenario {
        name: "delete",
        setup: live,
        act: delete,
        again: delete,
        settled: deleted,
        ..SILENT
    },
    Scenario {
        name: "delete-lost",
        setup: live,
        act: delete,
        again: delete,
        settled: deleted,
        faults: || lost("/manager/channels/*", "DELETE"),
        ..SILENT
    },
];

fn lost(path: &str, method: &str) -> Vec<FaultOrder> {
    let kind = Fault::ErrorAfterAccept {
        code: 500,
        body_shape: BodyShape::Nested,
    };
    vec![FaultOrder {
        path: Some(path.to_owned()),
        method: Some(method.to_owned()),
        ..FaultOrder::once(kind)
    }]
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse("faults", text, b"{}").unwrap()
}

/// The channel that all of these are about.
fn id(world: &World) -> ChannelId {
    world.ordered()
}

async fn credited(world: &World) {
    let (tenant, now) = (world.place.tenant, world.clock.now());
    let by = UserId::new("tests");
    let name = EntryName::Approve(PaymentId::fresh());
    let audit = AuditEntry::new(&by, "billing", "credit", "tests", now);
    let mut change = Change::of(tenant, audit);
    change.entries = vec![Entry::new(tenant, &name, 100, now, &by)];
    world.store.apply(&change).await.unwrap();
}

async fn ordered(world: &World) {
    let order = Order {
        name: "Main".into(),
        phone: None,
        days: Some(30),
    };
    let desk = world.managed();
    let _ = desk
        .order(&world.manager(), &order, Some(&key("order")))
        .await;
}

fn credit(world: &World) -> Doing<'_> {
    Box::pin(credited(world))
}

fn live(world: &World) -> Doing<'_> {
    Box::pin(async {
        credited(world).await;
        ordered(world).await;
    })
}

fn create(world: &World) -> Doing<'_> {
    Box::pin(ordered(world))
}

fn extend(world: &World) -> Doing<'_> {
    Box::pin(async {
        let (desk, key) = (world.managed(), key("extend"));
        let _ = desk
            .extend(&world.manager(), id(world), 20, Some(&key))
            .await;
    })
}

fn delete(world: &World) -> Doing<'_> {
    Box::pin(async {
        let _ = world.managed().delete(&world.manager(), id(world)).await;
    })
}

async fn record(world: &World) -> ManagedChannel {
    let found = world.store.managed(world.place.tenant, id(world)).await;
    found.unwrap().unwrap()
}

/// It is live, told where its webhooks go, and got its days: those it was ordered with, or none where the
/// process died in the call.
fn created(world: &World) -> Unsettled<'_> {
    Box::pin(async {
        let record = record(world).await;
        let mut wrong = alive(world, &record).await;
        if record.spent != 30 {
            let what = format!("{} days were spent on it, not 30", record.spent);
            wrong.push((Check::SpentTwice, what));
        }
        wrong
    })
}

fn extended(world: &World) -> Unsettled<'_> {
    Box::pin(async {
        let record = record(world).await;
        let mut wrong = alive(world, &record).await;
        // Whoever asks again, asks before it is known that the first call never came: then once more.
        if ![30, 50].contains(&record.spent) {
            let what = format!("{} days were spent on it", record.spent);
            wrong.push((Check::SpentTwice, what));
        }
        wrong
    })
}

async fn alive(world: &World, record: &ManagedChannel) -> Vec<(Check, String)> {
    let mut wrong = Vec::new();
    let channel = world.store.channel(record.tenant, record.id).await.unwrap();
    let until = channel.as_ref().and_then(|channel| channel.paid_until);
    if record.stage != Stage::Live || !record.webhooks_set || record.lease.is_some() {
        wrong.push((Check::Channel, format!("it is not live: {record:?}")));
    }
    if until.is_none() || until != record.active_till {
        let what = format!("paid until {until:?}, not {:?}", record.active_till);
        wrong.push((Check::Channel, what));
    }
    wrong
}

fn deleted(world: &World) -> Unsettled<'_> {
    Box::pin(async {
        let record = record(world).await;
        let mut wrong = Vec::new();
        if record.stage != Stage::Deleted || record.due.is_some() {
            wrong.push((Check::Channel, format!("it is not deleted: {record:?}")));
        }
        let channel = world.store.channel(record.tenant, record.id).await;
        if channel.unwrap().is_some() {
            wrong.push((Check::Channel, "its secrets are still there".into()));
        }
        let account = world.store.account(record.tenant).await.unwrap();
        if account.balances.free != 100 {
            let what = format!("not as many days came back as there were: {account:?}");
            wrong.push((Check::Credited, what));
        }
        wrong
    })
}

impl World {
    /// The channel that is ordered under the one key.
    pub fn ordered(&self) -> ChannelId {
        ChannelId::of_key(self.place.tenant, key("order").name())
    }
}
