//! `cargo xtask faults`: kills a process at every await of accepting, attempting and ingesting, and
//! checks what is left. The work is done by the package `faults`; its exit code is ours.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;
use xtask::workspace::root;

/// What is passed on.
#[derive(Args)]
pub(crate) struct Options {
    /// Arguments of the program; `--help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds the program and runs it.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--package", "faults", "--"])
        .args(&options.arguments)
        .current_dir(root())
        .status()
        .context("cannot start cargo")?;
    Ok(match status.code() {
        Some(0) => ExitCode::SUCCESS,
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        None => ExitCode::FAILURE,
    })
}
