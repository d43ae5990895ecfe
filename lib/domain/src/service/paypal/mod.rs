//! Subscriptions that PayPal takes the money for: begun and ended by people, paid and renewed by PayPal's
//! webhooks (X49).

mod deals;
mod events;
mod hooks;
mod not_set_up;
mod settings;
mod telling;

use crate::{
    billing::Plan,
    failure::{StoreFailure, StoreFailureKind},
    ids::{PlanId, UserId},
    ports::{Directory, Journal, ManagedChannels, Money, Notifications, Plans, Subscriptions},
};

pub use self::{
    deals::PayPalDeals,
    hooks::{PayPalHooks, ReadEvent},
    not_set_up::NotSetUp,
    settings::{PayPalEdit, PayPalSetup},
};

/// What subscriptions at PayPal need of storage.
pub trait PayPalStore:
    Directory + Journal + ManagedChannels + Money + Notifications + Plans + Subscriptions
{
}

impl<S> PayPalStore for S where
    S: Directory + Journal + ManagedChannels + Money + Notifications + Plans + Subscriptions
{
}

/// How often a change is tried when others keep being first.
const TRIES: u8 = 8;

/// Who does what happens by itself.
fn waypost() -> UserId {
    UserId::new("waypost")
}

/// The plan of a subscription. Plans are withdrawn and never deleted.
async fn plan_of(store: &impl Plans, id: PlanId) -> Result<Plan, StoreFailure> {
    let plan = store.plan(id).await?;
    plan.ok_or_else(|| {
        StoreFailure::new("paypal.plan", StoreFailureKind::Corrupt)
            .because("a subscription to a plan that is not there")
    })
}

/// Somebody else kept being first.
fn busy() -> StoreFailure {
    StoreFailure::new("paypal.apply", StoreFailureKind::Conflict)
}
