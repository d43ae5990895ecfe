//! Which channels the items of a webhook are for, and applying them there side by side.

use std::collections::HashMap;

use futures::future::join_all;
use jiff::Timestamp;

use super::{
    ingest::{Came, Ingest, IngestStore, Scope},
    items::idle,
    shares::{Share, Shares},
};
use crate::{
    channel::Channel,
    failure::StoreFailure,
    ids::TenantId,
    ports::{Clock, Files, Lanes},
    provider::{Adapter, Address, Item, ProviderKind, RawWebhook},
};

/// Items applied at a time.
const SIDE_BY_SIDE: usize = 16;

impl<S, F, L, C> Ingest<'_, S, F, L, C>
where
    S: IngestStore,
    F: Files,
    L: Lanes,
    C: Clock,
{
    /// Applies every item by itself; what came of them by tenant. Items are applied side by side: any
    /// order ends in the same messages.
    pub(super) async fn apply_all(
        &self,
        adapter: &dyn Adapter,
        provider: ProviderKind,
        scope: &Scope,
        raw: &RawWebhook,
        at: Timestamp,
    ) -> Vec<(TenantId, Share)> {
        let delivery = adapter.read_webhook(raw);
        let horizon = adapter.capabilities().retry_days;
        let came = Came { at, horizon };
        let mut routes: HashMap<Address, Vec<Channel>> = HashMap::new();
        let mut shares = Shares::new(scope);
        let mut rest = delivery.items.into_iter().peekable();
        while rest.peek().is_some() {
            let mut routed = Vec::with_capacity(SIDE_BY_SIDE);
            for (address, item) in rest.by_ref().take(SIDE_BY_SIDE) {
                let channels = match routes.get(&address) {
                    Some(known) => Ok(known.clone()),
                    None => self.route(provider, scope, &address).await,
                };
                if let Ok(channels) = &channels {
                    routes.insert(address.clone(), channels.clone());
                }
                routed.push((address, channels, item));
            }
            let applied = routed
                .into_iter()
                .map(|(address, channels, item)| async move {
                    match channels {
                        Ok(channels) => {
                            let verdict = self.apply_to(&channels, item, came).await;
                            (address, channels, verdict)
                        }
                        Err(failure) => (address, Vec::new(), Err(failure)),
                    }
                });
            for (address, channels, verdict) in join_all(applied).await {
                shares.add(address, channels.first(), verdict);
            }
        }
        shares.finish()
    }

    /// The channels that an address leads to, inside of what the signature covers.
    async fn route(
        &self,
        provider: ProviderKind,
        scope: &Scope,
        address: &Address,
    ) -> Result<Vec<Channel>, StoreFailure> {
        let found = match (address, scope) {
            (Address::Here, Scope::Channel(channel)) => return Ok(vec![(**channel).clone()]),
            (Address::Here, Scope::Platform) => Vec::new(),
            (Address::Number(number), _) => {
                let channel = self.store.channel_by_ref(provider, number).await?;
                channel.into_iter().collect()
            }
            (Address::Account { account, number }, _) => {
                let mut channels = self.store.channels_of_account(provider, account).await?;
                if let Some(number) = number {
                    channels.retain(|c| c.phone.as_ref().is_some_and(|p| p.digits() == number));
                }
                channels
            }
        };
        Ok(found
            .into_iter()
            .filter(|found| match scope {
                Scope::Channel(own) => found.tenant == own.tenant,
                // A tenant's own app has its own secret: the platform's proves nothing about it.
                Scope::Platform => found.sealed_app_secret.is_none(),
            })
            .collect())
    }

    /// Applies an item to its channels; none when there are none.
    async fn apply_to(
        &self,
        channels: &[Channel],
        item: Item,
        came: Came,
    ) -> Result<Option<String>, StoreFailure> {
        if channels.is_empty() {
            return Ok(idle(&item));
        }
        let mut verdict = None;
        for channel in channels {
            verdict = Some(self.apply(channel, item.clone(), came).await?);
        }
        Ok(verdict)
    }
}
