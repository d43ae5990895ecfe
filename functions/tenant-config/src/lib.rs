//! What a company decides about its own messages.

mod app;
mod settings;
#[cfg(test)]
mod tests;
mod view;

use runtime::{StartFailure, env::Env};

pub use crate::app::App;

runtime::routes! { App; settings { read_settings, change_settings } }

/// Serves until the environment ends.
///
/// # Errors
/// When the configuration is incomplete or the Runtime API is lost.
pub async fn serve(env: &Env) -> Result<(), StartFailure> {
    runtime::http::serve(router(App::from_env(env)?)).await
}
