//! The messages of a conversation, and the files in them.

use axum::extract::State;
use domain::{
    ids::{ConversationId, MessageId},
    principal::Action,
};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Part, Path, Query, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
    },
};

use crate::{
    app::App,
    view::item::{FileLink, ItemPage, ItemShown},
};

/// Lists the messages of a conversation, newest first.
#[utoipa::path(
    get,
    path = "/v1/conversations/{id}/messages",
    operation_id = "listConversationMessages",
    tag = "Conversations",
    params(("id" = String, Path, format = Uuid, description = "The conversation"), Part),
    responses(
        (status = 200, body = Enveloped<ItemPage>, description = "A page of messages"),
        NotModified, Refuses<404>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadInbox)))),
)]
pub async fn messages(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ConversationId>,
    Query(part): Query<Part>,
) -> Outcome<ItemPage> {
    let principal = caller.may(Action::ReadInbox)?;
    let place = part.place(&principal, &format!("thread {}", id.key()))?;
    let after = place.after.as_deref();
    let page = app
        .inbox()
        .thread(&principal, id, after, place.limit)
        .await?;
    let now = app.now();
    Ok(Success::ok(ItemPage {
        items: page
            .items
            .iter()
            .map(|item| ItemShown::of(item, now))
            .collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Makes a link to the file of a message.
///
/// Whoever has the link can download the file while it lives, so it is asked for when it is needed.
#[utoipa::path(
    get,
    path = "/v1/conversations/{id}/messages/{message_id}/file",
    operation_id = "linkConversationFile",
    tag = "Conversations",
    params(
        ("id" = String, Path, format = Uuid, description = "The conversation"),
        ("message_id" = String, Path, format = Uuid, description = "A message in it"),
    ),
    responses(
        (status = 200, body = Enveloped<FileLink>, description = "The link"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadInbox)))),
)]
pub async fn file(
    State(app): State<App>,
    Caller(caller): Caller,
    Path((id, message)): Path<(ConversationId, MessageId)>,
) -> Outcome<FileLink> {
    let principal = caller.may(Action::ReadInbox)?;
    let url = app
        .inbox()
        .file_link(app.files(), &principal, id, message)
        .await?;
    Ok(Success::ok(FileLink {
        url,
        expires_in_seconds: files::LINK_LIFE.as_secs(),
    }))
}
