//! `cargo xtask measure <what>`: prints a figure of design.md's bars and fails when a bar is missed.

mod cost;
mod growth;
pub mod start;

use anyhow::Result;
use clap::Subcommand;

/// What can be measured.
#[derive(Subcommand)]
pub enum Measure {
    /// Write and read units of every operation, and the whole life of a message
    Cost,
    /// Read units of every list and look-up at 100 and at 100,000 entries
    Growth(growth::Options),
    /// Size, memory and start of every function against a bare `lambda_runtime` hello
    Start(start::Options),
}

/// Measures it.
pub fn run(what: &Measure) -> Result<()> {
    match what {
        Measure::Cost => cost::run_cost(),
        Measure::Growth(options) => growth::run_growth(options),
        Measure::Start(options) => start::run(options),
    }
}
