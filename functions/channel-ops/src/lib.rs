//! Channels at their providers: made and changed with credentials of a company's own, looked at, asked
//! how they are; and the platform's own app at Meta.

mod app;
mod edit;
mod handler;
mod new_channel;
mod platform;
mod random;
#[cfg(test)]
mod tests;
mod view;
mod webhook_urls;

use runtime::{StartFailure, env::Env};

pub use crate::app::App;

runtime::routes! { App; handler { list, make, read, edit, check } platform { read_meta, set_meta } }

/// Serves until the environment ends.
///
/// # Errors
/// When the configuration is incomplete or the Runtime API is lost.
pub async fn serve(env: &Env) -> Result<(), StartFailure> {
    runtime::http::serve(router(App::from_env(env)?)).await
}
