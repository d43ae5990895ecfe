//! `cargo xtask faults`: kills a process at every await of accepting, attempting and ingesting, and
//! checks what is left. The package `faults` does the work; its exit code is ours.

use std::process::exit;

use anyhow::{Context, Result};
use clap::Args;
use xtask::workspace::cargo;

/// What is passed on.
#[derive(Args)]
pub(crate) struct Options {
    /// Arguments of the program: `cargo xtask faults -- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds the program and runs it.
pub(crate) fn run_all(options: &Options) -> Result<()> {
    let mut program = cargo();
    program
        .args(["run", "--quiet", "--locked", "--package", "faults", "--"])
        .args(&options.arguments);
    let status = program
        .status()
        .with_context(|| format!("cannot start {program:?}"))?;
    match status.code() {
        Some(0) => Ok(()),
        code => exit(code.unwrap_or(1)),
    }
}
