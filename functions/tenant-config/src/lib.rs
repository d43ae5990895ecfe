//! What a company decides about its own messages.

mod app;
mod given;
mod list;
mod settings;
mod template_view;
mod templates;
#[cfg(test)]
mod tests;
mod view;

use runtime::{StartFailure, env::Env};

pub use crate::app::App;

runtime::routes! {
    App;
    settings { read_settings, change_settings }
    templates {
        list_templates, make_template, read_template, change_template, delete_template,
        list_template_versions, preview_template, preview_template_draft, list_provider_templates,
        preview_provider_template
    }
}

/// Serves until the environment ends.
///
/// # Errors
/// When the configuration is incomplete or the Runtime API is lost.
pub async fn serve(env: &Env) -> Result<(), StartFailure> {
    runtime::http::serve(router(App::from_env(env)?)).await
}
