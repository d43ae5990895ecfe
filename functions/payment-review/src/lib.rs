//! What companies pay: plans, subscriptions, proofs of payment and their review, and what the days of
//! channels came to.

mod app;
mod billing;
#[cfg(test)]
mod tests;

use runtime::{StartFailure, env::Env};

pub use crate::app::App;

runtime::routes! { App; billing { read_billing } }

/// Serves until the environment ends.
///
/// # Errors
/// When the configuration is incomplete or the Runtime API is lost.
pub async fn serve(env: &Env) -> Result<(), StartFailure> {
    let app = App::from_env(env)?;
    let guard = app.guard();
    runtime::http::serve(router(app), guard).await
}
