//! What a company pays for and what is left of it, at one glance (S3.47, S3.57).

use jiff::Timestamp;

use super::{BillingDesk, Customer, no_such_company};
use crate::{
    billing::{Account, Entry, Payment, PaymentState, Subscription, SubscriptionState},
    failure::AppFailure,
    ids::{ChannelId, TenantId},
    managed::Stage,
    ports::{Clock, Directory, ManagedChannels, Money, Page, Payments, Subscriptions},
    principal::Principal,
    service::allowance::{Allowance, Barred},
    tenant::PlanLimits,
};

/// So many of the newest subscriptions and payments are looked through for pending ones.
const LOOKED_AT: u16 = 20;

/// Where a company stands with its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanStatus {
    /// It never had one.
    None,
    /// It ordered its first and has not paid.
    Pending,
    /// It has one.
    Active,
    /// It has one that is not prolonged any more.
    Canceled,
    /// What it paid for is over.
    Expired,
}

impl PlanStatus {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }
}

/// The channel whose days are over first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelEnd {
    /// Which.
    pub id: ChannelId,
    /// What the company calls it.
    pub name: String,
    /// When its days are over.
    pub at: Timestamp,
}

/// What a company pays for, and what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// Which company.
    pub tenant: TenantId,
    /// What it is called.
    pub company: String,
    /// Its account.
    pub account: Account,
    /// What its plan allows, also when its time is over.
    pub limits: Option<PlanLimits>,
    /// Where it stands with it.
    pub status: PlanStatus,
    /// The subscription that counts.
    pub subscription: Option<Subscription>,
    /// An order that waits for its payment.
    pub ordered: Option<Subscription>,
    /// A payment that waits for its review.
    pub pending: Option<Payment>,
    /// The channel whose days are over first.
    pub channel_end: Option<ChannelEnd>,
    /// Why no channel can be added now, in the words of the refusal; none when one can (S3.45, S3.50). A
    /// page disables its button by it; the limit itself is in the transaction.
    pub no_channel: Option<Barred>,
}

impl<S, C> BillingDesk<'_, S, C>
where
    S: Directory + Money + Subscriptions + Payments + ManagedChannels,
    C: Clock,
{
    /// The caller's company.
    ///
    /// # Errors
    /// FORBIDDEN for a company without an account.
    pub async fn overview(&self, principal: &Principal) -> Result<Overview, AppFailure> {
        let found = self.overview_of_tenant(principal.tenant()).await?;
        found.ok_or_else(|| AppFailure::forbidden("This company has no account yet."))
    }

    /// Any company; for the platform's people.
    ///
    /// # Errors
    /// `NOT_FOUND` for a company that is none.
    pub async fn overview_of(&self, customer: Customer) -> Result<Overview, AppFailure> {
        let Customer(tenant) = customer;
        let found = self.overview_of_tenant(tenant).await?;
        found.ok_or_else(no_such_company)
    }

    /// The entries of any company's ledger; for the platform's people.
    ///
    /// # Errors
    /// `NOT_FOUND` for a company that is none.
    pub async fn entries_of(
        &self,
        customer: Customer,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Entry>, AppFailure> {
        let Customer(tenant) = customer;
        if self.store.tenant(tenant).await?.is_none() {
            return Err(no_such_company());
        }
        Ok(self.store.entries(tenant, after, limit).await?)
    }

    async fn overview_of_tenant(&self, id: TenantId) -> Result<Option<Overview>, AppFailure> {
        let Some(tenant) = self.store.tenant(id).await? else {
            return Ok(None);
        };
        let account = self.store.account(id).await?;
        let subscription = match account.subscription {
            Some(counts) => self.store.subscription(id, counts).await?,
            None => None,
        };
        let newest = self.store.subscriptions(id, None, LOOKED_AT).await?;
        let mut newest = newest.items.into_iter();
        let ordered = newest.find(|one| one.state == SubscriptionState::Pending);
        let payments = self.store.payments(id, None, LOOKED_AT).await?;
        let mut payments = payments.items.into_iter();
        let pending = payments.find(|one| one.state == PaymentState::Pending);
        let channel_end = self.channel_end(id).await?;
        let now = self.clock.now();
        let limits = tenant.plan;
        let status = status(
            limits.as_ref(),
            subscription.as_ref(),
            ordered.as_ref(),
            now,
        );
        Ok(Some(Overview {
            tenant: id,
            company: tenant.name,
            no_channel: Allowance::a_channel(limits.as_ref(), &account, now).err(),
            account,
            limits,
            status,
            subscription,
            ordered,
            pending,
            channel_end,
        }))
    }

    async fn channel_end(&self, tenant: TenantId) -> Result<Option<ChannelEnd>, AppFailure> {
        let managed = self.store.managed_channels(tenant).await?;
        let live = managed.into_iter().filter(|one| one.stage == Stage::Live);
        let ends = live.filter_map(|one| {
            one.active_till.map(|at| ChannelEnd {
                id: one.id,
                name: one.name,
                at,
            })
        });
        Ok(ends.min_by_key(|end| end.at))
    }
}

impl<S: Money, C: Clock> BillingDesk<'_, S, C> {
    /// The entries of the company's ledger, newest first.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn entries(
        &self,
        principal: &Principal,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Entry>, AppFailure> {
        let tenant = principal.tenant();
        Ok(self.store.entries(tenant, after, limit).await?)
    }
}

fn status(
    limits: Option<&PlanLimits>,
    subscription: Option<&Subscription>,
    ordered: Option<&Subscription>,
    now: Timestamp,
) -> PlanStatus {
    match limits {
        Some(limits) if limits.counts(now) => {
            let ends = subscription.is_some_and(|one| one.state == SubscriptionState::Canceled);
            if ends {
                PlanStatus::Canceled
            } else {
                PlanStatus::Active
            }
        }
        Some(_) => PlanStatus::Expired,
        None if ordered.is_some() => PlanStatus::Pending,
        None => PlanStatus::None,
    }
}
