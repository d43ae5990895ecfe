//! The small world at Meta: numbers of two companies, webhooks signed as Meta signs them.

mod borders;
mod fitting;
mod identities;
mod proofs;
mod records;
mod storms;
mod templates;
mod tokens;
mod windows;
mod wishes;

use domain::{
    channel::{Channel, ChannelKey},
    contact::{Alias, Contact},
    failure::AppFailure,
    ids::{ContactId, ConversationId, TenantId},
    phone::PhoneNumber,
    provider::{ProviderKind, RawWebhook, WireRequest, WireResponse},
    service::{
        accept::{Draft, DraftContent},
        ingest::Ingested,
    },
    webhook::JournalEntry,
};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;
use testkit::{
    builders::{APP_SECRET, PLATFORM_SECRET, platform_app, text_draft},
    fakes::FakeGate,
};

use crate::world::{World, answer};

/// Somebody who writes, by number and by Meta's name.
pub const MONA: &str = "97333000021";
pub const MONA_USER: &str = "BH.7HeronReed0001";
/// Somebody else.
pub const NASR: &str = "97333000022";

/// The moment the world begins at.
pub const NOON: i64 = 1_795_170_600;

/// Three numbers at Meta: Acme's own app, and one of each company on the platform's.
pub struct Cloud {
    pub world: World,
    pub own: Channel,
    pub shared: Channel,
    pub theirs: Channel,
}

/// What Meta calls the n-th message it takes.
pub fn wamid(n: usize) -> String {
    format!("wamid.HERON{n:04}")
}

pub fn taken(n: usize) -> WireResponse {
    answer(
        200,
        &json!({"messaging_product": "whatsapp", "messages": [{"id": wamid(n)}]}),
    )
}

fn meta(request: &WireRequest, count: usize) -> WireResponse {
    if request.path.ends_with("/messages") {
        return taken(count);
    }
    answer(200, &json!({"url": "https://files.heron.example/1"}))
}

impl Cloud {
    pub fn new() -> Self {
        let mut world = World::new();
        world.gate = FakeGate::answering(|request, count| Ok(meta(request, count)));
        let own = world.acme.meta_channel();
        let shared = world.acme.shared_meta_channel();
        let theirs = world.other.shared_meta_channel();
        {
            let mut state = world.store.state();
            state.platform_app = platform_app();
            for channel in [&own, &shared, &theirs] {
                let key = (channel.tenant, channel.id);
                state.channels.insert(key, channel.clone());
            }
            let acme = state.tenants.get_mut(&own.tenant).unwrap();
            acme.settings.default_channel = Some(own.id);
        }
        Self {
            world,
            own,
            shared,
            theirs,
        }
    }

    /// Posts a body to a URL, signed with a secret.
    pub async fn post(
        &self,
        key: Option<&ChannelKey>,
        secret: &str,
        body: &Value,
    ) -> Result<Ingested, AppFailure> {
        let body = body.to_string().into_bytes();
        let headers = vec![("x-hub-signature-256".to_owned(), signature(secret, &body))];
        self.post_raw(key, headers, body).await
    }

    pub async fn post_raw(
        &self,
        key: Option<&ChannelKey>,
        headers: Vec<(String, Vec<u8>)>,
        body: Vec<u8>,
    ) -> Result<Ingested, AppFailure> {
        let raw = RawWebhook {
            key: key.cloned(),
            headers,
            body,
        };
        self.world
            .ingest()
            .run(&self.world.vault, ProviderKind::Meta, key, &raw)
            .await
    }

    /// Meta speaks to Acme's own app; what became of the items.
    pub async fn own(&self, changes: &[Value]) -> Vec<String> {
        let key = self.own.key.clone();
        let came = self.post(Some(&key), APP_SECRET, &body(changes)).await;
        came.unwrap().verdicts
    }

    /// Meta speaks to the platform's app.
    pub async fn platform(&self, changes: &[Value]) -> Ingested {
        self.post(None, PLATFORM_SECRET, &body(changes))
            .await
            .unwrap()
    }

    pub fn journal(&self, tenant: TenantId) -> Vec<JournalEntry> {
        let state = self.world.store.state();
        let own = state.journal.values().filter(|e| e.key.tenant == tenant);
        let mut own: Vec<_> = own.cloned().collect();
        own.sort_by_key(|entry| (entry.key.arrived_at, entry.key.id));
        own
    }

    /// A contact of Acme's by any of its names.
    pub fn person(&self, alias: &Alias) -> Option<Contact> {
        let tenant = self.own.tenant;
        let slot = ContactId::of_alias(tenant, alias.as_str());
        let state = self.world.store.state();
        let id = state.slots.get(&(tenant, slot)).copied().unwrap_or(slot);
        state.contacts.get(&(tenant, id)).cloned()
    }

    pub fn mona(&self) -> Contact {
        self.person(&phone(MONA)).unwrap()
    }

    /// Mona's thread on Acme's own number.
    pub fn thread(&self) -> ConversationId {
        ConversationId::of(self.own.id, self.mona().id)
    }
}

pub fn signature(secret: &str, body: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes())).into_bytes()
}

pub fn phone(digits: &str) -> Alias {
    Alias::phone(&PhoneNumber::parse(digits).unwrap())
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(NOON + second).unwrap()
}

pub fn body(changes: &[Value]) -> Value {
    json!({"object": "whatsapp_business_account", "entry": changes})
}

/// One change at the account of a number.
pub fn change(channel: &Channel, field: &str, value: &Value) -> Value {
    json!({"id": channel.account, "changes": [{"field": field, "value": value}]})
}

fn at_number(channel: &Channel, field: &str, list: &str, items: &[Value]) -> Value {
    let metadata = json!({"phone_number_id": channel.provider_ref});
    change(
        channel,
        field,
        &json!({"messaging_product": "whatsapp", "metadata": metadata, list: items}),
    )
}

pub fn messages(channel: &Channel, items: &[Value]) -> Value {
    at_number(channel, "messages", "messages", items)
}

pub fn statuses(channel: &Channel, items: &[Value]) -> Value {
    at_number(channel, "messages", "statuses", items)
}

pub fn echoes(channel: &Channel, items: &[Value]) -> Value {
    at_number(channel, "smb_message_echoes", "message_echoes", items)
}

pub fn preferences(channel: &Channel, items: &[Value]) -> Value {
    at_number(channel, "user_preferences", "user_preferences", items)
}

pub fn text(id: &str, from: &str, second: i64, words: &str) -> Value {
    json!({"from": from, "id": id, "timestamp": (NOON + second).to_string(), "type": "text",
        "text": {"body": words}})
}

/// The same item with more in it.
pub fn with(mut item: Value, name: &str, value: impl Into<Value>) -> Value {
    item[name] = value.into();
    item
}

pub fn status(id: &str, word: &str, second: i64) -> Value {
    json!({"id": id, "status": word, "timestamp": (NOON + second).to_string(), "recipient_id": MONA})
}

pub fn stamped(id: &str, word: &str, second: i64, token: &str) -> Value {
    with(status(id, word, second), "biz_opaque_callback_data", token)
}

pub fn hello() -> Draft {
    text_draft(&format!("+{MONA}"), "Hello")
}

/// A template, which needs no window.
pub fn notice() -> Draft {
    Draft {
        content: DraftContent::Template(domain::message::TemplateUse {
            name: "order_ready".into(),
            language: "en_US".into(),
            header: None,
            body: Default::default(),
            buttons: Vec::new(),
        }),
        ..hello()
    }
}
