//! Channels that the platform makes and pays for at WHAPI: ordered, made, extended, logged in, deleted.
//! What spends something at WHAPI is claimed by one conditional write before it is asked for, and an
//! unknown outcome is looked at, never repeated blindly.

mod adopting;
mod delete;
mod extend;
mod granting;
mod growth;
mod live;
mod login;
mod making;
mod order;
mod settings;
mod top_up;
mod view;
mod work;

use jiff::{SignedDuration, Timestamp};

pub use self::{
    delete::Removed,
    extend::Extended,
    login::Login,
    order::Order,
    top_up::{Round, wake},
    view::ShownState,
    work::{Ended, Worked},
};
use super::{new_channel::Randoms, partner_token::Watched};
use crate::{
    billing::{Applied, Change},
    failure::{AppFailure, ProviderFailure},
    ids::{ChannelId, TenantId, UserId},
    managed::ManagedChannel,
    partner,
    ports::{
        AuditEntry, ChannelBook, Clock, Directory, ManagedChannels, Money, Partner, PartnerAccess,
        PartnerBook, Saved, Seals, Vault,
    },
};

/// How long whoever asks WHAPI for something may take: longer than any exchange and any request.
pub const LEASE: SignedDuration = SignedDuration::from_secs(90);

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// What makes random texts: the domain makes no randomness of its own.
pub type Fresh = fn() -> Result<Randoms, AppFailure>;

/// What managed channels need of storage.
pub trait ManagedStore: Directory + ChannelBook + Money + ManagedChannels {}

impl<S> ManagedStore for S where S: Directory + ChannelBook + Money + ManagedChannels {}

/// What working with managed channels needs.
#[derive(Debug)]
pub struct ManagedDesk<'a, S, V, P, B, C> {
    /// Storage.
    pub store: &'a S,
    /// Seals and opens tokens.
    pub vault: &'a V,
    /// WHAPI's manager.
    pub partner: &'a P,
    /// What opens the platform's account there.
    pub access: B,
    /// The time.
    pub clock: &'a C,
    /// The URL below which WHAPI sends webhooks, without a last slash: the channel's random part follows.
    pub hooks: &'a str,
    /// Random texts.
    pub fresh: Fresh,
}

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    async fn find(&self, tenant: TenantId, id: ChannelId) -> Result<ManagedChannel, AppFailure> {
        let found = self.store.managed(tenant, id).await?;
        found.ok_or_else(no_such_channel)
    }

    /// What opens WHAPI's manager; nothing was asked or stored when there is none.
    async fn opened(&self) -> Result<PartnerAccess, AppFailure> {
        let access = self.access.partner_access().await?;
        access.ok_or_else(partner::missing)
    }

    /// Claims a record for a call: whoever reads it until the lease ends leaves it alone, and afterwards
    /// it is due. False when somebody else was first.
    async fn claim(
        &self,
        record: &mut ManagedChannel,
        change: impl FnOnce(&mut ManagedChannel),
    ) -> Result<bool, AppFailure> {
        let now = self.clock.now();
        record.lease = Some(now + LEASE);
        record.due = record.lease;
        record.updated_at = now;
        change(record);
        Ok(self.store.save_managed(record).await? == Saved::Done)
    }

    /// Writes what became of a claim and gives it back. None when the lease ended meanwhile and somebody
    /// else took over: what they find out counts.
    async fn settle(
        &self,
        claimed: &ManagedChannel,
        change: impl Fn(&mut ManagedChannel),
    ) -> Result<Option<ManagedChannel>, AppFailure> {
        let mut stands = claimed.clone();
        for _ in 0..TRIES {
            let mut record = stands;
            record.lease = None;
            record.updated_at = self.clock.now();
            change(&mut record);
            if self.store.save_managed(&mut record).await? == Saved::Done {
                return Ok(Some(record));
            }
            match self.again(claimed).await? {
                Some(known) => stands = known,
                None => return Ok(None),
            }
        }
        Err(busy())
    }

    /// The same together with what moves days or slots.
    async fn settle_money(
        &self,
        claimed: &ManagedChannel,
        change: impl Fn(ManagedChannel) -> Change,
    ) -> Result<Option<()>, AppFailure> {
        let mut stands = claimed.clone();
        for _ in 0..TRIES {
            let mut record = stands;
            record.lease = None;
            record.updated_at = self.clock.now();
            match self.store.apply(&change(record)).await? {
                Applied::Done | Applied::Repeated => return Ok(Some(())),
                Applied::Stale => {}
                // What was set aside is there, and a slot that was taken can be given: a ledger without
                // them is damaged, and somebody has to look.
                Applied::NoDays | Applied::NoSlot => {
                    return Err(AppFailure::unknown(
                        "the account does not hold what it must",
                    ));
                }
            }
            match self.again(claimed).await? {
                Some(known) => stands = known,
                None => return Ok(None),
            }
        }
        Err(busy())
    }

    /// The record as it stands, if the claim still does: webhooks write it too.
    async fn again(&self, claimed: &ManagedChannel) -> Result<Option<ManagedChannel>, AppFailure> {
        let known = self.store.managed(claimed.tenant, claimed.id).await?;
        let same = |known: &ManagedChannel| {
            known.lease == claimed.lease
                && known.stage == claimed.stage
                && known.extension == claimed.extension
        };
        Ok(known.filter(same))
    }

    /// WHAPI's manager, for calls with the platform's token: what is heard of it is kept (S3.31).
    const fn whapi(&self) -> Watched<'_, P, B, C> {
        Watched {
            partner: self.partner,
            book: &self.access,
            clock: self.clock,
        }
    }

    fn entry(&self, by: &UserId, action: &'static str, id: ChannelId) -> AuditEntry {
        AuditEntry::new(by, "channels", action, id, self.clock.now())
    }
}

/// Who does what happens by itself.
fn waypost() -> UserId {
    UserId::new("waypost")
}

/// A time so long after another, or that other at the end of times.
fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

fn no_such_channel() -> AppFailure {
    AppFailure::not_found("There is no such channel.")
}

/// What WHAPI refused; a refused partner token says so itself (S3.30).
fn refused(why: ProviderFailure, reason: &'static str) -> AppFailure {
    if partner::is_refusal(&why) {
        return partner::failed(why);
    }
    AppFailure::from(why).with_detail("reason", reason)
}

fn busy() -> AppFailure {
    AppFailure::conflict("The channel is changing right now. Please try again in a moment.")
        .with_detail("reason", "BUSY")
}

fn not_managed() -> AppFailure {
    AppFailure::conflict(
        "This channel has credentials of its own: Waypost gives days to channels at WHAPI alone.",
    )
    .with_detail("reason", "NOT_MANAGED")
}
