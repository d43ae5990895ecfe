//! Beginning and ending subscriptions. Ours is written down before PayPal is asked, and PayPal is asked
//! under its id, so an answer that was lost is asked for again and never a second subscription.

use tracing::{error, info};

use super::{PayPalStore, TRIES, busy, plan_of};
use crate::{
    billing::{Applied, Change, PayPalLink, PaymentMethod, Subscription, SubscriptionState},
    failure::{AppFailure, ProviderFailure, StoreFailure, StoreFailureKind},
    ids::{PlanId, SubscriptionId},
    ports::{AuditEntry, Clock, PayPal, PayPalOrder, PayPalSubscription, Saved},
    principal::Principal,
    service::{
        accept::IdempotencyKey,
        billing::{BillingDesk, Opened},
    },
};

/// What PayPal is told when a customer ends a subscription.
const REASON: &str = "Cancelled by the customer in Waypost";

/// Beginning and ending.
#[derive(Debug)]
pub struct PayPalDeals<'a, S, P, C> {
    /// Storage.
    pub store: &'a S,
    /// PayPal, as the platform's app.
    pub paypal: &'a P,
    /// The time.
    pub clock: &'a C,
}

impl<S, P, C> PayPalDeals<'_, S, P, C>
where
    S: PayPalStore,
    P: PayPal,
    C: Clock,
{
    /// Begins a subscription to a plan, and answers with where the buyer approves it. Asked for again, it is
    /// the same subscription, however often and whatever became of the first answer (S3.39).
    ///
    /// # Errors
    /// Those of [`BillingDesk::subscribe`], CONFLICT while another is renewed at PayPal, `PROVIDER_ERROR`
    /// when PayPal did not answer: ask again.
    pub async fn subscribe(
        &self,
        principal: &Principal,
        plan: PlanId,
        key: Option<&IdempotencyKey>,
    ) -> Result<Opened, AppFailure> {
        if !self.is_known(principal, key).await? {
            self.only_one(principal, plan).await?;
        }
        let desk = BillingDesk {
            store: self.store,
            clock: self.clock,
        };
        let method = PaymentMethod::PayPal;
        let opened = desk.subscribe(principal, plan, method, key).await?;
        let known = &opened.subscription;
        if known.state != SubscriptionState::Pending || approvable(known) {
            return Ok(opened);
        }
        let plan = plan_of(self.store, known.plan).await?;
        let order = PayPalOrder {
            plan: plan.paypal_plan.ok_or_else(busy)?,
            subscription: known.id,
            email: principal.email().map(str::to_owned),
        };
        let begun = self.paypal.begin(&order).await;
        let begun = begun.map_err(AppFailure::unanswered)?;
        let subscription = self.link(principal, known.id, &begun).await?;
        Ok(Opened {
            subscription,
            repeated: opened.repeated,
        })
    }

    /// Ends a subscription: it is not renewed any more, and what is paid may be used until its end.
    /// Ending it twice is fine.
    ///
    /// # Errors
    /// `NOT_FOUND`, CONFLICT when its time is over, `PROVIDER_ERROR` when PayPal did not end it.
    pub async fn cancel(
        &self,
        principal: &Principal,
        id: SubscriptionId,
    ) -> Result<Subscription, AppFailure> {
        let mut before = self.find(principal, id).await?;
        match before.state {
            SubscriptionState::Canceled => return Ok(before),
            SubscriptionState::Expired => {
                return Err(AppFailure::conflict(
                    "This subscription is over already; nothing is renewed.",
                ));
            }
            SubscriptionState::Pending | SubscriptionState::Active => {}
        }
        if let Some(link) = &before.paypal {
            self.end_at_paypal(link, before.state).await?;
        }
        let plan = plan_of(self.store, before.plan).await?;
        for _ in 0..TRIES {
            let now = self.clock.now();
            let mut after = before.clone();
            after.updated_at = now;
            match after.method {
                PaymentMethod::Offline => after.state = SubscriptionState::Canceled,
                PaymentMethod::PayPal => {
                    // Also what PayPal never heard of ends at a time.
                    after.paypal.get_or_insert_with(|| PayPalLink::new("", ""));
                    after.ended(now);
                    after.settle(plan.period.length());
                }
            }
            let audit = self.audit(principal, "cancel", id).changed(
                "state",
                before.state.as_str(),
                after.state.as_str(),
            );
            if self.save(&after, audit).await? {
                info!(tenant.id = %before.tenant, subscription.id = %id, "ended subscription `{id}`");
                return self.find(principal, id).await;
            }
            before = self.find(principal, id).await?;
            // Its own webhook was quicker.
            if before.state == SubscriptionState::Canceled {
                return Ok(before);
            }
        }
        Err(busy().into())
    }

    async fn end_at_paypal(
        &self,
        link: &PayPalLink,
        state: SubscriptionState,
    ) -> Result<(), AppFailure> {
        if link.id.is_empty() {
            return Ok(());
        }
        let refused = match self.paypal.cancel(&link.id, REASON).await {
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        let no = matches!(refused, ProviderFailure::Rejected { .. });
        if !no || state != SubscriptionState::Pending {
            return Err(AppFailure::unanswered(refused));
        }
        // What the buyer never approved cannot be ended at PayPal, and need not be.
        let known = self.paypal.paypal_subscription(&link.id).await;
        match known.map_err(AppFailure::unanswered)? {
            Some(known) if !known.status.starts_with("APPROVAL") => {
                Err(AppFailure::unanswered(refused))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a request with this key came before.
    async fn is_known(
        &self,
        principal: &Principal,
        key: Option<&IdempotencyKey>,
    ) -> Result<bool, AppFailure> {
        let Some(key) = key else {
            return Ok(false);
        };
        let tenant = principal.tenant();
        let id = SubscriptionId::of_key(tenant, &key.key);
        Ok(self.store.subscription(tenant, id).await?.is_some())
    }

    /// Two that are renewed would be two bills.
    async fn only_one(&self, principal: &Principal, plan: PlanId) -> Result<(), AppFailure> {
        let account = self.store.account(principal.tenant()).await?;
        let Some(id) = account.subscription else {
            return Ok(());
        };
        let current = self.store.subscription(principal.tenant(), id).await?;
        let renewed = current.filter(|one| {
            one.method == PaymentMethod::PayPal
                && one.state == SubscriptionState::Active
                && one.plan != plan
        });
        let Some(current) = renewed else {
            return Ok(());
        };
        Err(AppFailure::conflict(format!(
            "PayPal renews your plan “{}” already. Cancel that subscription first, so that you are not charged twice; what is paid stays usable until its end.",
            current.plan_name
        ))
        .with_detail("reason", "ALREADY_SUBSCRIBED")
        .with_detail("subscription_id", current.id.to_string()))
    }

    /// Keeps what leads from PayPal's webhooks to ours, and then what leads the buyer to PayPal: nobody can
    /// approve what no webhook would find.
    async fn link(
        &self,
        principal: &Principal,
        id: SubscriptionId,
        begun: &PayPalSubscription,
    ) -> Result<Subscription, AppFailure> {
        let tenant = principal.tenant();
        if self.store.point_paypal(&begun.id, tenant, id).await? == Saved::Stale {
            error!(tenant.id = %tenant, subscription.id = %id, "PayPal answered with a subscription of somebody else");
            return Err(StoreFailure::new("paypal.point", StoreFailureKind::Corrupt).into());
        }
        for _ in 0..TRIES {
            let mut subscription = self.find(principal, id).await?;
            let Some(approve_url) = &begun.approve_url else {
                // Approved meanwhile: its webhooks tell the rest.
                return Ok(subscription);
            };
            if approvable(&subscription) {
                return Ok(subscription);
            }
            let times = subscription.paypal.map(|link| link.times);
            subscription.paypal = Some(PayPalLink {
                times: times.unwrap_or_default(),
                ..PayPalLink::new(&begun.id, approve_url)
            });
            subscription.updated_at = self.clock.now();
            let audit = self.audit(principal, "begin_at_paypal", id);
            if self.save(&subscription, audit).await? {
                info!(tenant.id = %tenant, subscription.id = %id, "subscription `{id}` waits for its buyer at PayPal");
                return self.find(principal, id).await;
            }
        }
        Err(busy().into())
    }

    async fn find(
        &self,
        principal: &Principal,
        id: SubscriptionId,
    ) -> Result<Subscription, AppFailure> {
        let found = self.store.subscription(principal.tenant(), id).await?;
        found.ok_or_else(|| AppFailure::not_found("There is no such subscription."))
    }

    fn audit(&self, principal: &Principal, action: &'static str, id: SubscriptionId) -> AuditEntry {
        let now = self.clock.now();
        AuditEntry::new(principal.user(), "subscriptions", action, id, now)
    }

    /// Writes a subscription alone; false when somebody else was first.
    async fn save(
        &self,
        subscription: &Subscription,
        audit: AuditEntry,
    ) -> Result<bool, StoreFailure> {
        let mut change = Change::of(subscription.tenant, audit);
        change.subscription = Some(subscription.clone());
        match self.store.apply(&change).await? {
            Applied::Done | Applied::Repeated => Ok(true),
            Applied::Stale => Ok(false),
            // Neither days nor slots are asked for.
            Applied::NoDays | Applied::NoSlot => Err(busy()),
        }
    }
}

fn approvable(subscription: &Subscription) -> bool {
    let link = subscription.paypal.as_ref();
    link.is_some_and(|link| !link.approve_url.is_empty())
}
