//! What the world does after a crash: callers ask again, providers post again, minutes pass, the
//! stream is read. Nothing of it knows where the process died.

use std::collections::HashSet;

use domain::{ids::MessageId, ports::Clock};
use jiff::{SignedDuration, Timestamp};
use sandbox::Handle;
use store::schema::DUE;
use testkit::database::Database;

use crate::{
    checks::{Check, Findings},
    dice::Dice,
    provider::{messages, press, statuses},
    stream,
    world::World,
};

/// Sweeps in one recovery; more would be a loop.
const MOST_SWEEPS: u32 = 300;

/// How long everything may take. Three retries, thirty-three minutes apart at most, are the longest.
const LONGEST: SignedDuration = SignedDuration::from_hours(3);

/// What a recovery starts from, besides the table.
pub struct Left<'a> {
    /// The table, past the store.
    pub database: &'a Database,
    /// The provider.
    pub provider: &'a Handle,
    /// Webhooks the provider posted before the crash.
    pub hooks: Vec<String>,
    /// Messages at the provider whose fate was reported.
    pub fated: HashSet<String>,
    /// Requests that were answered before it: text and message.
    pub answered: Vec<(String, MessageId)>,
}

/// Lets the world go on until nothing is open.
pub async fn recover(world: &World, left: &mut Left<'_>, dice: &mut Dice, found: &mut Findings) {
    world.advance(SignedDuration::from_secs(3));
    ask_again(world, left, found).await;
    (world.scenario.again)(world).await;
    redeliver(world, left, dice, found).await;
    // What became of a message may be reported before anybody here knows that it was taken.
    if dice.coin() {
        tell_fate(world, left, dice, found).await;
    }
    minutes(world, left, found).await;
    tell_fate(world, left, dice, found).await;
    redeliver(world, left, dice, found).await;
    minutes(world, left, found).await;
    ask_again(world, left, found).await;
    project(world, dice, found).await;
}

/// Callers repeat what they asked for, with the same keys.
async fn ask_again(world: &World, left: &mut Left<'_>, found: &mut Findings) {
    for request in world.scenario.requests {
        match world.request(request).await {
            Ok(message) => left.answered.push((request.text.to_owned(), message.id)),
            Err(failure) => found.add(Check::Broken, format!("a repeated request: {failure}")),
        }
    }
}

/// The provider posts its webhooks again, in any order.
async fn redeliver(world: &World, left: &mut Left<'_>, dice: &mut Dice, found: &mut Findings) {
    dice.shuffle(&mut left.hooks);
    for hook in &left.hooks {
        deliver(world, hook, found).await;
    }
}

async fn deliver(world: &World, hook: &str, found: &mut Findings) {
    match world.deliver(hook).await {
        Ok(ingested) if !ingested.unapplied => {}
        Ok(ingested) => found.add(Check::Broken, format!("a webhook: {:?}", ingested.verdicts)),
        Err(failure) => found.add(Check::Broken, format!("a webhook: {failure}")),
    }
}

/// The provider reports what became of every message it took.
async fn tell_fate(world: &World, left: &mut Left<'_>, dice: &mut Dice, found: &mut Findings) {
    let mut hooks = Vec::new();
    for taken in left.provider.messages(None) {
        if !taken.from_me || !left.fated.insert(taken.id.clone()) {
            continue;
        }
        let now = world.clock.now();
        for word in world.scenario.fate {
            hooks.push(match *word {
                "press" => messages(&[press(&taken.id, now)]),
                status => statuses(&taken.id, &[status], now),
            });
        }
    }
    dice.shuffle(&mut hooks);
    for hook in hooks {
        deliver(world, &hook, found).await;
        left.hooks.push(hook);
    }
}

/// Minutes pass, and in each the sweep runs and the lanes are worked. Minutes in which nothing is due
/// are skipped: a sweep would do nothing in them.
async fn minutes(world: &World, left: &Left<'_>, found: &mut Findings) {
    let end = world.clock.now() + LONGEST;
    for _ in 0..MOST_SWEEPS {
        world.drain().await;
        let Some(due) = earliest_due(left.database, end).await else {
            return;
        };
        let minute = SignedDuration::from_secs(60);
        let from = due.max(world.clock.now() + SignedDuration::from_nanos(1));
        let mut next = Timestamp::from_second(from.as_second().div_euclid(60) * 60).unwrap();
        if next < from {
            next += minute;
        }
        if next > end {
            break;
        }
        world.set_clock(next);
        if let Err(failure) = world.sweep().await {
            found.add(Check::Broken, format!("a sweep: {failure}"));
        }
        if let Err(failure) = world.managed_due().await {
            found.add(Check::Broken, format!("a round over channels: {failure}"));
        }
    }
    found.add(Check::Open, format!("work is still open after {LONGEST:#}"));
}

/// When the next thing is due, by the index's own entries: twelve hexadecimal digits of milliseconds.
/// One scan, for asking each shard would cost most of a recovery's time.
/// A calendar's next day is no open work, nor are a channel's next extension and the end of a plan: they
/// come whatever happened before.
async fn earliest_due(database: &Database, end: Timestamp) -> Option<Timestamp> {
    let items = database.items().await;
    let places = items.iter().filter_map(|item| {
        let due = item.get(DUE.sort)?.as_s().ok()?;
        let millis = i64::from_str_radix(due, 16).unwrap();
        let due = Timestamp::from_millisecond(millis).unwrap();
        let calendar = item
            .get("sk")?
            .as_s()
            .is_ok_and(|sk| ["D", "F", "SB", "W"].contains(&sk.as_str()));
        (!calendar || due <= end).then_some(due)
    });
    places.min()
}

/// The projector reads the stream: in order with batches that overlap, all of it again, and once more
/// in any order.
async fn project(world: &World, dice: &mut Dice, found: &mut Findings) {
    let records = stream::read(world).await;
    let mut batches = Vec::new();
    let mut from = 0;
    while from < records.len() {
        let to = (from + 1 + dice.below(6) as usize).min(records.len());
        let back = from.saturating_sub(dice.below(3) as usize);
        batches.extend(records.get(back..to));
        from = to;
    }
    batches.push(&records);
    let mut shuffled: Vec<_> = records.chunks(5).collect();
    dice.shuffle(&mut shuffled);
    batches.extend(shuffled);
    for batch in batches {
        if let Err(failure) = stream::project(world, batch).await {
            found.add(Check::Broken, format!("the projector: {failure}"));
        }
    }
}
