//! The end of subscriptions: their companies are told three days before and when it is there. What a plan
//! allows ends by itself, whether or not anything looks: this is for people.

use jiff::Timestamp;
use tracing::info;

use crate::{
    billing::{Applied, Change, Notification, Subscription, SubscriptionState},
    copy::PLAN_ENDED_TOLD,
    failure::StoreFailure,
    ids::{SubscriptionId, TenantId, UserId},
    ports::{AuditEntry, Clock, Directory, Money, Subscriptions},
    tenant::Tenant,
};

/// What ending needs.
#[derive(Debug)]
pub struct Ending<'a, S, C> {
    /// Storage.
    pub store: &'a S,
    /// The time.
    pub clock: &'a C,
}

impl<S, C> Ending<'_, S, C>
where
    S: Directory + Subscriptions + Money,
    C: Clock,
{
    /// Does what a subscription wants now; answers whether anything was to be done. Calling it again, or
    /// twice at once, tells nothing twice.
    ///
    /// # Errors
    /// Storage failures; the subscription stays due.
    pub async fn run(&self, tenant: TenantId, id: SubscriptionId) -> Result<bool, StoreFailure> {
        let Some(subscription) = self.store.subscription(tenant, id).await? else {
            return Ok(false);
        };
        let now = self.clock.now();
        let due = subscription.due().is_some_and(|due| due <= now);
        let (true, Some(end)) = (due, subscription.end_at) else {
            return Ok(false);
        };
        let Some(company) = self.store.tenant(tenant).await? else {
            return Ok(false);
        };
        let account = self.store.account(tenant).await?;
        let counts = account.subscription == Some(id);
        let change = if now < end {
            soon(subscription, &company, counts, (end, now))
        } else {
            ended(subscription, &company, counts, (end, now))
        };
        match self.store.apply(&change).await? {
            Applied::Done => {
                info!(tenant.id = %tenant, subscription.id = %id, "looked after the end of subscription `{id}`");
                Ok(true)
            }
            // Somebody prolonged or ended it meanwhile: it is looked at when it is due again.
            Applied::Repeated | Applied::Stale | Applied::NoDays | Applied::NoSlot => Ok(false),
        }
    }
}

/// Told before its end, unless another plan goes on.
fn soon(
    mut subscription: Subscription,
    company: &Tenant,
    counts: bool,
    (end, now): (Timestamp, Timestamp),
) -> Change {
    let goes_on = company
        .plan
        .as_ref()
        .is_none_or(|plan| plan.until.is_none_or(|until| until > end));
    let text = format!(
        "Your plan {} ends on {}. Renew it to go on sending messages.",
        subscription.plan_name,
        company.day(end)
    );
    let notification = (counts && !goes_on).then(|| {
        let words = ("Your plan ends soon", text.as_str());
        told(&subscription, "PLAN_ENDS_SOON", words, (end, now))
    });
    subscription.updated_at = now;
    change(subscription, "remind", notification, now)
}

fn ended(
    mut subscription: Subscription,
    company: &Tenant,
    counts: bool,
    (end, now): (Timestamp, Timestamp),
) -> Change {
    let over = company.active_plan(now).is_none();
    let notification = (counts && over).then(|| {
        let words = ("Your plan has ended", PLAN_ENDED_TOLD);
        told(&subscription, "PLAN_ENDED", words, (end, now))
    });
    subscription.state = SubscriptionState::Expired;
    subscription.updated_at = now;
    change(subscription, "expire", notification, now)
}

fn told(
    of: &Subscription,
    code: &'static str,
    words: (&str, &str),
    (end, now): (Timestamp, Timestamp),
) -> Notification {
    let fact = format!("subscription:{}:{code}:{end}", of.id);
    Notification::new(of.tenant, &fact, code, words, of.email.as_deref(), now)
}

fn change(
    subscription: Subscription,
    action: &'static str,
    notification: Option<Notification>,
    now: Timestamp,
) -> Change {
    let user = UserId::new("waypost");
    let audit = AuditEntry::new(&user, "subscriptions", action, subscription.id, now);
    let mut change = Change::of(subscription.tenant, audit);
    change.subscription = Some(subscription);
    change.notification = notification;
    change
}
