//! Accepts messages and business events, and makes the first attempt of those messages somebody waits for.

mod app;
mod bus;
mod events;
mod handler;
mod jobs;
mod new_content;
mod new_event;
mod new_job;
mod new_message;
mod old_template;
mod own_template;
mod rehearse;
mod talk;
mod view;
mod view_job;
mod view_rehearsal;
mod workflows;

use runtime::{StartFailure, env::Env};

pub use crate::app::App;

runtime::routes! { App; handler { accept, retry, cancel } rehearse { preview, preflight } events { tell } workflows { run } jobs { open, pause, resume, cancel, upload, report } talk { answer, contract } old_template { template } }

/// Serves until the environment ends.
///
/// # Errors
/// When the configuration is incomplete or the Runtime API is lost.
pub async fn serve(env: &Env) -> Result<(), StartFailure> {
    let app = App::from_env(env)?;
    let (events, guard) = (app.clone(), app.guard());
    runtime::http::serve_with_events(router(app), guard, async move |event| {
        bus::take(&events, event).await
    })
    .await
}
