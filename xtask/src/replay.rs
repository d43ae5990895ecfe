//! `cargo xtask replay`: folds a tenant's webhook journal into a shadow and prints every difference from
//! what is stored. Writes nothing; fails when there is a difference.

use std::fs;

use anyhow::{Context, Result, ensure};
use clap::Args;
use domain::{ids::TenantId, service::replay::replay};
use files::S3Files;
use jiff::{SignedDuration, Timestamp};
use runtime::{aws, env::Env, net::Net};
use serde::{Deserialize, Serialize};
use store::Store;
use xtask::{
    stack::{ACCESS_KEY, REGION, SECRET_KEY, Stack},
    workspace::local,
};

use crate::up::{DEMO_TENANT, INSTANCE};

const PLACE: &str = "place.json";

/// Whose journal, and where.
#[derive(Args)]
pub(crate) struct Options {
    /// The tenant; the demo tenant when left out
    #[arg(long, default_value = DEMO_TENANT)]
    tenant: String,
    /// Webhooks that came at or after this RFC 3339 time; a week ago when left out
    #[arg(long)]
    from: Option<Timestamp>,
    /// Webhooks that came at or before this time; now when left out
    #[arg(long)]
    to: Option<Timestamp>,
    /// The table on AWS, with credentials from the environment; the stack of `cargo xtask up` when left out
    #[arg(long, requires = "bucket")]
    table: Option<String>,
    /// The bucket on AWS
    #[arg(long, requires = "table")]
    bucket: Option<String>,
}

/// Where the stack of `up` keeps its data.
#[derive(Serialize, Deserialize)]
struct Place {
    endpoint: String,
    table: String,
    bucket: String,
}

/// Notes where a stack keeps its data, for commands of another terminal.
pub(crate) fn note_place(stack: &Stack) -> Result<()> {
    let place = Place {
        endpoint: stack.emulator().endpoint(),
        table: stack.outputs().table_name.clone(),
        bucket: stack.outputs().bucket_name.clone(),
    };
    let file = local(INSTANCE).join(PLACE);
    fs::write(&file, serde_json::to_vec(&place)?)
        .with_context(|| format!("cannot write `{}`", file.display()))
}

/// Replays and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tenant = TenantId::parse(&options.tenant)?;
    let to = options.to.unwrap_or_else(Timestamp::now);
    let from = options
        .from
        .unwrap_or(to - SignedDuration::from_hours(7 * 24));
    let (store, files) = worlds(options)?;
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let report = executor.block_on(replay(&store, &files, providers::adapter, tenant, from, to))?;
    for difference in &report.differences {
        println!("{difference}");
    }
    println!(
        "{} webhooks, {} items; {} outbound and {} inbound messages compared: {} differences",
        report.entries,
        report.items,
        report.messages,
        report.inbound,
        report.differences.len()
    );
    ensure!(
        report.differences.is_empty(),
        "the journal and the messages differ"
    );
    Ok(())
}

fn worlds(options: &Options) -> Result<(Store, S3Files)> {
    let (env, table, bucket) = match (&options.table, &options.bucket) {
        (Some(table), Some(bucket)) => (Env::process(), table.clone(), bucket.clone()),
        _ => {
            let file = local(INSTANCE).join(PLACE);
            let place = fs::read(&file).context(
                "no local stack was started here. Run `cargo xtask up` first, or give --table and --bucket",
            )?;
            let place: Place = serde_json::from_slice(&place)?;
            let env = Env::given([
                ("AWS_REGION", REGION),
                ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
                ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
                ("AWS_ENDPOINT_URL", place.endpoint.as_str()),
            ]);
            (env, place.table, place.bucket)
        }
    };
    let net = Net::from_env(&env)?;
    let config = aws::config(&env, &net)?;
    let store = Store::new(aws_sdk_dynamodb::Client::new(&config), table);
    let files = S3Files::new(&config, net.aws_client(), &bucket)?;
    Ok((store, files))
}
