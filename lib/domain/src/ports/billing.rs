//! Plans, subscriptions, payments and days; and WHAPI's manager.

use std::future::Future;

use jiff::Timestamp;

use super::{AuditEntry, Page, Saved};
use crate::{
    billing::{
        Account, Applied, Change, Entry, Notification, Payment, PaymentState, Plan, PlanRequest,
        Subscription,
    },
    channel::{Channel, SealedSecret, Secret},
    failure::{ProviderFailure, StoreFailure},
    ids::{ChannelId, NotificationId, PaymentId, PlanId, RequestId, SubscriptionId, TenantId},
    managed::{LoginCode, ManagedChannel, PartnerChannel},
};

/// The platform's plans. They belong to no tenant.
pub trait Plans: Send + Sync {
    /// A plan.
    fn plan(&self, id: PlanId) -> impl Future<Output = Result<Option<Plan>, StoreFailure>> + Send;

    /// All plans, in the order they were made.
    fn plans(&self) -> impl Future<Output = Result<Vec<Plan>, StoreFailure>> + Send;

    /// Writes a plan if nobody wrote it since it was read (version 0: if it is new), and notes who did
    /// it in that person's own tenant. Raises the version.
    fn save_plan(
        &self,
        plan: &mut Plan,
        by: TenantId,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Everything about a company's money.
pub trait Money: Send + Sync {
    /// Its account, as of every earlier write; an empty one when none is stored.
    fn account(
        &self,
        tenant: TenantId,
    ) -> impl Future<Output = Result<Account, StoreFailure>> + Send;

    /// Applies a change: all of it or nothing.
    fn apply(&self, change: &Change) -> impl Future<Output = Result<Applied, StoreFailure>> + Send;

    /// Entries of its ledger, newest first.
    fn entries(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Entry>, StoreFailure>> + Send;
}

/// Subscriptions.
pub trait Subscriptions: Send + Sync {
    /// One of them, as of every earlier write.
    fn subscription(
        &self,
        tenant: TenantId,
        id: SubscriptionId,
    ) -> impl Future<Output = Result<Option<Subscription>, StoreFailure>> + Send;

    /// A company's subscriptions, newest first.
    fn subscriptions(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Subscription>, StoreFailure>> + Send;

    /// Keeps where a subscription at PayPal leads to; one that leads elsewhere already is
    /// [`Saved::Stale`].
    fn point_paypal(
        &self,
        paypal: &str,
        tenant: TenantId,
        id: SubscriptionId,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// The subscription that PayPal calls so, across tenants; for verified webhooks alone.
    fn subscription_of_paypal(
        &self,
        paypal: &str,
    ) -> impl Future<Output = Result<Option<Subscription>, StoreFailure>> + Send;
}

/// Offline payments.
pub trait Payments: Send + Sync {
    /// One of a company's, as of every earlier write.
    fn payment(
        &self,
        tenant: TenantId,
        id: PaymentId,
    ) -> impl Future<Output = Result<Option<Payment>, StoreFailure>> + Send;

    /// A company's payments, newest first.
    fn payments(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Payment>, StoreFailure>> + Send;

    /// Writes a payment if nobody wrote it since it was read (version 0: if it is new). Raises the
    /// version.
    fn save_payment(
        &self,
        payment: &mut Payment,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Claims a receipt's bytes for a payment: false when another payment, of any company, claimed them
    /// before. Claiming again for the same payment is true.
    fn claim_receipt(
        &self,
        sha256: &str,
        payment: &Payment,
    ) -> impl Future<Output = Result<bool, StoreFailure>> + Send;

    /// Payments of all companies in a state, newest first; for the platform's people alone.
    fn payments_in(
        &self,
        state: PaymentState,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Payment>, StoreFailure>> + Send;

    /// A payment of any company; for the platform's people alone.
    fn any_payment(
        &self,
        id: PaymentId,
    ) -> impl Future<Output = Result<Option<Payment>, StoreFailure>> + Send;
}

/// Requests for quotes and demos.
pub trait PlanRequests: Send + Sync {
    /// Writes a request if nobody wrote it since it was read (version 0: if it is new). Raises the
    /// version.
    fn save_request(
        &self,
        request: &mut PlanRequest,
        by: TenantId,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// A request of any company; for the platform's people alone.
    fn any_request(
        &self,
        id: RequestId,
    ) -> impl Future<Output = Result<Option<PlanRequest>, StoreFailure>> + Send;

    /// Requests of all companies, newest first; for the platform's people alone.
    fn requests(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<PlanRequest>, StoreFailure>> + Send;

    /// A company's own requests, newest first.
    fn own_requests(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<PlanRequest>, StoreFailure>> + Send;
}

/// What companies are told.
pub trait Notifications: Send + Sync {
    /// A notification, as of every earlier write.
    fn notification(
        &self,
        tenant: TenantId,
        id: NotificationId,
    ) -> impl Future<Output = Result<Option<Notification>, StoreFailure>> + Send;

    /// A company's notifications, newest first.
    fn notifications(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Notification>, StoreFailure>> + Send;

    /// Writes a notification if nobody wrote it since it was read (version 0: if it is new; one that is
    /// there already stays and is [`Saved::Stale`]). Raises the version.
    fn save_notification(
        &self,
        notification: &mut Notification,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Records of channels that the platform pays for. They are written with [`Money::apply`], or alone here.
pub trait ManagedChannels: Send + Sync {
    /// The record of a channel, as of every earlier write.
    fn managed(
        &self,
        tenant: TenantId,
        id: ChannelId,
    ) -> impl Future<Output = Result<Option<ManagedChannel>, StoreFailure>> + Send;

    /// All records of a company, tombstones included, in the order they were made.
    fn managed_channels(
        &self,
        tenant: TenantId,
    ) -> impl Future<Output = Result<Vec<ManagedChannel>, StoreFailure>> + Send;

    /// Writes a record if nobody wrote it since it was read. Raises the version.
    fn save_managed(
        &self,
        managed: &mut ManagedChannel,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Takes the secrets out of a deleted channel and hides it: what leads to it leads nowhere any more
    /// (X28). A slot that was taken when it was made comes back, once.
    fn bury_channel(
        &self,
        channel: &Channel,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Until when a channel's days are paid: what sending looks at.
    fn paid_until(
        &self,
        tenant: TenantId,
        id: ChannelId,
        until: Timestamp,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Records that are due, across tenants, earliest first; for the schedule of channels alone. The
    /// index may lag: the record itself decides.
    fn due_managed(
        &self,
        now: Timestamp,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<(TenantId, ChannelId)>, StoreFailure>> + Send;
}

/// What opens WHAPI's manager, and what the platform wants done there: never printed.
#[derive(Debug, Clone)]
pub struct PartnerAccess {
    /// The partner token.
    pub token: Secret,
    /// The project that channels are made in.
    pub project: String,
    /// The token as it is kept: what is heard of it counts while it is the one that is set.
    pub sealed: SealedSecret,
    /// Whether WHAPI is known to refuse it.
    pub refused: bool,
    /// Whether unused days of deleted channels stay with the platform (X27).
    pub keeps_unused_days: bool,
}

/// What a new channel at WHAPI tells us, and where it sends webhooks.
#[derive(Debug)]
pub struct WebhookTarget {
    /// The whole URL.
    pub url: String,
    /// The value of its secret header.
    pub secret: Secret,
}

/// WHAPI's manager API (providers.md 1.8), and what only the partner flow asks of the gate API.
pub trait Partner: Send + Sync {
    /// The ids of the projects that the token opens; proves the token.
    fn projects(
        &self,
        access: &PartnerAccess,
    ) -> impl Future<Output = Result<Vec<String>, ProviderFailure>> + Send;

    /// Makes a channel. Not idempotent: after an unknown outcome, look for the name first.
    fn create(
        &self,
        access: &PartnerAccess,
        name: &str,
        phone: Option<&str>,
    ) -> impl Future<Output = Result<PartnerChannel, ProviderFailure>> + Send;

    /// The channel with exactly this name, if there is one in the project.
    fn find(
        &self,
        access: &PartnerAccess,
        name: &str,
    ) -> impl Future<Output = Result<Option<PartnerChannel>, ProviderFailure>> + Send;

    /// A channel; none when WHAPI knows no such channel.
    fn partner_channel(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> impl Future<Output = Result<Option<PartnerChannel>, ProviderFailure>> + Send;

    /// Gives a channel days. Not idempotent, and spends them: after an unknown outcome, look at
    /// `active_till` first. Answers until when it is active now, where the answer shows it.
    fn extend(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
        days: u32,
        comment: &str,
    ) -> impl Future<Output = Result<Option<Timestamp>, ProviderFailure>> + Send;

    /// Deletes a channel; one that is gone already is fine. Unused days return to the partner.
    fn delete(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> impl Future<Output = Result<(), ProviderFailure>> + Send;

    /// A code to log the number in with; wakes the channel. With the channel's own token (S3.20).
    fn login_code(
        &self,
        token: &Secret,
    ) -> impl Future<Output = Result<LoginCode, ProviderFailure>> + Send;

    /// Tells a channel where its webhooks go. With the channel's own token.
    fn set_webhooks(
        &self,
        token: &Secret,
        target: &WebhookTarget,
    ) -> impl Future<Output = Result<(), ProviderFailure>> + Send;
}

/// What opens the platform's account at WHAPI.
pub trait PartnerBook: Send + Sync {
    /// The partner's token and project; none while they are not set up.
    fn partner_access(
        &self,
    ) -> impl Future<Output = Result<Option<PartnerAccess>, StoreFailure>> + Send;

    /// Keeps that WHAPI refused this token, or took it again; called only when that is news.
    fn token_heard(
        &self,
        access: &PartnerAccess,
        refused: bool,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;
}
