//! What webhooks tell of a channel itself: whether its number is logged in, which number that is, and
//! whether its provider stopped it.

use jiff::Timestamp;

use super::ingest::{Ingest, IngestStore};
use crate::{
    channel::{AuthStatus, Channel},
    failure::{StoreFailure, StoreFailureKind},
    ids::UserId,
    phone::PhoneNumber,
    ports::{AuditEntry, Clock, Files, Lanes, Saved},
    provider::{ChannelItem, ProviderKind},
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

impl<S, F, L, C> Ingest<'_, S, F, L, C>
where
    S: IngestStore,
    F: Files,
    L: Lanes,
    C: Clock,
{
    /// Applies what a provider tells of a channel; answers with a word for the journal.
    pub(super) async fn channel_changed(
        &self,
        channel: &Channel,
        change: ChannelItem,
        now: Timestamp,
    ) -> Result<String, StoreFailure> {
        let Some(auth) = change.auth else {
            return Ok(format!("ignored:{}", super::items::short(&change.word)));
        };
        self.store
            .channel_auth(channel.tenant, channel.id, auth, now)
            .await?;
        let linked = auth == AuthStatus::Authorized;
        if linked || change.stopped {
            self.stopped(channel, change.stopped, now).await?;
        }
        if let Some(phone) = change.phone.filter(|_| linked) {
            self.number(channel, phone, now).await?;
        }
        Ok(format!("channel:{}", auth.as_str()))
    }

    /// A linked channel is not stopped (S3.24); one that its provider stopped says so.
    async fn stopped(
        &self,
        channel: &Channel,
        stopped: bool,
        now: Timestamp,
    ) -> Result<(), StoreFailure> {
        match channel.provider {
            ProviderKind::Whapi => {}
            // Nobody pays for channels of these here.
            ProviderKind::Meta | ProviderKind::Messenger360 => return Ok(()),
        }
        for _ in 0..TRIES {
            let known = self.store.managed(channel.tenant, channel.id).await?;
            let Some(mut record) = known.filter(|record| record.stopped != stopped) else {
                return Ok(());
            };
            record.stopped = stopped;
            // When it was told to be deleted stays: its unused days are counted from then.
            if !record.is_leaving() {
                record.updated_at = now;
            }
            if self.store.save_managed(&mut record).await? == Saved::Done {
                return Ok(());
            }
        }
        Err(busy("logins.stopped"))
    }

    /// The number that logged in is the channel's (X30): WHAPI does not show it before.
    async fn number(
        &self,
        channel: &Channel,
        phone: PhoneNumber,
        now: Timestamp,
    ) -> Result<(), StoreFailure> {
        if channel.phone.as_ref() == Some(&phone) {
            return Ok(());
        }
        for _ in 0..TRIES {
            let known = self.store.channel(channel.tenant, channel.id).await?;
            let Some(mut known) = known.filter(|known| known.phone.as_ref() != Some(&phone)) else {
                return Ok(());
            };
            known.phone = Some(phone.clone());
            // The number itself stands on the channel; the log holds none.
            let waypost = UserId::new("waypost");
            let audit = AuditEntry::new(&waypost, "channels", "link_number", known.id, now);
            if self.store.save_channel(&mut known, &audit).await? == Saved::Done {
                return Ok(());
            }
        }
        Err(busy("logins.number"))
    }
}

fn busy(operation: &'static str) -> StoreFailure {
    StoreFailure::new(operation, StoreFailureKind::Conflict)
}
