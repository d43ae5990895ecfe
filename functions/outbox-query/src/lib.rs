//! Reads the outbox: jobs with their counts, messages, payloads and timelines.

mod about;
mod analytics;
mod app;
mod docs;
mod events;
mod export;
mod figures;
mod handler;
mod list;
mod log;
mod logs;
mod view;

use runtime::{StartFailure, env::Env};

pub use crate::app::App;

runtime::routes! {
    App;
    docs { page, document }
    log { messages }
    export { messages_csv }
    handler { jobs, job, job_messages, message, timeline }
    figures { usage, queue }
    analytics { analytics }
    events { list_events, read_event }
    logs { audit, webhooks }
}

/// Serves until the environment ends.
///
/// # Errors
/// When the configuration is incomplete or the Runtime API is lost.
pub async fn serve(env: &Env) -> Result<(), StartFailure> {
    let app = App::from_env(env)?;
    let guard = app.guard();
    runtime::http::serve(router(app), guard).await
}
