//! Accounts and conversations: lists, details, reading, assigning, putting away.

use axum::{body::Bytes, extract::State};
use domain::{ids::ConversationId, principal::Action};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Query, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
        parse,
    },
};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::{
    app::App,
    list::{ConversationStatus, Conversations},
    view::conversation::{
        AccountList, AccountShown, ConversationPage, ConversationShown, ConversationState,
    },
};

/// Lists the channels in use, the default one first.
#[utoipa::path(
    get,
    path = "/v1/accounts",
    operation_id = "listAccounts",
    tag = "Conversations",
    responses((status = 200, body = Enveloped<AccountList>, description = "The channels"), NotModified),
    extensions(("x-waypost-action" = json!(asks(Action::ReadInbox)))),
)]
pub async fn accounts(State(app): State<App>, Caller(caller): Caller) -> Outcome<AccountList> {
    let principal = caller.may(Action::ReadInbox)?;
    let accounts = app.inbox().accounts(&principal).await?;
    let items = accounts.iter().map(AccountShown::from).collect();
    Ok(Success::ok(AccountList { items }).tagged_by_content())
}

/// Lists conversations: the one that moved last first.
#[utoipa::path(
    get,
    path = "/v1/conversations",
    operation_id = "listConversations",
    tag = "Conversations",
    params(Conversations),
    responses(
        (status = 200, body = Enveloped<ConversationPage>, description = "A page of conversations"),
        NotModified, Refuses<404>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadInbox)))),
)]
pub async fn conversations(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(list): Query<Conversations>,
) -> Outcome<ConversationPage> {
    let principal = caller.may(Action::ReadInbox)?;
    let wanted = list.wanted()?;
    let place = list.place(&principal, &wanted)?;
    let after = place.after.as_deref();
    let page = app
        .inbox()
        .conversations(&principal, &wanted, after, place.limit)
        .await?;
    Ok(Success::ok(ConversationPage {
        items: page.items.iter().map(ConversationShown::from).collect(),
        next_cursor: place.next(&principal, page.next),
    })
    .tagged_by_content())
}

/// Reads a conversation with its person, its channel and who takes care of it.
#[utoipa::path(
    get,
    path = "/v1/conversations/{id}",
    operation_id = "readConversation",
    tag = "Conversations",
    params(("id" = String, Path, format = Uuid, description = "The conversation")),
    responses(
        (status = 200, body = Enveloped<ConversationShown>, description = "The conversation. One that was joined to another is answered as that one"),
        NotModified, Refuses<404>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadInbox)))),
)]
pub async fn conversation(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ConversationId>,
) -> Outcome<ConversationShown> {
    let principal = caller.may(Action::ReadInbox)?;
    let view = app.inbox().details(&principal, id).await?;
    Ok(Success::ok(ConversationShown::from(&view)).tagged_by_content())
}

/// Marks a conversation read.
#[utoipa::path(
    post,
    path = "/v1/conversations/{id}/read",
    operation_id = "markConversationRead",
    tag = "Conversations",
    params(("id" = String, Path, format = Uuid, description = "The conversation")),
    responses(
        (status = 200, body = Enveloped<ConversationState>, description = "Nothing of it is unread"),
        Refuses<404>, Refuses<409>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::WorkInbox)))),
)]
pub async fn mark_read(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ConversationId>,
) -> Outcome<ConversationState> {
    let principal = caller.may(Action::WorkInbox)?;
    let conversation = app.inbox().mark_read(&principal, id).await?;
    Ok(Success::ok(ConversationState::from(&conversation)))
}

/// Who shall take care of a conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignee {
    /// The user's id, or `null` for nobody. It must be there: leaving it out takes nobody away.
    #[serde(deserialize_with = "there")]
    #[schema(required = true, max_length = 64)]
    assigned_to: Option<String>,
}

/// A field that may be `null` and must not be missing.
fn there<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(field)
}

/// Gives a conversation to a user, or to nobody.
#[utoipa::path(
    put,
    path = "/v1/conversations/{id}/assignee",
    operation_id = "assignConversation",
    tag = "Conversations",
    params(("id" = String, Path, format = Uuid, description = "The conversation")),
    request_body(content = Assignee, example = json!({"assigned_to": "agent-7"})),
    responses(
        (status = 200, body = Enveloped<ConversationState>, description = "Who takes care of it now"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::WorkInbox)))),
)]
pub async fn assign(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ConversationId>,
    body: Bytes,
) -> Outcome<ConversationState> {
    let principal = caller.may(Action::WorkInbox)?;
    let to = parse::<Assignee>(&body)?;
    let to = to.assigned_to.as_deref();
    let conversation = app.inbox().assign(&principal, id, to).await?;
    Ok(Success::ok(ConversationState::from(&conversation)))
}

/// Where a conversation shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStatus {
    status: ConversationStatus,
}

/// Puts a conversation away, or takes it back.
#[utoipa::path(
    put,
    path = "/v1/conversations/{id}/status",
    operation_id = "setConversationStatus",
    tag = "Conversations",
    params(("id" = String, Path, format = Uuid, description = "The conversation")),
    request_body(content = NewStatus, example = json!({"status": "archived"})),
    responses(
        (status = 200, body = Enveloped<ConversationState>, description = "Where it is now"),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::WorkInbox)))),
)]
pub async fn set_status(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ConversationId>,
    body: Bytes,
) -> Outcome<ConversationState> {
    let principal = caller.may(Action::WorkInbox)?;
    let to = parse::<NewStatus>(&body)?;
    let archived = to.status.is_archived();
    let conversation = app.inbox().archive(&principal, id, archived).await?;
    Ok(Success::ok(ConversationState::from(&conversation)))
}
