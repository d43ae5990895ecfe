//! `POST /v1/messages`, and retry and cancel of one message.

use axum::{Router, body::Bytes, extract::State, routing::post};
use domain::{
    failure::{AppFailure, FieldProblem},
    ids::MessageId,
    message::Trigger,
    principal::Action,
    service::{
        accept::{Draft, DraftContent, IdempotencyKey},
        send::{FirstAttempt, send},
    },
};
use http::{HeaderMap, HeaderName, StatusCode};
use runtime::{
    auth::Caller,
    http::{Outcome, Path, Success, parse},
};
use serde::Deserialize;

use crate::{app::App, view::Sent};

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/v1/messages", post(accept))
        .route("/v1/messages/{id}/retry", post(retry))
        .route("/v1/messages/{id}/cancel", post(cancel))
        .with_state(app)
}

/// What a caller posts: a recipient and exactly one of `text` and `interactive`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMessage {
    to: String,
    name: Option<String>,
    channel_id: Option<String>,
    text: Option<NewText>,
    interactive: Option<NewInteractive>,
    scheduled_for: Option<String>,
    trigger: Option<NewTrigger>,
    /// Whether failed attempts are repeated and mailed about; true unless a person watches.
    retry: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewText {
    body: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewInteractive {
    header: Option<String>,
    body: String,
    footer: Option<String>,
    buttons: Vec<NewButton>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewButton {
    title: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum NewTrigger {
    Manual,
    Auto,
}

impl NewMessage {
    fn draft(self) -> Result<Draft, AppFailure> {
        let content = match (self.text, self.interactive) {
            (Some(text), None) => DraftContent::Text { body: text.body },
            (None, Some(new)) => DraftContent::Interactive {
                header: new.header,
                body: new.body,
                footer: new.footer,
                buttons: new.buttons.into_iter().map(|b| b.title).collect(),
            },
            (None, None) | (Some(_), Some(_)) => {
                let message = "give exactly one of `text` and `interactive`";
                return Err(AppFailure::validation(
                    "The message needs exactly one content.",
                    vec![FieldProblem::new("text", "CONTENT", message)],
                ));
            }
        };
        Ok(Draft {
            to: self.to,
            name: self.name,
            channel: self.channel_id,
            content,
            scheduled_for: self.scheduled_for,
            trigger: match self.trigger {
                Some(NewTrigger::Auto) => Trigger::Auto,
                Some(NewTrigger::Manual) | None => Trigger::Manual,
            },
            retry: self.retry.unwrap_or(true),
        })
    }
}

/// Accepts one message. `Idempotency-Key` makes a repetition answer the first one; `Prefer:
/// respond-async` (RFC 7240) leaves the first attempt to the channel's lane.
async fn accept(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<Sent> {
    let draft = parse::<NewMessage>(&body)?.draft()?;
    let key = idempotency_key(&headers, "POST /v1/messages", &body)?;
    let principal = caller.may(Action::Send)?;
    let first = first_attempt(&headers);
    let accepted = send(
        &app.accept(),
        &app.attempt(),
        &principal,
        draft,
        key.as_ref(),
        first,
    )
    .await?;
    let status = match (accepted.repeated, first) {
        (true, _) => StatusCode::OK,
        (false, FirstAttempt::Here) => StatusCode::CREATED,
        (false, FirstAttempt::InLane) => StatusCode::ACCEPTED,
    };
    let answer = Success::with(status, Sent::from(&accepted.message));
    Ok(if accepted.repeated {
        answer.header(REPLAYED, "true")
    } else {
        answer
    })
}

/// Makes a failed message ready for one more attempt, and hands it to its lane.
async fn retry(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<MessageId>,
) -> Outcome<Sent> {
    let principal = caller.may(Action::Send)?;
    let message = app.change().retry(&principal, id).await?;
    app.accept().hand_over(&message).await;
    Ok(Success::accepted(Sent::from(&message)))
}

/// Withdraws a message that nobody attempted.
async fn cancel(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<MessageId>,
) -> Outcome<Sent> {
    let principal = caller.may(Action::Send)?;
    let message = app.change().cancel(&principal, id).await?;
    Ok(Success::ok(Sent::from(&message)))
}

fn idempotency_key(
    headers: &HeaderMap,
    route: &str,
    body: &[u8],
) -> Result<Option<IdempotencyKey>, AppFailure> {
    headers
        .get("idempotency-key")
        // What is no text fails the key's own check, with its sentence.
        .map(|value| IdempotencyKey::parse(route, value.to_str().unwrap_or_default(), body))
        .transpose()
}

fn first_attempt(headers: &HeaderMap) -> FirstAttempt {
    let asked = headers
        .get("prefer")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if asked
        .split(',')
        .any(|one| one.trim().eq_ignore_ascii_case("respond-async"))
    {
        FirstAttempt::InLane
    } else {
        FirstAttempt::Here
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str) -> Result<Draft, AppFailure> {
        parse::<NewMessage>(body.as_bytes())?.draft()
    }

    /// S0.6–S0.9: header and footer may be missing, body and buttons may not.
    #[test]
    fn exactly_one_content_is_wanted() {
        let text = r#""text":{"body":"Hello"}"#;
        let interactive = r#""interactive":{"body":"Hello","buttons":[{"title":"Yes"}]}"#;
        assert!(check(&format!(r#"{{"to":"+97300000001",{text}}}"#)).is_ok());
        assert!(check(&format!(r#"{{"to":"+97300000001",{interactive}}}"#)).is_ok());
        for wrong in [
            r#"{"to":"+97300000001"}"#.to_owned(),
            format!(r#"{{"to":"+97300000001",{text},{interactive}}}"#),
            r#"{"to":"+97300000001","interactive":{"buttons":[]}}"#.to_owned(),
            format!(r#"{{"to":"+97300000001",{text},"tenant_id":"x"}}"#),
        ] {
            assert!(!check(&wrong).unwrap_err().fields().is_empty(), "{wrong}");
        }
    }

    #[test]
    fn an_asynchronous_answer_is_asked_for_by_the_standard_header() {
        let mut headers = HeaderMap::new();
        assert_eq!(first_attempt(&headers), FirstAttempt::Here);
        headers.insert("prefer", "wait=5, Respond-Async".parse().unwrap());
        assert_eq!(first_attempt(&headers), FirstAttempt::InLane);
    }
}
