//! Takes provider webhooks at the function URL.

mod handler;

use std::process::ExitCode;

use files::S3Files;
use runtime::{net::Net, time::SystemClock};
use store::Store;

use crate::handler::App;

fn main() -> ExitCode {
    runtime::start("webhook-ingest", async |env| {
        let aws = runtime::aws::config(env, &Net::from_env(env)?)?;
        let app = App {
            store: Store::new(
                aws_sdk_dynamodb::Client::new(&aws),
                env.required("TABLE_NAME")?,
            ),
            files: S3Files::new(&aws, env.required("BUCKET_NAME")?),
            clock: SystemClock,
        };
        runtime::raw::serve(async |request| handler::handle(&app, request).await).await
    })
}
