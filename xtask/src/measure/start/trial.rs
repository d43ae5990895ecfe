//! One run of one program: from exec to its first answer.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use xtask::workspace::local;

use super::dynamodb::DynamoDb;
use super::runtime_api::RuntimeApi;
use super::samples::environment;

/// A built program and what it is invoked with.
pub struct Program {
    /// Its name.
    pub name: String,
    /// The binary.
    pub path: PathBuf,
    /// The event.
    pub event: String,
    /// Whether it must ask the table for something.
    pub calls: bool,
}

/// What one run took.
pub struct Trial {
    /// Exec to the first poll of the Runtime API.
    pub poll: Duration,
    /// Exec to the first answer, without the moment its memory was read in.
    pub answer: Duration,
    /// Resident after the first poll, in kB.
    pub resident: u64,
    /// Most that was ever resident, in kB.
    pub peak: u64,
    /// What it answered.
    pub said: String,
}

/// Kills the program however the run ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Runs a program once.
pub fn run(program: &Program, dynamodb: &DynamoDb) -> Result<Trial> {
    let log = local("measure").join(format!("{}.log", program.name));
    attempt(program, dynamodb, &log).with_context(|| {
        let tail = fs::read_to_string(&log).unwrap_or_default();
        format!(
            "`{}` could not be measured; it logged:\n{tail}",
            program.name
        )
    })
}

fn attempt(program: &Program, dynamodb: &DynamoDb, log: &PathBuf) -> Result<Trial> {
    let api = RuntimeApi::start(&program.event)?;
    let bundle = dynamodb.bundle.to_string_lossy();
    let output = File::create(log)?;
    let mut command = Command::new(&program.path);
    command
        .env_clear()
        .envs(environment(
            &program.name,
            &api.address,
            &dynamodb.endpoint,
            &bundle,
        ))
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    let _earlier = dynamodb.calls();

    let start = Instant::now();
    let running = Running(command.spawn()?);
    let polled = api.first_poll()?;
    let resident = status(&running.0, "VmRSS:")?;
    let held = polled.elapsed();
    let (answered, said) = api.answer()?;
    let peak = status(&running.0, "VmHWM:")?;
    ensure!(
        !program.calls || dynamodb.calls() > 0,
        "it answered without asking the table over TLS: {said}"
    );
    Ok(Trial {
        poll: polled - start,
        answer: (answered - start).saturating_sub(held),
        resident,
        peak,
        said,
    })
}

/// A line of `/proc/<pid>/status`, in kB.
fn status(child: &Child, line: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let value = status.lines().find_map(|own| own.strip_prefix(line));
    let value = value.with_context(|| format!("no {line} in /proc"))?;
    Ok(value.trim().trim_end_matches(" kB").parse()?)
}
