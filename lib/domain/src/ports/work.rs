//! Work that waits: due things, lanes and notices.

use std::future::Future;

use jiff::Timestamp;

use super::Saved;
use crate::{
    billing::Notification,
    bulk::Run,
    channel::Channel,
    failure::StoreFailure,
    festival::Festival,
    ids::{
        ChannelId, EventId, FestivalId, JobId, MessageId, NotificationId, SubscriptionId, TenantId,
    },
    message::Message,
    notice::{Notice, NoticeKey},
    reminder::DayWork,
    webhook::JournalKey,
};

/// A thing whose time has come, found across tenants. The index may lag: the thing itself decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueThing {
    /// A message that wants an attempt, a look-up, or nothing any more.
    Message(TenantId, MessageId),
    /// A webhook with an item that could not be applied.
    Journal(JournalKey),
    /// A failure notice.
    Notice(NoticeKey),
    /// An inbound file that is still to be copied.
    Media(TenantId, MessageId),
    /// A bulk job with rows to send, or to look after.
    Job(TenantId, JobId),
    /// A festival whose greetings begin or go on.
    Festival(TenantId, FestivalId),
    /// The work of a company's day.
    Day(TenantId),
    /// An event from which something is still to follow.
    Event(TenantId, EventId),
    /// A subscription that ends, or of whose end its company is to be told.
    Subscription(TenantId, SubscriptionId),
    /// Something that a company is told by mail too.
    Notification(TenantId, NotificationId),
}

/// Due work across tenants, for the sweep alone.
pub trait Due: Send + Sync {
    /// Up to `limit` things of one shard that are due, earliest first.
    fn due(
        &self,
        shard: u8,
        now: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<DueThing>, StoreFailure>> + Send;
}

/// How many shards the due index has.
pub const DUE_SHARDS: u8 = 8;

/// What a worker of a lane is asked to do; the message itself says what it wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Attempt or reconcile a message.
    Message(TenantId, MessageId),
    /// Mail a failure notice.
    Notice(NoticeKey),
    /// Copy an inbound file.
    Media(TenantId, MessageId),
    /// Make the next messages of a bulk job, and look after those it made.
    Expand(TenantId, JobId),
    /// Greet the next contacts of a festival.
    Festival(TenantId, FestivalId),
    /// Go through the next invoices of a company's day.
    Day(TenantId),
    /// Work through a business event.
    Event(TenantId, EventId),
    /// Mail what a company is told.
    Notification(TenantId, NotificationId),
}

/// A task on its way into a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// The lane: tasks of one lane keep their order, and one lane never holds up another.
    pub lane: String,
    /// Tasks of one order are worked one after the other; those of other orders of the same lane may
    /// be worked beside them. A contact's messages are one order.
    pub order: String,
    /// Hand-overs with the same name within five minutes are one.
    pub name: String,
    /// What to do.
    pub task: Task,
}

impl HandOver {
    /// A message into its channel's lane. The version is part of the name: what was handed over and
    /// came back to wait may be handed over again.
    #[must_use]
    pub fn message(message: &Message, channel: &Channel) -> Self {
        Self {
            lane: channel.lane(message.contact),
            order: message.contact.key(),
            name: format!(
                "{}-{}-{}",
                message.id.key(),
                message.sending.attempt,
                message.version
            ),
            task: Task::Message(message.tenant, message.id),
        }
    }

    /// A message of a channel that is no more: the attempt itself says so.
    #[must_use]
    pub fn without_channel(message: &Message) -> Self {
        Self {
            lane: format!("{}-0", message.channel.key()),
            order: message.contact.key(),
            name: format!(
                "{}-{}-{}",
                message.id.key(),
                message.sending.attempt,
                message.version
            ),
            task: Task::Message(message.tenant, message.id),
        }
    }

    /// A bulk job into the lane of its channel's jobs: one pass at a time, beside the messages.
    #[must_use]
    pub fn expand(run: &Run, now: Timestamp) -> Self {
        Self {
            lane: format!("bulk-{}", run.channel.key()),
            order: "bulk".into(),
            name: format!(
                "bulk-{}-{}-{}",
                run.job.key(),
                run.version,
                now.as_second() / 60
            ),
            task: Task::Expand(run.tenant, run.job),
        }
    }

    /// A festival into its company's lane of greetings. The revision is part of the name: each page of
    /// contacts is a task of its own.
    #[must_use]
    pub fn festival(festival: &Festival, now: Timestamp) -> Self {
        Self {
            lane: format!("calendar-{}", festival.tenant.key()),
            order: "calendar".into(),
            name: format!(
                "festival-{}-{}-{}",
                festival.id.key(),
                festival.revision,
                now.as_second() / 60
            ),
            task: Task::Festival(festival.tenant, festival.id),
        }
    }

    /// A company's day into the same lane.
    #[must_use]
    pub fn day(work: &DayWork, now: Timestamp) -> Self {
        Self {
            lane: format!("calendar-{}", work.tenant.key()),
            order: "calendar".into(),
            name: format!(
                "day-{}-{}-{}",
                work.tenant.key(),
                work.version,
                now.as_second() / 60
            ),
            task: Task::Day(work.tenant),
        }
    }

    /// An inbound file into the lane of its channel's files: beside its messages, never before them.
    #[must_use]
    pub fn media(tenant: TenantId, channel: ChannelId, id: MessageId, now: Timestamp) -> Self {
        Self {
            lane: format!("media-{}", channel.key()),
            order: id.key(),
            name: format!("media-{}-{}", id.key(), now.as_second() / 60),
            task: Task::Media(tenant, id),
        }
    }

    /// An event into its company's lane of events, behind those that came before it.
    #[must_use]
    pub fn event(tenant: TenantId, id: EventId, now: Timestamp) -> Self {
        Self {
            lane: format!("events-{}", tenant.key()),
            order: "events".into(),
            name: format!("event-{}-{}", id.key(), now.as_second() / 60),
            task: Task::Event(tenant, id),
        }
    }

    /// What a company is told into its mail lane.
    #[must_use]
    pub fn notification(notification: &Notification, now: Timestamp) -> Self {
        Self {
            lane: format!("mail-{}", notification.tenant.key()),
            order: "mail".into(),
            name: format!(
                "tell-{}-{}-{}",
                notification.id.key(),
                notification.version,
                now.as_second() / 60
            ),
            task: Task::Notification(notification.tenant, notification.id),
        }
    }

    /// A notice into its tenant's mail lane.
    #[must_use]
    pub fn notice(key: &NoticeKey, now: Timestamp) -> Self {
        Self {
            lane: format!("mail-{}", key.tenant.key()),
            order: "mail".into(),
            name: format!(
                "mail-{}-{}-{}",
                key.message.key(),
                key.attempt,
                now.as_second() / 60
            ),
            task: Task::Notice(key.clone()),
        }
    }
}

/// The lanes.
pub trait Lanes: Send + Sync {
    /// Puts a task into its lane.
    fn hand_over(
        &self,
        hand_over: &HandOver,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Puts several tasks into their lanes. After a failure some may be there.
    fn hand_over_all(
        &self,
        all: &[HandOver],
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send {
        async move {
            for one in all {
                self.hand_over(one).await?;
            }
            Ok(())
        }
    }
}

/// Failure notices.
pub trait Notices: Send + Sync {
    /// Reads a notice.
    fn notice(
        &self,
        key: &NoticeKey,
    ) -> impl Future<Output = Result<Option<Notice>, StoreFailure>> + Send;

    /// Moves a notice from the state it was read in; [`Saved::Stale`] when somebody else did.
    fn move_notice(
        &self,
        from: &Notice,
        to: &Notice,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Counts a failure of a window; answers how many there are now.
    fn count_failure(
        &self,
        tenant: TenantId,
        window: Timestamp,
    ) -> impl Future<Output = Result<u32, StoreFailure>> + Send;

    /// The notices of a window that wait for its digest, at most this many.
    fn digest(
        &self,
        tenant: TenantId,
        window: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<Notice>, StoreFailure>> + Send;
}
