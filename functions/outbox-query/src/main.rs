//! Reads the outbox: jobs with their counts, messages, payloads and timelines.

mod handler;
mod view;

use std::{process::ExitCode, sync::Arc};

use runtime::net::Net;
use store::Store;

fn main() -> ExitCode {
    runtime::start("outbox-query", async |env| {
        let aws = runtime::aws::config(env, &Net::from_env(env)?)?;
        let store = Store::new(
            aws_sdk_dynamodb::Client::new(&aws),
            env.required("TABLE_NAME")?,
        );
        runtime::http::serve(handler::router(Arc::new(store))).await
    })
}
