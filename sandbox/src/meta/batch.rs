//! Many items in one webhook, one of them poisoned if wanted, up to Meta's 3 MB.

use serde::Deserialize;
use serde_json::Value;

use super::{
    inbound::{self, MetaInbound},
    statuses, wire,
};
use crate::{
    deliver::Hook,
    orders::{Caused, StatusSpec},
    provider::Party,
    state::{Handle, Memory, Refusal},
};

/// One item of a batch.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchItem {
    /// Somebody writes; to the batch's number when none is named.
    Message(Box<MetaInbound>),
    /// A status of a message.
    Status {
        /// The message.
        message_id: String,
        /// The status; `repeat` is ignored.
        #[serde(flatten)]
        status: Box<StatusSpec>,
    },
    /// A change with any field and value.
    Change {
        /// The field.
        field: String,
        /// Its value.
        value: Value,
    },
    /// Anything at all among the `messages`.
    Poison(Value),
}

/// Anything at all, put among the generated texts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poison {
    /// Its place, from 0.
    pub at: usize,
    /// What it is.
    pub item: Value,
}

/// How the items are spread.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// One change with all messages, one with all statuses.
    #[default]
    Items,
    /// A change for each item.
    Changes,
    /// An entry for each item.
    Entries,
}

/// Many items in one webhook.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BatchSpec {
    /// The number.
    pub phone_number_id: String,
    /// So many texts of different people, before the items.
    pub texts: usize,
    /// The words of each text, repeated up to `text_length`.
    pub text: String,
    /// The length of each text in characters; as it is when absent.
    pub text_length: Option<usize>,
    /// What is put among the texts.
    pub poison: Option<Poison>,
    /// Further items.
    pub items: Vec<BatchItem>,
    /// How the items are spread.
    pub spread: Spread,
}

impl Handle {
    /// Posts many items in one webhook.
    ///
    /// # Errors
    /// When the number or a message does not exist, or an item lacks what it needs.
    pub fn meta_batch(&self, spec: &BatchSpec) -> Result<Caused, Refusal> {
        let mut memory = self.memory();
        let parts = parts(&mut memory, spec)?;
        let number = memory.business.numbers.get(&spec.phone_number_id);
        let number = number.ok_or_else(Refusal::channel)?;
        let value = |parts: &[(&str, Value)]| wire::change("messages", wire::value(number, parts));
        let changes: Vec<Value> = match spec.spread {
            Spread::Items => together(parts)
                .into_iter()
                .map(|part| match part {
                    Part::Change(change) => change,
                    Part::Item(key, contacts, items) if contacts.is_empty() => {
                        value(&[(key, items.into())])
                    }
                    Part::Item(key, contacts, items) => {
                        value(&[("contacts", contacts.into()), (key, items.into())])
                    }
                })
                .collect(),
            Spread::Changes | Spread::Entries => parts
                .into_iter()
                .map(|part| match part {
                    Part::Change(change) => change,
                    Part::Item(key, contacts, items) => {
                        value(&[("contacts", contacts.into()), (key, items.into())])
                    }
                })
                .collect(),
        };
        let entries = match spec.spread {
            Spread::Items | Spread::Changes => vec![wire::entry(&number.waba_id, changes)],
            Spread::Entries => changes
                .into_iter()
                .map(|change| wire::entry(&number.waba_id, vec![change]))
                .collect(),
        };
        let hook = Hook::escaped("batch", None, &wire::body(entries));
        drop(memory);
        let posted = self.post(&Party::meta(&spec.phone_number_id), &hook);
        Ok(Caused::by(None, &posted))
    }
}

/// One change, or items of one key with the contacts that belong to them.
enum Part {
    Item(&'static str, Vec<Value>, Vec<Value>),
    Change(Value),
}

fn parts(memory: &mut Memory, spec: &BatchSpec) -> Result<Vec<Part>, Refusal> {
    let mut items: Vec<BatchItem> = (0..spec.texts).map(|index| text(spec, index)).collect();
    if let Some(poison) = &spec.poison {
        let at = poison.at.min(items.len());
        items.insert(at, BatchItem::Poison(poison.item.clone()));
    }
    items.extend(spec.items.iter().cloned());
    let mut parts = Vec::new();
    for item in items {
        parts.push(match item {
            BatchItem::Message(mut message) => {
                if message.phone_number_id.is_empty() {
                    message.phone_number_id.clone_from(&spec.phone_number_id);
                }
                let received = inbound::record(memory, &message)?;
                let contacts = received.contact.into_iter().collect();
                Part::Item("messages", contacts, vec![received.item])
            }
            BatchItem::Status { message_id, status } => {
                let item = statuses::record(memory, &message_id, &status)?;
                Part::Item("statuses", Vec::new(), vec![item])
            }
            BatchItem::Change { field, value } => Part::Change(wire::change(&field, value)),
            BatchItem::Poison(item) => Part::Item("messages", Vec::new(), vec![item]),
        });
    }
    Ok(parts)
}

/// The index-th generated text, from a number of its own.
fn text(spec: &BatchSpec, index: usize) -> BatchItem {
    let words = match spec.text.as_str() {
        "" => "hello",
        words => words,
    };
    let words = match spec.text_length {
        None => words.to_owned(),
        Some(length) => words.chars().cycle().take(length).collect(),
    };
    let from = format!("973{:08}", 33_100_000 + index);
    let number = &spec.phone_number_id;
    BatchItem::Message(Box::new(MetaInbound::text(number, &from, &words)))
}

/// All messages in one part, all statuses in another, the changes as they are.
fn together(parts: Vec<Part>) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::new();
    for part in parts {
        let Part::Item(key, contacts, items) = part else {
            joined.push(part);
            continue;
        };
        let same = joined.iter_mut().find_map(|other| match other {
            Part::Item(other, contacts, items) if *other == key => Some((contacts, items)),
            Part::Item(..) | Part::Change(_) => None,
        });
        match same {
            Some((all, list)) => {
                all.extend(contacts);
                list.extend(items);
            }
            None => joined.push(Part::Item(key, contacts, items)),
        }
    }
    joined
}
