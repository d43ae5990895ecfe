//! `cargo xtask measure cost`: capacity units of the real services on the embedded DynamoDB.

use anyhow::Result;
use xtask::workspace::{cargo, run, step};

/// Runs the metered services; fails when a bar is missed.
pub(crate) fn run_cost() -> Result<()> {
    step("measuring capacity units");
    let mut cargo = cargo();
    cargo.args([
        "run",
        "--quiet",
        "--locked",
        "--package",
        "store",
        "--example",
        "cost",
    ]);
    run(&mut cargo)
}
