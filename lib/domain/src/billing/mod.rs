//! What companies pay for: plans, subscriptions and their payments, and the days of channels that a
//! payment buys.

mod account;
mod change;
mod days;
mod notification;
mod payment;
mod paypal;
mod plan;
mod request;
mod subscription;
#[cfg(test)]
mod tests;

pub use self::{
    account::{Account, Balances},
    change::{Applied, Change},
    days::{Entry, EntryName, Side},
    notification::{MailState, Notification},
    payment::{Payment, PaymentState, Proof, ProofType},
    paypal::{PayPalEvent, PayPalEventKind, PayPalSettings, PayPalTimes},
    plan::{BillingPeriod, Plan, RequestType},
    request::{PlanRequest, RequestState},
    subscription::{PayPalLink, PaymentMethod, Subscription, SubscriptionState},
};
