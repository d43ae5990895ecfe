//! Conversations: made and moved by the messages in them. A provider's times come in any order, so a
//! message moves its conversation only when it is the newest; the condition decides, and the next
//! weaker [`Place`] is tried when it does not hold.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    conversation::{Conversation, Prompt, Touch},
    failure::StoreFailure,
    ids::{ChannelId, ContactId, ConversationId, MessageId, TenantId},
    message::{Button, Message},
    ports::Reception,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys::TenantKeys,
    shape::{Id, When, id, number, text, time},
    table::{Read, TenantTable},
    write::Write,
};

#[derive(Debug, Serialize, Deserialize)]
struct ConversationItem {
    /// Channel.
    c: Id,
    /// Contact.
    k: Id,
    /// When it last moved.
    m: When,
    /// Preview.
    w: String,
    /// Unread.
    #[serde(default)]
    u: u32,
    /// When the contact last wrote.
    #[serde(default)]
    i: Option<When>,
    /// The last message with buttons.
    #[serde(default)]
    b: Option<PromptItem>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PromptItem {
    m: Id,
    b: Vec<ButtonItem>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ButtonItem {
    i: String,
    t: String,
}

/// Where a message stands among those its conversation knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// None is newer: the conversation moves.
    Newest,
    /// Something newer is there, but nothing newer that the contact wrote.
    NewestInbound,
    /// The contact wrote something newer.
    Older,
}

impl Place {
    /// What to try when the condition of this place does not hold.
    pub(crate) const fn weaker(self) -> Self {
        match self {
            Self::Newest => Self::NewestInbound,
            Self::NewestInbound | Self::Older => Self::Older,
        }
    }
}

/// What accepting an outbound message does to its conversation.
pub(crate) fn touch(message: &Message, touch: &Touch, place: Place) -> Write {
    let keys = TenantKeys::new(message.tenant);
    let mut change = Change::of(message.channel, message.contact);
    change.move_to(keys, touch.id, touch.at, &touch.preview, place);
    if let Some(prompt) = &touch.prompt {
        change.set("b = :b", ":b", prompt_value(prompt));
    }
    change.write(keys, touch.id, "")
}

/// What an inbound message does to its conversation.
pub(crate) fn receive(reception: &Reception, place: Place) -> Write {
    let message = &reception.message;
    let keys = TenantKeys::new(message.tenant);
    let mut change = Change::of(message.channel, message.contact);
    let preview = message.content.preview();
    change.move_to(keys, message.conversation, message.at, &preview, place);
    if !message.from_us && place != Place::Older {
        change.set("i = :i", ":i", time(message.at));
        if place == Place::NewestInbound {
            change.condition = Some("attribute_not_exists(i) OR i < :i");
        }
    }
    let add = if reception.unread {
        change.values.push((":one", number(1)));
        " ADD u :one"
    } else {
        ""
    };
    change.write(keys, message.conversation, add)
}

struct Change {
    sets: Vec<&'static str>,
    values: Vec<(&'static str, AttributeValue)>,
    condition: Option<&'static str>,
}

impl Change {
    fn of(channel: ChannelId, contact: ContactId) -> Self {
        Self {
            sets: vec!["c = if_not_exists(c, :c)", "k = if_not_exists(k, :k)"],
            values: vec![(":c", id(channel.uuid())), (":k", id(contact.uuid()))],
            condition: None,
        }
    }

    fn set(&mut self, set: &'static str, name: &'static str, value: AttributeValue) {
        self.sets.push(set);
        self.values.push((name, value));
    }

    fn move_to(
        &mut self,
        keys: TenantKeys,
        conversation: ConversationId,
        at: Timestamp,
        preview: &str,
        place: Place,
    ) {
        if place != Place::Newest {
            return;
        }
        let listed = keys.conversations(at, conversation);
        self.set("m = :m", ":m", time(at));
        self.set("w = :w", ":w", text(preview));
        self.set("lp = :lp", ":lp", text(&listed.partition));
        self.set("ls = :ls", ":ls", text(&listed.sort));
        self.condition = Some("attribute_not_exists(m) OR m <= :m");
    }

    fn write(self, keys: TenantKeys, conversation: ConversationId, add: &str) -> Write {
        let expression = format!("SET {}{add}", self.sets.join(", "));
        let mut write = Write::update(keys.conversation(conversation), expression);
        for (name, value) in self.values {
            write = write.value(name, value);
        }
        match self.condition {
            Some(condition) => write.when(condition),
            None => write,
        }
    }
}

fn prompt_value(prompt: &Prompt) -> AttributeValue {
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

impl ConversationItem {
    fn conversation(self, tenant: TenantId, id: ConversationId) -> Conversation {
        Conversation {
            id,
            tenant,
            channel: ChannelId::from_uuid(self.c.0),
            contact: ContactId::from_uuid(self.k.0),
            last_message_at: self.m.0,
            preview: self.w,
            unread: self.u,
            last_inbound_at: self.i.map(|When(at)| at),
            prompt: self.b.map(|prompt| Prompt {
                message: MessageId::from_uuid(prompt.m.0),
                buttons: prompt
                    .b
                    .into_iter()
                    .map(|button| Button {
                        id: button.i,
                        title: button.t,
                    })
                    .collect(),
            }),
        }
    }
}

impl TenantTable<'_> {
    pub(crate) async fn conversation(
        &self,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreFailure> {
        // Strong: a button press may be matched against the prompt a moment after it was sent.
        let item: Option<ConversationItem> = self
            .get(
                "conversation.read",
                &self.keys().conversation(id),
                Read::Strong,
            )
            .await?;
        Ok(item.map(|item| item.conversation(self.id(), id)))
    }
}
