//! Messages that come in: presses of our buttons, and what people write.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    orders::{Caused, InboundSpec, PressAs, PressSpec},
    wire,
};
use crate::{
    deliver::Hook,
    journal::mask,
    messages::{Choice, MessageEntry, SendAnswer},
    state::{Handle, Refusal},
};

impl Handle {
    /// Presses a button or list row of an accepted message.
    ///
    /// # Errors
    /// When the message or the button does not exist.
    pub fn press(&self, id: &str, spec: &PressSpec) -> Result<Caused, Refusal> {
        let message = self
            .memory()
            .messages
            .get(id)
            .cloned()
            .ok_or_else(Refusal::message)?;
        let choice = message
            .choices
            .get(spec.button)
            .ok_or_else(|| Refusal::Unknown(format!("button {} of message", spec.button)))?;
        let mut inbound = InboundSpec::text(
            &message.full_token,
            wire::number(&message.chat_id),
            &choice.title,
        );
        inbound.from_name.clone_from(&spec.from_name);
        if spec.arrives_as == PressAs::Title {
            return self.receive(&inbound, None, Some(id));
        }
        inbound.kind = "reply".into();
        inbound.content = Some(reply(choice));
        let context = (!spec.without_context).then(|| quotation(&message));
        self.receive(&inbound, context, Some(id))
    }

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
    pub(super) fn receive(
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
        let posted = self.post(
            &spec.token,
            &Hook::new("messages", about.or(Some(&id)), &body),
        );
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
    wire::set(&mut item, &spec.kind, content(spec)?);
    if let Some(context) = context {
        wire::set(&mut item, "context", context);
    }
    Ok(MessageEntry {
        id,
        token: mask(&spec.token),
        full_token: spec.token.clone(),
        to: spec.from.clone(),
        chat_id,
        kind: spec.kind.clone(),
        from_me: spec.from_me,
        body: item.clone(),
        wire: item,
        choices: Vec::new(),
        state: "pending".into(),
        statuses: Vec::new(),
        at: Timestamp::now(),
        answer: SendAnswer::Inbound,
    })
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
            wire::set(&mut content, "file_name", name);
            wire::set(&mut content, "filename", name);
            wire::set(&mut content, "page_count", 1);
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
            wire::set(&mut content, key, value.clone());
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
        wire::set(&mut context, "quoted_content", content);
        wire::set(&mut context, "quoted_type", message.kind.clone());
        return context;
    }
    let mut content = json!({});
    for part in ["header", "body", "footer"] {
        if let Some(text) = message.body.pointer(&format!("/{part}/text")) {
            wire::set(&mut content, part, text.clone());
        }
    }
    let button = |choice: &Choice| json!({"type": "quick_reply", "text": choice.title, "id": prefixed(choice)});
    let buttons: Vec<Value> = message.choices.iter().map(button).collect();
    wire::set(&mut content, "buttons", buttons);
    wire::set(&mut context, "quoted_content", content);
    wire::set(&mut context, "quoted_type", "hsm");
    context
}
