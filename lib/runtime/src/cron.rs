//! Scheduled functions, and events from a bus.

use domain::failure::AppFailure;
use lambda_runtime::Diagnostic;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use tracing::info;

use crate::{
    http::parse,
    lambda::{self, StartFailure},
    panics, tracing as log,
};

/// An event of EventBridge: from a bus, or what a schedule was told to send.
#[derive(Debug, Default, Deserialize)]
pub struct Event {
    /// The event's id; the same when it is delivered again.
    pub id: Option<String>,
    /// Who sent it.
    pub source: Option<String>,
    /// What kind it is.
    #[serde(rename = "detail-type")]
    pub kind: Option<String>,
    /// When it happened, RFC 3339; of a schedule, when it was due.
    pub time: Option<String>,
    /// What it says, as it came.
    pub detail: Option<Box<RawValue>>,
}

impl Event {
    /// What it says, as a `T`.
    ///
    /// # Errors
    /// VALIDATION, as a request's body would be.
    pub fn detail<T: DeserializeOwned>(&self) -> Result<T, AppFailure> {
        parse(
            self.detail
                .as_ref()
                .map_or("", |detail| detail.get())
                .as_bytes(),
        )
    }
}

/// Serves scheduled invocations until the environment ends. A failure makes the invocation fail, so
/// that EventBridge tries again and the alarm counts it.
///
/// # Errors
/// When the Runtime API is lost.
pub async fn serve<F>(handle: F) -> Result<(), StartFailure>
where
    F: AsyncFn(Event) -> Result<(), AppFailure>,
{
    lambda::run(async |event: &str| handled(event, &handle).await).await
}

pub(crate) async fn handled<F>(event: &str, handle: &F) -> Result<(), Diagnostic>
where
    F: AsyncFn(Event) -> Result<(), AppFailure>,
{
    let outcome = match serde_json::from_str::<Event>(event) {
        Ok(event) => panics::caught(Box::pin(handle(event)))
            .await
            .unwrap_or_else(|panic| Err(AppFailure::unknown(panic))),
        Err(cause) => Err(AppFailure::unreadable("The event cannot be read.")
            .with_detail("reason", cause.to_string())),
    };
    match outcome {
        Ok(()) => {
            info!("handled an event");
            Ok(())
        }
        Err(failure) => {
            log::failed(&failure, "event");
            Err(diagnostic(&failure))
        }
    }
}

/// The conversion for invocations that can only succeed or fail.
pub(crate) fn diagnostic(failure: &AppFailure) -> Diagnostic {
    Diagnostic {
        error_type: failure.code().as_str().to_owned(),
        error_message: failure.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::failure::{StoreFailure, StoreFailureKind};
    use futures::executor::block_on;

    use super::*;

    const BUS: &str = include_str!("../../../events/http/bus-invoice-paid.json");

    #[test]
    fn a_failure_is_a_diagnostic_with_its_code_and_without_its_cause() {
        let failing = async |_: Event| {
            Err(StoreFailure::new("due.list", StoreFailureKind::Unavailable)
                .because("arn:secret")
                .into())
        };
        let diagnostic = block_on(handled("{}", &failing)).unwrap_err();
        assert_eq!(diagnostic.error_type, "DB_ERROR");
        assert!(!diagnostic.error_message.contains("secret"));
        let panicking = async |_: Event| -> Result<(), AppFailure> { panic!("boom") };
        assert_eq!(
            block_on(handled("{}", &panicking)).unwrap_err().error_type,
            "UNKNOWN"
        );
        assert_eq!(
            block_on(handled("[]", &failing)).unwrap_err().error_type,
            "VALIDATION"
        );
    }

    #[test]
    fn a_bus_events_detail_is_read_as_a_body_is() {
        #[derive(Debug, Deserialize)]
        struct Paid {
            id: String,
        }
        let outcome = block_on(handled(BUS, &async |event: Event| {
            assert_eq!(event.kind.as_deref(), Some("invoice.paid"));
            assert_eq!(event.detail::<Paid>()?.id, "evt-1001");
            assert!(
                Event::default()
                    .detail::<Paid>()
                    .unwrap_err()
                    .is_unreadable()
            );
            Ok(())
        }));
        assert!(outcome.is_ok());
    }
}
