//! PayPal while the platform has no account there.

use crate::{
    failure::ProviderFailure,
    ports::{PayPal, PayPalOrder, PayPalSubscription},
};

/// Refuses everything, and says why: for what needs no PayPal, such as ending an offline subscription.
#[derive(Debug, Clone, Copy)]
pub struct NotSetUp;

fn refused<T>() -> Result<T, ProviderFailure> {
    Err(ProviderFailure::Rejected {
        code: "PAYPAL_NOT_SET_UP".into(),
        reason: "Payments by PayPal are not set up.".into(),
    })
}

impl PayPal for NotSetUp {
    async fn begin(&self, _order: &PayPalOrder) -> Result<PayPalSubscription, ProviderFailure> {
        refused()
    }

    async fn paypal_subscription(
        &self,
        _id: &str,
    ) -> Result<Option<PayPalSubscription>, ProviderFailure> {
        refused()
    }

    async fn cancel(&self, _id: &str, _reason: &str) -> Result<(), ProviderFailure> {
        refused()
    }

    async fn verify(
        &self,
        _headers: &[(String, Vec<u8>)],
        _body: &[u8],
    ) -> Result<(), ProviderFailure> {
        refused()
    }
}
