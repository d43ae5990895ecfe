//! The minute sweep: hands due work to the lanes and finds everything whose hand-over, attempt or
//! record was lost. It reads an index that may lag, so the thing itself decides.

use std::collections::HashMap;

use tracing::{info, warn};

use super::{
    ending::Ending,
    ingest::{Ingest, IngestStore},
};
use crate::{
    channel::Channel,
    failure::StoreFailure,
    ids::{ChannelId, EventId, FestivalId, JobId, MessageId, NotificationId, TenantId},
    message::{MediaCopy, Message, SweepAction},
    notice::{NoticeKey, NoticeState},
    ports::{
        Clock, DUE_SHARDS, Days, Due, DueThing, EventBook, Festivals, Files, HandOver, Lanes,
        Money, Notices, Notifications, Rows, Saved, Subscriptions,
    },
};

/// Things read from one shard at a time.
const PAGE: u16 = 100;

/// Pages of one shard in one sweep. What is beyond is still due in the next minute.
const PAGES: u8 = 20;

/// What a sweep needs.
#[derive(Debug)]
pub struct Sweep<'a, S, L, F, C> {
    /// Storage.
    pub store: &'a S,
    /// The lanes.
    pub lanes: &'a L,
    /// For webhooks whose items could not be applied.
    pub ingest: Ingest<'a, S, F, L, C>,
    /// The time.
    pub clock: &'a C,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Tasks handed to lanes.
    pub handed_over: u32,
    /// Due times corrected.
    pub rescheduled: u32,
    /// Webhooks tried again.
    pub reapplied: u32,
    /// Subscriptions that ended, or whose end was told.
    pub ended: u32,
    /// Things that failed and stay due.
    pub failed: u32,
}

impl<S, L, F, C> Sweep<'_, S, L, F, C>
where
    S: Due + Notices + Rows + IngestStore + Festivals + Days + EventBook,
    S: Subscriptions + Money + Notifications,
    L: Lanes,
    F: Files,
    C: Clock,
{
    /// Sweeps every shard once. One thing that fails does not hold up the others.
    ///
    /// # Errors
    /// Storage failures of the index itself.
    pub async fn run(&self) -> Result<Swept, StoreFailure> {
        let mut swept = Swept::default();
        let mut channels = HashMap::new();
        for shard in 0..DUE_SHARDS {
            for _ in 0..PAGES {
                let things = self.store.due(shard, self.clock.now(), PAGE).await?;
                let full = things.len() == usize::from(PAGE);
                let failed_before = swept.failed;
                for thing in things {
                    if let Err(failure) = self.thing(&thing, &mut channels, &mut swept).await {
                        warn!(error = %failure, "a due thing stays due");
                        swept.failed += 1;
                    }
                }
                // Failed things stay at the front of the page: reading on would meet them again.
                if !full || swept.failed > failed_before {
                    break;
                }
            }
        }
        if swept != Swept::default() {
            info!(
                handed_over = swept.handed_over,
                rescheduled = swept.rescheduled,
                reapplied = swept.reapplied,
                ended = swept.ended,
                failed = swept.failed,
                "swept: {} handed over",
                swept.handed_over
            );
        }
        Ok(swept)
    }

    async fn thing(
        &self,
        thing: &DueThing,
        channels: &mut HashMap<ChannelId, Option<Channel>>,
        swept: &mut Swept,
    ) -> Result<(), StoreFailure> {
        match thing {
            DueThing::Message(tenant, id) => self.message(*tenant, *id, channels, swept).await,
            DueThing::Journal(key) => {
                self.ingest.again(key).await?;
                swept.reapplied += 1;
                Ok(())
            }
            DueThing::Notice(key) => self.notice(key, swept).await,
            DueThing::Media(tenant, id) => self.file(*tenant, *id, swept).await,
            DueThing::Job(tenant, id) => self.job(*tenant, *id, swept).await,
            DueThing::Festival(tenant, id) => self.festival(*tenant, *id, swept).await,
            DueThing::Day(tenant) => self.day(*tenant, swept).await,
            DueThing::Event(tenant, id) => self.event(*tenant, *id, swept).await,
            DueThing::Subscription(tenant, id) => {
                let ending = Ending {
                    store: self.store,
                    clock: self.clock,
                };
                swept.ended += u32::from(ending.run(*tenant, *id).await?);
                Ok(())
            }
            DueThing::Notification(tenant, id) => self.telling(*tenant, *id, swept).await,
        }
    }

    async fn message(
        &self,
        tenant: TenantId,
        id: MessageId,
        channels: &mut HashMap<ChannelId, Option<Channel>>,
        swept: &mut Swept,
    ) -> Result<(), StoreFailure> {
        let Some(mut message) = self.store.message(tenant, id).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        if message.sending.due.is_none_or(|due| due > now) {
            return Ok(());
        }
        let action = message.sweep(now);
        if self.store.save(&mut message, None).await? == Saved::Stale {
            // Somebody is working on it.
            return Ok(());
        }
        match action {
            SweepAction::HandOver => {
                self.lanes
                    .hand_over(&self.lane(&message, channels).await?)
                    .await?;
                swept.handed_over += 1;
            }
            SweepAction::Rescheduled => swept.rescheduled += 1,
            SweepAction::Settled => {}
        }
        Ok(())
    }

    async fn lane(
        &self,
        message: &Message,
        channels: &mut HashMap<ChannelId, Option<Channel>>,
    ) -> Result<HandOver, StoreFailure> {
        let channel = match channels.get(&message.channel) {
            Some(known) => known.clone(),
            None => {
                let read = self.store.channel(message.tenant, message.channel).await?;
                channels.insert(message.channel, read.clone());
                read
            }
        };
        Ok(match channel {
            Some(channel) => HandOver::message(message, &channel),
            None => HandOver::without_channel(message),
        })
    }

    /// A bulk job stays due until a pass over it moves its time.
    async fn job(
        &self,
        tenant: TenantId,
        id: JobId,
        swept: &mut Swept,
    ) -> Result<(), StoreFailure> {
        let now = self.clock.now();
        let run = self.store.run(tenant, id).await?;
        if let Some(run) = run.filter(|run| run.due.is_some_and(|due| due <= now)) {
            self.lanes.hand_over(&HandOver::expand(&run, now)).await?;
            swept.handed_over += 1;
        }
        Ok(())
    }

    /// A festival stays due until its greetings are over, or planned anew.
    async fn festival(
        &self,
        tenant: TenantId,
        id: FestivalId,
        swept: &mut Swept,
    ) -> Result<(), StoreFailure> {
        let now = self.clock.now();
        let festival = self.store.festival(tenant, id).await?;
        if let Some(festival) = festival.filter(|one| one.due.is_some_and(|due| due <= now)) {
            let hand_over = HandOver::festival(&festival, now);
            self.lanes.hand_over(&hand_over).await?;
            swept.handed_over += 1;
        }
        Ok(())
    }

    /// A company's day stays due until it is through.
    async fn day(&self, tenant: TenantId, swept: &mut Swept) -> Result<(), StoreFailure> {
        let now = self.clock.now();
        let work = self.store.day_work(tenant).await?;
        if let Some(work) = work.filter(|one| one.due.is_some_and(|due| due <= now)) {
            self.lanes.hand_over(&HandOver::day(&work, now)).await?;
            swept.handed_over += 1;
        }
        Ok(())
    }

    async fn file(
        &self,
        tenant: TenantId,
        id: MessageId,
        swept: &mut Swept,
    ) -> Result<(), StoreFailure> {
        let message = self.store.inbound(tenant, id).await?;
        let wanted = message.filter(|m| matches!(m.copy, Some(MediaCopy::Wanted { .. })));
        if let Some(message) = wanted {
            let now = self.clock.now();
            let hand_over = HandOver::media(tenant, message.channel, id, now);
            self.lanes.hand_over(&hand_over).await?;
            swept.handed_over += 1;
        }
        Ok(())
    }

    async fn event(
        &self,
        tenant: TenantId,
        id: EventId,
        swept: &mut Swept,
    ) -> Result<(), StoreFailure> {
        let now = self.clock.now();
        let record = self.store.event(tenant, id).await?;
        if record.is_some_and(|record| record.due.is_some_and(|due| due <= now)) {
            self.lanes
                .hand_over(&HandOver::event(tenant, id, now))
                .await?;
            swept.handed_over += 1;
        }
        Ok(())
    }

    /// What a company is told stays due until it is mailed, or known not to be.
    async fn telling(
        &self,
        tenant: TenantId,
        id: NotificationId,
        swept: &mut Swept,
    ) -> Result<(), StoreFailure> {
        let now = self.clock.now();
        let told = self.store.notification(tenant, id).await?;
        if let Some(told) = told.filter(|told| told.due.is_some_and(|due| due <= now)) {
            let hand_over = HandOver::notification(&told, now);
            self.lanes.hand_over(&hand_over).await?;
            swept.handed_over += 1;
        }
        Ok(())
    }

    async fn notice(&self, key: &NoticeKey, swept: &mut Swept) -> Result<(), StoreFailure> {
        let Some(notice) = self.store.notice(key).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        if notice.due.is_none_or(|due| due > now) {
            return Ok(());
        }
        match notice.state {
            NoticeState::Waiting | NoticeState::Digest | NoticeState::Claimed => {
                self.lanes.hand_over(&HandOver::notice(key, now)).await?;
                swept.handed_over += 1;
            }
            NoticeState::Mailed | NoticeState::Unconfirmed | NoticeState::Dropped => {}
        }
        Ok(())
    }
}
