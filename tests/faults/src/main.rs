//! Kills a process at every await of accepting, attempting and ingesting, lets the rest of the system
//! recover, and looks whether anything was lost, sent twice or counted wrongly.
#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test program that cannot set its stage must fail at once"
)]

mod campaign;
mod checks;
mod child;
mod days;
mod dice;
mod manager;
mod place;
mod points;
mod provider;
mod recipients;
mod recovery;
mod report;
mod run;
mod sabotage;
mod scenario;
mod stream;
mod told;
mod workers;
mod world;

use std::{
    process::ExitCode,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use clap::{Parser, Subcommand};

use crate::{
    checks::Check,
    report::Report,
    run::{Death, Order},
    sabotage::Sabotage,
};

#[derive(Debug, Parser)]
#[command(about = "Kills Waypost at every await and checks what is left")]
struct Options {
    #[command(subcommand)]
    process: Option<Process>,
    /// Every scenario and every point with seed 1, no random moments
    #[arg(long)]
    quick: bool,
    /// Leaves out points at which the outside is the same as at the one before
    #[arg(long)]
    distinct: bool,
    /// Runs that are killed from outside at random moments
    #[arg(long, default_value_t = 50)]
    random: u32,
    /// What chance follows from; drawn and printed when missing
    #[arg(long)]
    seed: Option<u64>,
    /// Only these scenarios
    #[arg(long)]
    scenario: Vec<String>,
    /// Only this point
    #[arg(long)]
    at_point: Option<u32>,
    /// Prints the name of every point
    #[arg(long)]
    names: bool,
    /// Breaks the store on purpose: the report must tell
    #[arg(long)]
    sabotage: Option<Sabotage>,
    /// Runs side by side
    #[arg(long, default_value_t = 3)]
    workers: usize,
}

#[derive(Debug, Subcommand)]
enum Process {
    /// The process that dies; started by this program only
    #[command(hide = true)]
    Child(child::Options),
    /// A whole campaign from a file, its passes and attempts broken off at random
    Campaign(campaign::Options),
}

fn main() -> ExitCode {
    let mut options = Options::parse();
    match options.process.take() {
        Some(Process::Child(child)) => {
            child::run(child);
            ExitCode::SUCCESS
        }
        Some(Process::Campaign(campaign)) => campaign::run(campaign),
        None => command(&options),
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the figures are what the command is for"
)]
fn command(options: &Options) -> ExitCode {
    let begun = Instant::now();
    let seed = seed(options);
    let counting = scenarios(options, seed);
    if counting.is_empty() {
        println!("there is no such scenario");
        return ExitCode::FAILURE;
    }
    println!("seed {seed}");
    let mut report = Report::default();
    let mut counted = Vec::new();
    workers::work(counting, options.workers, |order, ran| {
        counted.push((order, ran));
    });
    let place = |order: &Order| order.number;
    counted.sort_by_key(|(order, _)| place(order));
    let mut orders = Vec::new();
    let mut lives = Vec::new();
    for (order, ran) in &counted {
        report.add(order, ran);
        if options.names {
            println!("{}\n    {}", order.scenario.name, ran.points.join("\n    "));
        }
        let points = (1_u32..).zip(&ran.points).filter(|(number, name)| {
            options.at_point.is_none_or(|only| only == *number)
                && (!options.distinct || workers::is_distinct(*number, name))
        });
        orders.extend(workers::at_points(order, points));
        lives.push((*order, ran.lived));
    }
    if !options.quick && options.sabotage.is_none() && options.at_point.is_none() {
        orders.extend(workers::at_random(&lives, options.random, seed));
    }
    workers::work(orders, options.workers, |order, ran| {
        report.add(&order, &ran)
    });
    println!("{}", report.text());
    println!("took {} s", begun.elapsed().as_secs());
    match options.sabotage {
        Some(sabotage) => println!("{}", judged(sabotage, &report)),
        None if report.is_clean() => return ExitCode::SUCCESS,
        None => {}
    }
    ExitCode::FAILURE
}

fn judged(sabotage: Sabotage, report: &Report) -> String {
    let (_, name) = sabotage.detected();
    let found = Check::ALL.into_iter().filter(|check| check.name() == name);
    let times: usize = found.map(|check| report.count(check)).sum();
    match times {
        0 => format!("sabotage {sabotage:?} was not detected"),
        _ => format!("sabotage {sabotage:?} was detected: {name} {times}"),
    }
}

fn seed(options: &Options) -> u64 {
    let drawn = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        u64::from(now.subsec_nanos())
    };
    options
        .seed
        .unwrap_or_else(|| if options.quick { 1 } else { drawn() })
}

/// One undisturbed run of each chosen scenario.
fn scenarios(options: &Options, seed: u64) -> Vec<Order> {
    let sabotage = options.sabotage;
    let meeting = sabotage.map_or(&[][..], |sabotage| sabotage.detected().0);
    let wanted = |name: &str| match options.scenario.is_empty() {
        true => meeting.is_empty() || meeting.contains(&name),
        false => options.scenario.iter().any(|wanted| wanted == name),
    };
    let chosen = scenario::all()
        .into_iter()
        .filter(|scenario| wanted(scenario.name));
    chosen
        .zip(0_u32..)
        .map(|(scenario, place)| Order {
            scenario,
            death: Death::None,
            seed,
            number: place,
            sabotage,
        })
        .collect()
}
