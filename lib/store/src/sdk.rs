//! What the SDK's errors mean to us: the one place that turns them into a [`StoreFailure`].

use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata, SdkError},
    types::CancellationReason,
};
use domain::failure::{StoreFailure, StoreFailureKind};

use crate::write::{Held, Transacted};

/// What a cancelled transaction says, position by position.
pub(crate) fn held(
    operation: &'static str,
    reasons: &[CancellationReason],
) -> Result<Transacted, StoreFailure> {
    let code = |reason: &CancellationReason| reason.code.clone().unwrap_or_default();
    if reasons.iter().any(|r| code(r) == "ConditionalCheckFailed") {
        let held = reasons
            .iter()
            .map(|reason| match code(reason).as_str() {
                "ConditionalCheckFailed" => Held::Yes(reason.item.clone()),
                _ => Held::No,
            })
            .collect();
        return Ok(Transacted::Held(held));
    }
    let codes: Vec<String> = reasons.iter().map(code).filter(|c| c != "None").collect();
    let passing = codes.iter().all(|c| {
        matches!(
            c.as_str(),
            "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded"
        )
    });
    let kind = if passing {
        StoreFailureKind::Throttled
    } else {
        StoreFailureKind::Refused
    };
    Err(StoreFailure::new(operation, kind).because(codes.join(", ")))
}

/// A request the SDK would not build.
pub(crate) fn unbuilt(operation: &'static str, cause: &BuildError) -> StoreFailure {
    StoreFailure::new(operation, StoreFailureKind::Refused).because(cause.to_string())
}

/// What an SDK error means to us. Of the cause only code and message are kept: the error itself may
/// hold an item.
pub(crate) fn failure<E>(operation: &'static str, cause: &SdkError<E>) -> StoreFailure
where
    E: ProvideErrorMetadata,
{
    let (kind, why) = match cause {
        SdkError::ConstructionFailure(_) => {
            (StoreFailureKind::Refused, "request not built".to_owned())
        }
        SdkError::TimeoutError(_) => (StoreFailureKind::Unavailable, "timeout".to_owned()),
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            (StoreFailureKind::Refused, "request not sent".to_owned())
        }
        SdkError::DispatchFailure(_) => (StoreFailureKind::Unavailable, "connection".to_owned()),
        SdkError::ResponseError(_) => (
            StoreFailureKind::Unavailable,
            "unreadable answer".to_owned(),
        ),
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or("unknown");
            let kind = if answer.raw().status().is_server_error() {
                StoreFailureKind::Unavailable
            } else {
                kind_of(code)
            };
            // A validation message may repeat what was sent, after these words.
            let message = answer.err().message().unwrap_or_default();
            let message = message.split("Value '").next().unwrap_or_default();
            (kind, format!("{code}: {message}"))
        }
        _ => (StoreFailureKind::Unavailable, "unknown".to_owned()),
    };
    StoreFailure::new(operation, kind).because(why)
}

fn kind_of(code: &str) -> StoreFailureKind {
    match code {
        "ConditionalCheckFailedException" => StoreFailureKind::Conflict,
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "TransactionConflictException"
        | "TransactionInProgressException" => StoreFailureKind::Throttled,
        "InternalServerError"
        | "InternalServerErrorException"
        | "ServiceUnavailable"
        | "InternalFailure" => StoreFailureKind::Unavailable,
        _ => StoreFailureKind::Refused,
    }
}
