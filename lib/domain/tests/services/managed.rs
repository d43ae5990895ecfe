//! Channels at WHAPI that the platform makes and pays for: what is asked there, what is stored, and that
//! nothing is made or spent twice, whatever happens in between.

mod barring;
mod crashing;
mod deleting;
mod extending;
mod linking;
mod ordering;
mod refusing;
mod repeating;
mod telling;
mod waiting;

use std::sync::Arc;

use domain::{
    billing::{Balances, EntryName},
    channel::{ChannelKey, Secret},
    failure::AppFailure,
    ids::{ChannelId, PaymentId},
    managed::{ManagedChannel, Stage},
    ports::{Clock, ManagedChannels, Money},
    principal::{Principal, Role},
    service::{
        accept::IdempotencyKey,
        managed::{ManagedDesk, Order},
        new_channel::Randoms,
    },
};
use jiff::{SignedDuration, Timestamp};
use testkit::{
    billing,
    builders::Company,
    fakes::{AtWhapi, FakeClock, FakePartner, FakeVault, Life},
    memory::MemoryStore,
};

const HOOKS: &str = "https://hooks.example/webhooks";
const EMAIL: &str = "ada@acme.example";

/// A company with days and without channels, WHAPI, and everything in between.
struct Yard {
    store: MemoryStore,
    partner: FakePartner,
    clock: Arc<FakeClock>,
    life: Arc<Life>,
    acme: Company,
}

type Desk<'a> = ManagedDesk<'a, MemoryStore, FakeVault, FakePartner, &'a FakePartner, FakeClock>;

fn fresh() -> Result<Randoms, AppFailure> {
    let random = ChannelId::fresh().key();
    Ok(Randoms {
        key: ChannelKey::parse(&random).unwrap(),
        verify_token: Secret::from(random),
    })
}

fn order(name: &str) -> Order {
    Order {
        name: name.into(),
        phone: None,
        days: None,
    }
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse("POST /v1/channels", text, b"{}").unwrap()
}

impl Yard {
    /// With so many days, and a plan of two channels.
    async fn with_days(days: u32) -> Self {
        let clock = Arc::new(FakeClock::at("2026-11-20T10:30:00Z"));
        let life = Arc::new(Life::default());
        let mut acme = Company::named("acme");
        acme.tenant.settings.default_channel = None;
        if let Some(plan) = &mut acme.tenant.plan {
            plan.channels = 2;
        }
        let yard = Self {
            store: MemoryStore::of_life(Arc::clone(&life)),
            partner: FakePartner::new(Arc::clone(&clock), Arc::clone(&life)),
            clock,
            life,
            acme,
        };
        let tenant = yard.acme.tenant.clone();
        yard.store.state().tenants.insert(tenant.id, tenant);
        yard.credit(days).await;
        yard
    }

    async fn credit(&self, days: u32) {
        if days == 0 {
            return;
        }
        let name = EntryName::Approve(PaymentId::fresh());
        let change = billing::booking(self.acme.tenant.id, &name, days, self.clock.now());
        self.store.apply(&change).await.unwrap();
    }

    fn desk(&self) -> Desk<'_> {
        ManagedDesk {
            store: &self.store,
            vault: &FakeVault,
            partner: &self.partner,
            access: &self.partner,
            clock: &self.clock,
            hooks: HOOKS,
            fresh,
        }
    }

    fn manager(&self) -> Principal {
        self.acme.user(Role::Manager).known_as(EMAIL)
    }

    async fn order(&self, name: &str) -> Result<ManagedChannel, AppFailure> {
        self.desk().order(&self.manager(), &order(name), None).await
    }

    /// A live channel, made and extended by the usual days.
    async fn live(&self) -> ManagedChannel {
        let made = self.order("Main").await.unwrap();
        assert_eq!(made.stage, Stage::Live, "{made:?}");
        made
    }

    fn soon(&self) -> Timestamp {
        self.clock.now() + SignedDuration::from_mins(5)
    }

    fn minutes(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    /// The schedule, once.
    async fn round(&self) {
        let round = self.desk().work_due(self.soon()).await.unwrap();
        assert_eq!(round.failed, 0);
    }

    /// The schedule every five minutes, for so long.
    async fn rounds(&self, minutes: i64) {
        for _ in 0..minutes / 5 {
            self.minutes(5);
            self.round().await;
        }
    }

    async fn record(&self, id: ChannelId) -> ManagedChannel {
        let tenant = self.acme.tenant.id;
        self.store.managed(tenant, id).await.unwrap().unwrap()
    }

    fn only(&self) -> AtWhapi {
        let channels = self.partner.channels();
        assert_eq!(channels.len(), 1, "{channels:?}");
        channels[0].clone()
    }

    fn balances(&self) -> Balances {
        let state = self.store.state();
        let account = state.accounts.get(&self.acme.tenant.id);
        account.map(|account| account.balances).unwrap_or_default()
    }

    fn slots(&self) -> u32 {
        let state = self.store.state();
        let account = state.accounts.get(&self.acme.tenant.id);
        account.map_or(0, |account| account.channels)
    }

    /// Names of the ledger's entries, without the channel's id.
    fn entries(&self) -> Vec<String> {
        let state = self.store.state();
        let names = state.entries.iter().map(|entry| {
            let mut parts = entry.name.splitn(3, ':');
            let (_, _, rest) = (parts.next(), parts.next(), parts.next());
            format!("{} {}", rest.unwrap_or_default(), entry.days)
        });
        names.collect()
    }

    fn told(&self) -> Vec<String> {
        let state = self.store.state();
        state
            .notifications
            .values()
            .map(|one| one.code.clone())
            .collect()
    }

    /// S3.75: the sums are those of the entries, a slot is taken by each channel that is not gone, and
    /// what was spent is what WHAPI gave.
    fn assert_exact(&self) {
        let state = self.store.state();
        let sums = Balances::of(&state.entries).unwrap();
        drop(state);
        assert_eq!(sums, self.balances());
        let records: Vec<ManagedChannel> = self.store.state().managed.values().cloned().collect();
        let open = records
            .iter()
            .filter(|one| !matches!(one.stage, Stage::Deleted | Stage::Failed));
        assert_eq!(self.slots() as usize, open.count(), "{records:?}");
        for record in records.iter().filter(|one| one.stage == Stage::Live) {
            let channels = self.partner.channels();
            let there = channels
                .iter()
                .find(|one| Some(&one.id) == record.provider_ref.as_ref());
            let given: u32 = there.unwrap().extended.iter().map(|(days, _)| days).sum();
            assert_eq!(record.spent, given, "{record:?}");
        }
    }
}

fn reason(failure: &AppFailure) -> &str {
    failure.details().get("reason").map_or("", String::as_str)
}
