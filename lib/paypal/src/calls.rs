//! The calls, each with the token of the platform's app. A token that PayPal no longer takes is asked
//! for anew, once.

use domain::{
    failure::ProviderFailure,
    ports::{PayPal, PayPalAccess, PayPalOrder, PayPalSubscription},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Method, RequestBuilder,
    header::{CONTENT_TYPE, HeaderValue},
};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    exchange::{Answered, NOT_BUILT},
    headers::Signed,
    login::Account,
    wire::{self, Cancellation, NewSubscription, SubscriptionAnswer, Verdict, Verification},
};

/// Larger than any event of PayPal's; more is nobody we know.
const LARGEST_EVENT: usize = 256 * 1024;

/// What stands unchanged in one part of a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// PayPal, as the platform's app.
#[derive(Debug, Clone)]
pub struct PayPalApi {
    account: Account,
    access: PayPalAccess,
}

impl Account {
    /// PayPal with what opens the platform's account.
    #[must_use]
    pub fn open(&self, access: PayPalAccess) -> PayPalApi {
        PayPalApi {
            account: self.clone(),
            access,
        }
    }
}

impl PayPalApi {
    /// One call with the token; again with a new one when PayPal no longer takes the old. The call that
    /// was answered so did nothing.
    async fn call(
        &self,
        what: &'static str,
        build: impl Fn() -> Result<RequestBuilder, ProviderFailure>,
    ) -> Result<Answered, ProviderFailure> {
        let mut answered = self.once(what, build()?).await?;
        if answered.status == 401 {
            self.account.forget();
            answered = self.once(what, build()?).await?;
        }
        Ok(answered)
    }

    async fn once(
        &self,
        what: &'static str,
        request: RequestBuilder,
    ) -> Result<Answered, ProviderFailure> {
        let token = self.account.token(&self.access).await?;
        let request = request.bearer_auth(token.expose_secret());
        self.account.exchange.send(what, request).await
    }

    fn post(
        &self,
        path: &str,
        request_id: Option<&str>,
        body: &impl Serialize,
    ) -> Result<RequestBuilder, ProviderFailure> {
        let body = serde_json::to_string(body).map_err(|_unwritable| NOT_BUILT)?;
        let mut request = self
            .account
            .exchange
            .request(Method::POST, path)?
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body);
        if let Some(id) = request_id {
            request = request.header("PayPal-Request-Id", id);
        }
        Ok(request)
    }
}

impl PayPal for PayPalApi {
    async fn begin(&self, order: &PayPalOrder) -> Result<PayPalSubscription, ProviderFailure> {
        let body = NewSubscription::of(&self.access, order);
        let id = order.subscription.to_string();
        let build = || self.post("/v1/billing/subscriptions", Some(&id), &body);
        let answered = self.call("begin", build).await?;
        let answer: SubscriptionAnswer = wire::success(&answered)?;
        Ok(answer.into())
    }

    async fn paypal_subscription(
        &self,
        id: &str,
    ) -> Result<Option<PayPalSubscription>, ProviderFailure> {
        let path = path(id, "");
        let build = || self.account.exchange.request(Method::GET, &path);
        let answered = self.call("read", build).await?;
        if answered.status == 404 {
            return Ok(None);
        }
        let answer: SubscriptionAnswer = wire::success(&answered)?;
        Ok(Some(answer.into()))
    }

    async fn cancel(&self, id: &str, reason: &str) -> Result<(), ProviderFailure> {
        let path = path(id, "/cancel");
        let body = Cancellation { reason };
        let build = || self.post(&path, None, &body);
        let answered = self.call("cancel", build).await?;
        if (200..300).contains(&answered.status) {
            return Ok(());
        }
        // Only what runs can be cancelled; whether it ended or never began is another question.
        if answered.status == 422
            && let Some(known) = self.paypal_subscription(id).await?
            && ["CANCELLED", "EXPIRED"].contains(&known.status.as_str())
        {
            return Ok(());
        }
        Err(wire::refusal(&answered))
    }

    async fn verify(
        &self,
        headers: &[(String, Vec<u8>)],
        body: &[u8],
    ) -> Result<(), ProviderFailure> {
        let signed = Signed::read(headers).ok_or(ProviderFailure::Unverified)?;
        if body.len() > LARGEST_EVENT {
            return Err(ProviderFailure::Unverified);
        }
        let event: &RawValue =
            serde_json::from_slice(body).map_err(|_no_json| ProviderFailure::Unverified)?;
        let question = Verification::of(&signed, &self.access.webhook_id, event);
        let build = || {
            let path = "/v1/notifications/verify-webhook-signature";
            self.post(path, None, &question)
        };
        let answered = self.call("verify", build).await?;
        // PayPal refuses to look at what no webhook of its own has.
        if matches!(answered.status, 400 | 422) {
            return Err(ProviderFailure::Unverified);
        }
        let verdict: Verdict = wire::success(&answered)?;
        if verdict.verification_status == "SUCCESS" {
            Ok(())
        } else {
            Err(ProviderFailure::Unverified)
        }
    }
}

fn path(id: &str, rest: &str) -> String {
    let id = utf8_percent_encode(id, PLAIN);
    format!("/v1/billing/subscriptions/{id}{rest}")
}
