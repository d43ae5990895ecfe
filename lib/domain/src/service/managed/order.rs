//! Ordering a channel: the record, its slot and the audit line in one transaction; then everything that
//! WHAPI does at once.

use sha2::{Digest, Sha256};
use tracing::{error, info};

use super::{ManagedDesk, ManagedStore, later, work};
use crate::{
    billing::{Applied, Change},
    copy::PARTNER_BANNER,
    failure::{AppFailure, FieldProblem, ProviderFailure},
    ids::ChannelId,
    managed::{ManagedChannel, OrderMark, Stage},
    partner::{self, PARTNER_TOKEN},
    phone::PhoneNumber,
    ports::{Clock, Partner, PartnerBook, Seals, Vault},
    principal::Principal,
    provider::ProviderKind,
    service::{
        allowance::{Allowance, NO_DAYS, NO_SLOT},
        draft::IdempotencyKey,
        new_channel::{self, refuse},
    },
    tenant::Tenant,
};

/// Days a new channel is extended by when nobody says how many, as far as they are free.
pub(super) const USUAL_DAYS: u32 = 30;
/// The most days that are asked for at once.
pub(super) const MOST_DAYS: u32 = 365;

/// A channel to be made at WHAPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The tenant's name for it.
    pub name: String,
    /// The number it is meant for.
    pub phone: Option<PhoneNumber>,
    /// Days to extend it by; 30, or what is free, when missing.
    pub days: Option<u32>,
}

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    /// Orders a channel and makes it, as far as WHAPI lets it be made at once; the schedule does the rest.
    /// Asked for again under its idempotency key it is the same order.
    ///
    /// # Errors
    /// VALIDATION with every wrong field; FORBIDDEN with `NO_PLAN`, `CHANNEL_LIMIT` or `DAYS_EXHAUSTED`;
    /// CONFLICT when the key ordered another channel, or `PARTNER_TOKEN` while the platform's token is
    /// missing: nothing is stored then; `PROVIDER_ERROR` when WHAPI refuses to make it (the order says so).
    pub async fn order(
        &self,
        principal: &Principal,
        order: &Order,
        key: Option<&IdempotencyKey>,
    ) -> Result<ManagedChannel, AppFailure> {
        order.check()?;
        let tenant = principal.tenant();
        let id = key.map_or_else(ChannelId::fresh, |key| ChannelId::of_key(tenant, &key.key));
        if key.is_some()
            && let Some(known) = self.store.managed(tenant, id).await?
        {
            return self.known(known, order).await;
        }
        let company = self.company(principal).await?;
        let account = self.store.account(tenant).await?;
        let limit = Allowance::a_channel(company.plan.as_ref(), &account, self.clock.now())?;
        self.opened().await?;
        let free = account.balances.free;
        let record = self.record(principal, order, id, free)?;
        let mut change = Change::of(
            tenant,
            self.entry(principal.user(), "order", id)
                .with("provider", ProviderKind::Whapi.as_str())
                .with("name", &record.name),
        );
        change.take_slot = Some(limit);
        change.needs_free = 1;
        change.managed = Some(record);
        match self.store.apply(&change).await? {
            Applied::Done => {
                info!(tenant.id = %tenant, channel.id = %id, "ordered channel `{id}`");
                self.made(principal, id).await
            }
            // The same key at the same moment, or our own try whose answer was lost.
            Applied::Stale | Applied::Repeated => {
                let known = self.find(tenant, id).await?;
                self.known(known, order).await
            }
            Applied::NoDays => Err(NO_DAYS.into()),
            Applied::NoSlot => Err(NO_SLOT.into()),
        }
    }

    /// An order that was made before: the same one, or another under its key.
    async fn known(
        &self,
        known: ManagedChannel,
        order: &Order,
    ) -> Result<ManagedChannel, AppFailure> {
        let same = match known.order {
            Some(mark) => mark == order.mark(),
            None => known.name == order.name.trim() && known.phone == order.phone,
        };
        if !same {
            return Err(AppFailure::conflict(
                "This Idempotency-Key ordered another channel. Use a new key for a new channel.",
            )
            .with_detail("reason", "IDEMPOTENCY_KEY_REUSED"));
        }
        answer(known)
    }

    async fn made(
        &self,
        principal: &Principal,
        id: ChannelId,
    ) -> Result<ManagedChannel, AppFailure> {
        let tenant = principal.tenant();
        let until = later(self.clock.now(), work::REQUEST);
        match self.work(tenant, id, until).await {
            Ok(worked) => answer(worked.record),
            // The order stands, and whoever asks again under another key would order a second one.
            Err(failure) => {
                error!(tenant.id = %tenant, channel.id = %id, error = %failure, "channel `{id}` is ordered, and the schedule makes it");
                self.find(tenant, id).await
            }
        }
    }

    async fn company(&self, principal: &Principal) -> Result<Tenant, AppFailure> {
        let tenant = self.store.tenant(principal.tenant()).await?;
        let tenant =
            tenant.ok_or_else(|| AppFailure::forbidden("This company has no account yet."))?;
        if !tenant.active {
            let off = "This company's account is switched off. Ask Waypost's support.";
            return Err(AppFailure::forbidden(off).with_detail("reason", "TENANT_INACTIVE"));
        }
        Ok(tenant)
    }

    fn record(
        &self,
        principal: &Principal,
        order: &Order,
        id: ChannelId,
        free: u32,
    ) -> Result<ManagedChannel, AppFailure> {
        let (now, by) = (self.clock.now(), principal.user().clone());
        let (name, key) = (order.name.trim().to_owned(), (self.fresh)()?.key);
        Ok(ManagedChannel {
            phone: order.phone.clone(),
            wanted_days: order.days.unwrap_or(USUAL_DAYS).min(free),
            auto_extend: true,
            order: Some(order.mark()),
            email: principal.email().map(str::to_owned),
            ..ManagedChannel::ordered((principal.tenant(), id), name, key, by, now)
        })
    }
}

impl Order {
    /// All that it is made of: a channel that is renamed later, or days that are spent, change none of it.
    fn mark(&self) -> OrderMark {
        let Self { name, phone, days } = self;
        let phone = phone.as_ref().map_or("", PhoneNumber::digits);
        let mut hash = Sha256::new();
        for part in [name.trim(), phone] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        // No order is for no days.
        hash.update(days.unwrap_or(0).to_be_bytes());
        let digest = hash.finalize();
        OrderMark(digest.first_chunk().copied().unwrap_or_default())
    }

    fn check(&self) -> Result<(), AppFailure> {
        let mut problems = Vec::new();
        new_channel::name(&mut problems, &self.name);
        if self
            .days
            .is_some_and(|days| !(1..=MOST_DAYS).contains(&days))
        {
            problems.push(days_problem());
        }
        refuse(problems)
    }
}

pub(super) fn days_problem() -> FieldProblem {
    FieldProblem::new("days", "RANGE", "give whole days from 1 to 365")
}

/// An order as it is answered: one that WHAPI refused is told as such, whenever it is asked for.
fn answer(record: ManagedChannel) -> Result<ManagedChannel, AppFailure> {
    match record.stage {
        Stage::Failed => {
            let reason = record.problem.unwrap_or_default();
            if reason == PARTNER_BANNER {
                let refused = ProviderFailure::Rejected {
                    code: PARTNER_TOKEN.into(),
                    reason,
                };
                return Err(partner::failed(refused));
            }
            let refused = ProviderFailure::Rejected {
                code: "CHANNEL_NOT_MADE".into(),
                reason,
            };
            Err(AppFailure::from(refused)
                .with_detail("reason", "CHANNEL_NOT_MADE")
                .with_detail("channel_id", record.id.to_string()))
        }
        Stage::Ordered | Stage::Creating | Stage::Live | Stage::Deleting | Stage::Deleted => {
            Ok(record)
        }
    }
}
