//! `/v1/channels/{id}/templates/sync`: what the provider lists of templates, brought in; and the same for
//! all accounts, when the schedule says so.

use axum::extract::State;
use domain::{failure::AppFailure, ids::ChannelId, principal::Action, template::TemplateSync};
use jiff::Timestamp;
use runtime::{
    auth::Caller,
    cron::Event,
    http::{
        Outcome, Path, Success,
        openapi::{Enveloped, Refuses, asks},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// What came of bringing in a list of templates.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TemplateSync)]
pub struct SyncShown {
    /// Templates that were not known.
    added: u32,
    /// Templates that were known otherwise.
    changed: u32,
    /// Templates that were known so.
    unchanged: u32,
    /// Templates that the provider no longer lists.
    gone: u32,
    /// All templates of the list.
    synced: u32,
    /// Whether the list was read to its end. If not, nothing is taken for gone.
    complete: bool,
    /// When the provider was asked.
    #[schema(value_type = String, format = DateTime)]
    synced_at: Timestamp,
}

impl From<TemplateSync> for SyncShown {
    fn from(sync: TemplateSync) -> Self {
        Self {
            added: sync.added,
            changed: sync.changed,
            unchanged: sync.unchanged,
            gone: sync.gone,
            synced: sync
                .added
                .saturating_add(sync.changed)
                .saturating_add(sync.unchanged),
            complete: sync.complete,
            synced_at: sync.at,
        }
    }
}

/// Brings in the templates of a channel's account, every page of the provider's list.
///
/// What a webhook told since the list was asked for stays. Nothing is changed when the provider cannot
/// be asked (503) or refuses (502). 409 `NO_ACCOUNT` for a channel at Meta without its business account,
/// 409 `NO_TEMPLATES` where the provider keeps none. The same happens by itself every six hours.
#[utoipa::path(
    post,
    path = "/v1/channels/{id}/templates/sync",
    operation_id = "syncTemplates",
    tag = "Channels",
    params(("id" = String, Path, format = Uuid, description = "The channel")),
    responses(
        (status = 200, body = Enveloped<SyncShown>, description = "What was brought in"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageChannels)))),
)]
pub async fn sync_templates(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ChannelId>,
) -> Outcome<SyncShown> {
    let principal = caller.may(Action::ManageChannels)?;
    let sync = app.template_syncs().sync(&principal, id).await?;
    Ok(Success::ok(SyncShown::from(sync)))
}

/// Brings in the templates of all accounts (S2.100). Delivered again, it goes on where it stopped.
///
/// # Errors
/// When the accounts cannot be listed.
pub async fn sync_all(app: &App, event: &Event) -> Result<(), AppFailure> {
    let due = event.time.as_deref().and_then(|time| time.parse().ok());
    // Without the time it was due nothing is known to be done: every account is asked.
    let due = due.unwrap_or_else(|| app.now());
    app.template_syncs().sync_all(due).await.map(drop)
}
