//! Places in the indexes of one tenant, and the partitions that a list is read from.

use domain::{
    contact::{Contact, Recipient},
    ids::{ChannelId, ConversationId, EventId, InvoiceId, JobId, MessageId},
    message::Class,
};
use jiff::{Timestamp, civil::Date};

use super::{Place, TenantKeys, order, shard};

/// Shards of a tenant's job list.
pub(crate) const JOB_SHARDS: u8 = 4;
/// Shards of a tenant's contacts.
pub(crate) const CONTACT_SHARDS: u8 = 4;
/// Shards of a tenant's business events.
pub(crate) const EVENT_SHARDS: u8 = 4;
/// Shards of a tenant's open invoices.
pub(crate) const INVOICE_SHARDS: u8 = 2;
/// Shards of each class of a tenant's message log.
const LOG_SHARDS: u8 = 4;

/// Where a conversation stands in its list, whichever that is.
pub(crate) fn conversation_sort(moved: Timestamp, id: ConversationId) -> String {
    order::newest_first_with(moved, id.uuid())
}

impl TenantKeys {
    /// A message's place in its thread, newest first.
    pub(crate) fn thread(
        self,
        conversation: ConversationId,
        at: Timestamp,
        id: MessageId,
    ) -> Place {
        Place {
            partition: self.thread_of(conversation),
            sort: order::newest_first_with(at, id.uuid()),
        }
    }

    /// The messages of a thread.
    pub(crate) fn thread_of(self, conversation: ConversationId) -> String {
        format!("{}#V#{}#M", self.prefix(), conversation.key())
    }

    /// A conversation's place among those of its channel, newest first.
    pub(crate) fn conversations(
        self,
        archived: bool,
        channel: ChannelId,
        moved: Timestamp,
        id: ConversationId,
    ) -> Place {
        Place {
            partition: self.conversations_of(archived, channel),
            sort: conversation_sort(moved, id),
        }
    }

    /// The conversations of a channel: the active ones, or those put away.
    pub(crate) fn conversations_of(self, archived: bool, channel: ChannelId) -> String {
        let letter = if archived { 'z' } else { 'a' };
        format!("{}#V#{letter}#{}", self.prefix(), channel.key())
    }

    /// An event's place among the tenant's, newest first.
    pub(crate) fn events(self, arrived: Timestamp, id: EventId) -> Place {
        Place {
            partition: self.events_shard(shard(id.uuid(), EVENT_SHARDS)),
            sort: order::newest_first_with(arrived, id.uuid()),
        }
    }

    /// One shard of the tenant's events.
    pub(crate) fn events_shard(self, shard: u8) -> String {
        format!("{}#E#{shard}", self.prefix())
    }

    /// An open invoice's place among the tenant's, by its own date.
    pub(crate) fn open_invoices(self, date: Date, id: InvoiceId) -> Place {
        self.invoices('o', date, id)
    }

    /// An open invoice's place among the tenant's, by the date it is due.
    pub(crate) fn due_invoices(self, date: Date, id: InvoiceId) -> Place {
        self.invoices('d', date, id)
    }

    fn invoices(self, letter: char, date: Date, id: InvoiceId) -> Place {
        let shard = shard(id.uuid(), INVOICE_SHARDS);
        Place {
            partition: format!("{}#B#{letter}#{shard}", self.prefix()),
            sort: format!("{date}#{}", id.key()),
        }
    }

    /// A job's place among the tenant's, newest first.
    pub(crate) fn jobs(self, created: Timestamp, id: JobId) -> Place {
        Place {
            partition: self.jobs_shard(shard(id.uuid(), JOB_SHARDS)),
            sort: order::newest_first_with(created, id.uuid()),
        }
    }

    /// One shard of the tenant's job list.
    pub(crate) fn jobs_shard(self, shard: u8) -> String {
        format!("{}#J#{shard}", self.prefix())
    }

    /// A bulk job's place in its channel's queue: the highest priority first, then the earliest.
    pub(crate) fn queue(
        self,
        channel: ChannelId,
        priority: u8,
        created: Timestamp,
        id: JobId,
    ) -> Place {
        let after = u8::MAX - priority;
        Place {
            partition: self.queue_of(channel),
            sort: format!("{after:03}#{}#{}", order::oldest_first(created), id.key()),
        }
    }

    /// The queue of a channel's bulk jobs.
    pub(crate) fn queue_of(self, channel: ChannelId) -> String {
        format!("{}#J#q#{}", self.prefix(), channel.key())
    }

    /// A contact's place among the tenant's, by number; those without one come last. What a provider
    /// calls them stands there as hexadecimal digits, for it may hold anything.
    pub(crate) fn contacts(self, contact: &Contact) -> Place {
        let number = match contact.recipient() {
            Some(Recipient::Phone(phone)) => phone.digits().to_owned(),
            Some(Recipient::User(name)) => {
                let name: String = name.chars().take(32).collect();
                format!("~{}", hex::encode(name))
            }
            None => "~".to_owned(),
        };
        Place {
            partition: self.contacts_shard(shard(contact.id.uuid(), CONTACT_SHARDS)),
            sort: format!("{number}#{}", contact.id.key()),
        }
    }

    /// One shard of the tenant's contacts.
    pub(crate) fn contacts_shard(self, shard: u8) -> String {
        format!("{}#K#{shard}", self.prefix())
    }

    /// A channel's place among the tenant's, in the order they were made.
    pub(crate) fn channels(self, made: Timestamp, id: ChannelId) -> Place {
        Place {
            partition: self.all_channels(),
            sort: format!("{}#{}", order::oldest_first(made), id.key()),
        }
    }

    /// The tenant's channels.
    pub(crate) fn all_channels(self) -> String {
        format!("{}#C", self.prefix())
    }

    /// A message's place in the log of its status class, newest first.
    pub(crate) fn log(self, class: Class, created: Timestamp, id: MessageId) -> Place {
        Place {
            partition: self.log_shard(class, shard(id.uuid(), LOG_SHARDS)),
            sort: order::newest_first_with(created, id.uuid()),
        }
    }

    /// One shard of the log of a status class.
    pub(crate) fn log_shard(self, class: Class, shard: u8) -> String {
        format!("{}#L#{}#{shard}", self.prefix(), class.letter())
    }

    /// The shards of the log of a status class.
    pub(crate) fn log_shards(self, class: Class) -> impl Iterator<Item = String> {
        (0..LOG_SHARDS).map(move |shard| self.log_shard(class, shard))
    }
}
