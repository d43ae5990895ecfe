//! Texts that people type: answers in a conversation, and the service contract of source 4.

use axum::{body::Bytes, extract::State};
use domain::{
    failure::{AppFailure, FieldProblem},
    ids::ConversationId,
    message::Message,
    principal::{Action, Principal},
    service::converse::{say, say_to},
};
use http::{HeaderMap, HeaderName};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Path, Success, idempotency_key,
        openapi::{Enveloped, Refuses, asks},
        parse,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{app::App, handler::REPLAYED, view::Sent};

/// This spelling stays, and new callers use the other one.
pub(crate) const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
pub(crate) const LINK: HeaderName = HeaderName::from_static("link");
/// What takes its place.
pub(crate) const SUCCESSOR: &str = "</v1/messages>; rel=\"successor-version\"";

/// An answer in a conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    text: AnswerText,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerText {
    /// 1 to 4,096 characters.
    body: String,
}

/// Answers in a conversation, and waits for the provider's word.
///
/// The message stands in the thread whatever becomes of it, and nothing is tried again by itself. When
/// the provider does not take it, the answer is 503 `PROVIDER_ERROR` with `details.message_id`: a
/// person may press retry (`POST /v1/messages/{id}/retry`).
#[utoipa::path(
    post,
    path = "/v1/conversations/{id}/messages",
    operation_id = "answerConversation",
    tag = "Conversations",
    params(
        ("id" = String, Path, format = Uuid, description = "The conversation"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
            description = "Visible ASCII characters, for example a UUID; remembered for 48 hours"),
    ),
    request_body(content = NewAnswer, example = json!({"text": {"body": "It arrives at noon."}})),
    responses(
        (status = 201, body = Enveloped<Sent>, description = "Stored and taken by the provider, or being found out (`pending`)"),
        (status = 200, body = Enveloped<Sent>, description = "Sent by an earlier request with the same key",
            headers(("Idempotent-Replayed" = String, description = "`true`"))),
        Refuses<400>, Refuses<404>, Refuses<409>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::WorkInbox)))),
)]
pub async fn answer(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<ConversationId>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<Sent> {
    let principal = caller.may(Action::WorkInbox)?;
    let new = parse::<NewAnswer>(&body)?;
    let route = format!("POST /v1/conversations/{}/messages", id.key());
    let key = idempotency_key(&route, &headers, &body)?;
    let (accept, attempt) = (app.accept(), app.attempt());
    let accepted = say(
        &accept,
        &attempt,
        &principal,
        id,
        new.text.body,
        key.as_ref(),
    )
    .await?;
    let sent = Sent::from(&accepted.message);
    Ok(if accepted.repeated {
        Success::ok(sent).header(REPLAYED, "true")
    } else {
        Success::created(sent)
    })
}

/// The body of the service contract, in its own spelling.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ContractSend {
    /// The company, as its own system numbers or names it; it follows from the token. One that differs
    /// from the token's is refused (X36).
    #[schema(value_type = Option<String>)]
    company_id: Option<Value>,
    /// The recipient's number with its country code.
    recipient_phone_number: String,
    /// 1 to 4,096 characters.
    text: String,
}

/// The provider's word.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContractSent {
    /// What the provider calls the message; missing while its answer is being found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_message_id: Option<String>,
    /// The message at Waypost.
    message_id: String,
    /// Its status.
    status: &'static str,
}

/// Sends a text to a number, once, with the provider's word as the answer.
///
/// The contract of older callers (S4.56–S4.61), in its own spelling. It is sent from the default
/// channel. A provider that does not take it is 503 `PROVIDER_ERROR` with `retryable: true`.
#[utoipa::path(
    post,
    path = "/api/whatsapp/send",
    operation_id = "contractSend",
    tag = "Messages",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "Visible ASCII characters, for example a UUID; remembered for 48 hours")),
    request_body(content = ContractSend, example = json!({
        "recipientPhoneNumber": "+97300000001", "text": "Your order is ready."
    })),
    responses(
        (status = 200, body = Enveloped<ContractSent>, description = "Taken, or being found out (`pending`)"),
        Refuses<400>, Refuses<409>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn contract(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<ContractSent> {
    let principal = caller.may(Action::Send)?;
    let new = parse::<ContractSend>(&body)?;
    let key = idempotency_key("POST /api/whatsapp/send", &headers, &body)?;
    own_company(&principal, new.company_id.as_ref())?;
    let (accept, attempt) = (app.accept(), app.attempt());
    let (number, text) = (new.recipient_phone_number, new.text);
    let accepted = say_to(&accept, &attempt, &principal, number, text, key.as_ref())
        .await
        .map_err(in_contract_words)?;
    Ok(Success::ok(ContractSent::from(&accepted.message))
        .header(DEPRECATION, "true")
        .header(LINK, SUCCESSOR))
}

impl From<&Message> for ContractSent {
    fn from(message: &Message) -> Self {
        let taken = message.facts.accepted.get(&message.sending.attempt);
        Self {
            provider_message_id: taken.and_then(|taken| taken.provider_id.clone()),
            message_id: message.id.to_string(),
            status: message.status().as_str(),
        }
    }
}

/// A company in the body is never believed; one that is not the token's is a mistake worth telling.
fn own_company(principal: &Principal, company: Option<&Value>) -> Result<(), AppFailure> {
    let named = match company {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::String(name)) => name.clone(),
        Some(other) => other.to_string(),
    };
    let tenant = principal.tenant();
    if named == tenant.to_string() || named == tenant.key() {
        return Ok(());
    }
    Err(AppFailure::forbidden(
        "`companyId` is not the company of this sign-in. Leave it out: the company follows from the token.",
    )
    .with_detail("reason", "COMPANY"))
}

fn in_contract_words(failure: AppFailure) -> AppFailure {
    renamed(failure, |field| match field {
        "to" => "recipientPhoneNumber".into(),
        "text.body" => "text".into(),
        other => other.into(),
    })
}

/// Problems under the names that an old spelling gives the fields.
pub(crate) fn renamed(failure: AppFailure, name: impl Fn(&str) -> String) -> AppFailure {
    if failure.fields().is_empty() {
        return failure;
    }
    let fields = failure
        .fields()
        .iter()
        .map(|problem| {
            FieldProblem::new(name(&problem.field), problem.code, problem.message.clone())
        })
        .collect();
    AppFailure::validation(failure.message().to_owned(), fields)
}

#[cfg(test)]
mod tests {
    use domain::{
        failure::Code,
        ids::{TenantId, UserId},
        principal::Role,
    };
    use serde_json::json;

    use super::*;

    /// X36, S4.63: a company in the body is never believed.
    #[test]
    fn another_company_in_the_body_is_refused() {
        let tenant = TenantId::fresh();
        let principal = Principal::verified(tenant, UserId::new("u-1"), Role::Manager);
        for own in [None, Some(json!(null)), Some(json!(tenant.to_string()))] {
            assert!(own_company(&principal, own.as_ref()).is_ok(), "{own:?}");
        }
        for other in [json!(7), json!(""), json!(TenantId::fresh().to_string())] {
            let refused = own_company(&principal, Some(&other)).unwrap_err();
            assert_eq!(refused.code(), Code::Forbidden, "{other}");
        }
    }
}
