//! What companies pay: plans, subscriptions, proofs of payment and their review, and what the days of
//! channels came to.

mod app;
mod billing;
mod billing_view;
mod list;
mod notifications;
mod payment_view;
mod payments;
mod plan_given;
mod plan_view;
mod plans;
mod platform;
mod requests;
mod subscription_view;
mod subscriptions;
#[cfg(test)]
mod tests;

use runtime::{StartFailure, env::Env};

pub use crate::app::App;

runtime::routes! {
    App;
    billing { read_billing, list_entries, read_account, list_account_entries }
    notifications { list_notifications, read_notification }
    payments {
        make_proof, hand_in_payment, list_payments, read_payment, approve_payment, reject_payment
    }
    platform { read_paypal, set_paypal }
    plans { list_plans, make_plan, read_plan, change_plan }
    requests { request_plan, list_requests, finish_request }
    subscriptions { list_subscriptions, subscribe, read_subscription, cancel_subscription }
}

/// Serves until the environment ends.
///
/// # Errors
/// When the configuration is incomplete or the Runtime API is lost.
pub async fn serve(env: &Env) -> Result<(), StartFailure> {
    let app = App::from_env(env)?;
    let guard = app.guard();
    runtime::http::serve(router(app), guard).await
}
