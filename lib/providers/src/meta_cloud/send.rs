//! Sending: the exact bodies, and what the answers mean.

use domain::{
    channel::Channel,
    contact::Recipient,
    failure::ProviderFailure,
    message::{
        ButtonAction, Content, HeaderValue, Interactive, List, Media, MediaSource, Parameters,
        TemplateUse,
    },
    provider::{Receipt, WireRequest, WireResponse},
    webhook::CallbackToken,
};
use serde_json::Value;

use super::{CAPABILITIES, errors, path, wire};
use crate::lenient::Fields;

#[cfg(test)]
mod tests;

/// Longest text below a picture or file; a body may be longer.
const CAPTION: usize = 1_024;

/// The field that Meta hands back with every status of the message.
const CALLBACK: &str = "biz_opaque_callback_data";

/// The request that sends a content.
pub(super) fn build(
    channel: &Channel,
    to: &Recipient,
    content: &Content,
) -> Result<WireRequest, ProviderFailure> {
    // Checked when the message was accepted; what is stored may be older than the limits.
    if !content.problems(&CAPABILITIES.limits).is_empty() {
        return Err(ProviderFailure::Unsupported {
            what: "a message beyond Meta's limits",
        });
    }
    let (r#type, content) = match content {
        Content::Text { body } => ("text", wire::Part::Text { body }),
        Content::Interactive(content) => ("interactive", wire::Part::Interactive(buttons(content))),
        Content::List(content) => ("interactive", wire::Part::Interactive(list(content))),
        Content::Image(media) => ("image", wire::Part::Image(captioned(media, None)?)),
        Content::Document(media) => {
            let name = media.filename.as_deref();
            ("document", wire::Part::Document(captioned(media, name)?))
        }
        Content::Template(content) => ("template", wire::Part::Template(template(content))),
    };
    let message = wire::Message {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to: recipient(to)?,
        r#type,
        content,
    };
    let body = serde_json::to_value(message)
        .map_err(|_no_such_case| ProviderFailure::NotSent { what: "build" })?;
    let path = format!("{}/messages", path(channel, &channel.provider_ref)?);
    Ok(WireRequest::post(path, body))
}

/// The request with a text that comes back with its statuses, whatever becomes of the answer.
pub(super) fn stamp(mut request: WireRequest, token: &CallbackToken) -> WireRequest {
    if let Some(Value::Object(body)) = &mut request.body {
        body.insert(CALLBACK.into(), token.as_str().into());
    }
    request
}

/// The text that [`stamp`] put in, from a status.
pub(super) fn stamped(status: Fields<'_>) -> Option<String> {
    status.some(CALLBACK, 512)
}

/// What the answer to a send means. 200 says that Meta took the message, also when it holds it back
/// at first (`message_status`), never that it was delivered.
pub(super) fn read(response: &WireResponse) -> Result<Receipt, ProviderFailure> {
    if !(200..300).contains(&response.status) {
        return Err(errors::failure(response));
    }
    let unreadable = || ProviderFailure::OutcomeUnknown {
        what: "unreadable answer".into(),
    };
    let body: Value = serde_json::from_slice(&response.body).map_err(|_not_json| unreadable())?;
    let body = Fields::of(&body);
    let provider_id = body
        .items("messages")
        .next()
        .and_then(|message| message.id("id").ok());
    match (body.at("error").is_object(), provider_id) {
        (false, Some(id)) => Ok(Receipt {
            provider_id: Some(id),
        }),
        (true, None) => Err(errors::failure(response)),
        // An error, and yet a message with an id: believed neither way.
        (true, Some(_)) | (false, None) => Err(unreadable()),
    }
}

fn recipient(to: &Recipient) -> Result<wire::To<'_>, ProviderFailure> {
    match to {
        Recipient::Phone(phone) => Ok(wire::To::To(phone.as_str())),
        Recipient::User(name) if is_user(name) => Ok(wire::To::Recipient(name)),
        Recipient::User(_) => Err(ProviderFailure::Unsupported {
            what: "a recipient that is neither a number nor a user id of Meta's",
        }),
    }
}

/// A user id of Meta's: a country, then letters and digits: `BH.7Heron`, or `BH.ENT.7Heron` where
/// several businesses share it.
pub(super) fn is_user(name: &str) -> bool {
    let Some((country, id)) = name.split_once('.') else {
        return false;
    };
    let id = id.strip_prefix("ENT.").unwrap_or(id);
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=128).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn captioned<'a>(
    media: &'a Media,
    filename: Option<&'a str>,
) -> Result<wire::File<'a>, ProviderFailure> {
    let caption = media.caption.as_deref();
    if caption.is_some_and(|caption| caption.chars().count() > CAPTION) {
        return Err(ProviderFailure::Unsupported {
            what: "a caption of more than 1,024 characters",
        });
    }
    Ok(wire::File {
        caption,
        ..file(media, filename)
    })
}

fn file<'a>(media: &'a Media, filename: Option<&'a str>) -> wire::File<'a> {
    wire::File {
        source: match &media.source {
            MediaSource::Link(link) | MediaSource::Stored(link) => wire::Source::Link(link),
            MediaSource::Id(id) => wire::Source::Id(id),
        },
        caption: None,
        filename,
    }
}

fn buttons(content: &Interactive) -> wire::Interactive<'_> {
    let buttons = content.buttons.iter().map(|button| wire::ReplyButton {
        r#type: "reply",
        reply: wire::Reply {
            id: &button.id,
            title: &button.title,
        },
    });
    wire::Interactive {
        r#type: "button",
        header: content.header.as_deref().map(header),
        body: words(&content.body),
        footer: content.footer.as_deref().map(words),
        action: wire::Action::Buttons {
            buttons: buttons.collect(),
        },
    }
}

fn list(content: &List) -> wire::Interactive<'_> {
    let sections = content.sections.iter().map(|section| wire::Section {
        title: section.title.as_deref(),
        rows: section
            .rows
            .iter()
            .map(|row| wire::Row {
                id: &row.id,
                title: &row.title,
                description: row.description.as_deref(),
            })
            .collect(),
    });
    wire::Interactive {
        r#type: "list",
        header: content.header.as_deref().map(header),
        body: words(&content.body),
        footer: content.footer.as_deref().map(words),
        action: wire::Action::List {
            button: &content.label,
            sections: sections.collect(),
        },
    }
}

fn header(text: &str) -> wire::Header<'_> {
    wire::Header {
        r#type: "text",
        text,
    }
}

fn words(text: &str) -> wire::Words<'_> {
    wire::Words { text }
}

fn template(content: &TemplateUse) -> wire::Template<'_> {
    let mut components = Vec::new();
    let mut part = |r#type, parameters: Vec<_>| {
        if !parameters.is_empty() {
            components.push(wire::Component {
                r#type,
                sub_type: None,
                index: None,
                parameters,
            });
        }
    };
    let one = |r#type, value| {
        vec![wire::Parameter {
            r#type,
            parameter_name: None,
            value,
        }]
    };
    match &content.header {
        Some(HeaderValue::Text { values }) => part("header", texts(values)),
        Some(HeaderValue::Image(media)) => {
            part("header", one("image", wire::Slot::Image(file(media, None))));
        }
        Some(HeaderValue::Document(media)) => {
            let file = file(media, media.filename.as_deref());
            part("header", one("document", wire::Slot::Document(file)));
        }
        Some(HeaderValue::Video(media)) => {
            part("header", one("video", wire::Slot::Video(file(media, None))));
        }
        None => {}
    }
    part("body", texts(&content.body));
    for button in &content.buttons {
        let (sub_type, r#type, value) = match &button.value {
            ButtonAction::QuickReply { payload } => {
                ("quick_reply", "payload", wire::Slot::Payload(payload))
            }
            ButtonAction::Url { text } => ("url", "text", wire::Slot::Text(text)),
            ButtonAction::CopyCode { code } => {
                ("copy_code", "coupon_code", wire::Slot::CouponCode(code))
            }
        };
        components.push(wire::Component {
            r#type: "button",
            sub_type: Some(sub_type),
            index: Some(button.index.to_string()),
            parameters: one(r#type, value),
        });
    }
    wire::Template {
        name: &content.name,
        language: wire::Language {
            code: &content.language,
        },
        components,
    }
}

/// Values in their order, or each with its name.
fn texts(parameters: &Parameters) -> Vec<wire::Parameter<'_>> {
    let values = parameters.values().into_iter();
    values
        .map(|(parameter_name, text)| wire::Parameter {
            r#type: "text",
            parameter_name,
            value: wire::Slot::Text(text),
        })
        .collect()
}
