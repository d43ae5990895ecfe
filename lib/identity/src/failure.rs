//! What Cognito's refusals mean to us.

use aws_sdk_cognitoidentityprovider::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ports::Known,
};

pub(crate) fn known<T, E>(
    operation: &'static str,
    answer: Result<T, SdkError<E, HttpResponse>>,
) -> Result<Known, StoreFailure>
where
    E: ProvideErrorMetadata,
{
    match answer {
        Ok(_) => Ok(Known::Done),
        Err(cause) if code(&cause) == Some("UserNotFoundException") => Ok(Known::Gone),
        Err(cause) => Err(failure(operation, &cause)),
    }
}

pub(crate) fn code<E: ProvideErrorMetadata>(cause: &SdkError<E, HttpResponse>) -> Option<&str> {
    cause
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}

/// What an SDK error means to us. Nothing here is harmed by a second try, so all doubt is retryable.
pub(crate) fn failure<E>(operation: &'static str, cause: &SdkError<E, HttpResponse>) -> StoreFailure
where
    E: ProvideErrorMetadata,
{
    let (kind, why) = match cause {
        SdkError::ConstructionFailure(_) => (StoreFailureKind::Refused, "request not built"),
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            (StoreFailureKind::Refused, "request not sent")
        }
        SdkError::DispatchFailure(_) => (StoreFailureKind::Unavailable, "connection"),
        SdkError::TimeoutError(_) => (StoreFailureKind::Unavailable, "timeout"),
        SdkError::ResponseError(_) => (StoreFailureKind::Unavailable, "unreadable answer"),
        SdkError::ServiceError(answer) => {
            // The message may quote the address: only the code is kept.
            let kind = match answer.err().code() {
                Some("TooManyRequestsException" | "LimitExceededException") => {
                    StoreFailureKind::Throttled
                }
                // The mail could not be delivered to the mail service; the user may have been made.
                Some("InternalErrorException" | "CodeDeliveryFailureException") => {
                    StoreFailureKind::Unavailable
                }
                _ if answer.raw().status().as_u16() >= 500 => StoreFailureKind::Unavailable,
                _ => StoreFailureKind::Refused,
            };
            (kind, answer.err().code().unwrap_or("unknown"))
        }
        _ => (StoreFailureKind::Unavailable, "unknown"),
    };
    StoreFailure::new(operation, kind).because(why.to_owned())
}
