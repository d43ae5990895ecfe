//! `cargo xtask measure growth`: read units of every list and look-up with few and with many entries.

use anyhow::Result;
use clap::Args;
use xtask::workspace::{cargo, run, step};

/// How many entries.
#[derive(Args)]
pub struct Options {
    /// Entries of every list in the end
    #[arg(long, default_value_t = 100_000)]
    entries: u32,
}

/// Runs the metered reads; fails when one costs more with many entries.
pub(crate) fn run_growth(options: &Options) -> Result<()> {
    step("measuring what reads cost as lists grow");
    let mut cargo = cargo();
    cargo.args([
        "run",
        "--quiet",
        "--locked",
        // The embedded database writes a hundred thousand entries many times over.
        "--profile",
        "local",
        "--package",
        "store",
        "--example",
        "growth",
        "--",
    ]);
    cargo.arg(options.entries.to_string());
    run(&mut cargo)
}
