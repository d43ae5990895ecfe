//! Accepts messages, and makes the first attempt of those somebody waits for.

mod app;
mod handler;
mod jobs;
mod new_content;
mod new_job;
mod new_message;
mod old_template;
mod talk;
mod view;
mod view_job;

use runtime::{StartFailure, env::Env};

pub use crate::app::App;

runtime::routes! { App; handler { accept, retry, cancel } jobs { open, pause, resume, cancel, upload, report } talk { answer, contract } old_template { template } }

/// Serves until the environment ends.
///
/// # Errors
/// When the configuration is incomplete or the Runtime API is lost.
pub async fn serve(env: &Env) -> Result<(), StartFailure> {
    runtime::http::serve(router(App::from_env(env)?)).await
}
