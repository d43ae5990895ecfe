//! Channels that people set up with credentials of their own: made only after the provider confirmed
//! them, changed under a version, with secrets that go in and never come out.

mod edit;
mod health;
mod platform;

use std::collections::BTreeMap;

use tracing::{error, info};

pub use self::edit::ChannelEdit;
use super::new_channel::NewChannel;
use crate::{
    channel::Channel,
    failure::AppFailure,
    ids::ChannelId,
    managed::{ManagedChannel, Stage},
    ports::{
        AuditEntry, ChannelBook, ChannelKeys, Clock, Directory, Gate, Made, ManagedChannels, Money,
        Seals, Signatures, Vault,
    },
    principal::Principal,
    provider::Adapters,
    service::allowance::NO_SLOT,
    tenant::Tenant,
};

/// What working with channels needs.
#[derive(Debug)]
pub struct ChannelDesk<'a, S, V, G, C> {
    /// Storage.
    pub store: &'a S,
    /// Seals and opens secrets.
    pub vault: &'a V,
    /// Asks providers.
    pub gate: &'a G,
    /// The time.
    pub clock: &'a C,
    /// The adapters.
    pub adapters: Adapters,
}

/// A channel, and whether it is the tenant's default one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelView {
    /// The channel.
    pub channel: Channel,
    /// Whether it is used when a request names none.
    pub is_default: bool,
    /// Its record, where the platform pays for it.
    pub managed: Option<ManagedChannel>,
}

impl<S, V, G, C> ChannelDesk<'_, S, V, G, C>
where
    S: Directory + ChannelBook + ChannelKeys + ManagedChannels,
    V: Vault + Seals + Signatures,
    G: Gate,
    C: Clock,
{
    /// All channels, in the order they were made; those that are still being made come last.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn channels(&self, principal: &Principal) -> Result<Vec<ChannelView>, AppFailure> {
        let default = self.default_of(principal).await?;
        let channels = self.store.channels(principal.tenant()).await?;
        let records = self.store.managed_channels(principal.tenant()).await?;
        let mut records: BTreeMap<ChannelId, ManagedChannel> = records
            .into_iter()
            .map(|record| (record.id, record))
            .collect();
        let mut views: Vec<ChannelView> = channels
            .into_iter()
            .map(|channel| ChannelView {
                is_default: default == Some(channel.id),
                managed: records.remove(&channel.id),
                channel,
            })
            .collect();
        views.retain(|view| {
            let record = view.managed.as_ref();
            record.is_none_or(|record| record.stage != Stage::Deleted)
        });
        let mut coming: Vec<ManagedChannel> = records.into_values().collect();
        coming.retain(ManagedChannel::is_coming);
        coming.sort_by_key(|record| (record.created_at, record.id));
        views.extend(coming.into_iter().map(|record| ChannelView {
            channel: record.as_channel(),
            is_default: false,
            managed: Some(record),
        }));
        Ok(views)
    }

    /// One channel.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for another tenant's channel.
    pub async fn channel(
        &self,
        principal: &Principal,
        id: ChannelId,
    ) -> Result<ChannelView, AppFailure> {
        if let Some(channel) = self.store.channel(principal.tenant(), id).await? {
            return self.shown(principal, channel).await;
        }
        let record = self.store.managed(principal.tenant(), id).await?;
        let record = record.filter(ManagedChannel::is_coming);
        let record = record.ok_or_else(|| AppFailure::not_found("There is no such channel."))?;
        Ok(ChannelView {
            channel: record.as_channel(),
            is_default: false,
            managed: Some(record),
        })
    }

    /// Makes a channel: the provider is asked with its credentials first, so that nobody takes a number
    /// that is not theirs. The first channel of a tenant becomes its default one.
    ///
    /// # Errors
    /// FORBIDDEN `CHANNEL_LIMIT`; VALIDATION for `credentials` that the provider refuses; CONFLICT when the number is a channel
    /// already; `PROVIDER_ERROR` when the provider cannot be asked. Nothing is stored then.
    pub async fn make(
        &self,
        principal: &Principal,
        new: NewChannel,
    ) -> Result<ChannelView, AppFailure>
    where
        S: Money,
    {
        let tenant = self.store.tenant(principal.tenant()).await?;
        let tenant =
            tenant.ok_or_else(|| AppFailure::forbidden("This company has no account yet."))?;
        if !tenant.active {
            let off = "This company's account is switched off. Ask Waypost's support.";
            return Err(AppFailure::forbidden(off).with_detail("reason", "TENANT_INACTIVE"));
        }
        let limit = self.room(&tenant).await?;
        let stands = match tenant.settings.default_channel {
            Some(default) => self.store.channel(tenant.id, default).await?.is_some(),
            None => false,
        };
        let wants_default = new.default || !stands;
        let (token, app_secret) = (new.token.clone(), new.app_secret.clone());
        let pace = (self.adapters)(new.provider).capabilities().pace;
        let mut channel = new.channel(principal.tenant(), pace, self.clock.now());
        self.confirm(&channel, &token).await?.put(&mut channel);
        channel.sealed_token = self.vault.seal(channel.tenant, channel.id, &token).await?;
        if let Some(secret) = &app_secret {
            let sealed = self.vault.seal(channel.tenant, channel.id, secret).await?;
            channel.sealed_app_secret = Some(sealed);
        }
        let audit = self
            .entry(principal, "create", channel.id)
            .with("provider", channel.provider.as_str())
            .with("name", &channel.name)
            .with("token_hint", &channel.token_hint);
        let made = self.store.make_channel_within(limit, &channel, &audit);
        match made.await? {
            Made::Done => {}
            Made::NoSlot => return Err(NO_SLOT.into()),
            // The same words whether the channel is this company's own or another's.
            Made::RefTaken => {
                return Err(taken(
                    "This number is a channel of Waypost already. If it is not among your channels, ask Waypost's support.",
                ));
            }
            Made::AccountTaken => {
                return Err(taken(
                    "The provider's account of this number is at Waypost already. Ask Waypost's support.",
                ));
            }
        }
        info!(tenant.id = %channel.tenant, channel.id = %channel.id, "made channel `{}`", channel.id);
        // What was written: a read right after it may not see it yet.
        Ok(ChannelView {
            is_default: wants_default && self.is_made_default(principal, channel.id).await,
            managed: None,
            channel,
        })
    }

    /// How many channels the plan allows, those at WHAPI that Waypost pays for and those with credentials
    /// of their own together (S3.33). A company without a plan may set numbers up; it sends nothing from
    /// them. Refused before the provider is asked; the transaction still decides.
    async fn room(&self, tenant: &Tenant) -> Result<u32, AppFailure>
    where
        S: Money,
    {
        let Some(plan) = tenant.active_plan(self.clock.now()) else {
            return Ok(u32::MAX);
        };
        if self.store.account(tenant.id).await?.channels >= plan.channels {
            return Err(NO_SLOT.into());
        }
        Ok(plan.channels)
    }

    /// The channel exists, so its answer must come: what is shown there once is shown nowhere else. That
    /// it did not become the default one stands in the answer, and is easily asked for again.
    async fn is_made_default(&self, principal: &Principal, id: ChannelId) -> bool {
        match self.make_default(principal, id).await {
            Ok(()) => true,
            Err(failure) => {
                error!(tenant.id = %principal.tenant(), channel.id = %id, error = %failure, "channel `{id}` is made, but is not the default one");
                false
            }
        }
    }

    async fn find(&self, principal: &Principal, id: ChannelId) -> Result<Channel, AppFailure> {
        let channel = self.store.channel(principal.tenant(), id).await?;
        channel.ok_or_else(|| AppFailure::not_found("There is no such channel."))
    }

    async fn shown(
        &self,
        principal: &Principal,
        channel: Channel,
    ) -> Result<ChannelView, AppFailure> {
        let record = self.store.managed(channel.tenant, channel.id).await?;
        if record
            .as_ref()
            .is_some_and(|record| record.stage == Stage::Deleted)
        {
            return Err(AppFailure::not_found("There is no such channel."));
        }
        Ok(ChannelView {
            is_default: self.default_of(principal).await? == Some(channel.id),
            managed: record,
            channel,
        })
    }

    async fn default_of(&self, principal: &Principal) -> Result<Option<ChannelId>, AppFailure> {
        let tenant = self.store.tenant(principal.tenant()).await?;
        Ok(tenant.and_then(|tenant| tenant.settings.default_channel))
    }

    async fn make_default(&self, principal: &Principal, id: ChannelId) -> Result<(), AppFailure> {
        let before = self.default_of(principal).await?;
        if before == Some(id) {
            return Ok(());
        }
        let was = before.map_or_else(String::new, |id| id.to_string());
        let audit = self
            .entry(principal, "make_default", id)
            .changed("default_channel", was, id);
        Ok(self
            .store
            .save_default_channel(principal.tenant(), id, &audit)
            .await?)
    }

    fn entry(&self, principal: &Principal, action: &'static str, id: ChannelId) -> AuditEntry {
        AuditEntry::new(principal.user(), "channels", action, id, self.clock.now())
    }
}

fn taken(message: &'static str) -> AppFailure {
    AppFailure::conflict(message).with_detail("reason", "CHANNEL_TAKEN")
}
