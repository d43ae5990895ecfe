//! Messages that come in, in 360Messenger's own spelling.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{status::Way, wire};
use crate::{
    messages::{MessageEntry, SendAnswer},
    orders::{Caused, change, set},
    provider::Party,
    state::{Handle, Refusal},
};

/// A message somebody writes to an account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct M360Inbound {
    /// The account's key.
    pub key: String,
    /// The other party's number.
    pub from: String,
    /// `chat`, `file`, `location`, `ptt`, or anything else.
    #[serde(rename = "type")]
    pub kind: String,
    /// The words of a `chat`, the caption of a `file`, `latitude,longitude` of a `location`.
    pub text: Option<String>,
    /// The media type of a `file`.
    pub mime_type: Option<String>,
    /// The name of a `file`.
    pub filename: Option<String>,
    /// The bytes of a `file` in base64; often absent.
    pub base64: Option<String>,
    /// The address of a `file`; only `receivedMessages` shows it.
    pub link: Option<String>,
    /// Not empty for a group.
    pub group_id: String,
    /// The message id, to repeat an earlier one.
    pub id: Option<String>,
    /// `Hash`; the account's key when absent, as a sister product has it.
    pub hash: Option<String>,
    /// Written by the account's owner on the phone, to `from`.
    pub from_me: bool,
    /// As a form or as JSON; as the account has it when absent.
    pub form: Option<bool>,
    /// Another address than the registered one.
    pub url: Option<String>,
    /// How often it is posted; once when absent.
    pub repeat: Option<u32>,
    /// Keys to set in the body; `null` removes one.
    pub change: Map<String, Value>,
}

impl M360Inbound {
    /// A text.
    #[must_use]
    pub fn chat(key: &str, from: &str, text: &str) -> Self {
        Self {
            key: key.into(),
            from: from.into(),
            kind: "chat".into(),
            text: Some(text.into()),
            ..Self::default()
        }
    }
}

/// The recipient of `message` writes this.
pub(crate) fn answer(
    handle: &Handle,
    message: &MessageEntry,
    words: &str,
) -> Result<Caused, Refusal> {
    let inbound = M360Inbound::chat(&message.key, &message.to, words);
    handle.deliver_m360(&inbound, Some(&message.id))
}

impl Handle {
    /// Lets somebody write to an account of 360Messenger's.
    ///
    /// # Errors
    /// When the account does not exist.
    pub fn m360_inbound(&self, spec: &M360Inbound) -> Result<Caused, Refusal> {
        self.deliver_m360(spec, None)
    }

    /// Keeps an inbound message and posts it, after the webhooks of `about`.
    fn deliver_m360(&self, spec: &M360Inbound, about: Option<&str>) -> Result<Caused, Refusal> {
        let mut memory = self.memory();
        let account = memory.accounts.get(&spec.key);
        let phone = account.ok_or_else(Refusal::channel)?.spec.phone.clone();
        let id = spec.id.clone();
        let id = id.unwrap_or_else(|| (Uuid::now_v7().as_u128() % 10_000_000_000).to_string());
        let body = body(spec, &id, &phone);
        let mut kept = body.clone();
        if let Some(link) = &spec.link {
            set(&mut kept, "url", link.clone());
        }
        let party = Party::m360(&spec.key);
        let mut message = MessageEntry::of(&party, &id, &spec.kind, body.clone());
        message.to.clone_from(&spec.from);
        message.chat_id.clone_from(&spec.from);
        message.from_me = spec.from_me;
        message.wire = kept;
        message.answer = SendAnswer::Inbound;
        memory.messages.put(message);
        drop(memory);
        let way = Way {
            event: "messages",
            message_id: about.unwrap_or(&id),
            form: spec.form,
            url: spec.url.clone(),
            repeat: spec.repeat,
        };
        let posted = self.post_m360(&spec.key, &body, way)?;
        Ok(Caused::by(Some(&id), &posted))
    }
}

fn body(spec: &M360Inbound, id: &str, phone: &str) -> Value {
    let text = spec.text.as_deref().unwrap_or_default();
    let is_file = !matches!(spec.kind.as_str(), "chat" | "location");
    let (words, caption) = if is_file { ("", text) } else { (text, "") };
    let (from, to) = match spec.from_me {
        true => (phone, spec.from.as_str()),
        false => (spec.from.as_str(), phone),
    };
    let file = |given: &Option<String>, usual: &str| match (given, is_file) {
        (Some(given), _) => given.clone(),
        (None, true) => usual.to_owned(),
        (None, false) => String::new(),
    };
    let mut body = json!({
        "ID": id,
        "Type": spec.kind,
        "From": from,
        "To": to,
        "Chat": words,
        "Caption": caption,
        "MediaType": if is_file { "document" } else { "" },
        "MediaMime": file(&spec.mime_type, "application/pdf"),
        "MediaName": file(&spec.filename, "document.pdf"),
        "MediaBase64": file(&spec.base64, ""),
        "createdAt": wire::time(Timestamp::now()),
        "dataType": "message",
        "Hash": spec.hash.as_deref().unwrap_or(&spec.key),
        "GroupId": spec.group_id,
    });
    change(&mut body, &spec.change);
    body
}
