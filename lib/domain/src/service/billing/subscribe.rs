//! Subscribing: an order that waits for its payment.

use tracing::info;

use super::{BillingDesk, TRIES, entry, key_reused, plans::not_offered};
use crate::{
    billing::{Applied, Change, PaymentMethod, Plan, RequestType, Subscription, SubscriptionState},
    failure::{AppFailure, FieldProblem},
    ids::{PlanId, SubscriptionId},
    ports::{Clock, Money, Page, Plans, Subscriptions},
    principal::Principal,
    service::accept::IdempotencyKey,
};

/// So many of a company's newest subscriptions are looked through for an open one.
const LOOKED_AT: u16 = 100;

/// A subscription that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The subscription as it is now.
    pub subscription: Subscription,
    /// Whether an earlier request opened it.
    pub repeated: bool,
}

impl<S: Plans + Subscriptions + Money, C: Clock> BillingDesk<'_, S, C> {
    /// Opens a subscription, which is pending until it is paid (S3.39). A company has one pending
    /// subscription to a plan by a method: asked for again, it is the same one.
    ///
    /// # Errors
    /// `NOT_FOUND` for a plan that is not on offer; VALIDATION for one that nobody subscribes to, or that
    /// cannot be paid so; CONFLICT `ALREADY_SUBSCRIBED`, and when the key opened another one.
    pub async fn subscribe(
        &self,
        principal: &Principal,
        plan: PlanId,
        method: PaymentMethod,
        key: Option<&IdempotencyKey>,
    ) -> Result<Opened, AppFailure> {
        let plan = self.store.plan(plan).await?.filter(|plan| plan.active);
        let plan = plan.ok_or_else(not_offered)?;
        payable(&plan, method)?;
        let tenant = principal.tenant();
        let keyed = key.map(|key| SubscriptionId::of_key(tenant, &key.key));
        for _ in 0..TRIES {
            if let Some(id) = keyed
                && let Some(known) = self.store.subscription(tenant, id).await?
            {
                return same(known, &plan, method);
            }
            let page = self.store.subscriptions(tenant, None, LOOKED_AT).await?;
            let mut others = page.items.into_iter();
            let last = others.find(|one| one.plan == plan.id && one.method == method);
            let chained = match last {
                Some(last) if last.state == SubscriptionState::Pending => {
                    return Ok(Opened {
                        subscription: last,
                        repeated: true,
                    });
                }
                Some(last) if self.lasts(&last) => return Err(already(&last)),
                Some(last) => format!("{} {} after {}", method.as_str(), plan.id, last.id),
                None => format!("{} {}", method.as_str(), plan.id),
            };
            // Two requests at once want the same one, so both name it alike.
            let id = keyed.unwrap_or_else(|| SubscriptionId::of_key(tenant, &chained));
            let wanted = self.new_subscription(principal, id, &plan, method);
            let audit = entry(self.clock, principal, "subscriptions", "subscribe", id)
                .with("plan", &plan.name)
                .with("method", method.as_str());
            let change = Change {
                subscription: Some(wanted.clone()),
                ..Change::of(tenant, audit)
            };
            match self.store.apply(&change).await? {
                Applied::Done => {
                    info!(tenant.id = %tenant, subscription.id = %id, "opened subscription `{id}`");
                    let stored = self.store.subscription(tenant, id).await?;
                    return Ok(Opened {
                        subscription: stored.unwrap_or(wanted),
                        repeated: false,
                    });
                }
                // Somebody else opened it meanwhile: the next look finds it.
                Applied::Repeated | Applied::Stale | Applied::NoDays | Applied::NoSlot => {}
            }
            if let Some(known) = self.store.subscription(tenant, id).await? {
                return same(known, &plan, method);
            }
        }
        Err(super::busy())
    }

    /// A company's subscriptions, newest first.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn subscriptions(
        &self,
        principal: &Principal,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Subscription>, AppFailure> {
        let tenant = principal.tenant();
        Ok(self.store.subscriptions(tenant, after, limit).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for another company's.
    pub async fn subscription(
        &self,
        principal: &Principal,
        id: SubscriptionId,
    ) -> Result<Subscription, AppFailure> {
        let found = self.store.subscription(principal.tenant(), id).await?;
        found.ok_or_else(no_such_subscription)
    }

    /// Whether it is paid and goes on.
    fn lasts(&self, subscription: &Subscription) -> bool {
        let now = self.clock.now();
        subscription.state == SubscriptionState::Active
            && subscription.end_at.is_none_or(|end| end > now)
    }

    fn new_subscription(
        &self,
        principal: &Principal,
        id: SubscriptionId,
        plan: &Plan,
        method: PaymentMethod,
    ) -> Subscription {
        let now = self.clock.now();
        Subscription {
            id,
            tenant: principal.tenant(),
            user: principal.user().clone(),
            email: principal.email().map(str::to_owned),
            plan: plan.id,
            plan_name: plan.name.clone(),
            state: SubscriptionState::Pending,
            method,
            start_at: None,
            end_at: None,
            paid: 0,
            reference: None,
            paypal: None,
            approved_by: None,
            approved_at: None,
            created_at: now,
            updated_at: now,
            version: 0,
        }
    }
}

/// Whether a company subscribes to this plan, and pays so.
fn payable(plan: &Plan, method: PaymentMethod) -> Result<(), AppFailure> {
    let problem = match (plan.request, method) {
        (RequestType::RequestQuote | RequestType::BookDemo, _) => FieldProblem::new(
            "plan_id",
            "NOT_FOR_SUBSCRIPTION",
            "nobody subscribes to this plan; ask for it with `POST /v1/plan-requests`",
        ),
        (RequestType::Paid, PaymentMethod::PayPal) if plan.paypal_plan.is_none() => {
            FieldProblem::new(
                "method",
                "NOT_AT_PAYPAL",
                "this plan cannot be paid at PayPal; use `offline`",
            )
        }
        (RequestType::Paid, PaymentMethod::PayPal | PaymentMethod::Offline) => return Ok(()),
    };
    Err(AppFailure::wrong(problem))
}

/// An earlier request opened one of this name: perhaps this one.
fn same(known: Subscription, plan: &Plan, method: PaymentMethod) -> Result<Opened, AppFailure> {
    if known.plan == plan.id && known.method == method {
        return Ok(Opened {
            subscription: known,
            repeated: true,
        });
    }
    Err(key_reused("subscription"))
}

fn already(subscription: &Subscription) -> AppFailure {
    let failure = AppFailure::conflict(match subscription.method {
        PaymentMethod::Offline => {
            "Your company has this plan already. To prolong it, hand in the next payment: \
             `POST /v1/proofs` with its subscription_id."
        }
        PaymentMethod::PayPal => {
            "Your company has this plan already, and PayPal prolongs it by itself."
        }
    });
    failure
        .with_detail("reason", "ALREADY_SUBSCRIBED")
        .with_detail("subscription_id", subscription.id.to_string())
}

pub(super) fn no_such_subscription() -> AppFailure {
    AppFailure::not_found("There is no such subscription.")
}
