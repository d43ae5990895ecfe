//! `POST /api/whatsapp/send-template`: the old spelling of a template, kept for callers that have it.

use axum::{body::Bytes, extract::State};
use domain::{
    message::{ButtonAction, ButtonValue, HeaderValue, Parameters, TemplateUse, Trigger},
    principal::Action,
    service::{
        accept::{Draft, DraftContent},
        send::{FirstAttempt, send},
    },
};
use http::HeaderMap;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Success,
        openapi::{Enveloped, Refuses, asks},
        parse,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    handler::{REPLAYED, idempotency_key},
    talk::{DEPRECATION, LINK, SUCCESSOR},
    view::Sent,
};

/// A template in the old spelling (S2.54).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OldTemplate {
    /// The recipient's number with its country code.
    to: String,
    template_name: String,
    /// `en` when left out.
    language_code: Option<String>,
    #[serde(default)]
    body_params: Vec<String>,
    #[serde(default)]
    header_params: Vec<String>,
    #[serde(default)]
    button_params: Vec<OldButton>,
    context: Option<OldContext>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OldContext {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OldButton {
    #[serde(rename = "type")]
    kind: OldButtonKind,
    index: u8,
    parameters: Vec<OldParameter>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OldButtonKind {
    QuickReply,
    Url,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OldParameter {
    /// `text` or `payload`.
    #[serde(rename = "type")]
    _kind: String,
    #[serde(alias = "payload")]
    text: String,
}

impl OldTemplate {
    fn draft(self) -> Draft {
        let button = |button: OldButton| {
            let text = button
                .parameters
                .into_iter()
                .next()
                .map(|parameter| parameter.text)
                .unwrap_or_default();
            ButtonValue {
                index: button.index,
                value: match button.kind {
                    OldButtonKind::QuickReply => ButtonAction::QuickReply { payload: text },
                    OldButtonKind::Url => ButtonAction::Url { text },
                },
            }
        };
        let header = (!self.header_params.is_empty()).then_some(HeaderValue::Text {
            values: Parameters::Positional(self.header_params),
        });
        Draft {
            to: self.to,
            name: None,
            channel: None,
            content: DraftContent::Template(TemplateUse {
                name: self.template_name,
                language: self.language_code.unwrap_or_else(|| "en".into()),
                header,
                body: Parameters::Positional(self.body_params),
                buttons: self.button_params.into_iter().map(button).collect(),
            }),
            scheduled_for: None,
            trigger: Trigger::Manual,
            retry: true,
            context: self.context.map(|context| (context.kind, context.id)),
        }
    }
}

/// Sends a template, in the old spelling of older callers. New ones use `POST /v1/messages`.
#[utoipa::path(
    post,
    path = "/api/whatsapp/send-template",
    operation_id = "contractSendTemplate",
    tag = "Messages",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255,
        description = "Visible ASCII characters, for example a UUID; remembered for 48 hours")),
    request_body(content = OldTemplate, example = json!({
        "to": "+97300000001", "templateName": "order_ready", "languageCode": "en", "bodyParams": ["Ada", "A-1001"]
    })),
    responses(
        (status = 200, body = Enveloped<Sent>, description = "Accepted, and attempted once: `status` says what came of it"),
        Refuses<400>, Refuses<409>, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::Send)))),
)]
pub async fn template(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome<Sent> {
    let principal = caller.may(Action::Send)?;
    let draft = parse::<OldTemplate>(&body)?.draft();
    let key = idempotency_key(&headers, "POST /api/whatsapp/send-template", &body)?;
    let (accept, attempt) = (app.accept(), app.attempt());
    let first = FirstAttempt::Here;
    let accepted = send(&accept, &attempt, &principal, draft, key.as_ref(), first).await?;
    let answer = Success::ok(Sent::from(&accepted.message))
        .header(DEPRECATION, "true")
        .header(LINK, SUCCESSOR);
    Ok(if accepted.repeated {
        answer.header(REPLAYED, "true")
    } else {
        answer
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S2.54, S2.91, S2.98: the old words make the template they always made.
    #[test]
    fn the_old_words_make_a_template() {
        let body = br#"{"to":"+97300000001","templateName":"order_ready","bodyParams":["Ada"],
            "headerParams":["A-1001"],"buttonParams":[{"type":"url","index":1,
            "parameters":[{"type":"text","text":"A-1001"}]},{"type":"quick_reply","index":0,
            "parameters":[{"type":"payload","payload":"yes"}]}],"context":{"type":"order","id":"A-1001"}}"#;
        let draft = parse::<OldTemplate>(body).unwrap().draft();
        assert_eq!(draft.context, Some(("order".into(), "A-1001".into())));
        let DraftContent::Template(used) = draft.content else {
            panic!("no template");
        };
        assert_eq!(
            (used.name.as_str(), used.language.as_str()),
            ("order_ready", "en")
        );
        assert_eq!(used.body, Parameters::Positional(vec!["Ada".into()]));
        let values: Vec<_> = used.buttons.iter().map(|button| &button.value).collect();
        assert_eq!(
            values,
            [
                &ButtonAction::Url {
                    text: "A-1001".into()
                },
                &ButtonAction::QuickReply {
                    payload: "yes".into()
                },
            ]
        );
        let wrong = parse::<OldTemplate>(br#"{"to":"1","template_name":"x"}"#).unwrap_err();
        assert!(!wrong.fields().is_empty());
    }
}
