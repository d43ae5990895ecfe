//! One run: a database and a provider of its own, a child process that dies, recovery, and the checks.

use std::{collections::HashSet, process::Stdio, time::Duration};

use domain::{ids::MessageId, ports::Clock};
use jiff::{SignedDuration, Timestamp};
use sandbox::{Sandbox, channel::ChannelSpec};
use testkit::{builders::Company, database::Database, fakes::FakeVault};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::{Instant, timeout},
};

use crate::{
    checks::{self, Check, Findings},
    dice::Dice,
    manager,
    place::Place,
    recovery::{Left, recover},
    sabotage::Sabotage,
    scenario::Scenario,
    told::Told,
    world::World,
};

/// Longer than any run; what lasts longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// How the child dies.
#[derive(Debug, Clone, Copy)]
pub enum Death {
    /// It does not: its points are counted.
    None,
    /// By its own hand, at this point.
    At(u32),
    /// By a signal from outside, so long after its stage was set.
    After(Duration),
}

/// What to run.
#[derive(Clone, Copy)]
pub struct Order {
    pub scenario: Scenario,
    pub death: Death,
    /// Seed and number of the run: everything left to chance follows from them.
    pub seed: u64,
    pub number: u32,
    pub sabotage: Option<Sabotage>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Ran {
    /// Names of the points passed, the last one included.
    pub points: Vec<String>,
    /// Where it died.
    pub killed: Option<String>,
    /// How long it lived after its stage was set.
    pub lived: Duration,
    pub found: Findings,
}

/// Everything the child left.
#[derive(Default)]
struct Legacy {
    ran: Ran,
    dates: Vec<(Timestamp, Timestamp)>,
    hooks: Vec<String>,
    answered: Vec<(String, MessageId)>,
    mails: usize,
    done: bool,
}

/// Runs it.
pub async fn run(order: Order) -> Ran {
    match timeout(PATIENCE, whole(order)).await {
        Ok(ran) => ran,
        Err(_) => {
            let mut ran = Ran::default();
            ran.found
                .add(Check::Broken, format!("it hangs longer than {PATIENCE:?}"));
            ran
        }
    }
}

async fn whole(order: Order) -> Ran {
    let mut dice = Dice::of(order.seed, order.scenario.name, order.number);
    let (database, sandbox, company) = stage(order.scenario).await;
    // Cron fires at whole minutes: where in a minute a scenario begins decides how late a sweep is.
    let begin: Timestamp = "2026-11-20T10:30:00Z".parse().unwrap();
    let mut place = Place {
        dynamodb: database.endpoint().to_owned(),
        gate: if order.scenario.reachable {
            sandbox.base_url()
        } else {
            nobody()
        },
        sandbox: sandbox.base_url(),
        tenant: company.tenant.id,
        channel: company.channel.id,
        at: begin + SignedDuration::from_millis(i64::try_from(dice.below(60_000)).unwrap()),
        sabotage: order.sabotage,
    };
    let mut legacy = child(order, &place).await;
    place.gate = sandbox.base_url();
    let world = World::of_parent(order.scenario, place).await;
    for (wall, shown) in &legacy.dates {
        world.gate.inner().dates.note(*wall, *shown);
    }
    if let Some((_, shown)) = legacy.dates.last() {
        world.set_clock(*shown);
    }
    let mut found = std::mem::take(&mut legacy.ran.found);
    let provider = sandbox.handle();
    let mut left = Left {
        database: &database,
        provider: &provider,
        hooks: legacy.hooks,
        fated: HashSet::new(),
        answered: legacy.answered,
    };
    recover(&world, &mut left, &mut dice, &mut found).await;
    let mailed = legacy.mails + world.mails();
    checks::check(&world, &left, mailed, &mut found).await;
    let (begun, ended) = (world.place.at, world.clock.now());
    for (_, what) in &mut found.wrong {
        what.push_str(&format!(" (from {begun} to {ended})"));
    }
    Ran {
        found,
        ..legacy.ran
    }
}

async fn stage(scenario: Scenario) -> (Database, Sandbox, Company) {
    let database = Database::start().await;
    let sandbox = Sandbox::start().await.unwrap();
    let company = Company::named("acme");
    let (tenant, channel) = (&company.tenant, &company.channel);
    database.store().put_tenant(tenant).await.unwrap();
    database.store().put_channel(channel).await.unwrap();
    let token = FakeVault::token_of(tenant.id, channel.id);
    let spec = ChannelSpec::new(&token, &channel.provider_ref, "97300000009");
    sandbox.register(spec).unwrap();
    sandbox.partner(manager::partner()).unwrap();
    for fault in (scenario.faults)() {
        sandbox.fault(fault).unwrap();
    }
    (database, sandbox, company)
}

/// An address at which nobody listens.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn child(order: Order, place: &Place) -> Legacy {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let ids = (place.tenant.to_string(), place.channel.to_string());
    command
        .args(["child", "--scenario", order.scenario.name])
        .args(["--dynamodb", &place.dynamodb, "--gate", &place.gate])
        .args(["--sandbox", &place.sandbox, "--at", &place.at.to_string()])
        .args(["--tenant", &ids.0, "--channel", &ids.1])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    if let Death::At(point) = order.death {
        command.args(["--kill-at", &point.to_string()]);
    }
    if let Some(sabotage) = order.sabotage {
        let name = clap::ValueEnum::to_possible_value(&sabotage).unwrap();
        command.args(["--sabotage", name.get_name()]);
    }
    let mut process = command.spawn().unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut legacy = Legacy::default();
    listen(order, &mut process, lines, &mut legacy).await;
    let status = process.wait().await.unwrap();
    let meant = match order.death {
        Death::None => legacy.done,
        // It may have had fewer points this time, or been done before the signal.
        Death::At(_) => legacy.ran.killed.is_some() || legacy.done,
        Death::After(_) => true,
    };
    if !meant {
        legacy.ran.found.add(
            Check::Broken,
            format!("the process ended by itself: {status}"),
        );
    }
    if legacy.ran.killed.is_none() && !legacy.done {
        legacy.ran.killed = Some("a signal".into());
    }
    legacy
}

async fn listen(
    order: Order,
    process: &mut Child,
    mut lines: Lines<BufReader<ChildStdout>>,
    legacy: &mut Legacy,
) {
    let mut armed: Option<Instant> = None;
    loop {
        let line = match (order.death, armed) {
            (Death::After(wait), Some(since)) => {
                let next = tokio::time::timeout_at(since + wait, lines.next_line()).await;
                match next {
                    Ok(line) => line,
                    Err(_) => {
                        process.start_kill().ok();
                        // What it told before is still to be read; the end of it ends the loop.
                        armed = None;
                        continue;
                    }
                }
            }
            (Death::None | Death::At(_) | Death::After(_), _) => lines.next_line().await,
        };
        let Ok(Some(line)) = line else { break };
        match serde_json::from_str(&line) {
            Ok(Told::Armed) => armed = Some(Instant::now()),
            Ok(told) => legacy.note(told),
            // The line it died in.
            Err(_) => {}
        }
        if let Some(armed) = armed {
            legacy.ran.lived = armed.elapsed();
        }
    }
}

impl Legacy {
    fn note(&mut self, told: Told) {
        match told {
            Told::Armed => {}
            Told::Clock { wall, shown } => self.dates.push((wall, shown)),
            Told::Point { name } => self.ran.points.push(name),
            Told::Killed { name } => {
                self.ran.points.push(name.clone());
                self.ran.killed = Some(name);
            }
            Told::Hook { body } => self.hooks.push(body),
            Told::Answered { text, message } => self.answered.push((text, message)),
            Told::Mailed { .. } => self.mails += 1,
            Told::Done => self.done = true,
        }
    }
}
