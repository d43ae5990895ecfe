//! Messages by what they are about in the company's own system.

use std::sync::Arc;

use axum::extract::State;
use domain::{failure::AppFailure, message::Context, principal::Action, service::outbox};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Query, Success, cursor,
        openapi::{Enveloped, NotModified, Refuses, asks},
    },
};
use serde::Deserialize;
use store::Store;

use crate::{
    handler::opened,
    list::{limited, wrong},
    view::{MessagePage, MessageShown},
};

/// Which messages.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct About {
    /// The type given as `context.type` when they were sent.
    #[param(required, example = "order")]
    context_type: Option<String>,
    /// The id given as `context.id`.
    #[param(required, example = "A-1001")]
    context_id: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before, with the same context.
    cursor: Option<String>,
}

impl About {
    fn context(&self) -> Result<Context, AppFailure> {
        let part = |name: &'static str, value: &Option<String>| {
            let missing = || wrong(name, "REQUIRED", "name what the messages are about");
            value.clone().ok_or_else(missing)
        };
        let kind = part("context_type", &self.context_type)?;
        let id = part("context_id", &self.context_id)?;
        Context::parse(&kind, &id)
            .map_err(|_unfit| wrong("context_id", "FORMAT", "give them as they were when sent"))
    }
}

/// Lists the messages about a thing of the company's own system, newest first.
#[utoipa::path(
    get,
    path = "/v1/messages",
    operation_id = "listMessagesAbout",
    tag = "Messages",
    params(About),
    responses(
        (status = 200, body = Enveloped<MessagePage>, description = "A page of messages"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn messages(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Query(about): Query<About>,
) -> Outcome<MessagePage> {
    let principal = caller.may(Action::ReadOutbox)?;
    let (limit, context) = (limited(about.limit)?, about.context()?);
    let query = format!("about {} {}", context.kind, context.id);
    let after = opened(&principal, &query, about.cursor.as_deref())?;
    let page =
        outbox::messages_about(&*store, &principal, &context, after.as_deref(), limit).await?;
    Ok(Success::ok(MessagePage {
        items: page.items.iter().map(MessageShown::from).collect(),
        next_cursor: page
            .next
            .map(|next| cursor::seal(principal.tenant(), &query, &next)),
    })
    .tagged_by_content())
}
