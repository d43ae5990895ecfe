//! The process that dies: it sets its stage, counts its points, and does one scenario.

use clap::Args;

use crate::{
    place::Place,
    points::Points,
    scenario,
    told::{Told, tell},
    world::World,
};

/// What a child is told.
#[derive(Debug, Args)]
pub struct Options {
    /// Which scenario
    #[arg(long)]
    scenario: String,
    /// At which point it ends itself, the first being 1
    #[arg(long)]
    kill_at: Option<u32>,
    #[command(flatten)]
    place: Place,
}

/// Does the scenario, or part of it.
pub fn run(options: Options) {
    let known = scenario::all()
        .into_iter()
        .find(|known| known.name == options.scenario);
    let scenario = known.expect("a known scenario");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let world = World::of_child(scenario, options.place, Points::until(options.kill_at)).await;
        (scenario.setup)(&world).await;
        world.points.arm();
        (scenario.act)(&world).await;
        tell(&Told::Done);
    });
}
