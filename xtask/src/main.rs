//! `cargo xtask <command>`: everything a developer runs besides cargo itself.
#![expect(
    clippy::print_stdout,
    reason = "a command's result belongs on standard output"
)]

mod demo;
mod down;
mod faults;
mod lint_template;
mod measure;
mod openapi;
mod payloads;
mod recount;
mod replay;
mod requirements;
mod test;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Waypost's development commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs all of Waypost on this machine until Ctrl-C
    Up(up::Options),
    /// Stops what `up` left running
    Down,
    /// Runs the whole test suite
    Test(test::Options),
    /// Kills the process at every await of the services, and checks what is left
    Faults(faults::Options),
    /// Lists the requirements that no test names
    Requirements(requirements::Options),
    /// Checks infra/template.yaml: both linters report nothing, no policy is too wide
    LintTemplate,
    /// Writes docs/openapi.json and docs/api.html from the functions' routers
    Openapi(openapi::Options),
    /// Reads every JSON file below a folder as the providers' adapters would
    Payloads(payloads::Options),
    /// Folds a tenant's webhook journal again and prints every difference from what is stored
    Replay(replay::Options),
    /// Counts a tenant's jobs again from their messages; heals wrong boards when asked to
    Recount(recount::Options),
    /// Prints a figure of the bars and fails when the bar is missed
    #[command(subcommand)]
    Measure(measure::Measure),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Up(options) => up::run(&options),
        Command::Down => down::run(),
        Command::Test(options) => test::run_all(&options),
        Command::Faults(options) => faults::run_all(&options),
        Command::Requirements(options) => requirements::run(&options),
        Command::LintTemplate => lint_template::run(),
        Command::Openapi(options) => openapi::run(&options),
        Command::Payloads(options) => payloads::run(&options),
        Command::Replay(options) => replay::run(&options),
        Command::Recount(options) => recount::run(&options),
        Command::Measure(what) => measure::run(&what),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
