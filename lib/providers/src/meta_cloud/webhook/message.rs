//! What people write, and what a tenant writes in the Business app.

use domain::{
    message::{InboundContent, ReplyKind},
    provider::{AnswerItem, EchoItem, IdentityItem, InboundItem, Item},
};

use super::{
    super::shown,
    Read,
    people::{self, People, Person},
};
use crate::{
    lenient::{Fields, NAME, TEXT, TITLE, cut},
    scrub,
};

/// Items of `messages`.
pub(super) fn read(item: Fields<'_>, people: &People) -> Read {
    if is_crowd(item) {
        return ignored("group message");
    }
    let provider_id = item.id("id")?;
    if item.text("type") == Some("system") {
        return system(provider_id, item, people);
    }
    let pressed = pressed(item);
    let content = match &pressed {
        Some(pressed) => Some(InboundContent::Text {
            body: pressed.title.clone(),
        }),
        None => shown::content(item),
    };
    let Some(content) = content else {
        return ignored(&format!("notice {}", item.text("type").unwrap_or_default()));
    };
    let answer = pressed.or_else(|| quoted(item, &content));
    inbound(provider_id, people.writer(item), item, content, answer).map(|item| vec![item])
}

/// Items of `message_echoes`.
pub(super) fn echo(item: Fields<'_>) -> Read {
    if is_crowd(item) {
        return ignored("group message");
    }
    let provider_id = item.id("id")?;
    let Some(content) = shown::content(item) else {
        return ignored(&format!("notice {}", item.text("type").unwrap_or_default()));
    };
    Ok(vec![Item::Echo(Box::new(EchoItem {
        provider_id,
        phone: people::phone(item, "to"),
        through_api: false,
        at: item.moment("timestamp")?,
        content,
    }))])
}

/// Groups are not conversations with one person.
fn is_crowd(item: Fields<'_>) -> bool {
    item.text_or_number("group_id").is_some() || item.text("recipient_type") == Some("group")
}

fn inbound(
    provider_id: String,
    writer: Option<Person>,
    item: Fields<'_>,
    content: InboundContent,
    answer: Option<AnswerItem>,
) -> Result<Item, &'static str> {
    let writer = writer.ok_or("it does not say who wrote")?;
    Ok(Item::Inbound(Box::new(InboundItem {
        provider_id,
        phone: writer.phone,
        user: writer.user,
        name: writer.name,
        at: item.moment("timestamp")?,
        content,
        answer,
    })))
}

/// What WhatsApp itself says of a person. A new number or name is said twice: in the conversation, and
/// to whoever keeps the contacts.
fn system(provider_id: String, item: Fields<'_>, people: &People) -> Read {
    let own = item.at("system");
    let kind = own.text("type").unwrap_or_default();
    let new_phone = people::phone(own, "wa_id").or_else(|| people::phone(own, "new_wa_id"));
    let new_user = people::user(own, "user_id");
    let text = match kind {
        "user_changed_number" | "customer_changed_number" => match &new_phone {
            Some(phone) => format!("Has a new number now: {}.", phone.as_str()),
            None => "Has a new number now, which WhatsApp does not show.".into(),
        },
        "user_changed_user_id" => "Has another user id at WhatsApp now.".into(),
        "customer_identity_changed" => {
            "Has another phone, or installed WhatsApp anew: make sure who they are before you send anything confidential.".into()
        }
        other => match own.some("body", TEXT) {
            Some(body) => body,
            None => return ignored(&format!("system {other}")),
        },
    };
    let writer = people.writer(item);
    let before = Person {
        phone: writer
            .as_ref()
            .and_then(|writer| writer.phone.clone())
            .or_else(|| people::phone(own, "customer")),
        user: people::user(own, "previous_user_id")
            .or_else(|| writer.as_ref().and_then(|writer| writer.user.clone()))
            .filter(|user| Some(user) != new_user.as_ref()),
        name: writer.and_then(|writer| writer.name),
    };
    let named = before.phone.is_some() || before.user.is_some();
    let renamed = people::renamed(IdentityItem {
        new_phone: new_phone.filter(|phone| Some(phone) != before.phone.as_ref()),
        phone: before.phone.clone(),
        user: before.user.clone(),
        new_user,
    });
    let notice = InboundContent::Notice { text };
    let notice = inbound(provider_id, named.then_some(before), item, notice, None)?;
    Ok(std::iter::once(notice).chain(renamed.ok()).collect())
}

/// A pressed button of a message or template, or a chosen row of a list.
fn pressed(item: Fields<'_>) -> Option<AnswerItem> {
    let own = item.at(item.text("type")?);
    let (kind, id, title) = match item.text("type")? {
        // A template's button; it may come without saying which message it stood on.
        "button" => (ReplyKind::Button, "payload", "text"),
        "interactive" => match own.text("type")? {
            "button_reply" => (ReplyKind::Button, "id", "title"),
            "list_reply" => (ReplyKind::ListRow, "id", "title"),
            _ => return None,
        },
        _ => return None,
    };
    let choice = match own.text("type") {
        Some(kind) if item.text("type") == Some("interactive") => own.at(kind),
        Some(_) | None => own,
    };
    let id = choice.text_or_number(id).map(|id| cut(&id, NAME));
    let id = id.filter(|id| !id.trim().is_empty());
    let title = choice
        .some(title, TITLE)
        .or_else(|| id.as_deref().map(|id| cut(id, TITLE)))?;
    Some(AnswerItem {
        quoted: context_id(item),
        kind,
        button_id: id,
        title,
    })
}

/// A message of any kind that quotes one of ours.
fn quoted(item: Fields<'_>, content: &InboundContent) -> Option<AnswerItem> {
    match content {
        InboundContent::Text { .. }
        | InboundContent::Media { .. }
        | InboundContent::Location { .. }
        | InboundContent::Card { .. }
        | InboundContent::Other { .. } => {}
        InboundContent::Reaction { .. }
        | InboundContent::Edit { .. }
        | InboundContent::Revoke { .. }
        | InboundContent::Notice { .. } => return None,
    }
    let quoted = context_id(item)?;
    // Quoting oneself answers nobody.
    let author = people::phone(item.at("context"), "from");
    if author.is_some() && author == people::phone(item, "from") {
        return None;
    }
    Some(AnswerItem {
        quoted: Some(quoted),
        kind: ReplyKind::Text,
        button_id: None,
        title: content.preview(),
    })
}

fn context_id(item: Fields<'_>) -> Option<String> {
    item.at("context").id("id").ok()
}

fn ignored(name: &str) -> Read {
    Ok(vec![Item::Ignored {
        name: scrub::word(name),
    }])
}
