//! Both implementations of the ledger do the same under the same changes of several clients, and under
//! any interleaving the sums are those of the entries.

use std::collections::BTreeMap;

use domain::{
    billing::{Applied, Balances, Change, Entry, EntryName, Side, Subscription},
    ids::{ChannelId, TenantId},
    managed::{ManagedChannel, Stage},
    ports::{Directory, ManagedChannels, Money, Notifications, Subscriptions},
};
use futures::future::join_all;
use proptest::{collection::vec, prelude::*};
use store::Store;
use testkit::{
    billing::{booking, change, credit, managed, notification, plan, subscription},
    memory::MemoryStore,
};
use tokio::runtime::Builder;

use super::{company, ledger};
use crate::world::{World, later, start};

/// How many clients there are, each with its own view of what is stored.
const CLIENTS: usize = 3;

/// What one client does.
#[derive(Debug, Clone)]
struct Step {
    client: usize,
    /// Which facts it tells of; the same number is the same fact.
    facts: Vec<(Fact, u8)>,
    days: u32,
    needs_free: u32,
    slot: Slot,
    /// Whether it writes the subscription, the record of the channel, the limits, a notification.
    with: [bool; 4],
    /// Whether it reads what it writes before.
    fresh: bool,
    /// Whether the limits count only as of what it read.
    compared: bool,
}

#[derive(Debug, Clone, Copy)]
enum Fact {
    Pay,
    Hold,
    Extend,
    Release,
    Delete,
}

#[derive(Debug, Clone, Copy)]
enum Slot {
    Keep,
    Take(u32),
    Give,
}

fn step() -> impl Strategy<Value = Step> {
    let fact = prop_oneof![
        Just(Fact::Pay),
        Just(Fact::Hold),
        Just(Fact::Extend),
        Just(Fact::Release),
        Just(Fact::Delete),
    ];
    let slot = prop_oneof![
        3 => Just(Slot::Keep),
        2 => (0_u32..3).prop_map(Slot::Take),
        1 => Just(Slot::Give),
    ];
    (
        0..CLIENTS,
        vec((fact, 0_u8..6), 0..3),
        1_u32..20,
        prop_oneof![3 => Just(0_u32), 1 => 0_u32..20],
        slot,
        any::<[bool; 4]>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(client, facts, days, needs_free, slot, with, fresh, compared)| Step {
                client,
                facts,
                days,
                needs_free,
                slot,
                with,
                fresh,
                compared,
            },
        )
}

/// What a client last saw of what it writes.
#[derive(Clone)]
struct View {
    channel: ManagedChannel,
    subscription: Subscription,
    limits_set: u32,
}

impl View {
    /// Reads what is stored; what is not there yet would be new.
    async fn look(&mut self, store: &MemoryStore) {
        let tenant = self.channel.tenant;
        let channel = store.managed(tenant, self.channel.id).await.unwrap();
        self.channel.version = channel.map_or(0, |one| one.version);
        let known = store.subscription(tenant, self.subscription.id).await;
        self.subscription.version = known.unwrap().map_or(0, |one| one.version);
        self.limits_set = store.account(tenant).await.unwrap().limits_set;
    }

    fn change(&self, step: &Step, n: i64) -> Change {
        let (tenant, at) = (self.channel.tenant, later(n));
        let mut change = change(tenant, at);
        let mut facts = BTreeMap::new();
        for (fact, n) in &step.facts {
            let (id, nth) = (self.channel.id, u32::from(*n));
            let name = match fact {
                Fact::Pay => EntryName::PayPal(format!("SALE-{n}")),
                Fact::Hold => EntryName::Hold(id, nth),
                Fact::Extend => EntryName::Extend(id, nth),
                Fact::Release => EntryName::Release(id, nth),
                Fact::Delete => EntryName::Delete(id),
            };
            facts.insert(name.to_string(), name);
        }
        let user = &self.subscription.user;
        let entries = facts.values();
        change.entries = entries
            .map(|name| Entry::new(tenant, name, step.days, at, user))
            .collect();
        change.needs_free = step.needs_free;
        match step.slot {
            Slot::Keep => {}
            Slot::Take(limit) => change.take_slot = Some(limit),
            Slot::Give => change.give_slot = true,
        }
        let [subscription, channel, limits, told] = step.with;
        if subscription {
            change.subscription = Some(Subscription {
                paid: u32::try_from(n).unwrap(),
                ..self.subscription.clone()
            });
        }
        if channel {
            change.managed = Some(ManagedChannel {
                stage: Stage::Live,
                spent: u32::try_from(n).unwrap(),
                ..self.channel.clone()
            });
        }
        if limits {
            let from = later(n);
            change.limits = Some(plan(&format!("Plan {n}"), at).limits(from, later(n + 9)));
            change.limits_as_of = step.compared.then_some(self.limits_set);
        }
        if told {
            let fact = format!("fact {}", n % 5);
            change.notification = Some(notification(tenant, &fact, start()));
        }
        change
    }
}

/// Everything that is stored of a company.
async fn all(
    store: &(impl Money + Notifications + Subscriptions + ManagedChannels + Directory),
    view: &View,
) -> impl PartialEq + std::fmt::Debug {
    let tenant = view.channel.tenant;
    let known = Directory::tenant(store, tenant).await.unwrap();
    (
        store.account(tenant).await.unwrap(),
        ledger(store, tenant).await,
        store.notifications(tenant, None, 100).await.unwrap().items,
        store.subscriptions(tenant, None, 100).await.unwrap().items,
        store.managed_channels(tenant).await.unwrap(),
        known.unwrap().plan,
    )
}

async fn agree(steps: &[Step]) {
    let world = World::start().await;
    let memory = MemoryStore::new();
    let company = company(&world).await;
    let tenant = company.tenant.id;
    memory.state().tenants.insert(tenant, company.tenant);
    let first = View {
        channel: managed(tenant, start()),
        subscription: subscription(tenant, &plan("Starter", start()), start()),
        limits_set: 0,
    };
    let mut views = vec![first.clone(); CLIENTS];
    for (n, step) in (1..).zip(steps) {
        let view = views.get_mut(step.client).unwrap();
        if step.fresh {
            view.look(&memory).await;
        }
        let change = view.change(step, n);
        let applied = world.store.apply(&change).await.unwrap();
        assert_eq!(applied, memory.apply(&change).await.unwrap(), "{change:?}");
        let account = world.store.account(tenant).await.unwrap();
        assert_eq!(account, memory.account(tenant).await.unwrap(), "{change:?}");
        if applied == Applied::Done {
            view.subscription.version += u32::from(change.subscription.is_some());
            view.channel.version += u32::from(change.managed.is_some());
            view.limits_set += u32::from(change.counts());
        }
    }
    // S3.47: the sums are those of the entries, in the order they came, never below nothing.
    let entries = ledger(&world.store, tenant).await;
    let account = world.store.account(tenant).await.unwrap();
    assert_eq!(Balances::of(&entries), Some(account.balances));
    let sums = account.balances;
    assert_eq!(sums.total, sums.free + sums.held + sums.spent);
    let (table, memory) = (all(&world.store, &first).await, all(&memory, &first).await);
    assert_eq!(format!("{table:?}"), format!("{memory:?}"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// S3.47, S3.48.
    #[test]
    fn the_table_and_memory_keep_the_same_ledger(steps in vec(step(), 1..60)) {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(agree(&steps));
    }
}

/// Everything that is wanted of one company at once, over real requests: whoever comes first.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sums_are_exact_whoever_comes_first() {
    let world = World::start().await;
    let tenant = TenantId::fresh();
    let channels = [ChannelId::fresh(), ChannelId::fresh()];
    let client = |first: u32| {
        let store = &world.store;
        async move {
            let (mut done, mut slots) = (0_u32, 0_u32);
            for n in first..first + 6 {
                let at = later(i64::from(n));
                let sale = format!("SALE-{}", n % 4);
                until_asked(store, &credit(tenant, &sale, 5, at)).await;
                let mut slot = change(tenant, at);
                slot.take_slot = Some(3);
                slots += u32::from(until_asked(store, &slot).await == Applied::Done);
                for channel in channels {
                    let names = [
                        EntryName::Hold(channel, n),
                        EntryName::Extend(channel, n),
                        EntryName::Release(channel, n),
                    ];
                    for name in names {
                        let applied = until_asked(store, &booking(tenant, &name, 4, at)).await;
                        done += u32::from(applied == Applied::Done);
                    }
                }
            }
            (done, slots)
        }
    };
    let told = join_all([client(0), client(2), client(4), client(0)]).await;
    let done: u32 = told.iter().map(|(done, _)| done).sum();
    let slots: u32 = told.iter().map(|(_, slots)| slots).sum();
    let entries = ledger(&world.store, tenant).await;
    let account = world.store.account(tenant).await.unwrap();
    assert_eq!((account.channels, slots), (3, 3), "no more than there are");
    assert_eq!(
        account.balances.total, 20,
        "four sales, whoever told of them"
    );
    assert_eq!(Balances::in_any_order(&entries), Some(account.balances));
    let booked = entries.iter().filter(|one| one.from != Side::Granted);
    assert_eq!(u32::try_from(booked.count()).unwrap(), done);
    let mut names: Vec<&str> = entries.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), entries.len());
}

/// Many at once: DynamoDB cancels some, and they are asked for again.
async fn until_asked(store: &Store, change: &Change) -> Applied {
    loop {
        if let Ok(applied) = store.apply(change).await {
            return applied;
        }
    }
}
