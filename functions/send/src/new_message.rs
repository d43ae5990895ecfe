//! The body of `POST /v1/messages`.

use domain::{
    failure::{AppFailure, FieldProblem},
    message::{MessageType, Trigger},
    service::accept::{Draft, DraftContent},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::new_content::{NewFile, NewList, NewTemplate};

/// What a caller posts: a recipient and exactly one content (`text`, `interactive`, `list`, `image`,
/// `document` or `template`).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// The recipient's number with its country code.
    #[schema(example = "+97300000001")]
    to: String,
    /// How the recipient is called, for lists.
    name: Option<String>,
    /// Through which channel; the company's own choice when left out.
    #[schema(format = Uuid)]
    channel_id: Option<String>,
    text: Option<NewText>,
    interactive: Option<NewInteractive>,
    list: Option<NewList>,
    image: Option<NewFile>,
    document: Option<NewFile>,
    template: Option<NewTemplate>,
    /// Not before this time; at once when left out.
    #[schema(format = DateTime)]
    scheduled_for: Option<String>,
    /// What it is for: `stock_delivered`, `invoice`, `payment_reminder`, `festival`,
    /// `booking_confirmation`, `inquiry_acknowledgement`, `follow_up`, `tour_details`, `welcome`,
    /// `promotion`; `other` when left out. A company can switch each of them off.
    #[schema(example = "other")]
    message_type: Option<String>,
    /// Who wanted it: a person (`manual`, unless said otherwise) or a rule (`auto`).
    trigger: Option<NewTrigger>,
    /// Whether failed attempts are repeated and mailed about; true unless a person watches.
    retry: Option<bool>,
    /// What it is about in your own system; `GET /v1/messages` finds messages by it.
    context: Option<NewContext>,
}

/// A thing of the caller's own system.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContext {
    /// 1 to 40 characters of A–Z, a–z, 0–9, `_`, `.` and `-`.
    #[serde(rename = "type")]
    #[schema(example = "order")]
    kind: String,
    /// 1 to 128 visible characters.
    #[schema(example = "A-1001")]
    id: String,
}

impl From<NewContext> for (String, String) {
    fn from(context: NewContext) -> Self {
        (context.kind, context.id)
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewText {
    body: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInteractive {
    header: Option<String>,
    body: String,
    footer: Option<String>,
    buttons: Vec<NewButton>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewButton {
    title: String,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NewTrigger {
    Manual,
    Auto,
}

impl NewMessage {
    /// As the service takes it.
    ///
    /// # Errors
    /// VALIDATION unless there is exactly one content.
    pub fn draft(self) -> Result<Draft, AppFailure> {
        let content = Contents {
            text: self.text,
            interactive: self.interactive,
            list: self.list,
            image: self.image,
            document: self.document,
            template: self.template,
        }
        .only()?;
        let message_type = message_type(self.message_type.as_deref(), MessageType::Other)?;
        Ok(Draft {
            message_type,
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
            context: self.context.map(Into::into),
        })
    }
}

/// Contents as a body names them, of which exactly one is wanted.
pub(crate) struct Contents {
    pub(crate) text: Option<NewText>,
    pub(crate) interactive: Option<NewInteractive>,
    pub(crate) list: Option<NewList>,
    pub(crate) image: Option<NewFile>,
    pub(crate) document: Option<NewFile>,
    pub(crate) template: Option<NewTemplate>,
}

impl Contents {
    /// The only one.
    ///
    /// # Errors
    /// VALIDATION when there are none or several.
    pub(crate) fn only(self) -> Result<DraftContent, AppFailure> {
        let text = self.text.map(|text| DraftContent::Text { body: text.body });
        let interactive = self.interactive.map(|new| DraftContent::Interactive {
            header: new.header,
            body: new.body,
            footer: new.footer,
            buttons: new.buttons.into_iter().map(|b| b.title).collect(),
        });
        let list = self.list.map(|new| DraftContent::List(new.list()));
        let image = self.image.map(|new| new.media("image")).transpose()?;
        let document = self.document.map(|new| new.media("document")).transpose()?;
        let template = self.template.map(NewTemplate::used).transpose()?;
        let mut contents = [
            text,
            interactive,
            list,
            image.map(DraftContent::Image),
            document.map(DraftContent::Document),
            template.map(DraftContent::Template),
        ]
        .into_iter()
        .flatten();
        let (Some(content), None) = (contents.next(), contents.next()) else {
            let message = "give exactly one of `text`, `interactive`, `list`, `image`, `document` and `template`";
            return Err(AppFailure::validation(
                "The message needs exactly one content.",
                vec![FieldProblem::new("text", "CONTENT", message)],
            ));
        };
        Ok(content)
    }
}

pub(crate) fn message_type(
    name: Option<&str>,
    otherwise: MessageType,
) -> Result<MessageType, AppFailure> {
    let Some(name) = name else {
        return Ok(otherwise);
    };
    MessageType::parse(name).ok_or_else(|| {
        let known = MessageType::ALL.map(MessageType::as_str).join(", ");
        AppFailure::validation(
            "There is no such type of message.",
            vec![FieldProblem::new(
                "message_type",
                "UNKNOWN_VALUE",
                format!("use one of {known}"),
            )],
        )
    })
}

#[cfg(test)]
mod tests {
    use runtime::http::parse;

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
        for also in [
            r#""list":{"body":"Pick","label":"Open","sections":[{"rows":[{"title":"One"}]}]}"#,
            r#""image":{"link":"https://files.example/a.png","caption":"A"}"#,
            r#""document":{"id":"4490709327384033","filename":"a.pdf"}"#,
            r#""template":{"name":"order_ready","language":"en","body":["Ada","17"]}"#,
            r#""template":{"name":"order_ready","language":"en","body":{"name":"Ada"},"header":{"document":{"link":"https://files.example/a.pdf"}},"buttons":[{"index":0,"type":"quick_reply","payload":"yes"}]}"#,
        ] {
            let body = format!(r#"{{"to":"+97300000001",{also}}}"#);
            assert!(check(&body).is_ok(), "{also}: {:?}", check(&body));
        }
        for wrong in [
            r#"{"to":"+97300000001"}"#.to_owned(),
            format!(r#"{{"to":"+97300000001",{text},{interactive}}}"#),
            r#"{"to":"+97300000001","interactive":{"buttons":[]}}"#.to_owned(),
            r#"{"to":"+97300000001","image":{"caption":"no file"}}"#.to_owned(),
            r#"{"to":"+97300000001","image":{"link":"https://a.example/b","id":"1"}}"#.to_owned(),
            r#"{"to":"+97300000001","template":{"name":"x","language":"en","header":{}}}"#
                .to_owned(),
            format!(r#"{{"to":"+97300000001",{text},"tenant_id":"x"}}"#),
        ] {
            assert!(!check(&wrong).unwrap_err().fields().is_empty(), "{wrong}");
        }
    }
}
