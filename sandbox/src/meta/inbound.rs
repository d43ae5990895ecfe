//! Messages that come in: presses of our buttons, and what people write.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    contents::{self, Content},
    specs::NumberSpec,
    wire,
};
use crate::{
    deliver::Hook,
    messages::{MessageEntry, SendAnswer},
    orders::{Caused, PressAs, PressSpec, change, set},
    provider::Party,
    state::{Handle, Memory, Refusal},
};

/// A message somebody writes to a number of Meta's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetaInbound {
    /// The number that receives it.
    pub phone_number_id: String,
    /// The other party's phone number, digits only; absent for somebody who hides it.
    pub from: Option<String>,
    /// The other party's business-scoped user id.
    pub user_id: Option<String>,
    /// The id of the same person for the whole business portfolio.
    pub parent_user_id: Option<String>,
    /// The other party's name.
    pub name: Option<String>,
    /// `text`, `image`, `interactive`, `button`, ..., or a type nobody knows.
    #[serde(rename = "type")]
    pub kind: String,
    /// The words of a `text`, or of an `edit`; the title of a `button` or `interactive`;
    /// the caption of a medium; the emoji of a `reaction`.
    pub text: Option<String>,
    /// The payload of a `button`, the id of an `interactive` reply, the new number of a
    /// `system` notice, the medium's id: register it to have it downloaded.
    pub payload: Option<String>,
    /// The message that a `reaction`, `edit` or `revoke` is about.
    pub about: Option<String>,
    /// The message it answers; goes into `context`.
    pub context_id: Option<String>,
    /// The object under the type's key, instead of the usual one.
    pub content: Option<Value>,
    /// The message id, to repeat an earlier one.
    pub id: Option<String>,
    /// Unix seconds; now when absent. The 24 h window begins here.
    pub timestamp: Option<i64>,
    /// Keys to set in the message as it goes out; `null` removes one.
    pub change: Map<String, Value>,
    /// How often it is sent; once when absent.
    pub repeat: Option<u32>,
}

impl MetaInbound {
    /// A message of this type from a phone number.
    #[must_use]
    pub fn new(phone_number_id: &str, from: &str, kind: &str) -> Self {
        Self {
            phone_number_id: phone_number_id.into(),
            from: Some(from.into()),
            kind: kind.into(),
            ..Self::default()
        }
    }

    /// A text.
    #[must_use]
    pub fn text(phone_number_id: &str, from: &str, text: &str) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::new(phone_number_id, from, "text")
        }
    }
}

/// The press of a button or list row of ours; of a template's quick reply, a `button`.
pub(crate) fn press(
    handle: &Handle,
    message: &MessageEntry,
    spec: &PressSpec,
) -> Result<Caused, Refusal> {
    let choice = message.choice(spec)?;
    let mut inbound = from_recipient(message, &choice.title);
    inbound.name.clone_from(&spec.from_name);
    if spec.arrives_as == PressAs::Title {
        return handle.deliver_meta(&inbound, Some(&message.id));
    }
    inbound.context_id = (!spec.without_context).then(|| message.id.clone());
    if message.kind == "template" {
        inbound.kind = "button".into();
        inbound.payload = Some(choice.id.clone());
    } else {
        inbound.kind = "interactive".into();
        inbound.content = Some(contents::reply(choice));
    }
    handle.deliver_meta(&inbound, Some(&message.id))
}

/// The recipient of `message` writes this.
pub(crate) fn answer(
    handle: &Handle,
    message: &MessageEntry,
    words: &str,
) -> Result<Caused, Refusal> {
    handle.deliver_meta(&from_recipient(message, words), Some(&message.id))
}

fn from_recipient(message: &MessageEntry, words: &str) -> MetaInbound {
    let mut inbound = MetaInbound::text(&message.key, &message.chat_id, words);
    if message.chat_id.contains('.') {
        inbound.user_id = inbound.from.take();
    }
    inbound
}

impl Handle {
    /// Lets somebody write to a number of Meta's.
    ///
    /// # Errors
    /// When the number does not exist or the message lacks what its type needs.
    pub fn meta_inbound(&self, spec: &MetaInbound) -> Result<Caused, Refusal> {
        self.deliver_meta(spec, spec.context_id.as_deref())
    }

    /// Keeps an inbound message and posts it, after the webhooks of `about`.
    fn deliver_meta(&self, spec: &MetaInbound, about: Option<&str>) -> Result<Caused, Refusal> {
        let mut memory = self.memory();
        let Received { id, contact, item } = record(&mut memory, spec)?;
        let number = memory.business.numbers.get(&spec.phone_number_id);
        let number = number.ok_or_else(Refusal::channel)?;
        let mut parts = vec![("messages", json!([item]))];
        parts.extend(contact.map(|contact| ("contacts", json!([contact]))));
        let change = wire::change("messages", wire::value(number, &parts));
        let body = wire::envelope(&number.waba_id, vec![change]);
        drop(memory);
        let hook = Hook::escaped("messages", about.or(Some(&id)), &body);
        let party = Party::meta(&spec.phone_number_id);
        let posted: Vec<_> = (0..spec.repeat.unwrap_or(1))
            .flat_map(|_| self.post(&party, &hook))
            .collect();
        Ok(Caused::by(Some(&id), &posted))
    }
}

/// An inbound message that was kept.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) id: String,
    /// None for a `system` notice.
    pub(super) contact: Option<Value>,
    pub(super) item: Value,
}

/// Keeps an inbound message, opens the window, and returns what a webhook carries.
pub(super) fn record(memory: &mut Memory, spec: &MetaInbound) -> Result<Received, Refusal> {
    let business = &memory.business;
    let number = business.numbers.get(&spec.phone_number_id);
    let number = number.ok_or_else(Refusal::channel)?;
    let (from, user_id) = (spec.from.as_deref(), spec.user_id.as_deref());
    let person = from.or(user_id);
    let person = person.ok_or_else(|| Refusal::Invalid("needs `from` or `user_id`".into()))?;
    let at = match spec.timestamp {
        None => Timestamp::now(),
        Some(seconds) => Timestamp::from_second(seconds).unwrap_or_default(),
    };
    let id = spec.id.clone();
    let id = id.unwrap_or_else(|| wire::new_message_id(person));
    let medium = spec.payload.as_ref();
    let medium = medium.and_then(|payload| business.media.get(payload));
    let content = contents::of(spec, medium)?;
    let item = item(number, spec, content, (&id, at));
    let name = spec.name.as_deref().unwrap_or("Test Customer");
    let parent = spec.parent_user_id.as_deref();
    let contact = wire::contact(Some(name), from, user_id, parent);

    let party = Party::meta(&spec.phone_number_id);
    let mut message = MessageEntry::of(&party, &id, &spec.kind, item.clone());
    message.to = person.into();
    message.chat_id = person.into();
    message.from_me = false;
    message.at = at;
    message.answer = SendAnswer::Inbound;
    memory.messages.put(message);
    let business = &mut memory.business;
    let people: Vec<&str> = [from, user_id].into_iter().flatten().collect();
    business.hear(&spec.phone_number_id, &people, at);
    if let (Some(from), Some(user_id)) = (from, user_id) {
        business.people.insert(from.into(), user_id.into());
    }
    Ok(Received {
        id,
        contact: (spec.kind != "system").then_some(contact),
        item,
    })
}

fn item(
    number: &NumberSpec,
    spec: &MetaInbound,
    content: Content,
    (id, at): (&str, Timestamp),
) -> Value {
    let seconds = spec.timestamp.unwrap_or_else(|| at.as_second());
    let mut item = json!({"id": id, "timestamp": seconds.to_string(), "type": spec.kind});
    for (key, person) in [
        ("from", &spec.from),
        ("from_user_id", &spec.user_id),
        ("from_parent_user_id", &spec.parent_user_id),
    ] {
        if let Some(person) = person {
            set(&mut item, key, person.clone());
        }
    }
    match content {
        Content::Object(content) => set(&mut item, &spec.kind, content),
        Content::Errors(errors) => set(&mut item, "errors", errors),
    }
    if let Some(context_id) = &spec.context_id {
        let context = json!({"from": wire::digits(number), "id": context_id});
        set(&mut item, "context", context);
    }
    change(&mut item, &spec.change);
    item
}
