//! What each tenant gets of a webhook that may hold items of several.

use std::collections::HashSet;

use tracing::warn;

use super::ingest::{Ingested, Scope};
use crate::{
    channel::Channel,
    failure::StoreFailure,
    ids::{ChannelId, TenantId},
    provider::{Adapter, Address, RawWebhook},
};

/// What one tenant gets of a webhook.
pub(super) struct Share {
    /// The channel that the journal names.
    pub(super) channel: ChannelId,
    /// Whom its items were addressed to.
    addresses: HashSet<Address>,
    pub(super) ingested: Ingested,
}

/// The shares of one webhook.
pub(super) struct Shares<'a> {
    scope: &'a Scope,
    by_tenant: Vec<(TenantId, Share)>,
}

impl<'a> Shares<'a> {
    pub(super) const fn new(scope: &'a Scope) -> Self {
        Self {
            scope,
            by_tenant: Vec::new(),
        }
    }

    /// Notes what became of an item for a channel; for none when its address led nowhere.
    pub(super) fn add(
        &mut self,
        address: Address,
        channel: Option<&Channel>,
        verdict: Result<Option<String>, StoreFailure>,
    ) {
        let (tenant, id) = match (channel, self.scope) {
            (Some(channel), _) => (channel.tenant, channel.id),
            (None, Scope::Channel(channel)) => (channel.tenant, channel.id),
            (None, Scope::Platform) => (TenantId::PLATFORM, nobodys_channel()),
        };
        let share = self.of(tenant, id);
        share.addresses.insert(address);
        let ingested = &mut share.ingested;
        match verdict {
            Ok(Some(verdict)) => ingested.verdicts.push(verdict),
            Ok(None) => {
                // A number of the platform's app that is no channel yet may become one soon: kept and
                // tried again. Of a channel's own URL it is nobody's.
                ingested.unapplied |= tenant == TenantId::PLATFORM;
                ingested.verdicts.push("unknown channel".into());
            }
            Err(failure) => {
                warn!(tenant.id = %tenant, error = %failure, "a webhook item could not be applied");
                ingested.unapplied = true;
                ingested.verdicts.push("failed".into());
            }
        }
    }

    fn of(&mut self, tenant: TenantId, channel: ChannelId) -> &mut Share {
        let place = match self.by_tenant.iter().position(|(of, _)| *of == tenant) {
            Some(place) => place,
            None => {
                let share = Share {
                    channel,
                    addresses: HashSet::new(),
                    ingested: Ingested::default(),
                };
                self.by_tenant.push((tenant, share));
                self.by_tenant.len() - 1
            }
        };
        #[expect(clippy::indexing_slicing, reason = "the place was just found or made")]
        &mut self.by_tenant[place].1
    }

    /// All shares. A webhook to a channel's URL that held nothing is kept all the same.
    pub(super) fn finish(mut self) -> Vec<(TenantId, Share)> {
        if let (true, Scope::Channel(channel)) = (self.by_tenant.is_empty(), self.scope) {
            let (tenant, id) = (channel.tenant, channel.id);
            self.of(tenant, id);
        }
        self.by_tenant
    }
}

/// Each share with what its tenant's journal keeps of the body: all of it when nobody else has a part,
/// else only what was addressed to channels of theirs. Whatever could not be applied is in some part,
/// and no tenant's part holds another's items.
pub(super) fn divided(
    adapter: &dyn Adapter,
    raw: &RawWebhook,
    shares: Vec<(TenantId, Share)>,
) -> impl Iterator<Item = (TenantId, Share, Vec<u8>)> {
    let several = shares.len() > 1;
    // A key of ours that came back in the body has no place in the journal.
    let holds_key = adapter.capabilities().webhook_holds_key;
    shares.into_iter().map(move |(tenant, share)| {
        let body = if holds_key {
            adapter.part_webhook(raw, &|_| true)
        } else if several {
            adapter.part_webhook(raw, &|address| share.addresses.contains(address))
        } else {
            raw.body.clone()
        };
        (tenant, share, body)
    })
}

fn nobodys_channel() -> ChannelId {
    ChannelId::from_uuid(TenantId::PLATFORM.uuid())
}
