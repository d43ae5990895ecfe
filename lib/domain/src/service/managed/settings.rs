//! What people set of a managed channel beside what every channel has.

use super::{ManagedDesk, ManagedStore, busy, not_managed};
use crate::{
    billing::{Applied, Change},
    failure::AppFailure,
    ids::ChannelId,
    managed::{ManagedChannel, Stage},
    ports::{Clock, Partner, PartnerBook, Seals, Vault},
    principal::Principal,
};

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    /// Whether a channel is extended by itself before its days are over.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT for a channel that gets no days from Waypost, or when it keeps changing.
    pub async fn set_auto_extend(
        &self,
        principal: &Principal,
        id: ChannelId,
        wanted: bool,
    ) -> Result<ManagedChannel, AppFailure> {
        let tenant = principal.tenant();
        for _ in 0..super::TRIES {
            let Some(record) = self.store.managed(tenant, id).await? else {
                let own = self.store.channel(tenant, id).await?;
                return Err(own.map_or_else(super::no_such_channel, |_| not_managed()));
            };
            if record.stage == Stage::Deleted {
                return Err(super::no_such_channel());
            }
            if record.auto_extend == wanted {
                return Ok(record);
            }
            let now = self.clock.now();
            let mut changed = record.clone();
            changed.auto_extend = wanted;
            changed.updated_at = record.updated_at.max(now);
            if changed.stage == Stage::Live {
                // The schedule finds out when it is looked at next.
                changed.due = Some(changed.due.map_or(now, |due| due.min(now)));
            }
            if let (Stage::Deleting, at) = (record.stage, record.updated_at) {
                changed.updated_at = at;
            }
            if record.lease.is_some_and(|lease| lease > now) {
                changed.due = record.due;
            }
            let audit = self.entry(principal.user(), "edit", id).changed(
                "auto_extend",
                record.auto_extend,
                wanted,
            );
            let mut change = Change::of(tenant, audit);
            change.managed = Some(changed);
            match self.store.apply(&change).await? {
                Applied::Done | Applied::Repeated => return self.find(tenant, id).await,
                Applied::Stale | Applied::NoDays | Applied::NoSlot => {}
            }
        }
        Err(busy())
    }
}
