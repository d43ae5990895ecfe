//! `cargo xtask recount`: counts a tenant's jobs again from their messages, and its days from the entries
//! of its ledger, and prints every difference. Writes nothing unless `--heal` is given, which is for boards
//! alone: what is wrong about days is for people. Fails when differences are left.

use anyhow::{Result, ensure};
use clap::Args;
use domain::{
    ids::TenantId,
    service::{
        ledger,
        recount::{Manner, recount},
    },
};
use jiff::Timestamp;
use runtime::{aws, net::Net};
use store::Store;

use crate::{replay::data, up::DEMO_TENANT};

/// Whose jobs, and where.
#[derive(Args)]
pub(crate) struct Options {
    /// The tenant; the demo tenant when left out
    #[arg(long, default_value = DEMO_TENANT)]
    tenant: String,
    /// Makes wrong boards what the messages show
    #[arg(long)]
    heal: bool,
    /// The table on AWS, with credentials from the environment; the stack of `cargo xtask up` when left out
    #[arg(long)]
    table: Option<String>,
}

/// Counts and prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tenant = TenantId::parse(&options.tenant)?;
    // Boards are in the table alone.
    let given = options.table.clone().map(|table| (table, String::new()));
    let (env, table, _bucket) = data(given)?;
    let net = Net::from_env(&env)?;
    let config = aws::config(&env, &net)?;
    let store = Store::new(aws_sdk_dynamodb::Client::new(&config), table);
    let manner = match options.heal {
        true => Manner::Heal,
        false => Manner::Look,
    };
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let counted = executor.block_on(recount(&store, tenant, manner, Timestamp::now()))?;
    for drift in &counted.drifts {
        println!(
            "job {} row {}: the board shows {}, the message {}",
            drift.job,
            drift.row,
            drift.board.as_str(),
            drift.message.as_str()
        );
    }
    println!(
        "{} jobs with {} rows counted: {} differences, {} boards healed",
        counted.jobs, counted.rows, counted.wrong, counted.healed
    );
    let folded = executor.block_on(ledger::fold(&store, tenant))?;
    println!("{} ledger entries folded", folded.entries);
    if !folded.agrees() {
        println!(
            "the entries sum up to {:?}, the account holds {:?}",
            folded.sums, folded.account.balances
        );
    }
    ensure!(
        folded.agrees(),
        "ledger and account differ; nothing was changed"
    );
    ensure!(
        options.heal || counted.wrong == 0,
        "boards and messages differ; --heal makes the boards what the messages show"
    );
    Ok(())
}
