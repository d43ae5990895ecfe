//! Everything a process works with: the real store over HTTP, the real adapter and transport, and
//! fakes for the rest, whose memory ends with the process as a lost hand-over does. The same in the
//! child that dies and in the parent that recovers.

use std::sync::Mutex;

use domain::{
    channel::{Channel, Secret},
    failure::{AppFailure, StoreFailure},
    ids::MessageId,
    message::Message,
    notice::{Mail, NoticeKey},
    ports::{
        Clock, Directory, DocumentGate, FetchedFile, FileGate, Mailer, Messages, NotFetched, Task,
    },
    principal::{Principal, Role},
    provider::{MediaPlace, ProviderKind, RawWebhook},
    service::{
        accept::{Accept, Accepted, IdempotencyKey},
        attempt::Attempt,
        bulk::Expand,
        change::Change,
        converse,
        happening::Happening,
        ingest::{Ingest, Ingested},
        lane::{Lane, Paced},
        linked::Linked,
        managed::{ManagedDesk, Round},
        media::Copying,
        notify::Notify,
        send,
        sweep::{Sweep, Swept},
    },
};
use jiff::{SignedDuration, Timestamp};
use providers::{Endpoints, Transport};
use runtime::{env::Env, net::Net};
use store::Store;
use testkit::{
    builders::{Company, WEBHOOK_SECRET},
    fakes::{FakeClock, FakeLanes, FakeMailer, FakePacer, FakeVault},
    memory::MemoryStore,
};

use crate::{
    manager::{self, Manager},
    place::{Place, TABLE},
    points::{Points, Watched},
    provider::{Control, Provider},
    sabotage::Sabotage,
    scenario::{Request, Scenario},
    told::{Told, tell},
};

/// Tasks worked in one go; more would be a loop.
const MOST_TASKS: u32 = 500;

/// Channels that the platform pays for, in a world.
type Managed<'w> =
    ManagedDesk<'w, Store, Watched<FakeVault>, Watched<Manager>, manager::Book, FakeClock>;

/// A mail service: what it was given was sent, and is told at once.
#[derive(Debug)]
pub struct Post {
    kept: FakeMailer,
    told: bool,
}

impl Mailer for Post {
    async fn mail(&self, mail: &Mail) -> Result<(), StoreFailure> {
        if self.told {
            tell(&Told::Mailed {
                text: mail.text.clone(),
            });
        }
        self.kept.mail(mail).await
    }
}

/// Every inbound file is there, and is this one.
#[derive(Debug)]
pub struct Shelf;

impl FileGate for Shelf {
    async fn fetch(
        &self,
        _channel: &Channel,
        _token: &Secret,
        _place: &MediaPlace,
        _most: u64,
    ) -> Result<FetchedFile, NotFetched> {
        Ok(FetchedFile {
            bytes: b"a picture".to_vec(),
            mime: "image/png".into(),
            extension: "png".into(),
        })
    }
}

impl DocumentGate for Shelf {
    async fn fetch_document(&self, _url: &str, _most: u64) -> Result<FetchedFile, NotFetched> {
        Ok(FetchedFile {
            bytes: b"%PDF-1.7 an invoice".to_vec(),
            mime: "application/pdf".into(),
            extension: "pdf".into(),
        })
    }
}

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
        let post = Post {
            kept: FakeMailer::default(),
            told: child,
        };
        let world = Self {
            store,
            vault: Watched::new(FakeVault, points.clone()),
            gate: Watched::new(Provider::new(transport, control), points.clone()),
            manager: Watched::new(manager, points.clone()),
            lanes: Watched::new(FakeLanes::default(), points.clone()),
            files: Watched::new(MemoryStore::new(), points.clone()),
            shelf: Watched::new(Shelf, points.clone()),
            mailer: Watched::new(post, points.clone()),
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

    pub fn accept(&self) -> Accept<'_, Store, Watched<FakeLanes>, FakeClock> {
        Accept {
            store: &self.store,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    pub fn attempt(
        &self,
    ) -> Attempt<'_, Store, Watched<FakeVault>, Watched<Provider>, Watched<FakeLanes>, FakeClock>
    {
        Attempt {
            store: &self.store,
            vault: &self.vault,
            gate: &self.gate,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    /// Channels that the platform pays for.
    pub fn managed(&self) -> Managed<'_> {
        ManagedDesk {
            store: &self.store,
            vault: &self.vault,
            partner: &self.manager,
            access: manager::Book,
            clock: &self.clock,
            hooks: manager::HOOKS,
            fresh: manager::fresh,
        }
    }

    /// The schedule of channels, once.
    pub async fn managed_due(&self) -> Result<Round, AppFailure> {
        let until = self.clock.now() + SignedDuration::from_mins(4);
        self.managed().work_due(until).await
    }

    pub fn change(&self) -> Change<'_, Store, FakeClock> {
        Change {
            store: &self.store,
            clock: &self.clock,
        }
    }

    fn ingest(&self) -> Ingest<'_, Store, Watched<MemoryStore>, Watched<FakeLanes>, FakeClock> {
        Ingest {
            store: &self.store,
            files: &self.files,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    /// A caller's request, as `functions/send` handles it.
    pub async fn request(&self, request: &Request) -> Result<Message, AppFailure> {
        let draft = request.draft(self.place.at);
        let body = format!("{} {:?}", request.text, draft.scheduled_for);
        let key = IdempotencyKey::parse("POST /v1/messages", &request.key(), body.as_bytes())?;
        let (accept, attempt, manager) = (self.accept(), self.attempt(), self.manager());
        let sent = if request.conversation {
            let (id, text) = (self.conversation(), request.text.to_owned());
            let said = converse::say(&accept, &attempt, &manager, id, text, Some(&key)).await;
            self.stored(said).await?
        } else {
            let first = request.first;
            send::send(&accept, &attempt, &manager, draft, Some(&key), first)
                .await?
                .message
        };
        if self.child {
            let text = request.text.to_owned();
            tell(&Told::Answered {
                text,
                message: sent.id,
            });
        }
        Ok(sent)
    }

    /// The message of an answer; a refusal by the provider names the one that stands in the thread.
    async fn stored(&self, said: Result<Accepted, AppFailure>) -> Result<Message, AppFailure> {
        let failure = match said {
            Ok(accepted) => return Ok(accepted.message),
            Err(failure) => failure,
        };
        let Some(id) = failure.details().get("message_id") else {
            return Err(failure);
        };
        let id = MessageId::parse(id).unwrap();
        let message = self.store.message(self.place.tenant, id).await.unwrap();
        message.ok_or(failure)
    }

    /// The provider posts a webhook.
    pub async fn hook(&self, body: String) {
        self.plan(body);
        self.post_planned().await;
    }

    /// The provider is going to post a webhook: from here on it does so until it is answered, whoever
    /// dies meanwhile.
    pub fn plan(&self, body: String) {
        if self.child {
            tell(&Told::Hook { body: body.clone() });
        }
        self.planned.lock().unwrap().push(body);
    }

    /// It posts what was planned.
    pub async fn post_planned(&self) {
        let planned = std::mem::take(&mut *self.planned.lock().unwrap());
        for body in planned {
            // An answer other than 200 makes the provider post it again.
            let _ = self.deliver(&body).await;
        }
    }

    pub async fn deliver(&self, body: &str) -> Result<Ingested, AppFailure> {
        let raw = RawWebhook {
            key: None,
            headers: vec![(
                "x-webhook-secret".to_owned(),
                WEBHOOK_SECRET.as_bytes().to_vec(),
            )],
            body: body.as_bytes().to_vec(),
        };
        let key = &self.company.channel.key;
        self.ingest()
            .run(&FakeVault, ProviderKind::Whapi, Some(key), &raw)
            .await
    }

    pub async fn sweep(&self) -> Result<Swept, StoreFailure> {
        let sweep = Sweep {
            store: &self.store,
            lanes: &self.lanes,
            ingest: self.ingest(),
            clock: &self.clock,
        };
        sweep.run().await
    }

    /// Does everything that waits in the lanes; what fails comes again by its due time.
    pub async fn drain(&self) {
        for _ in 0..MOST_TASKS {
            let Some(task) = self.lanes.inner().take() else {
                return;
            };
            if let Task::Notice(key) = &task {
                self.notices.lock().unwrap().push(key.clone());
            }
            self.work(&task).await;
        }
        panic!("the lanes never end");
    }

    /// Works one task, as `functions/retry` does; what fails comes again by its due time.
    pub async fn work(&self, task: &Task) {
        let gate = Linked {
            gate: &self.gate,
            files: &self.files,
        };
        let gate = Paced {
            gate: &gate,
            pacer: &self.pacer,
        };
        let lane = Lane {
            happening: Happening {
                accept: self.accept(),
                documents: &self.shelf,
                files: &self.files,
            },
            attempt: Attempt {
                store: &self.store,
                vault: &self.vault,
                gate: &gate,
                lanes: &self.lanes,
                clock: &self.clock,
                adapters: providers::adapter,
            },
            notify: Notify {
                store: &self.store,
                mailer: &self.mailer,
                clock: &self.clock,
            },
            expand: Expand {
                store: &self.store,
                lanes: &self.lanes,
                clock: &self.clock,
            },
            copying: Copying {
                store: &self.store,
                vault: &self.vault,
                gate: &gate,
                files: &self.shelf,
                media: &self.files,
                clock: &self.clock,
                adapters: providers::adapter,
            },
        };
        let _ = lane.work(task).await;
    }

    /// Mails sent from here.
    pub fn mails(&self) -> usize {
        self.mailer.inner().kept.sent().len()
    }
}
