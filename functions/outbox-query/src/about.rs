//! Messages by what they are about in the company's own system.

use std::sync::Arc;

use axum::extract::State;
use domain::{
    failure::{AppFailure, FieldProblem},
    message::Context,
    principal::Action,
    service::outbox,
};
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
    list::limited,
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
        let refused = |fields| {
            let message = "Name what the messages are about: `context_type` and `context_id`.";
            AppFailure::validation(message, fields)
        };
        let missing = |(name, value): (&str, &Option<String>)| {
            let text = "give it as it was given when the messages were sent";
            value
                .is_none()
                .then(|| FieldProblem::new(name, "REQUIRED", text))
        };
        let (Some(kind), Some(id)) = (&self.context_type, &self.context_id) else {
            let parts = [
                ("context_type", &self.context_type),
                ("context_id", &self.context_id),
            ];
            return Err(refused(parts.into_iter().filter_map(missing).collect()));
        };
        // `context.type` of a message is `context_type` here.
        let as_asked = |mut problem: FieldProblem| {
            problem.field = problem.field.replace('.', "_");
            problem
        };
        Context::parse(kind, id)
            .map_err(|problems| refused(problems.into_iter().map(as_asked).collect()))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// S2.30: both parts are needed; each that is missing or wrong is named as it was asked for.
    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let ask = |kind: Option<&str>, id: Option<&str>| About {
            context_type: kind.map(str::to_owned),
            context_id: id.map(str::to_owned),
            limit: None,
            cursor: None,
        };
        let found = ask(Some("order"), Some("A-1001")).context().unwrap();
        assert_eq!(
            (found.kind.as_str(), found.id.as_str()),
            ("order", "A-1001")
        );
        for (kind, id, wrong) in [
            (None, None, vec!["context_type", "context_id"]),
            (None, Some("A-1001"), vec!["context_type"]),
            (Some("order"), None, vec!["context_id"]),
            (Some("or#der"), Some("A-1001"), vec!["context_type"]),
            (Some(""), Some("A 1"), vec!["context_type", "context_id"]),
        ] {
            let refused = ask(kind, id).context().unwrap_err();
            let fields: Vec<_> = refused.fields().iter().map(|f| f.field.as_str()).collect();
            assert_eq!(fields, wrong, "{kind:?} {id:?}");
        }
    }
}
