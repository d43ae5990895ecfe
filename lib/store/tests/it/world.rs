//! A company with one channel, and messages of it. All names and numbers are invented.

use domain::{
    contact::{Alias, Contact},
    conversation::{Prompt, Touch},
    ids::{ChannelId, ContactId, ConversationId, JobId, MessageId, TenantId, UserId},
    job::Job,
    message::{
        Button, Content, Facts, Interactive, Kind, Message, MessageType, Payload, Phase,
        RetryPolicy, Sending, Trigger,
    },
    phone::PhoneNumber,
    ports::{Acceptance, Acceptances, AuditEntry, Committed, Contacts, IdempotencyRecord, Saved},
    provider::WireRequest,
};
use jiff::{SignedDuration, Timestamp};
use store::Store;
use testkit::database::Database;

pub const NUMBER: &str = "+97300000001";

pub struct World {
    pub database: Database,
    pub store: Store,
    pub tenant: TenantId,
    pub channel: ChannelId,
}

/// Odd nanoseconds, so that a lost digit shows.
pub fn start() -> Timestamp {
    "2026-11-20T10:00:00.123456789Z".parse().unwrap()
}

pub fn later(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

pub fn audit(at: Timestamp) -> AuditEntry {
    let user = UserId::new("user-1");
    AuditEntry::new(&user, "messages", "accept", MessageId::fresh(), at)
}

impl World {
    pub async fn start() -> Self {
        let database = Database::start().await;
        Self {
            store: database.store(),
            database,
            tenant: TenantId::fresh(),
            channel: ChannelId::fresh(),
        }
    }

    pub fn contact(&self) -> Contact {
        let phone = PhoneNumber::parse(NUMBER).unwrap();
        Contact::met(self.tenant, &phone, Some("Ada Example".into()))
    }

    /// Another person, by the last digits of their number.
    pub fn person(&self, n: u32, name: &str) -> Contact {
        let phone = PhoneNumber::parse(&format!("+9733300{n:04}")).unwrap();
        Contact::met(self.tenant, &phone, Some(name.into()))
    }

    /// A stored person.
    pub async fn known(&self, n: u32, name: &str) -> Contact {
        let mut contact = self.person(n, name);
        let saved = self.store.save_contact(&mut contact, &[], None).await;
        assert_eq!(saved.unwrap(), Saved::Done);
        contact
    }

    /// The contact as it is once it is stored.
    pub fn met(&self) -> Contact {
        Contact {
            version: 1,
            ..self.contact()
        }
    }

    pub fn alias() -> Alias {
        Alias::phone(&PhoneNumber::parse(NUMBER).unwrap())
    }

    pub fn conversation(&self) -> ConversationId {
        let contact = ContactId::of_alias(self.tenant, Self::alias().as_str());
        ConversationId::of(self.channel, contact)
    }

    pub fn message(&self, at: Timestamp) -> Message {
        let job = JobId::fresh();
        let contact = self.contact();
        Message {
            id: MessageId::of_row(job, 0),
            tenant: self.tenant,
            job,
            row: 0,
            channel: self.channel,
            conversation: self.conversation(),
            contact: contact.id,
            to: contact.recipient().unwrap(),
            kind: Kind::Interactive,
            message_type: MessageType::Other,
            trigger: Trigger::Manual,
            created_at: at,
            updated_at: at,
            scheduled_for: None,
            context: None,
            usage_day: "2026-11-20".parse().unwrap(),
            sending: Sending {
                phase: Phase::Ready { at, counts: false },
                attempt: 0,
                retries: 0,
                policy: RetryPolicy {
                    max: 3,
                    interval_minutes: 30,
                    notify: true,
                },
                due: Some(at + SignedDuration::from_secs(60)),
                quiet: false,
                polls: None,
            },
            facts: Facts::default(),
            version: 0,
        }
    }

    /// An acceptance by a known contact, without an idempotency key.
    pub fn acceptance(&self, at: Timestamp) -> Acceptance {
        let message = self.message(at);
        let buttons = vec![Button {
            id: "btn1".into(),
            title: "Confirmed".into(),
        }];
        Acceptance {
            job: Job {
                id: message.job,
                tenant: self.tenant,
                channel: self.channel,
                size: 1,
                bulk: false,
                kind: message.kind,
                message_type: MessageType::Other,
                trigger: message.trigger,
                created_at: at,
                created_by: UserId::new("user-1"),
            },
            payload: Payload {
                content: Content::Interactive(Interactive {
                    header: Some("Delivery".into()),
                    body: "Your parcel arrives tomorrow. Does that suit you?".into(),
                    footer: None,
                    buttons: buttons.clone(),
                }),
                request: WireRequest::post(
                    "/messages/interactive",
                    serde_json::json!({"to": "97300000001", "type": "button"}),
                ),
            },
            new_contact: None,
            touch: Touch {
                id: message.conversation,
                at,
                preview: "Your parcel arrives tomorrow.".into(),
                prompt: Some(Prompt {
                    message: message.id,
                    buttons,
                }),
            },
            daily_limit: 1_000,
            idempotency: None,
            audit: audit(at),
            message,
        }
    }

    pub fn with_key(&self, key: &str, at: Timestamp) -> Acceptance {
        let mut acceptance = self.acceptance(at);
        acceptance.idempotency = Some(IdempotencyRecord {
            key: key.into(),
            request: "hash-of-the-body".into(),
            job: acceptance.job.id,
            message: acceptance.message.id,
            expires_at: at + SignedDuration::from_hours(48),
        });
        acceptance
    }

    /// A stored message at version 1.
    pub async fn accepted(&self) -> Message {
        let acceptance = self.acceptance(start());
        let done = self.store.commit(&acceptance).await.unwrap();
        assert_eq!(done, Committed::Done);
        Message {
            version: 1,
            ..acceptance.message
        }
    }

    pub async fn count(&self) -> usize {
        self.database.items().await.len()
    }
}
