//! Messages that come in: presses of our buttons, and what people write.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{orders::InboundSpec, wire};
use crate::{
    deliver::Hook,
    messages::{Choice, MessageEntry, SendAnswer},
    orders::{Caused, PressAs, PressSpec, set},
    provider::Party,
    state::{Handle, Refusal},
};

/// The press of a button or list row of ours.
pub(crate) fn press(
    handle: &Handle,
    message: &MessageEntry,
    spec: &PressSpec,
) -> Result<Caused, Refusal> {
    let choice = message.choice(spec)?;
    let from = wire::number(&message.chat_id);
    let mut inbound = InboundSpec::text(&message.key, from, &choice.title);
    inbound.from_name.clone_from(&spec.from_name);
    if spec.arrives_as == PressAs::Title {
        return handle.receive(&inbound, None, Some(&message.id));
    }
    inbound.kind = "reply".into();
    inbound.content = Some(reply(choice));
    let context = (!spec.without_context).then(|| quotation(message));
    handle.receive(&inbound, context, Some(&message.id))
}

/// The recipient of `message` writes this.
pub(crate) fn answer(
    handle: &Handle,
    message: &MessageEntry,
    words: &str,
) -> Result<Caused, Refusal> {
    let from = wire::number(&message.chat_id);
    let inbound = InboundSpec::text(&message.key, from, words);
    handle.receive(&inbound, None, Some(&message.id))
}

impl Handle {
    /// Lets somebody write to the channel.
    ///
    /// # Errors
    /// When the channel does not exist or the message lacks what its type needs.
    pub fn inbound(&self, spec: &InboundSpec) -> Result<Caused, Refusal> {
        let context = spec.quoted_id.as_deref().map(|id| {
            let quoted = self.memory().messages.get(id).cloned();
            quoted.map_or_else(|| json!({"quoted_id": id}), |message| quotation(&message))
        });
        self.receive(spec, context, spec.quoted_id.as_deref())
    }

    /// Keeps an inbound message and posts it, after the webhooks of `about`.
    fn receive(
        &self,
        spec: &InboundSpec,
        context: Option<Value>,
        about: Option<&str>,
    ) -> Result<Caused, Refusal> {
        let mut memory = self.memory();
        let channel = memory
            .channels
            .get(&spec.token)
            .ok_or_else(Refusal::channel)?;
        let message = inbound_message(spec, &channel.spec.phone, &channel.spec.name, context)?;
        let channel_id = channel.spec.channel_id.clone();
        let item = message.wire.clone();
        let id = message.id.clone();
        memory.messages.put(message);
        drop(memory);
        let body = wire::envelope("messages", json!([item]), ("messages", "post"), &channel_id);
        let hook = Hook::new("messages", about.or(Some(&id)), &body);
        let posted = self.post(&Party::whapi(&spec.token), &hook);
        Ok(Caused::by(Some(&id), &posted))
    }
}

fn inbound_message(
    spec: &InboundSpec,
    phone: &str,
    owner: &str,
    context: Option<Value>,
) -> Result<MessageEntry, Refusal> {
    let id = spec.id.clone().unwrap_or_else(wire::new_message_id);
    let chat_id = wire::chat_id(&spec.from);
    let their_name = spec.from_name.as_deref().unwrap_or("Test Customer");
    let (from, from_name) = match spec.from_me {
        true => (phone, owner),
        false => (wire::number(&chat_id), their_name),
    };
    let now = || Timestamp::now().as_second();
    let mut item = json!({
        "id": id,
        "from_me": spec.from_me,
        "type": spec.kind,
        "chat_id": chat_id,
        "timestamp": spec.timestamp.unwrap_or_else(now),
        "source": "mobile",
        "chat_name": their_name,
        "from": from,
        "from_name": from_name,
    });
    set(&mut item, &spec.kind, content(spec)?);
    if let Some(context) = context {
        set(&mut item, "context", context);
    }
    let party = Party::whapi(&spec.token);
    let mut message = MessageEntry::of(&party, &id, &spec.kind, item.clone());
    message.to.clone_from(&spec.from);
    message.chat_id = chat_id;
    message.from_me = spec.from_me;
    message.wire = item;
    message.answer = SendAnswer::Inbound;
    Ok(message)
}

/// The object under the type's key.
fn content(spec: &InboundSpec) -> Result<Value, Refusal> {
    if let Some(content) = &spec.content {
        return Ok(content.clone());
    }
    let needs = |field: &str| Refusal::Invalid(format!("a {} needs `{field}`", spec.kind));
    match spec.kind.as_str() {
        "text" => {
            let text = spec.text.as_deref().ok_or_else(|| needs("text"))?;
            Ok(json!({"body": text}))
        }
        "reply" => {
            let button = spec.button.as_ref().ok_or_else(|| needs("button"))?;
            Ok(reply(&Choice {
                id: button.id.trim_start_matches("ButtonsV3:").into(),
                title: button.title.clone(),
                in_list: false,
            }))
        }
        "image" => Ok(media(spec, "jpeg", "image/jpeg")),
        "document" => {
            let mut content = media(spec, "pdf", "application/pdf");
            let name = spec.filename.as_deref().unwrap_or("document.pdf");
            set(&mut content, "file_name", name);
            set(&mut content, "filename", name);
            set(&mut content, "page_count", 1);
            Ok(content)
        }
        _ => Ok(json!({})),
    }
}

/// Without a link it is what a channel without automatic download posts.
fn media(spec: &InboundSpec, prefix: &str, usual_type: &str) -> Value {
    let mut content = json!({
        "id": format!("{prefix}-{}", Uuid::now_v7().simple()),
        "mime_type": spec.mime_type.as_deref().unwrap_or(usual_type),
        "file_size": 1_234,
        "sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    });
    for (key, value) in [("link", &spec.link), ("caption", &spec.caption)] {
        if let Some(value) = value {
            set(&mut content, key, value.clone());
        }
    }
    content
}

fn reply(choice: &Choice) -> Value {
    match choice.in_list {
        true => json!({
            "type": "list_reply",
            "list_reply": {"id": prefixed(choice), "title": choice.title},
        }),
        false => json!({
            "type": "buttons_reply",
            "buttons_reply": {"id": prefixed(choice), "title": choice.title},
        }),
    }
}

fn prefixed(choice: &Choice) -> String {
    let prefix = if choice.in_list {
        "ListV3"
    } else {
        "ButtonsV3"
    };
    format!("{prefix}:{}", choice.id)
}

/// The context of an answer to `message`: for messages with buttons as in WHAPI's
/// captures, for others in the schema's form.
fn quotation(message: &MessageEntry) -> Value {
    let author = match message.wire.get("from") {
        Some(from) => from.clone(),
        None => Value::Null,
    };
    let mut context = json!({"quoted_id": message.id, "quoted_author": author});
    if message.choices.is_empty() {
        let content = message.wire.get(&message.kind).cloned().unwrap_or_default();
        set(&mut context, "quoted_content", content);
        set(&mut context, "quoted_type", message.kind.clone());
        return context;
    }
    let mut content = json!({});
    for part in ["header", "body", "footer"] {
        if let Some(text) = message.body.pointer(&format!("/{part}/text")) {
            set(&mut content, part, text.clone());
        }
    }
    let button = |choice: &Choice| json!({"type": "quick_reply", "text": choice.title, "id": prefixed(choice)});
    let buttons: Vec<Value> = message.choices.iter().map(button).collect();
    set(&mut content, "buttons", buttons);
    set(&mut context, "quoted_content", content);
    set(&mut context, "quoted_type", "hsm");
    context
}
