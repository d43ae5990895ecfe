//! How messages make and move their conversations. A provider's times come in any order, so a message
//! moves its conversation only when it is the newest; the condition decides, and the next weaker
//! [`Place`] is tried when it does not hold. A conversation that was joined to another is left as it is:
//! what would have moved it, its unread count included, moves the one it was joined to.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    conversation::{Prompt, Touch},
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, ContactId, ConversationId},
    message::Message,
    ports::Reception,
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    keys::{TenantKeys, conversation_sort},
    shape::{Id, Item, id, number, read, text, time},
    update::Update,
    write::Write,
};

/// How often a joined conversation leads on to another.
const HOPS: u8 = 4;

/// Where a message stands among those its conversation knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// None is newer: the conversation moves.
    Newest,
    /// Something newer is there, but nothing newer that the contact wrote.
    NewestInbound,
    /// The contact wrote something newer.
    Older,
}

/// Which conversation a message moves, and what is thought of its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Aim {
    id: ConversationId,
    place: Place,
    hops: u8,
}

#[derive(Deserialize)]
struct Joined {
    #[serde(default)]
    j: Option<Id>,
}

impl Aim {
    /// At its own conversation, as the newest there.
    pub(crate) const fn at(id: ConversationId) -> Self {
        Self {
            id,
            place: Place::Newest,
            hops: 0,
        }
    }

    /// What to try when the condition did not hold for the conversation as it stands.
    pub(crate) fn again(
        self,
        operation: &'static str,
        stands: Option<Item>,
    ) -> Result<Self, StoreFailure> {
        let conflict = || StoreFailure::new(operation, StoreFailureKind::Conflict);
        let Joined { j } = read(operation, stands.ok_or_else(conflict)?)?;
        if let Some(Id(uuid)) = j {
            if self.hops >= HOPS {
                return Err(StoreFailure::new(operation, StoreFailureKind::Corrupt)
                    .because("joined conversations lead round and round"));
            }
            return Ok(Self {
                hops: self.hops + 1,
                ..Self::at(ConversationId::from_uuid(uuid))
            });
        }
        let place = match self.place {
            Place::Newest => Place::NewestInbound,
            Place::NewestInbound => Place::Older,
            Place::Older => return Err(conflict()),
        };
        Ok(Self { place, ..self })
    }
}

/// What accepting an outbound message does to its conversation. One that is put away stays so, and
/// moves among those put away.
pub(crate) fn touch(message: &Message, touch: &Touch, aim: Aim) -> Write {
    let keys = TenantKeys::new(message.tenant);
    let mut update = standing(keys, message.channel, message.contact, aim);
    if let Some(prompt) = &touch.prompt {
        update.set("b", prompt_value(prompt));
    }
    if aim.place == Place::Newest {
        move_to(&mut update, aim, touch.at, &touch.preview);
        update.set_once("lp", active(keys, message.channel));
    }
    update.write()
}

/// What an inbound message does to its conversation. One that somebody should read brings a
/// conversation back that was put away.
pub(crate) fn receive(reception: &Reception, aim: Aim) -> Write {
    let message = &reception.message;
    let keys = TenantKeys::new(message.tenant);
    let mut update = standing(keys, message.channel, message.contact, aim);
    if aim.place == Place::Newest {
        move_to(&mut update, aim, message.at, &message.content.preview());
    }
    if !message.from_us && message.content.opens_window() && aim.place != Place::Older {
        update.set("i", time(message.at));
        if aim.place == Place::NewestInbound {
            update.when("attribute_not_exists(i) OR i < :i");
        }
    }
    if reception.unread {
        update.add("u", number(1));
        update.set("lp", active(keys, message.channel));
    } else if aim.place == Place::Newest {
        update.set_once("lp", active(keys, message.channel));
    }
    update.write()
}

/// An update of a conversation that was not joined to another; it is made if it is not there.
fn standing(keys: TenantKeys, channel: ChannelId, contact: ContactId, aim: Aim) -> Update {
    let mut update = Update::of(keys.conversation(aim.id));
    update.when("attribute_not_exists(j)");
    update.set_once("c", id(channel.uuid()));
    update.set_once("k", id(contact.uuid()));
    update
}

/// Moves it, unless something newer moved it already.
fn move_to(update: &mut Update, aim: Aim, at: Timestamp, preview: &str) {
    update.when("attribute_not_exists(m) OR m <= :m");
    update.set("m", time(at));
    update.set("w", text(preview));
    update.set("ls", text(&conversation_sort(at, aim.id)));
}

fn active(keys: TenantKeys, channel: ChannelId) -> AttributeValue {
    text(&keys.conversations_of(false, channel))
}

/// The last message with buttons, as it is stored.
pub(super) fn prompt_value(prompt: &Prompt) -> AttributeValue {
    use AttributeValue::{L, M};
    let buttons = prompt
        .buttons
        .iter()
        .map(|button| {
            M([
                ("i".to_owned(), text(&button.id)),
                ("t".to_owned(), text(&button.title)),
            ]
            .into())
        })
        .collect();
    M([
        ("m".to_owned(), id(prompt.message.uuid())),
        ("b".to_owned(), L(buttons)),
    ]
    .into())
}
