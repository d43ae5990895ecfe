//! The review of offline payments: seen by those who paid and those who review, decided once by whoever is
//! first (S3.41 to S3.46).

use jiff::Timestamp;
use tracing::{info, warn};

use super::{BillingDesk, TRIES, activate::paid, busy, entry, runs_the_service};
use crate::{
    billing::{
        Applied, Change, Entry, EntryName, Notification, Payment, PaymentState, Subscription,
    },
    copy::PLAN_ACTIVE,
    failure::{AppFailure, FieldProblem, StoreFailure, StoreFailureKind},
    ids::{PaymentId, TenantId},
    ports::{Clock, ManagedChannels, Money, Page, Payments, Plans, Subscriptions},
    principal::Principal,
    service::managed::wake,
};

const LONGEST_REASON: usize = 500;

impl<S: Payments, C: Clock> BillingDesk<'_, S, C> {
    /// The company's own payments, newest first.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn payments(
        &self,
        principal: &Principal,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Payment>, AppFailure> {
        let tenant = principal.tenant();
        Ok(self.store.payments(tenant, after, limit).await?)
    }

    /// Payments of all companies in a state, newest first; for the platform's people (S3.56).
    ///
    /// # Errors
    /// `NOT_FOUND` for everybody else; storage failures.
    pub async fn payments_in(
        &self,
        principal: &Principal,
        state: PaymentState,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Payment>, AppFailure> {
        if !runs_the_service(principal) {
            return Err(no_such_payment());
        }
        Ok(self.store.payments_in(state, after, limit).await?)
    }

    /// A payment: the company's own, for the platform's people any.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn payment(
        &self,
        principal: &Principal,
        id: PaymentId,
    ) -> Result<Payment, AppFailure> {
        let found = if runs_the_service(principal) {
            self.store.any_payment(id).await?
        } else {
            self.store.payment(principal.tenant(), id).await?
        };
        found.ok_or_else(no_such_payment)
    }
}

impl<S, C> BillingDesk<'_, S, C>
where
    S: Plans + Subscriptions + Payments + Money + ManagedChannels,
    C: Clock,
{
    /// Approves a payment: in one transaction the subscription is active, the days are credited, the
    /// company may do what the plan allows and is told so. Approved again by the same person it is the same
    /// payment.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT when somebody decided otherwise, or somebody else did.
    pub async fn approve(
        &self,
        principal: &Principal,
        id: PaymentId,
    ) -> Result<Payment, AppFailure> {
        for _ in 0..TRIES {
            let payment = self.payment(principal, id).await?;
            let tenant = payment.tenant;
            if is_decided(&payment, principal, PaymentState::Approved)? {
                self.top_up_soon(tenant).await;
                return Ok(payment);
            }
            let change = self.approval(principal, payment).await?;
            match self.store.apply(&change).await? {
                Applied::Done => {
                    info!(tenant.id = %tenant, payment.id = %id, "approved payment `{id}`");
                    self.top_up_soon(tenant).await;
                    return self.payment(principal, id).await;
                }
                // Somebody was first: the next look tells who.
                Applied::Repeated | Applied::Stale => {}
                Applied::NoDays | Applied::NoSlot => return Err(AppFailure::unknown("no days")),
            }
        }
        Err(busy())
    }

    /// Rejects a payment, and tells the company why. Rejected again by the same person it is the same
    /// payment, with its first reason.
    ///
    /// # Errors
    /// `NOT_FOUND`; VALIDATION for a reason that says nothing; CONFLICT when somebody decided otherwise, or
    /// somebody else did.
    pub async fn reject(
        &self,
        principal: &Principal,
        id: PaymentId,
        reason: &str,
    ) -> Result<Payment, AppFailure> {
        let reason = checked(reason)?;
        for _ in 0..TRIES {
            let mut payment = self.payment(principal, id).await?;
            let tenant = payment.tenant;
            if is_decided(&payment, principal, PaymentState::Rejected)? {
                return Ok(payment);
            }
            let now = self.clock.now();
            decide(&mut payment, principal, PaymentState::Rejected, now);
            payment.reason = Some(reason.clone());
            let audit = entry(self.clock, principal, "payments", "reject", id)
                .changed("status", "pending", "rejected")
                .with("reason", &reason);
            let text = format!(
                "Your payment for the plan {} (reference {}) was not accepted: {reason}",
                payment.plan_name, payment.reference
            );
            let words = ("Your payment was not accepted", text.as_str());
            let change = Change {
                notification: Some(told(&payment, "PAYMENT_REJECTED", words, now)),
                payment: Some(payment),
                ..Change::of(tenant, audit)
            };
            match self.store.apply(&change).await? {
                Applied::Done => {
                    info!(tenant.id = %tenant, payment.id = %id, "rejected payment `{id}`");
                    return self.payment(principal, id).await;
                }
                Applied::Repeated | Applied::Stale => {}
                Applied::NoDays | Applied::NoSlot => return Err(AppFailure::unknown("no days")),
            }
        }
        Err(busy())
    }

    /// Everything that an approval changes.
    async fn approval(
        &self,
        principal: &Principal,
        mut payment: Payment,
    ) -> Result<Change, AppFailure> {
        let (tenant, id, now) = (payment.tenant, payment.id, self.clock.now());
        let subscription = self
            .store
            .subscription(tenant, payment.subscription)
            .await?;
        let subscription = subscription.ok_or_else(|| gone("subscriptions.of_payment"))?;
        let plan = self.store.plan(payment.plan).await?;
        let plan = plan.ok_or_else(|| gone("plans.of_payment"))?;
        let (subscription, limits) = paid(subscription, &plan, payment.days, now)?;
        let subscription = Subscription {
            reference: Some(payment.reference.clone()),
            approved_by: Some(principal.user().clone()),
            approved_at: Some(now),
            ..subscription
        };
        decide(&mut payment, principal, PaymentState::Approved, now);
        let name = EntryName::Approve(id);
        let audit = entry(self.clock, principal, "payments", "approve", id)
            .changed("status", "pending", "approved")
            .with("days", payment.days)
            .with("subscription", subscription.id);
        let words = ("Your plan is active", PLAN_ACTIVE);
        Ok(Change {
            entries: vec![Entry::new(
                tenant,
                &name,
                payment.days,
                now,
                principal.user(),
            )],
            subscription: Some(subscription),
            limits: Some(limits),
            notification: Some(told(&payment, "PLAN_ACTIVE", words, now)),
            payment: Some(payment),
            ..Change::of(tenant, audit)
        })
    }

    /// Days were added: channels that want some are looked at at once. What fails here is made up for when
    /// they are looked at anyway.
    async fn top_up_soon(&self, tenant: TenantId) {
        if let Err(failure) = wake(self.store, tenant, self.clock.now()).await {
            warn!(tenant.id = %tenant, error = %failure, "channels of `{tenant}` are topped up later");
        }
    }
}

/// Whether the same person decided the same before.
fn is_decided(
    payment: &Payment,
    principal: &Principal,
    wanted: PaymentState,
) -> Result<bool, AppFailure> {
    match payment.state {
        PaymentState::Pending => Ok(false),
        PaymentState::Uploading => Err(AppFailure::conflict(
            "This payment was not handed in yet: there is nothing to review.",
        )
        .with_detail("reason", "NOT_HANDED_IN")),
        PaymentState::Approved | PaymentState::Rejected => {
            let same = payment.reviewed_by.as_ref() == Some(principal.user());
            if same && payment.state == wanted {
                return Ok(true);
            }
            Err(decided(payment))
        }
    }
}

fn decided(payment: &Payment) -> AppFailure {
    let text = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
    let who = payment.reviewed_by.as_ref();
    AppFailure::conflict(format!(
        "This payment was {} already; see who decided and when. Nothing was changed.",
        payment.state.as_str()
    ))
    .with_detail("reason", "DECIDED")
    .with_detail("status", payment.state.as_str())
    .with_detail("reviewed_by", who.map_or("", |user| user.as_str()))
    .with_detail("reviewed_at", text(payment.reviewed_at))
}

fn decide(payment: &mut Payment, principal: &Principal, state: PaymentState, now: Timestamp) {
    payment.state = state;
    payment.reviewed_by = Some(principal.user().clone());
    payment.reviewed_at = Some(now);
    payment.updated_at = now;
}

/// What the company is told about the decision.
fn told(payment: &Payment, code: &str, words: (&str, &str), now: Timestamp) -> Notification {
    let fact = format!("payment:{}:decided", payment.id);
    Notification::new(
        payment.tenant,
        &fact,
        code,
        words,
        payment.email.as_deref(),
        now,
    )
}

fn checked(reason: &str) -> Result<String, AppFailure> {
    let reason = reason.trim();
    if super::plan_given::fits(reason, LONGEST_REASON) {
        return Ok(reason.to_owned());
    }
    Err(AppFailure::validation(
        "The company is told why; give a reason.",
        vec![FieldProblem::new(
            "reason",
            "FORMAT",
            "say in 1 to 500 characters on one line what is wrong with the payment",
        )],
    ))
}

fn no_such_payment() -> AppFailure {
    AppFailure::not_found("There is no such payment.")
}

/// What a payment names is never deleted.
fn gone(operation: &'static str) -> StoreFailure {
    StoreFailure::new(operation, StoreFailureKind::Corrupt)
}
