//! A whole campaign from a file, over the real store and the real sandbox, its passes and attempts broken
//! off at random points: every good recipient is written to once, and at every moment the counts sum to
//! the job's size (issue's and design.md §4's promise at full size).

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
    process::ExitCode,
    task::Poll,
    time::Instant,
};

use domain::{
    bulk::Run,
    ids::MessageId,
    job::Totals,
    message::MessageType,
    ports::{Clock, Files, Rows, Task},
    service::{
        accept::{DraftContent, IdempotencyKey},
        bulk::{AcceptBulk, BulkDraft, Recipients, upload_key},
        outbox,
    },
};
use jiff::{SignedDuration, Timestamp};
use sandbox::{Sandbox, channel::ChannelSpec};
use testkit::{builders::Company, database::Database, fakes::FakeVault};
use uuid::Uuid;

use crate::{
    dice::Dice,
    place::Place,
    provider,
    recipients::file,
    sabotage::Sabotage,
    scenario::PLAIN,
    stream::{self, Reader},
    world::World,
};

/// What to run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Rows of the file
    #[arg(long, default_value_t = 10_000)]
    rows: u32,
    /// How many of them are wrong
    #[arg(long, default_value_t = 50)]
    bad: u32,
    /// What chance follows from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Breaks the store on purpose: something must be wrong
    #[arg(long)]
    sabotage: Option<Sabotage>,
}

/// A pass or an attempt that is broken off is so before this poll of it: about as many as either has.
const POLLS: u64 = 30;

/// Statuses in one webhook.
const HOOK: usize = 200;

/// What came of it.
#[derive(Debug, Default)]
struct Figures {
    minutes: u32,
    passes_killed: u32,
    attempts_killed: u32,
    pauses: u32,
    wrong: Vec<String>,
}

/// What stops at some point for good, as a process does.
async fn until<F: Future>(polls: u64, work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

struct Campaign {
    world: World,
    sandbox: Sandbox,
    /// It lives as long as this.
    _database: Database,
    stream: Reader,
    dice: Dice,
    figures: Figures,
}

/// Runs it. It fails when anything is wrong.
pub fn run(options: Options) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    if runtime.block_on(whole(options)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// True when nothing is wrong.
#[expect(
    clippy::print_stdout,
    reason = "the figures are what the command is for"
)]
async fn whole(options: Options) -> bool {
    let begun = Instant::now();
    let good = options.rows - options.bad;
    let mut campaign = Campaign::start(&options).await;
    let run = campaign.open(&options).await;
    campaign.minutes(&run).await;
    campaign.received(good);
    campaign.delivered(&run).await;
    let figures = &campaign.figures;
    println!(
        "rows {}, bad {}, good {good}, seed {}: {} minutes, {} passes and {} attempts killed, {} pauses, took {} s",
        options.rows,
        options.bad,
        options.seed,
        figures.minutes,
        figures.passes_killed,
        figures.attempts_killed,
        figures.pauses,
        begun.elapsed().as_secs()
    );
    for wrong in &figures.wrong {
        println!("wrong: {wrong}");
    }
    println!("wrong {}", figures.wrong.len());
    figures.wrong.is_empty()
}

impl Campaign {
    async fn start(options: &Options) -> Self {
        let database = Database::start().await;
        let sandbox = Sandbox::start().await.unwrap();
        let mut company = Company::named("acme");
        let plan = company.tenant.plan.as_mut().unwrap();
        (plan.daily_messages, plan.bulk_per_cycle) = (options.rows, options.rows);
        let (tenant, channel) = (&company.tenant, &company.channel);
        database.store().put_tenant(tenant).await.unwrap();
        database.store().put_channel(channel).await.unwrap();
        let token = FakeVault::token_of(tenant.id, channel.id);
        let spec = ChannelSpec::new(&token, &channel.provider_ref, "97300000009");
        sandbox.register(spec).unwrap();
        let place = Place {
            dynamodb: database.endpoint().to_owned(),
            gate: sandbox.base_url(),
            sandbox: sandbox.base_url(),
            tenant: tenant.id,
            channel: channel.id,
            at: "2026-11-20T05:00:00Z".parse().unwrap(),
            sabotage: options.sabotage,
        };
        let world = World::of_campaign(PLAIN, place).await;
        Self {
            stream: Reader::open(&world).await,
            world,
            sandbox,
            _database: database,
            dice: Dice::of(options.seed, "campaign", options.rows),
            figures: Figures::default(),
        }
    }

    fn wrong(&mut self, what: String) {
        self.figures.wrong.push(what);
    }

    /// Accepts the file, and again with the same key: it is one job. Its report names every wrong line.
    async fn open(&mut self, options: &Options) -> Run {
        let (file, wrong) = file(options.rows, options.bad);
        let upload = Uuid::now_v7();
        let world = &self.world;
        let key = upload_key(world.place.tenant, upload);
        world.files.put(&key, file.into()).await.unwrap();
        let accept = AcceptBulk {
            store: &world.store,
            files: &world.files,
            lanes: &world.lanes,
            clock: &world.clock,
            adapters: providers::adapter,
        };
        let draft = BulkDraft {
            channel: None,
            message_type: MessageType::Other,
            content: DraftContent::Text {
                body: "Dear {name}, we open in {city}.".into(),
            },
            recipients: Recipients::Upload(upload),
            priority: 0,
            scheduled_for: None,
            keep_good_rows: true,
            context: None,
        };
        let key = IdempotencyKey::parse("POST /v1/jobs", "campaign", b"{}").unwrap();
        let manager = world.manager();
        let first = accept.run(&manager, draft.clone(), Some(&key)).await;
        let run = first.unwrap().run;
        let again = accept.run(&manager, draft, Some(&key)).await.unwrap().run;
        let report = run.report.clone().unwrap();
        let report = world.files.get(&report).await.unwrap().unwrap();
        let report = String::from_utf8(report).unwrap();
        let lines = report.lines().skip(1).filter_map(|line| {
            let (line, _) = line.split_once(',')?;
            line.parse::<u32>().ok()
        });
        let told: Vec<u32> = lines.collect();
        let good = options.rows - options.bad;
        if again.job != run.job {
            self.wrong("asked again, it is another job".into());
        }
        if (run.size, run.left_out) != (good, options.bad) {
            self.wrong(format!(
                "{} rows taken, {} left out",
                run.size, run.left_out
            ));
        }
        if told.len() != wrong.len() || told.into_iter().collect::<BTreeSet<_>>() != wrong {
            self.wrong(format!("the report is not exact: {report}"));
        }
        run
    }

    /// Minute by minute until everything is settled.
    async fn minutes(&mut self, run: &Run) {
        // Four times what the channel's pace asks for.
        let most = 60 + run.size / 30;
        for minute in 1..=most {
            self.figures.minutes = minute;
            if self.dice.below(8) == 0 {
                self.pause(run).await;
            }
            // What a sweep hands over after it was broken off is handed over by the next.
            self.world.sweep().await.unwrap();
            self.work().await;
            self.project().await;
            if self.times().values().any(|times| *times > 1) {
                // It only becomes more of the same.
                return;
            }
            let totals = self.totals(run).await;
            if totals.sum() != run.size {
                self.wrong(format!("in minute {minute}: {totals:?}, of {}", run.size));
            }
            let stands = self.world.store.run(run.tenant, run.job).await;
            let stands = stands.unwrap().unwrap();
            if stands.shown() == "done" && totals.sent == run.size {
                return;
            }
            let now = self.world.clock.now().as_second().div_euclid(60);
            let next = Timestamp::from_second((now + 1) * 60).unwrap();
            self.world.set_clock(next);
        }
        let totals = self.totals(run).await;
        self.wrong(format!("not done after {most} minutes: {totals:?}"));
    }

    /// Everything in the lanes, some of it lost, some of it twice, some of it broken off.
    async fn work(&mut self) {
        while let Some(task) = self.world.lanes.inner().take() {
            let again = self.dice.below(40) == 0;
            let kill = match task {
                Task::Expand(..) => self.dice.coin(),
                _ => self.dice.below(25) == 0,
            };
            if kill {
                let polls = 1 + self.dice.below(POLLS);
                let ended = until(polls, self.world.work(&task)).await;
                let killed = u32::from(ended.is_none());
                match task {
                    Task::Expand(..) => self.figures.passes_killed += killed,
                    _ => self.figures.attempts_killed += killed,
                }
            } else {
                self.world.work(&task).await;
            }
            if again {
                self.world.work(&task).await;
            }
        }
    }

    /// Somebody pauses the job, looks a while and resumes it: nothing goes out meanwhile that was not
    /// being attempted.
    async fn pause(&mut self, run: &Run) {
        let manager = self.world.manager();
        let control = self.world.control();
        // Refused when everything was claimed already and sent.
        if control.pause(&manager, run.job).await.is_err() {
            return;
        }
        let before = self.sandbox.handle().messages(None).len();
        for _ in 0..3 {
            self.world.advance(SignedDuration::from_mins(1));
            self.world.sweep().await.unwrap();
            while let Some(task) = self.world.lanes.inner().take() {
                self.world.work(&task).await;
            }
        }
        let after = self.sandbox.handle().messages(None).len();
        self.world
            .control()
            .resume(&manager, run.job)
            .await
            .unwrap();
        self.figures.pauses += 1;
        // What had no known outcome is looked up, and sent when it is proven not to be.
        if after > before {
            self.wrong(format!("{} were sent while it was paused", after - before));
        }
    }

    /// The projector's work on everything that changed, in batches, some of them twice and late.
    async fn project(&mut self) {
        let records = self.stream.read(&self.world).await;
        for batch in records.chunks(100) {
            stream::project(&self.world, batch).await.unwrap();
        }
        let again = records.chunks(70).filter(|_| self.dice.below(10) == 0);
        for batch in again {
            stream::project(&self.world, batch).await.unwrap();
        }
    }

    async fn totals(&self, run: &Run) -> Totals {
        let manager = self.world.manager();
        let view = outbox::job(&self.world.store, &manager, run.job).await;
        view.unwrap().totals
    }

    /// How often each recipient was written to.
    fn times(&self) -> BTreeMap<String, u32> {
        let mut times = BTreeMap::new();
        for message in self.sandbox.handle().messages(None) {
            *times.entry(message.to).or_default() += 1;
        }
        times
    }

    /// Each good recipient once.
    fn received(&mut self, good: u32) {
        let received = self.times();
        let twice = received.values().filter(|times| **times > 1).count();
        if received.len() != good as usize || twice > 0 {
            let reached = received.len();
            self.wrong(format!(
                "{reached} of {good} reached, {twice} of them twice"
            ));
        }
    }

    /// All are reported delivered, in webhooks of many items, each posted twice.
    async fn delivered(&mut self, run: &Run) {
        let now = self.world.clock.now();
        let sent = self.sandbox.handle().messages(None);
        for some in sent.chunks(HOOK) {
            let ids: Vec<&str> = some.iter().map(|message| message.id.as_str()).collect();
            let hook = provider::all(&ids, "delivered", now);
            for _ in 0..2 {
                self.world.deliver(&hook).await.unwrap();
            }
        }
        self.project().await;
        let totals = self.totals(run).await;
        let wanted = Totals {
            delivered: run.size,
            ..Totals::default()
        };
        if totals != wanted {
            self.wrong(format!("{totals:?}, not all delivered"));
        }
        // One message's row, as an example that leads from the job to what was said.
        let first = MessageId::of_row(run.job, 0);
        let view = outbox::message(&self.world.store, &self.world.manager(), first).await;
        if view.is_err() {
            self.wrong("a message of the job cannot be read".into());
        }
    }
}
