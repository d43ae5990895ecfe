//! A company with few entries of a list, each made by the store, and many more that are copies of their
//! items under ids of their own: a hundred thousand transactions would say nothing more.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    contact::{Alias, Contact},
    ids::{MessageId, TenantId, UserId},
    message::Message,
    phone::PhoneNumber,
    ports::AuditEntry,
    principal::Role,
    service::accept::{Accept, Draft},
};
use jiff::{SignedDuration, Timestamp};
use store::Store;
use testkit::{
    builders::{Company, text_draft},
    database::{Database, Item},
    fakes::{FakeClock, FakeLanes},
};
use uuid::Uuid;

pub struct World<'d> {
    pub database: &'d Database,
    pub store: Store,
    pub acme: Company,
    pub tenant: TenantId,
}

pub fn at(second: u32) -> Timestamp {
    let begin: Timestamp = "2026-11-20T10:30:00Z".parse().unwrap();
    begin + SignedDuration::from_secs(i64::from(second))
}

pub fn number(n: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+973330{n:05}")).unwrap()
}

impl<'d> World<'d> {
    pub async fn of(database: &'d Database) -> Self {
        let acme = Company::named("acme");
        let store = database.store();
        store.put_tenant(&acme.tenant).await.unwrap();
        store.put_channel(&acme.channel).await.unwrap();
        Self {
            database,
            store,
            tenant: acme.tenant.id,
            acme,
        }
    }

    /// Accepts a message of a company whose plan has no end.
    pub async fn accept(&self, n: u32, to: &PhoneNumber) -> Message {
        let clock = FakeClock::at("2026-11-20T10:30:00Z");
        clock.advance(SignedDuration::from_secs(i64::from(n)));
        let lanes = FakeLanes::default();
        let accept = Accept {
            store: &self.store,
            lanes: &lanes,
            clock: &clock,
            adapters: providers::adapter,
        };
        let draft = Draft {
            context: Some(("order".into(), "A-1".into())),
            ..text_draft(to.as_str(), "Hello")
        };
        let manager = self.acme.user(Role::Manager);
        accept.run(&manager, draft, None).await.unwrap().message
    }

    /// Somebody with a name that everybody has.
    pub fn person(&self, n: u32) -> Contact {
        let alias = Alias::phone(&number(n));
        Contact::met_as(self.tenant, &alias, Some("Amal Heron".into()))
    }

    pub fn audit(&self, n: u32) -> AuditEntry {
        let id = MessageId::fresh();
        AuditEntry::new(&UserId::new("manager"), "messages", "accept", id, at(n))
    }

    /// Copies the items of these kinds (the beginning of what follows the tenant in their keys) until there
    /// are so many of each original's.
    pub async fn multiply(&self, kinds: &[&str], few: u32, many: u32) {
        let prefix = format!("T#{}", self.tenant.key());
        let items = self.database.items().await;
        let originals: Vec<Item> = items
            .into_iter()
            .filter(|item| {
                let key = item.get("pk").unwrap().as_s().unwrap();
                let below = key.strip_prefix(&prefix).unwrap_or_default();
                kinds.iter().any(|kind| below.starts_with(kind))
            })
            .collect();
        for _ in 1..many.div_ceil(few) {
            // Ids that belong together stay together in one copy.
            let mut ids = HashMap::new();
            let copies = originals.iter();
            let copies = copies.filter_map(|item| copy(item, &self.tenant.key(), &mut ids));
            self.database.import(copies.collect());
        }
    }
}

/// An item with an id of its own wherever its keys hold one; the tenant's and the channel's stay. None of
/// what has no id.
fn copy(item: &Item, tenant: &str, ids: &mut HashMap<String, String>) -> Option<Item> {
    let own = own_id(item, tenant)?;
    let mut copy = item.clone();
    let fresh = ids.entry(own.clone()).or_insert_with(|| {
        let id = || Uuid::now_v7().simple().to_string();
        // A hash is as long as two ids.
        if own.len() == 32 { id() } else { id() + &id() }
    });
    for name in ["pk", "sk", "ls", "os", "ds"] {
        if let Some(AttributeValue::S(text)) = copy.get_mut(name) {
            *text = text.replace(&own, fresh);
        }
    }
    Some(copy)
}

/// The id or hash that makes an item the one it is: the last in its keys that is no tenant's.
fn own_id(item: &Item, tenant: &str) -> Option<String> {
    let text = |name: &str| item.get(name).unwrap().as_s().unwrap().clone();
    let parts = format!("{}#{}", text("pk"), text("sk"));
    let hex = |part: &&str| part.bytes().all(|b| b.is_ascii_hexdigit());
    let ids = parts
        .split('#')
        .filter(|part| matches!(part.len(), 32 | 64));
    ids.filter(hex).rfind(|id| *id != tenant).map(str::to_owned)
}
