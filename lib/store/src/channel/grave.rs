//! What becomes of a channel that was deleted: its item stays for history, without a secret and found by
//! nobody.

use domain::{channel::Channel, failure::StoreFailure, ids::ChannelId};
use jiff::Timestamp;

use super::pointers;
use crate::{
    billing::give_slot,
    keys::account_pointer,
    schema::LIST,
    shape::{Item, number, time},
    table::{Read, TenantTable},
    update::Update,
    write::{Held, Transacted, Write},
};

const OPERATION: &str = "channel.bury";

/// Marks a channel that took a slot of the plan when it was made.
pub(super) const SLOT: &str = "slot";

/// Whether a channel's item is what is left of one that was deleted.
pub(super) fn is_buried(item: &Item) -> bool {
    item.contains_key("gone")
}

impl TenantTable<'_> {
    /// Takes the secrets out of a channel, and away what leads to it. Doing it again changes nothing.
    ///
    /// What leads to it goes first: a crash in between leaves a channel that is there to be deleted
    /// again, never one that webhooks find and nobody sees.
    pub(crate) async fn bury(&self, channel: &Channel) -> Result<(), StoreFailure> {
        let account = channel.account.as_deref();
        let writes = [
            Some(pointers::gone_key(channel)),
            Some(pointers::gone_ref(channel)),
            match account {
                Some(account) => self.gone_account(channel, account).await?,
                None => None,
            },
        ];
        for write in writes.into_iter().flatten() {
            // A condition that does not hold: it leads elsewhere, or nowhere already.
            self.write(OPERATION, &write).await?;
        }
        self.empty(channel.id).await
    }

    /// Empties the item, and gives the slot back that its making took: both or neither, so the slot comes
    /// back once.
    async fn empty(&self, id: ChannelId) -> Result<(), StoreFailure> {
        let key = self.keys().channel(id);
        let stands = self.item(OPERATION, &key, Read::Strong).await?;
        let slotted = stands.is_some_and(|item| !is_buried(&item) && item.contains_key(SLOT));
        if slotted {
            let writes = [self.emptied(id), give_slot(self.id())];
            let mut reasons = match self.transact(OPERATION, &writes).await? {
                Transacted::Applied => return Ok(()),
                Transacted::Held(reasons) => reasons,
            };
            if Held::item(&mut reasons, 0).is_some() {
                // Somebody buried it meanwhile.
                return Ok(());
            }
        }
        // Without a slot, or with an account that counts none: there is nothing to give back.
        self.write(OPERATION, &self.emptied(id)).await.map(drop)
    }

    /// The write that leaves nothing of a channel but what history shows.
    fn emptied(&self, id: ChannelId) -> Write {
        let mut update = Update::of(self.keys().channel(id));
        update.when("attribute_exists(pk) AND attribute_not_exists(gone)");
        for secret in ["sealed_token", "sealed_app_secret", "webhook_secret", "key"] {
            update.remove(secret);
        }
        update.remove(LIST.partition);
        update.remove(LIST.sort);
        update.set("gone", number(1));
        // A change that is under way must not bring a secret back.
        update.add("v", number(1));
        update.write()
    }

    /// The write that frees the provider's account, unless another channel of the tenant belongs to it.
    /// The list of channels may lag, so the channel that was last made for the account is read itself.
    async fn gone_account(
        &self,
        channel: &Channel,
        account: &str,
    ) -> Result<Option<Write>, StoreFailure> {
        let same = |other: &Channel| {
            other.id != channel.id
                && other.provider == channel.provider
                && other.account.as_deref() == Some(account)
        };
        let (pk, sk) = account_pointer(channel.provider, account);
        let Some(item) = self.store.item(OPERATION, &pk, &sk, Read::Strong).await? else {
            return Ok(None);
        };
        let last = pointers::last_of_account(OPERATION, item)?;
        if let Some(id) = last.filter(|id| *id != channel.id)
            && self
                .channel(id, Read::Strong)
                .await?
                .is_some_and(|other| same(&other))
        {
            return Ok(None);
        }
        if self.channels().await?.iter().any(same) {
            return Ok(None);
        }
        Ok(Some(pointers::gone_account(channel, account, last)))
    }

    /// Until when a channel's days are paid.
    pub(crate) async fn paid_until(
        &self,
        id: ChannelId,
        until: Timestamp,
    ) -> Result<(), StoreFailure> {
        let write = Write::update(self.keys().channel(id), "SET paid_until = :until")
            .when("attribute_exists(pk) AND attribute_not_exists(gone)")
            .value(":until", time(until));
        // A channel that is not there is not sent from either.
        self.write("channel.paid_until", &write).await.map(drop)
    }
}
