//! Whether a page or a look-up costs more because there is more beside it: read units at 100 and at
//! 100,000 entries of every list, on the embedded database. `cargo xtask measure growth` runs it; it fails
//! when one grows. A number after `--` takes the place of 100,000.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measuring program: its figures go to standard output, and a broken step stops it"
)]

mod lists;
mod seeds;

use std::process::ExitCode;

use testkit::{database::Database, meter::Meter};

use self::{
    lists::{LISTS, List},
    seeds::World,
};

/// Entries at first; all of them made by the store itself.
const FEW: u32 = 100;
/// Entries in the end.
const MANY: u32 = 100_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let many = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let many = many.unwrap_or(MANY);
    let mut grown = false;
    println!("{:<34} {:>10} {:>10}", "read units", FEW, many);
    for list in LISTS {
        for (step, few, more) in measured(list, many).await {
            // A page of other entries may meet a half unit more or less at the borders of shards.
            let grows = more > few;
            grown |= grows;
            let mark = if grows { "  grows" } else { "" };
            println!("{step:<34} {few:>10.1} {more:>10.1}{mark}");
        }
    }
    if grown {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What each page or look-up of a list costs with few and with many entries.
async fn measured(list: &List, many: u32) -> Vec<(&'static str, f64, f64)> {
    // A database of its own, which is gone before the next.
    let database = Database::start().await;
    let world = World::of(&database).await;
    for n in 0..FEW {
        (list.seed)(&world, n).await;
    }
    let before = asked(list, &world).await;
    world.multiply(list.kinds, FEW, many).await;
    let after = asked(list, &world).await;
    before
        .into_iter()
        .zip(after)
        .map(|((step, few), (_, more))| (step, few, more))
        .collect()
}

async fn asked(list: &List, world: &World<'_>) -> Vec<(&'static str, f64)> {
    let meter = Meter::start(world.database);
    let store = meter.store(world.database);
    let mut costs = Vec::new();
    for (step, ask) in list.asks {
        meter.step(step);
        let found = ask(&store, world).await;
        assert!(found > 0, "{step} found nothing");
        costs.push((*step, meter.of(step).reads));
    }
    costs
}
