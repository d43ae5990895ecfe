//! The messages a provider knows, and how far each of them got.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::provider::{Party, Provider};

/// A message the provider knows: accepted from us, or written by somebody.
#[derive(Clone, Debug, Serialize)]
pub struct MessageEntry {
    /// The provider's message id.
    pub id: String,
    /// The provider that knows it.
    pub provider: Provider,
    /// The channel's token, masked; at Meta the number's id.
    pub token: String,
    /// The whole token, for filtering only.
    #[serde(skip)]
    pub(crate) key: String,
    /// The recipient as the request spelled it, or the chat of an inbound message.
    pub to: String,
    /// The provider's chat id.
    pub chat_id: String,
    /// `text`, `image`, `document`, `interactive`, `reply`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether the channel's owner sent it.
    pub from_me: bool,
    /// The request body, or the webhook item of an inbound message.
    pub body: Value,
    /// The message in the provider's own shape.
    #[serde(skip)]
    pub(crate) wire: Value,
    /// The buttons or list rows that can be pressed.
    pub choices: Vec<Choice>,
    /// The highest status reached.
    pub state: String,
    /// Every status in the provider's shape, in order of emission.
    pub statuses: Vec<Value>,
    /// How often its status was asked for.
    #[serde(skip)]
    pub(crate) lookups: u32,
    /// When it was accepted.
    pub at: Timestamp,
    /// What the sender was told.
    pub answer: SendAnswer,
}

/// What the sender of an accepted message was told.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SendAnswer {
    /// The usual answer with the message's id.
    Answered,
    /// 200 without an id.
    WithoutId,
    /// 200 with an unreadable body.
    Garbage,
    /// An error status.
    Error,
    /// Nothing, until the caller gave up.
    Withheld,
    /// Nothing: the connection was cut.
    Reset,
    /// Nobody asked: the message came in from outside.
    Inbound,
}

/// A button or list row.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Choice {
    /// The id the sender gave it.
    pub id: String,
    /// Its visible text.
    pub title: String,
    /// A list row rather than a button.
    pub in_list: bool,
}

/// Messages by id, in order of acceptance.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    ordered: BTreeMap<u64, MessageEntry>,
    numbers: HashMap<String, u64>,
    last: u64,
}

impl Messages {
    pub(crate) fn put(&mut self, message: MessageEntry) {
        let next = self.last + 1;
        let number = *self.numbers.entry(message.id.clone()).or_insert(next);
        self.last = self.last.max(number);
        self.ordered.insert(number, message);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&MessageEntry> {
        self.ordered.get(self.numbers.get(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut MessageEntry> {
        self.ordered.get_mut(self.numbers.get(id)?)
    }

    pub(crate) fn of<'a>(
        &'a self,
        token: Option<&'a str>,
    ) -> impl Iterator<Item = &'a MessageEntry> {
        let wanted = move |message: &&MessageEntry| token.is_none_or(|token| message.key == token);
        self.ordered.values().filter(wanted)
    }
}

impl MessageEntry {
    /// A message of the party's own that was just accepted.
    pub(crate) fn of(party: &Party, id: &str, kind: &str, body: Value) -> Self {
        Self {
            id: id.into(),
            provider: party.provider,
            token: party.shown(),
            key: party.key.clone(),
            to: String::new(),
            chat_id: String::new(),
            kind: kind.into(),
            from_me: true,
            body,
            wire: Value::Null,
            choices: Vec::new(),
            state: "pending".into(),
            statuses: Vec::new(),
            lookups: 0,
            at: Timestamp::now(),
            answer: SendAnswer::Answered,
        }
    }

    /// Whose message it is.
    pub(crate) fn party(&self) -> Party {
        Party::at(self.provider, &self.key)
    }

    /// Raises the state to `status` unless a later one was reached. Unknown words are
    /// recorded in `statuses` only.
    pub(crate) fn advance(&mut self, status: &str) {
        if status == "deleted" || Self::rank(status) > Self::rank(&self.state) {
            self.state = status.into();
        }
        if status == "failed" && matches!(self.state.as_str(), "pending" | "sent") {
            self.state = status.into();
        }
    }

    /// Whether `status` is still to come.
    pub(crate) fn is_ahead(&self, status: &str) -> bool {
        !self
            .statuses
            .iter()
            .any(|known| known.get("status").and_then(Value::as_str) == Some(status))
    }

    fn rank(status: &str) -> i8 {
        match status {
            "pending" => 0,
            "sent" => 1,
            "delivered" => 2,
            "read" => 3,
            "played" => 4,
            _ => -1,
        }
    }
}
