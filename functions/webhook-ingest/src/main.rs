//! Takes provider webhooks at the function URL.

// A webhook is awaited through the services of accepting down to the store: deeper than the default.
#![recursion_limit = "256"]

mod handler;
mod partner;
mod paypal_hooks;

use std::process::ExitCode;

use files::S3Files;
use queue::SqsLanes;
use runtime::{net::Net, time::SystemClock};
use store::Store;
use vault::KmsVault;

use crate::handler::App;

fn main() -> ExitCode {
    runtime::start("webhook-ingest", async |env| {
        let net = Net::from_env(env)?;
        let aws = runtime::aws::config(env, &net)?;
        let app = App {
            store: Store::new(
                aws_sdk_dynamodb::Client::new(&aws),
                env.required("TABLE_NAME")?,
            ),
            files: S3Files::new(&aws, net.aws_client(), &env.required("BUCKET_NAME")?)?,
            vault: KmsVault::new(&aws, env.required("TOKEN_KEY_ID")?),
            lanes: SqsLanes::new(&aws, env.required("LANES_QUEUE_URL")?),
            paypal: paypal::Account::new(
                net.provider_client()?,
                env.optional("PAYPAL_BASE_URL").as_deref(),
            )?,
            clock: SystemClock,
        };
        runtime::raw::serve(async |request| handler::handle(&app, request).await).await
    })
}
