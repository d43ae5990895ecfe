//! Items of `messages`: what people write, and what comes back of ours.

use domain::{
    message::{InboundContent, ReplyKind},
    provider::{AnswerItem, EchoItem, InboundItem, Item},
};

use super::{
    super::shown::{self, Chat},
    Read,
};
use crate::{
    lenient::{Fields, NAME, PERSON, TITLE, cut},
    scrub,
};

/// WHAPI puts these before the ids of buttons and list rows.
const PREFIXES: [&str; 2] = ["ButtonsV3:", "ListV3:"];

pub(super) fn read(item: Fields<'_>) -> Read {
    let provider_id = item.id("id")?;
    let from_me = item.flag("from_me").ok_or("it does not say whose it is")?;
    let chat = item.text("chat_id").ok_or("it has no chat")?;
    let (phone, user) = match Chat::read(chat) {
        Chat::Person { phone, user } => (phone, user),
        Chat::Crowd { name } => return Ok(Item::Ignored { name: name.into() }),
    };
    // Notices of the protocol come as messages of the other side; nobody wrote them.
    let notice = item.text("source") == Some("system");
    let pressed = pressed(item);
    let content = match &pressed {
        Some(pressed) => Some(InboundContent::Text {
            body: pressed.title.clone(),
        }),
        None => shown::content(item),
    };
    let Some(content) = content.filter(|_| !notice) else {
        let kind = item.text("type").unwrap_or("system");
        return Ok(Item::Ignored {
            name: scrub::word(&format!("notice {kind}")),
        });
    };
    let at = item.moment("timestamp")?;
    if from_me {
        return Ok(Item::Echo(Box::new(EchoItem {
            provider_id,
            phone,
            through_api: item.text("source") == Some("api"),
            at,
            content,
        })));
    }
    // A chat that goes by a LID may still show the number of who writes.
    let from = item.text("from").unwrap_or_default();
    let lid = chat.split('@').next() == Some(from);
    let phone = phone.or_else(|| shown::number(from).filter(|_| !lid));
    let answer = pressed.or_else(|| quoted(item, from, &content));
    Ok(Item::Inbound(Box::new(InboundItem {
        provider_id,
        phone,
        user,
        name: item.some("from_name", PERSON),
        at,
        content,
        answer,
    })))
}

/// A pressed button or a chosen row of a list.
fn pressed(item: Fields<'_>) -> Option<AnswerItem> {
    if item.text("type") != Some("reply") {
        return None;
    }
    let reply = item.at("reply");
    let (kind, choice) = [
        (ReplyKind::Button, reply.at("buttons_reply")),
        (ReplyKind::ListRow, reply.at("list_reply")),
    ]
    .into_iter()
    .find(|(_, choice)| choice.is_object())?;
    let id = choice.text_or_number("id").map(|id| {
        let id = PREFIXES
            .iter()
            .find_map(|prefix| id.strip_prefix(prefix))
            .unwrap_or(&id);
        cut(id, NAME)
    });
    let id = id.filter(|id| !id.trim().is_empty());
    let title = choice.some("title", TITLE).or_else(|| id.clone())?;
    Some(AnswerItem {
        quoted: context_id(item),
        kind,
        button_id: id,
        title,
    })
}

/// A message of any kind that quotes one of ours.
fn quoted(item: Fields<'_>, from: &str, content: &InboundContent) -> Option<AnswerItem> {
    if matches!(content, InboundContent::Reaction { .. }) {
        return None;
    }
    let quoted = context_id(item)?;
    // Quoting oneself answers nobody.
    let author = item.at("context").text("quoted_author");
    let bare = |id: &str| id.split('@').next().map(str::to_owned);
    if author.is_some_and(|author| !author.is_empty() && bare(author) == bare(from)) {
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
    item.at("context").id("quoted_id").ok()
}
