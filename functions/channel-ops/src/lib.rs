//! Channels at their providers: made and changed with credentials of a company's own, or ordered at WHAPI,
//! extended, linked and deleted; looked at, asked how they are; the platform's own app at Meta, and its account at WHAPI.

mod app;
mod edit;
mod handler;
mod managed;
mod managed_view;
mod new_channel;
mod platform;
mod random;
mod templates;
#[cfg(test)]
mod tests;
mod view;
mod webhook_urls;
mod whapi;
mod whapi_view;

use runtime::{StartFailure, env::Env};

pub use crate::app::App;

runtime::routes! { App; handler { list, make, read, edit, check } managed { extend, qr, remove } platform { read_meta, set_meta } whapi { read_whapi, set_whapi, test_whapi, register_notices, read_balance } templates { sync_templates } }

/// Serves until the environment ends.
///
/// # Errors
/// When the configuration is incomplete or the Runtime API is lost.
pub async fn serve(env: &Env) -> Result<(), StartFailure> {
    let app = App::from_env(env)?;
    // What is no request comes from a schedule: of channels that are due, or of the templates.
    runtime::http::serve_with_events(router(app.clone()), app.guard(), async |event| match event
        .kind
        .as_deref()
    {
        Some("channels") => managed::work_due(&app).await,
        _ => templates::sync_all(&app, &event).await,
    })
    .await
}
