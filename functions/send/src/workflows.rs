//! `POST /v1/workflows/{name}/run`: a workflow for one recipient, by hand.

use std::collections::BTreeMap;

use axum::{body::Bytes, extract::State};
use domain::{
    principal::Action,
    service::{
        send::{FirstAttempt, send},
        workflows::{ByHand, draft, named},
    },
    template::Variables,
};
use http::{HeaderMap, StatusCode};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Success, idempotency_key,
        openapi::{Enveloped, Refuses, asks},
        parse,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App, handler::REPLAYED, new_message::NewContext, own_template::VariableValue, view::Sent,
};

/// Whom a workflow is run for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRun {
    /// The recipient's number with its country code.
    #[schema(example = "+97300000001")]
    to: String,
    /// How the recipient is called: `{customerName}`.
    name: Option<String>,
    /// Values by placeholder, texts or lists.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>, example = json!({"packageName": "Pearl Islands"}))]
    variables: BTreeMap<String, VariableValue>,
    /// Not before this time; at once when left out, a follow-up after its days.
    #[schema(format = DateTime)]
    scheduled_for: Option<String>,
    /// What it is about in your own system.
    context: Option<NewContext>,
}

/// Runs a workflow for one recipient.
///
/// It writes with the template that is set for the workflow, as after its event. An invoice goes out with
/// its file: tell `POST /v1/events` of it instead.
#[utoipa::path(
    post,
    path = "/v1/workflows/{name}/run",
    operation_id = "runWorkflow",
    tag = "Events",
    params(
        ("name" = String, Path, description = "The workflow", example = "tour_details"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
            description = "Visible ASCII characters, for example a UUID; remembered for 48 hours"),
    ),
    request_body(content = NewRun, examples(("tour" = (summary = "Details of a tour", value = json!({
        "to": "+97300000001", "name": "Ada Example",
        "variables": {"packageName": "Pearl Islands", "startDate": "20 December 2026"}
    }))))),
    responses(
        (status = 202, body = Enveloped<Sent>, description = "Accepted; the channel's lane makes the first attempt"),
        (status = 200, body = Enveloped<Sent>, description = "Accepted by an earlier request with the same key; the message as it is now",
            headers(("Idempotent-Replayed" = String, description = "`true`"))),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<413>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn run(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<Sent> {
    let principal = caller.may(Action::Send)?;
    let name = named(&name)?;
    let run = parse::<NewRun>(&body)?;
    let route = format!("POST /v1/workflows/{}/run", name.as_str());
    let key = idempotency_key(&route, &headers, &body)?;
    let values = run.variables.into_iter();
    let variables: Variables = values.map(|(name, value)| (name, value.into())).collect();
    let by_hand = ByHand {
        to: run.to,
        name: run.name,
        variables,
        scheduled_for: run.scheduled_for,
        context: run.context.map(Into::into),
    };
    let draft = draft(app.store(), app.clock(), &principal, name, by_hand).await?;
    let (accept, attempt) = (app.accept(), app.attempt());
    let key = key.as_ref();
    let accepted = send(
        &accept,
        &attempt,
        &principal,
        draft,
        key,
        FirstAttempt::InLane,
    )
    .await?;
    let sent = Sent::from(&accepted.message);
    Ok(if accepted.repeated {
        Success::with(StatusCode::OK, sent).header(REPLAYED, "true")
    } else {
        Success::accepted(sent)
    })
}
