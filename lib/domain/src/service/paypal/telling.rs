//! What people are told about a subscription at PayPal.

use jiff::Timestamp;
use tracing::error;

use crate::{
    billing::{Notification, PayPalEvent, Subscription, SubscriptionState},
    copy::PLAN_ACTIVE,
    failure::StoreFailure,
    ids::TenantId,
    ports::{Notifications, Saved},
};

/// What a change of a subscription is worth telling; told together with it.
pub(super) fn of_change(
    before: &Subscription,
    after: &Subscription,
    now: Timestamp,
) -> Option<Notification> {
    let (id, tenant) = (after.id, after.tenant);
    let email = after.email.as_deref();
    if before.start_at.is_none() && after.state == SubscriptionState::Active {
        let fact = format!("subscription:{id}:active");
        let words = ("Your plan is active", PLAN_ACTIVE);
        return Some(Notification::new(
            tenant,
            &fact,
            "PLAN_ACTIVE",
            words,
            email,
            now,
        ));
    }
    let ends = after.state == SubscriptionState::Canceled && before.state != after.state;
    if !ends || before.start_at.is_none() {
        return None;
    }
    let text = match after.end_at.filter(|end| *end > now) {
        Some(end) => format!(
            "PayPal no longer renews your plan “{}”. What is paid can be used until {}.",
            after.plan_name,
            end.strftime("%-d %B %Y")
        ),
        None => format!("PayPal no longer renews your plan “{}”.", after.plan_name),
    };
    let fact = format!("subscription:{id}:canceled:{now}");
    let words = ("Your subscription has ended", text.as_str());
    Some(Notification::new(
        tenant,
        &fact,
        "SUBSCRIPTION_CANCELED",
        words,
        email,
        now,
    ))
}

/// Tells the company that PayPal could not take a payment; the same event is told once.
pub(super) async fn payment_failed(
    store: &impl Notifications,
    event: &PayPalEvent,
    ours: &Subscription,
    at: Timestamp,
) -> Result<(), StoreFailure> {
    let text = format!(
        "PayPal could not take the payment for your plan “{}”. Please check your way of paying at PayPal; it will try again, and ends the subscription if that fails too.",
        ours.plan_name
    );
    let words = ("A payment did not succeed", text.as_str());
    let fact = format!("paypal:{}:failed", event.id);
    let email = ours.email.as_deref();
    let told = Notification::new(ours.tenant, &fact, "PAYMENT_FAILED", words, email, at);
    tell(store, told).await
}

/// Tells the platform's people, and nobody else, that money went back: the days stay (S3.78), so
/// somebody has to decide.
pub(super) async fn given_back(
    store: &impl Notifications,
    event: &PayPalEvent,
    sale: Option<&str>,
    ours: Option<&Subscription>,
    at: Timestamp,
) -> Result<(), StoreFailure> {
    let sale = sale.unwrap_or("that it does not name");
    let whose = ours.map_or_else(
        || "of no subscription of ours".to_owned(),
        |ours| format!("of subscription {} of company {}", ours.id, ours.tenant),
    );
    error!(
        sale,
        "PayPal gave a payment back; its days stay where they are"
    );
    let text = format!(
        "PayPal gave back payment {sale} {whose}. Its days were not taken away; decide with the company what follows."
    );
    let words = ("A payment was given back", text.as_str());
    let fact = format!("paypal:{}:given_back", event.id);
    let told = Notification::new(
        TenantId::PLATFORM,
        &fact,
        "PAYMENT_GIVEN_BACK",
        words,
        None,
        at,
    );
    tell(store, told).await
}

async fn tell(store: &impl Notifications, mut told: Notification) -> Result<(), StoreFailure> {
    match store.save_notification(&mut told).await? {
        // Told before.
        Saved::Done | Saved::Stale => Ok(()),
    }
}
