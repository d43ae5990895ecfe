//! A payment of PayPal's, and the channels that wait for days.

use std::sync::Arc;

use domain::{
    billing::{Entry, EntryName, Subscription},
    channel::{ChannelKey, Secret},
    failure::AppFailure,
    ids::ChannelId,
    managed::{Extension, ExtensionState, ManagedChannel, Stage},
    ports::{Clock, Money},
    service::{
        managed::{ManagedDesk, Order, Round},
        new_channel::Randoms,
    },
};
use jiff::{SignedDuration, Timestamp};
use testkit::{
    billing,
    fakes::{FakeClock, FakePartner, FakeVault, Life},
    memory::FailWhen,
};

use super::{Deal, sale, told};

fn fresh() -> Result<Randoms, AppFailure> {
    let random = ChannelId::fresh().key();
    Ok(Randoms {
        key: ChannelKey::parse(&random).unwrap(),
        verify_token: Secret::from(random),
    })
}

/// WHAPI, whose clock is moved with the company's.
struct Whapi {
    partner: FakePartner,
    clock: Arc<FakeClock>,
}

impl Whapi {
    fn of(deal: &Deal) -> Self {
        let clock = Arc::new(FakeClock::at(&deal.now()));
        let partner = FakePartner::new(Arc::clone(&clock), Arc::new(Life::default()));
        Self { partner, clock }
    }

    /// Orders a channel, which takes the days that are free.
    async fn order(&self, deal: &Deal) -> ManagedChannel {
        let order = Order {
            name: "Main".into(),
            phone: None,
            days: None,
        };
        let desk = self.desk(deal);
        desk.order(&deal.manager(), &order, None).await.unwrap()
    }

    /// The schedule of channels, once.
    async fn round(&self, deal: &Deal) -> Round {
        self.clock.set(deal.clock.now());
        let until = deal.clock.now() + SignedDuration::from_mins(4);
        self.desk(deal).work_due(until).await.unwrap()
    }

    fn desk<'a>(
        &'a self,
        deal: &'a Deal,
    ) -> ManagedDesk<
        'a,
        testkit::memory::MemoryStore,
        FakeVault,
        FakePartner,
        &'a FakePartner,
        FakeClock,
    > {
        ManagedDesk {
            store: &deal.store,
            vault: &FakeVault,
            partner: &self.partner,
            access: &self.partner,
            clock: &deal.clock,
            hooks: "https://hooks.example/webhooks",
            fresh,
        }
    }

    fn given(&self) -> Vec<u32> {
        let channels = self.partner.channels();
        let extended = channels.iter().flat_map(|one| one.extended.iter());
        extended.map(|(days, _)| *days).collect()
    }
}

fn record(deal: &Deal, id: ChannelId) -> ManagedChannel {
    let tenant = deal.company.tenant.id;
    deal.store.state().managed[&(tenant, id)].clone()
}

/// Something that is written before the schedule looks.
fn put(deal: &Deal, change: impl FnOnce(&mut ManagedChannel)) -> ManagedChannel {
    let (tenant, now) = (deal.company.tenant.id, deal.clock.now());
    let mut one = ManagedChannel {
        stage: Stage::Live,
        wanted_days: 30,
        due: Some(now + SignedDuration::from_hours(6)),
        version: 1,
        ..billing::managed(tenant, now)
    };
    change(&mut one);
    let mut state = deal.store.state();
    state.managed.insert((tenant, one.id), one.clone());
    one
}

fn hours(deal: &Deal, hours: i64) -> Timestamp {
    deal.clock.now() + SignedDuration::from_hours(hours)
}

async fn paid(deal: &Deal, of: &Subscription, name: &str) -> &'static str {
    deal.tell(&sale(of, name, &deal.now())).await.unwrap()
}

/// S3.17, S3.48, X49: a channel whose days end while none are free waits; the renewal at PayPal brings
/// days, and the schedule spends them at once, however often PayPal tells of it.
#[tokio::test]
async fn a_renewal_extends_the_channel_that_waits_for_it() {
    let deal = Deal::new().await;
    let active = deal.active().await;
    let whapi = Whapi::of(&deal);
    let made = whapi.order(&deal).await;
    assert_eq!((deal.balances().free, whapi.given()), (0, vec![30]));

    // Three days before its end nothing is free: it is looked at seldom.
    deal.clock.set(made.due.unwrap());
    whapi.round(&deal).await;
    let waits = record(&deal, made.id);
    assert_eq!(waits.due, Some(hours(&deal, 6)));
    deal.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(whapi.round(&deal).await.worked, 0);

    assert_eq!(paid(&deal, &active, "SALE-2").await, "applied");
    let woken = record(&deal, made.id);
    assert!(woken.due.unwrap() <= deal.clock.now(), "{woken:?}");
    assert_eq!(whapi.given(), [30], "the schedule spends, not the webhook");
    for _ in 0..3 {
        whapi.round(&deal).await;
        assert_eq!(paid(&deal, &active, "SALE-2").await, "repeated");
    }
    assert_eq!(whapi.given(), [30, 30]);
    assert_eq!((deal.balances().free, deal.balances().spent), (0, 60));
    let extended = record(&deal, made.id);
    assert_eq!(
        extended.active_till.unwrap(),
        made.active_till.unwrap() + SignedDuration::from_hours(24 * 30)
    );
}

/// S3.17, X49: whoever took the payment first may have died before it woke anything; the repetition does.
#[tokio::test]
async fn a_payment_told_again_wakes_what_was_not_woken() {
    let deal = Deal::new().await;
    let active = deal.active().await;
    let waits = put(&deal, |_| {});
    deal.store.fail("managed.list", 1, FailWhen::Before);
    assert_eq!(paid(&deal, &active, "SALE-2").await, "applied");
    assert_eq!(record(&deal, waits.id).due, waits.due, "nothing was woken");
    assert_eq!((deal.balances().total, deal.read(&active).paid), (60, 2));
    assert_eq!(paid(&deal, &active, "SALE-2").await, "repeated");
    assert_eq!(record(&deal, waits.id).due, Some(deal.clock.now()));
    assert_eq!(deal.balances().total, 60);
}

/// S3.17: only what waits for days is woken, those that end first before the others; nothing else PayPal
/// tells wakes anything.
#[tokio::test]
async fn only_what_waits_for_days_is_woken_and_only_by_money() {
    let deal = Deal::new().await;
    let active = deal.active().await;
    let (now, soon) = (deal.clock.now(), hours(&deal, 24));
    let wants = put(&deal, |_| {});
    let ends = put(&deal, |one| {
        (one.wanted_days, one.auto_extend) = (0, true);
        one.active_till = Some(soon);
    });
    let asleep = [
        put(&deal, |one| one.wanted_days = 0),
        put(&deal, |one| {
            (one.wanted_days, one.active_till) = (0, Some(soon));
        }),
        put(&deal, |one| {
            (one.wanted_days, one.auto_extend) = (0, true);
            one.active_till = Some(hours(&deal, 24 * 9));
        }),
        put(&deal, |one| one.lease = Some(hours(&deal, 1))),
        put(&deal, |one| one.stage = Stage::Creating),
        put(&deal, |one| one.stage = Stage::Deleted),
        put(&deal, |one| {
            one.extension = Some(Extension {
                n: 1,
                days: 30,
                comment: "Auto top-up".into(),
                state: ExtensionState::Unknown,
                before: None,
                asked_at: Some(now),
                by: one.created_by.clone(),
            });
        }),
    ];
    for kind in ["ACTIVATED", "PAYMENT.FAILED", "SUSPENDED", "RE-ACTIVATED"] {
        let event = told(&active, kind, kind, &deal.now());
        deal.tell(&event).await.unwrap();
        assert_eq!(record(&deal, wants.id), wants, "{kind}");
    }
    assert_eq!(paid(&deal, &active, "SALE-2").await, "applied");
    assert_eq!(record(&deal, wants.id).due, Some(now));
    let first = record(&deal, ends.id).due.unwrap();
    assert_eq!(first, soon - SignedDuration::from_hours(72));
    for one in asleep {
        assert_eq!(record(&deal, one.id), one);
    }
}

/// S0.42: another company's payment wakes nothing here, and a sale of nobody's wakes nobody.
#[tokio::test]
async fn another_companys_payment_wakes_nothing() {
    let deal = Deal::new().await;
    let active = deal.active().await;
    let mut other = put(&deal, |_| {});
    let tenant = domain::ids::TenantId::fresh();
    deal.store.state().managed.clear();
    other.tenant = tenant;
    let key = (tenant, other.id);
    deal.store.state().managed.insert(key, other.clone());
    assert_eq!(paid(&deal, &active, "SALE-2").await, "applied");
    let mut unknown = sale(&active, "SALE-3", &deal.now());
    unknown["resource"]["billing_agreement_id"] = "I-OFANOTHERSELLER".into();
    assert_eq!(deal.tell(&unknown).await.unwrap(), "unknown subscription");
    assert_eq!(deal.store.state().managed[&key], other);
    let entries = deal.store.entries(tenant, None, 9).await.unwrap();
    let none: Vec<Entry> = Vec::new();
    assert_eq!(entries.items, none);
    let name = EntryName::PayPal("SALE-3".into()).to_string();
    assert!(
        deal.store
            .state()
            .entries
            .iter()
            .all(|one| one.name != name)
    );
}
