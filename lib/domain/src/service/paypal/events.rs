//! What an event of PayPal's changes: in any order, however often it comes, to the same end. Every
//! payment is one ledger entry by the id of its sale, written together with what follows from it.

use jiff::Timestamp;
use tracing::{error, info};

use super::{PayPalStore, TRIES, busy, plan_of, telling, waypost};
use crate::{
    billing::{
        Applied, Change, Entry, EntryName, PayPalEvent, PayPalEventKind, PayPalLink, Plan,
        Subscription, SubscriptionState,
    },
    failure::StoreFailure,
    ids::SubscriptionId,
    ports::AuditEntry,
    tenant::PlanLimits,
};

/// What became of an event, in a word for the journal.
pub(super) type Verdict = &'static str;

/// Applies an event to the subscription that our own record names, never to the one that the event
/// alone does.
pub(super) async fn apply(
    store: &impl PayPalStore,
    event: &PayPalEvent,
    found: &Subscription,
    now: Timestamp,
) -> Result<Verdict, StoreFailure> {
    let (tenant, id) = (found.tenant, found.id);
    let at = event.at.unwrap_or(now).min(now);
    for _ in 0..TRIES {
        let Some(before) = store.subscription(tenant, id).await? else {
            return Ok("unknown subscription");
        };
        if let Some(refused) = refused(event, &before) {
            error!(tenant.id = %tenant, subscription.id = %id, "an event of PayPal's contradicts our record of subscription `{id}`: {refused}");
            return Ok(refused);
        }
        let plan = plan_of(store, before.plan).await?;
        let after = match &event.kind {
            PayPalEventKind::Activated | PayPalEventKind::Ended | PayPalEventKind::Paid { .. } => {
                told(event, &before, &plan, at, now)
            }
            PayPalEventKind::PaymentFailed => {
                telling::payment_failed(store, event, &before, at).await?;
                return Ok("applied");
            }
            PayPalEventKind::Created
            | PayPalEventKind::GivenBack { .. }
            | PayPalEventKind::Other { .. }
            | PayPalEventKind::Unreadable => return Ok("kept"),
        };
        let paid = entry(event, &before, &plan, at);
        if paid.is_none() && same(&before, &after) {
            return Ok("repeated");
        }
        let mut change = Change::of(tenant, audit(event, id, now));
        change.entries.extend(paid);
        if let Some((limits, as_of)) = limits(store, &before, &after, &plan, now).await? {
            change.limits = Some(limits);
            change.limits_as_of = Some(as_of);
        }
        change.notification = telling::of_change(&before, &after, now);
        change.subscription = Some(after);
        match store.apply(&change).await? {
            Applied::Done => {
                let kind = event.kind.word();
                info!(tenant.id = %tenant, subscription.id = %id, event = kind, "PayPal told of subscription `{id}`: {kind}");
                return Ok("applied");
            }
            Applied::Repeated => return Ok("repeated"),
            Applied::Stale => {}
            // Crediting takes neither days nor slots.
            Applied::NoDays | Applied::NoSlot => return Err(busy()),
        }
    }
    Err(busy())
}

/// Why an event does not fit our record of the subscription that it names.
fn refused(event: &PayPalEvent, ours: &Subscription) -> Option<Verdict> {
    let custom = event.custom_id.as_deref().map(SubscriptionId::parse);
    if custom.is_some_and(|custom| custom != Ok(ours.id)) {
        return Some("refused:custom id");
    }
    let known = ours.paypal.as_ref().map(|link| link.id.as_str());
    let known = known.filter(|known| !known.is_empty());
    (known.is_some() && known != event.subscription.as_deref())
        .then_some("refused:another subscription")
}

/// The subscription after an event.
fn told(
    event: &PayPalEvent,
    before: &Subscription,
    plan: &Plan,
    at: Timestamp,
    now: Timestamp,
) -> Subscription {
    let mut after = before.clone();
    let paypal = event.subscription.as_deref().unwrap_or_default();
    let link = after
        .paypal
        .get_or_insert_with(|| PayPalLink::new(paypal, ""));
    if link.id.is_empty() {
        paypal.clone_into(&mut link.id);
    }
    match &event.kind {
        PayPalEventKind::Activated => after.activated(at),
        PayPalEventKind::Ended => after.ended(at),
        PayPalEventKind::Paid { .. } => after.paid(at),
        PayPalEventKind::Created
        | PayPalEventKind::PaymentFailed
        | PayPalEventKind::GivenBack { .. }
        | PayPalEventKind::Other { .. }
        | PayPalEventKind::Unreadable => {}
    }
    after.settle(plan.period.length());
    // What is over stays so until there is time again.
    if before.state == SubscriptionState::Expired
        && after.state == SubscriptionState::Active
        && !after.counts(now)
    {
        after.state = SubscriptionState::Expired;
    }
    after.updated_at = now;
    after
}

/// Whether an event told nothing new.
fn same(before: &Subscription, after: &Subscription) -> bool {
    let told = Subscription {
        updated_at: before.updated_at,
        ..after.clone()
    };
    told == *before
}

fn entry(event: &PayPalEvent, ours: &Subscription, plan: &Plan, at: Timestamp) -> Option<Entry> {
    let PayPalEventKind::Paid { sale } = &event.kind else {
        return None;
    };
    let name = EntryName::PayPal(sale.clone());
    let days = plan.period.days();
    Some(Entry::new(ours.tenant, &name, days, at, &waypost()))
}

/// What the company may do from now on, and as of which account; none when this subscription is not the
/// one that counts, or nothing about its time changed.
///
/// Another subscription's event may be told in the same instant. Whatever makes the one that counts end
/// otherwise sets the limits too, so the account tells whether what was compared here still stands.
async fn limits(
    store: &impl PayPalStore,
    before: &Subscription,
    after: &Subscription,
    plan: &Plan,
    now: Timestamp,
) -> Result<Option<(PlanLimits, u32)>, StoreFailure> {
    let Some(end) = after.end_at.filter(|end| Some(*end) != before.end_at) else {
        return Ok(None);
    };
    let account = store.account(after.tenant).await?;
    if let Some(current) = account.subscription.filter(|id| *id != after.id) {
        let current = store.subscription(after.tenant, current).await?;
        // The one that was chosen last counts, while it counts.
        let stays = current.is_some_and(|one| one.counts(now) && one.created_at > after.created_at);
        if stays {
            return Ok(None);
        }
    }
    let from = end.checked_sub(plan.period.length()).unwrap_or(end);
    let from = after.start_at.map_or(from, |start| from.max(start));
    Ok(Some((plan.limits(from, end), account.limits_set)))
}

fn audit(event: &PayPalEvent, id: SubscriptionId, now: Timestamp) -> AuditEntry {
    let action = match &event.kind {
        PayPalEventKind::Activated => "paypal_activated",
        PayPalEventKind::Ended => "paypal_ended",
        PayPalEventKind::Paid { .. } => "paypal_paid",
        PayPalEventKind::Created
        | PayPalEventKind::PaymentFailed
        | PayPalEventKind::GivenBack { .. }
        | PayPalEventKind::Other { .. }
        | PayPalEventKind::Unreadable => "paypal_told",
    };
    let audit = AuditEntry::new(&waypost(), "subscriptions", action, id, now);
    let audit = audit.with("event", &event.id);
    match &event.kind {
        PayPalEventKind::Paid { sale } => audit.with("sale", sale),
        PayPalEventKind::Activated
        | PayPalEventKind::Ended
        | PayPalEventKind::Created
        | PayPalEventKind::PaymentFailed
        | PayPalEventKind::GivenBack { .. }
        | PayPalEventKind::Other { .. }
        | PayPalEventKind::Unreadable => audit,
    }
}
