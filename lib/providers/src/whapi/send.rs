//! Sending: the exact bodies, and what the answers mean.

use domain::{
    contact::Recipient,
    failure::ProviderFailure,
    message::{Content, Interactive, List, Media, MediaSource},
    provider::{Receipt, WireRequest, WireResponse},
};
use serde::Serialize;
use serde_json::Value;

use super::{CAPABILITIES, refusal, shown, wire};
use crate::lenient::Fields;

/// The request that sends a content.
pub(super) fn build(to: &Recipient, content: &Content) -> Result<WireRequest, ProviderFailure> {
    // Checked when the message was accepted; what is stored may be older than the limits.
    if !content.problems(&CAPABILITIES.limits).is_empty() {
        return Err(ProviderFailure::Unsupported {
            what: "a message beyond WHAPI's limits",
        });
    }
    let to = address(to)?;
    match content {
        Content::Text { body } => post("/messages/text", &wire::Text { to, body }),
        Content::Interactive(content) => post("/messages/interactive", &buttons(to, content)),
        Content::List(content) => post("/messages/interactive", &list(to, content)),
        Content::Image(media) => post(
            "/messages/image",
            &wire::File {
                filename: None,
                ..file(to, media)
            },
        ),
        Content::Document(media) => post("/messages/document", &file(to, media)),
        Content::Template(_) => Err(ProviderFailure::Unsupported {
            what: "templates: WHAPI has none",
        }),
    }
}

/// A number without its plus, or the name that chats of people without one have.
fn address(to: &Recipient) -> Result<&str, ProviderFailure> {
    match to {
        Recipient::Phone(phone) => Ok(phone.digits()),
        Recipient::User(name) if shown::is_lid(name) => Ok(name),
        Recipient::User(_) => Err(ProviderFailure::Unsupported {
            what: "a person known by another provider's name; WHAPI writes to numbers and to its own `…@lid`",
        }),
    }
}

fn file<'a>(to: &'a str, media: &'a Media) -> wire::File<'a> {
    let source = match &media.source {
        MediaSource::Link(link) | MediaSource::Stored(link) => link,
        MediaSource::Id(id) => id,
    };
    wire::File {
        to,
        media: source,
        filename: media.filename.as_deref(),
        caption: media.caption.as_deref(),
    }
}

fn part(text: &String) -> wire::Part<'_> {
    wire::Part { text }
}

fn buttons<'a>(to: &'a str, content: &'a Interactive) -> wire::Interactive<'a> {
    let buttons = content.buttons.iter().map(|button| wire::QuickReply {
        r#type: "quick_reply",
        title: &button.title,
        id: &button.id,
    });
    wire::Interactive {
        header: content.header.as_ref().map(part),
        body: part(&content.body),
        footer: content.footer.as_ref().map(part),
        action: wire::Action::Buttons(buttons.collect()),
        r#type: "button",
        to,
    }
}

fn list<'a>(to: &'a str, content: &'a List) -> wire::Interactive<'a> {
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
        header: content.header.as_ref().map(part),
        body: part(&content.body),
        footer: content.footer.as_ref().map(part),
        action: wire::Action::List(wire::List {
            sections: sections.collect(),
            label: &content.label,
        }),
        r#type: "list",
        to,
    }
}

fn post(path: &str, body: &impl Serialize) -> Result<WireRequest, ProviderFailure> {
    let body = serde_json::to_value(body)
        .map_err(|_no_such_case| ProviderFailure::NotSent { what: "build" })?;
    Ok(WireRequest::post(path, body))
}

/// What the answer to a send means.
pub(super) fn read(response: &WireResponse) -> Result<Receipt, ProviderFailure> {
    if !(200..300).contains(&response.status) {
        return Err(refusal::of(response));
    }
    let unreadable = || ProviderFailure::OutcomeUnknown {
        what: "unreadable answer".into(),
    };
    let body: Value = serde_json::from_slice(&response.body).map_err(|_not_json| unreadable())?;
    let body = Fields::of(&body);
    let provider_id = body.at("message").id("id").ok();
    match (body.flag("sent"), provider_id) {
        (Some(true), provider_id) => Ok(Receipt { provider_id }),
        (None, Some(id)) => Ok(Receipt {
            provider_id: Some(id),
        }),
        (Some(false), None) => Err(refusal::rejected(
            "REFUSED",
            "WHAPI refused the message.",
            &refusal::Said::read(&response.body),
        )),
        // "Not sent", and yet a message with an id: believed neither way.
        (Some(false), Some(_)) | (None, None) => Err(unreadable()),
    }
}

#[cfg(test)]
mod tests;
