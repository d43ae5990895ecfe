//! Taking over a channel that WHAPI made for us: stored with its token, and confirmed.

use secrecy::ExposeSecret;
use tracing::{error, info, warn};

use super::{
    LEASE, ManagedDesk, ManagedStore, later,
    live::MINUTE,
    work::{Pass, Step},
};
use crate::{
    channel::{AuthStatus, Channel, Pace, Secret, SecretHash},
    failure::AppFailure,
    managed::{ManagedChannel, PartnerChannel, Stage},
    ports::{Clock, Made, Partner, PartnerAccess, PartnerBook, Seals, Vault},
    provider::ProviderKind,
    service::new_channel::hint,
};

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    /// A channel that WHAPI made for us: stored with its token, then confirmed.
    pub(super) async fn adopt(
        &self,
        record: ManagedChannel,
        access: &PartnerAccess,
        shown: PartnerChannel,
        pass: &mut Pass,
    ) -> Result<Step, AppFailure> {
        let id = record.id;
        let Some(token) = self.token(access, &shown).await else {
            error!(tenant.id = %record.tenant, channel.id = %id, "WHAPI shows no token of channel `{id}`");
            let asked = later(record.lease.unwrap_or(record.updated_at), -LEASE);
            return self.look_again(record, asked).await;
        };
        if let Some(channel) = self.store.channel(record.tenant, id).await? {
            if channel.provider_ref != shown.provider_ref {
                error!(tenant.id = %record.tenant, channel.id = %id, "channel `{id}` is at WHAPI twice");
            }
        } else if !self.make(&record, &shown, &token).await? {
            return self
                .fail(
                    &record,
                    "This number is a channel of Waypost already. Ask Waypost's support.",
                )
                .await;
        }
        self.first_is_default(&record).await?;
        let provider_ref = shown.provider_ref.clone();
        let confirmed = self.whapi().partner_channel(access, &provider_ref).await;
        let live = match confirmed {
            Ok(Some(confirmed)) => Some(confirmed),
            Ok(None) => None,
            Err(failure) => {
                warn!(tenant.id = %record.tenant, channel.id = %id, error = %failure, "channel `{id}` could not be confirmed");
                None
            }
        };
        pass.shown = live.is_some();
        let due = self.clock.now();
        let settled = self.settle(&record, |record| {
            record.provider_ref = Some(provider_ref.clone());
            take(record, live.as_ref().unwrap_or(&shown));
            if live.is_some() {
                record.stage = Stage::Live;
                record.due = Some(due);
            } else {
                record.due = Some(later(due, MINUTE));
            }
        });
        let settled = settled.await?;
        if settled.is_some() {
            info!(tenant.id = %record.tenant, channel.id = %id, confirmed = live.is_some(), "WHAPI made channel `{id}`");
        }
        Ok(if live.is_some() {
            Step::Again
        } else {
            Step::Wait
        })
    }

    /// The token that WHAPI shows; a list may leave it out that the channel's own page shows.
    async fn token(&self, access: &PartnerAccess, shown: &PartnerChannel) -> Option<Secret> {
        if let Some(token) = &shown.token {
            return Some(token.clone());
        }
        let asked = self
            .whapi()
            .partner_channel(access, &shown.provider_ref)
            .await;
        match asked {
            Ok(channel) => channel.and_then(|channel| channel.token),
            Err(failure) => {
                warn!(error = %failure, "a channel's token could not be asked for");
                None
            }
        }
    }

    /// Stores the channel. False when what WHAPI calls it belongs to another one.
    async fn make(
        &self,
        record: &ManagedChannel,
        shown: &PartnerChannel,
        token: &Secret,
    ) -> Result<bool, AppFailure> {
        let (tenant, id) = (record.tenant, record.id);
        // A secret that nobody knows: the one that counts is made when WHAPI is told it.
        let nobodys = (self.fresh)()?.verify_token;
        let channel = Channel {
            id,
            tenant,
            provider: ProviderKind::Whapi,
            name: record.name.clone(),
            provider_ref: shown.provider_ref.clone(),
            account: None,
            phone: shown.phone.clone().or_else(|| record.phone.clone()),
            api: None,
            active: true,
            auth: AuthStatus::Pending,
            health: None,
            paid_until: shown.active_till,
            sealed_token: self.vault.seal(tenant, id, token).await?,
            token_hint: hint(token),
            sealed_app_secret: None,
            key: record.key.clone(),
            webhook_secret: SecretHash::of(nobodys.expose_secret().as_bytes()),
            pace: Pace::WHAPI,
            created_at: shown.created_at.unwrap_or(record.created_at),
            version: 0,
        };
        let audit = self
            .entry(&record.created_by, "create", id)
            .with("provider", channel.provider.as_str())
            .with("name", &channel.name)
            .with("token_hint", &channel.token_hint);
        match self.store.make_channel(&channel, &audit).await? {
            Made::Done => {}
            Made::RefTaken | Made::AccountTaken | Made::NoSlot => return Ok(false),
        }
        Ok(true)
    }

    /// The first channel of a company is its default one, also the first after those were deleted.
    async fn first_is_default(&self, record: &ManagedChannel) -> Result<(), AppFailure> {
        let (tenant, id) = (record.tenant, record.id);
        let company = self.store.tenant(tenant).await?;
        let default = company.and_then(|company| company.settings.default_channel);
        let stands = match default {
            Some(default) => self.store.channel(tenant, default).await?.is_some(),
            None => false,
        };
        if !stands {
            let audit = self.entry(&record.created_by, "make_default", id).changed(
                "default_channel",
                "",
                id,
            );
            self.store.save_default_channel(tenant, id, &audit).await?;
        }
        Ok(())
    }
}

/// What WHAPI shows of a channel, into its record.
pub(super) fn take(record: &mut ManagedChannel, shown: &PartnerChannel) {
    record.active_till = shown.active_till.or(record.active_till);
    record.trial = shown.trial;
    record.stopped = shown.stopped;
    record.problem = None;
}
