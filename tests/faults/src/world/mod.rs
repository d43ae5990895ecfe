//! Everything a process works with: the real store over HTTP, the real adapter and transport, and
//! fakes for the rest, whose memory ends with the process as a lost hand-over does. The same in the
//! child that dies and in the parent that recovers.

mod desks;
mod hooks;
mod lanes;
mod outside;
mod requests;

use std::sync::Mutex;

use domain::{
    notice::NoticeKey,
    ports::{Clock, Directory},
    principal::{Principal, Role},
};
use jiff::{SignedDuration, Timestamp};
use providers::{Endpoints, Transport};
use runtime::{env::Env, net::Net};
use store::Store;
use testkit::{
    builders::Company,
    fakes::{FakeClock, FakeLanes, FakePacer, FakeVault},
    memory::MemoryStore,
};

use self::outside::{Post, Shelf};
use crate::{
    manager::Manager,
    place::{Place, TABLE},
    points::{Points, Watched},
    provider::{Control, Provider},
    sabotage::Sabotage,
    scenario::Scenario,
    told::{Told, tell},
};

/// One process's worlds.
pub struct World {
    pub store: Store,
    pub points: Points,
    pub vault: Watched<FakeVault>,
    pub gate: Watched<Provider>,
    /// WHAPI's manager.
    pub manager: Watched<Manager>,
    pub lanes: Watched<FakeLanes>,
    pub files: Watched<MemoryStore>,
    /// Where inbound files are fetched from.
    pub shelf: Watched<Shelf>,
    pub mailer: Watched<Post>,
    pub pacer: Watched<FakePacer>,
    pub clock: FakeClock,
    pub company: Company,
    pub http: reqwest::Client,
    pub place: Place,
    pub scenario: Scenario,
    planned: Mutex<Vec<String>>,
    /// Notices that came out of a lane here.
    pub notices: Mutex<Vec<NoticeKey>>,
    /// Whether somebody listens to what is told.
    child: bool,
}

impl World {
    /// The worlds of the process that dies.
    pub async fn of_child(scenario: Scenario, place: Place, points: Points) -> Self {
        let sabotage = place.sabotage;
        Self::new(scenario, place, points, sabotage, true).await
    }

    /// The worlds of the process that recovers.
    pub async fn of_parent(scenario: Scenario, place: Place) -> Self {
        let sabotage = place.sabotage.filter(|sabotage| sabotage.everywhere());
        Self::new(scenario, place, Points::default(), sabotage, false).await
    }

    /// The worlds of a campaign, which is one process: its works are broken off one by one.
    pub async fn of_campaign(scenario: Scenario, place: Place) -> Self {
        let sabotage = place.sabotage;
        Self::new(scenario, place, Points::default(), sabotage, false).await
    }

    async fn new(
        scenario: Scenario,
        place: Place,
        points: Points,
        sabotage: Option<Sabotage>,
        child: bool,
    ) -> Self {
        let net = Net::from_env(&Env::given([])).unwrap();
        let http = net.provider_client().unwrap();
        let manager = format!("{}/manager", place.gate);
        let endpoints = Endpoints::parse(Some(&place.gate), None, None).unwrap();
        let endpoints = endpoints.with_whapi_manager(Some(&manager)).unwrap();
        let transport = Transport::new(http.clone(), endpoints);
        let manager = Manager::new(transport.clone(), place.at);
        let control = Control::new(http.clone(), place.sandbox.clone());
        let client = place.database(points.clone(), sabotage);
        let store = Store::new(client, TABLE.to_owned());
        let company = Company {
            tenant: Directory::tenant(&store, place.tenant)
                .await
                .unwrap()
                .unwrap(),
            channel: store
                .channel(place.tenant, place.channel)
                .await
                .unwrap()
                .unwrap(),
        };
        let world = Self {
            store,
            vault: Watched::new(FakeVault, points.clone()),
            gate: Watched::new(Provider::new(transport, control), points.clone()),
            manager: Watched::new(manager, points.clone()),
            lanes: Watched::new(FakeLanes::default(), points.clone()),
            files: Watched::new(MemoryStore::new(), points.clone()),
            shelf: Watched::new(Shelf, points.clone()),
            mailer: Watched::new(Post::new(child), points.clone()),
            pacer: Watched::new(FakePacer::default(), points.clone()),
            points,
            clock: FakeClock::at(&place.at.to_string()),
            company,
            http,
            place,
            scenario,
            planned: Mutex::default(),
            notices: Mutex::default(),
            child,
        };
        world.set_clock(world.place.at);
        world
    }

    pub fn set_clock(&self, shown: Timestamp) {
        self.clock.set(shown);
        let wall = Timestamp::now();
        self.gate.inner().dates.note(wall, shown);
        if self.child {
            tell(&Told::Clock { wall, shown });
        }
    }

    pub fn advance(&self, by: SignedDuration) {
        self.set_clock(self.clock.now() + by);
    }

    pub fn manager(&self) -> Principal {
        self.company.user(Role::Manager)
    }

    /// Mails sent from here.
    pub fn mails(&self) -> usize {
        self.mailer.inner().sent()
    }
}
