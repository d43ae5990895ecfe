//! `/v1/notifications`: what a company is told about its plan and channels.

use axum::extract::State;
use domain::{billing::Notification, ids::NotificationId, principal::Action};
use jiff::Timestamp;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Part, Path, Query, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// Something a company is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notification)]
pub struct NotificationShown {
    #[schema(format = Uuid)]
    id: String,
    /// For machines: `PLAN_ACTIVE`.
    code: String,
    title: String,
    #[schema(example = "Your plan is now active. You can add your first WhatsApp channel.")]
    text: String,
    /// When it was read.
    read_at: Option<Timestamp>,
    created_at: Timestamp,
}

/// A page of notifications.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationList {
    items: Vec<NotificationShown>,
    next_cursor: Option<String>,
}

impl From<Notification> for NotificationShown {
    fn from(one: Notification) -> Self {
        Self {
            id: one.id.to_string(),
            code: one.code,
            title: one.title,
            text: one.text,
            read_at: one.read_at,
            created_at: one.at,
        }
    }
}

/// Lists what the company was told, newest first.
#[utoipa::path(
    get,
    path = "/v1/notifications",
    operation_id = "listNotifications",
    tag = "Billing",
    params(Part),
    responses(
        (status = 200, body = Enveloped<NotificationList>, description = "A page of notifications"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadBilling)))),
)]
pub async fn list_notifications(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(part): Query<Part>,
) -> Outcome<NotificationList> {
    let principal = caller.may(Action::ReadBilling)?;
    let place = part.place(&principal, "notifications")?;
    let (after, desk) = (place.after.as_deref(), app.desk());
    let page = desk.notifications(&principal, after, place.limit).await?;
    Ok(Success::ok(NotificationList {
        items: page.items.into_iter().map(Into::into).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Notes that a notification was read, for everybody in the company.
#[utoipa::path(
    post,
    path = "/v1/notifications/{id}/read",
    operation_id = "readNotification",
    tag = "Billing",
    params(("id" = String, Path, format = Uuid, description = "The notification")),
    responses(
        (status = 200, body = Enveloped<NotificationShown>, description = "It is read"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ManageBilling)))),
)]
pub async fn read_notification(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<NotificationId>,
) -> Outcome<NotificationShown> {
    let principal = caller.may(Action::ManageBilling)?;
    let read = app.desk().read_notification(&principal, id).await?;
    Ok(Success::ok(NotificationShown::from(read)))
}
