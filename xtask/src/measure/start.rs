//! `cargo xtask measure start`: builds the functions and a bare hello with the release profile, runs
//! them in turn against a Runtime API of our own and a TLS DynamoDB that answers `{}`, and compares.

mod certificate;
mod dynamodb;
mod exchange;
mod figures;
mod runtime_api;
mod samples;
mod trial;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use xtask::stack::build_programs;
use xtask::workspace::{local, root, step};

use self::dynamodb::DynamoDb;
use self::figures::Figures;
use self::trial::Program;

/// The yardstick's package.
const HELLO: &str = "hello";

/// What to measure, and how often.
#[derive(Args)]
pub struct Options {
    /// Functions to measure; all of them when none is named
    functions: Vec<String>,
    /// Runs of each function and of the hello beside it
    #[arg(long, default_value_t = 30)]
    runs: usize,
    /// Measures this built program instead of a function
    #[arg(long, requires = "event", conflicts_with = "functions")]
    program: Option<PathBuf>,
    /// The event `--program` is invoked with
    #[arg(long)]
    event: Option<PathBuf>,
}

/// Builds, measures, prints; fails when a bar is missed.
pub fn run(options: &Options) -> Result<()> {
    ensure!(options.runs > 0, "at least one run is needed");
    let (hello, programs) = programs(options)?;
    let folder = local("measure");
    fs::create_dir_all(&folder)?;
    let dynamodb = DynamoDb::start(&folder.join("ca.pem"))?;

    let mut missed = Vec::new();
    println!("{}", Figures::HEADER);
    for program in &programs {
        step(&format!(
            "{}: {} runs in turn with hello",
            program.name, options.runs
        ));
        let mut pairs = Vec::with_capacity(options.runs);
        // The first pair only warms the page cache, as an environment's image would be.
        for nth in 0..=options.runs {
            let pair = (
                trial::run(program, &dynamodb)?,
                trial::run(&hello, &dynamodb)?,
            );
            if nth > 0 {
                pairs.push(pair);
            }
        }
        let figures = Figures::of(program, &pairs)?;
        println!("{figures}");
        missed.extend(figures.missed());
    }
    ensure!(missed.is_empty(), "missed: {}", missed.join("; "));
    Ok(())
}

/// The hello, and what is measured against it.
fn programs(options: &Options) -> Result<(Program, Vec<Program>)> {
    let mut names = match (&options.program, options.functions.is_empty()) {
        (Some(_), _) => Vec::new(),
        (None, false) => options.functions.clone(),
        (None, true) => functions()?,
    };
    let samples = names
        .iter()
        .map(|name| samples::of(name))
        .collect::<Result<Vec<_>>>()?;
    names.push(HELLO.to_owned());
    step(&format!("building {} (release)", names.join(", ")));
    let named: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut built = build_programs("release", &named)?;
    let mut built = |name: &str| {
        built
            .remove(name)
            .with_context(|| format!("package `{name}` built no program `{name}`"))
    };

    let hello = Program {
        name: HELLO.to_owned(),
        path: built(HELLO)?,
        event: "{}".to_owned(),
        calls: false,
    };
    if let (Some(path), Some(event)) = (&options.program, &options.event) {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let event = fs::read_to_string(event)
            .with_context(|| format!("cannot read {}", event.display()))?;
        let program = Program {
            name: name.unwrap_or_default(),
            path: path.clone(),
            event,
            calls: true,
        };
        return Ok((hello, vec![program]));
    }
    let programs = names
        .iter()
        .zip(samples)
        .map(|(name, event)| {
            Ok(Program {
                name: name.clone(),
                path: built(name)?,
                event,
                calls: true,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok((hello, programs))
}

/// Every folder below `functions/` is one.
fn functions() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("functions"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}
