//! `cargo xtask test`: the whole suite, in the order in which it answers quickest. Stops at the first
//! step that fails.

use std::process::Command;
use std::time::Instant;

use anyhow::Result;
use clap::Args;
use xtask::workspace::{cargo, run, step};

use crate::{lint_template, openapi};

/// What can be left out while working.
#[derive(Args)]
pub(crate) struct Options {
    /// Leave out everything that starts the local stack
    #[arg(long)]
    offline: bool,
}

/// Runs everything.
pub(crate) fn run_all(options: &Options) -> Result<()> {
    let began = Instant::now();
    in_workspace("formatting", &["fmt", "--all", "--check"])?;
    // The rules first: they answer in half a minute.
    in_workspace(
        "tests of the domain",
        &["test", "--locked", "--package", "domain"],
    )?;
    in_workspace(
        "lints",
        &[
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    documentation()?;
    in_workspace(
        "tests that need nothing",
        &[
            "test",
            "--locked",
            "--workspace",
            "--exclude",
            "tests",
            "--exclude",
            "domain",
        ],
    )?;
    in_workspace(
        "capacity units",
        &[
            "run",
            "--quiet",
            "--locked",
            "--package",
            "store",
            "--example",
            "cost",
        ],
    )?;
    in_workspace(
        "crash points",
        &[
            "run",
            "--quiet",
            "--locked",
            "--package",
            "faults",
            "--",
            "--quick",
            "--distinct",
        ],
    )?;
    in_workspace(
        "a campaign broken off at random",
        &[
            "run",
            "--quiet",
            "--locked",
            "--package",
            "faults",
            "--",
            "campaign",
            "--rows",
            "400",
            "--bad",
            "8",
        ],
    )?;
    step("API document");
    openapi::check()?;
    if !options.offline {
        lint_template::run()?;
        in_workspace(
            "tests on the local stack",
            &["test", "--locked", "--package", "tests", "--test", "it"],
        )?;
    }
    step(&format!(
        "everything passed in {} s",
        began.elapsed().as_secs()
    ));
    Ok(())
}

fn in_workspace(what: &str, arguments: &[&str]) -> Result<()> {
    step(what);
    run(cargo().args(arguments))
}

fn documentation() -> Result<()> {
    step("documentation");
    let mut doc: Command = cargo();
    doc.args([
        "doc",
        "--locked",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ])
    .env("RUSTDOCFLAGS", "-D warnings");
    run(&mut doc)
}
