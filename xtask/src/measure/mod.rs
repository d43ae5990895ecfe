//! `cargo xtask measure <what>`: prints a figure of design.md's bars and fails when a bar is missed.

mod cost;
pub mod start;

use anyhow::Result;
use clap::Subcommand;

/// What can be measured.
#[derive(Subcommand)]
pub enum Measure {
    /// Write and read units of every operation, and the whole life of a message
    Cost,
    /// Size, memory and start of every function against a bare `lambda_runtime` hello
    Start(start::Options),
}

/// Measures it.
pub fn run(what: &Measure) -> Result<()> {
    match what {
        Measure::Cost => cost::run_cost(),
        Measure::Start(options) => start::run(options),
    }
}
