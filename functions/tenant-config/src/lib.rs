//! What a company decides about its own messages.

mod app;
mod festival_given;
mod festival_view;
mod festivals;
mod given;
mod list;
mod settings;
mod template_view;
mod templates;
mod tenant_view;
mod tenants;
#[cfg(test)]
mod tests;
mod user_view;
mod users;
mod view;
mod workflows;

use runtime::{StartFailure, env::Env};

pub use crate::app::App;

runtime::routes! {
    App;
    festivals {
        list_festivals, make_festival, read_festival, change_festival, delete_festival
    }
    settings { read_settings, change_settings }
    templates {
        list_templates, make_template, read_template, change_template, delete_template,
        list_template_versions, preview_template, preview_template_draft, list_provider_templates,
        preview_provider_template
    }
    tenants { list_tenants, make_tenant, read_tenant, switch_tenant }
    users {
        list_users, invite_user, read_user, change_user, mail_invitation_again, take_invitation_back
    }
    workflows { list_workflows, read_workflow, change_workflow }
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
