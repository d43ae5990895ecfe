//! Every minute: hands due work to the lanes, and finds whatever was lost on its way.

// The sweep awaits the webhook service, which awaits the store: two levels more than the default.
#![recursion_limit = "256"]

use std::process::ExitCode;

use domain::service::{ingest::Ingest, sweep::Sweep};
use files::S3Files;
use queue::SqsLanes;
use runtime::{net::Net, time::SystemClock};
use store::Store;

fn main() -> ExitCode {
    runtime::start("reminder-cron", async |env| {
        let net = Net::from_env(env)?;
        let aws = runtime::aws::config(env, &net)?;
        let store = Store::new(
            aws_sdk_dynamodb::Client::new(&aws),
            env.required("TABLE_NAME")?,
        );
        let lanes = SqsLanes::new(&aws, env.required("LANES_QUEUE_URL")?);
        let files = S3Files::new(&aws, net.aws_client(), &env.required("BUCKET_NAME")?)?;
        let clock = SystemClock;
        runtime::cron::serve(async |_minute| {
            let sweep = Sweep {
                store: &store,
                lanes: &lanes,
                ingest: Ingest {
                    store: &store,
                    files: &files,
                    lanes: &lanes,
                    clock: &clock,
                    adapters: providers::adapter,
                },
                clock: &clock,
            };
            sweep.run().await?;
            Ok(())
        })
        .await
    })
}
