//! Reads the outbox: jobs with their counts, messages, payloads and timelines.

mod about;
mod docs;
mod figures;
mod handler;
mod list;
mod log;
mod logs;
mod view;

use std::sync::Arc;

use runtime::{StartFailure, env::Env, net::Net};
use store::Store;

runtime::routes! {
    Arc<Store>;
    docs { page, document }
    log { messages }
    handler { jobs, job, job_messages, message, timeline }
    figures { usage, queue }
    logs { audit, webhooks }
}

/// Serves until the environment ends.
///
/// # Errors
/// When the configuration is incomplete or the Runtime API is lost.
pub async fn serve(env: &Env) -> Result<(), StartFailure> {
    let aws = runtime::aws::config(env, &Net::from_env(env)?)?;
    let store = Store::new(
        aws_sdk_dynamodb::Client::new(&aws),
        env.required("TABLE_NAME")?,
    );
    runtime::http::serve(router(Arc::new(store))).await
}
