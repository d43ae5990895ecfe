//! Faults of the network and of DynamoDB, injected between the SDK and the database: answers that
//! are lost after the request was applied, and refusals that come instead of applying it.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::config::{
    ConfigBag, Intercept, RuntimeComponents,
    interceptors::{
        BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
    },
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::{
    body::SdkBody,
    config_bag::{Storable, StoreReplace},
};

const TARGET: &str = "x-amz-target";

/// What happens to the next requests of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request is applied, and its answer becomes a 500: the SDK tries again.
    LostAnswer,
    /// A transaction is cancelled by another one, and not applied.
    Conflict,
    /// The request is throttled, and not applied.
    Throttled,
    /// The request is refused for good, and not applied.
    Denied,
    /// A batch is answered with nothing done and every key left for later.
    Unprocessed,
}

/// A fault of one operation (`PutItem`, `TransactWriteItems`, …) for a number of requests.
#[derive(Debug)]
pub struct Faults {
    operation: &'static str,
    fault: Fault,
    left: AtomicU32,
}

impl Faults {
    /// The next `times` requests of this operation meet this fault.
    #[must_use]
    pub const fn of(operation: &'static str, fault: Fault, times: u32) -> Self {
        Self {
            operation,
            fault,
            left: AtomicU32::new(times),
        }
    }

    fn strikes(&self, request: &HttpRequest) -> bool {
        operation_of(request) == Some(self.operation)
            && self
                .left
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                })
                .is_ok()
    }
}

/// The operation a request asks for.
pub(crate) fn operation_of(request: &HttpRequest) -> Option<&str> {
    request.headers().get(TARGET)?.rsplit('.').next()
}

/// The body of a request that was struck, for the hook that sees its answer.
#[derive(Debug)]
struct Struck(Option<Vec<u8>>);

impl Storable for Struck {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Faults {
    fn name(&self) -> &'static str {
        "faults"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let struck = self.strikes(context.request());
        let body = context.request().body().bytes().unwrap_or_default();
        bag.interceptor_state()
            .store_put(Struck(struck.then(|| body.to_vec())));
        if struck && self.fault != Fault::LostAnswer {
            // An operation nobody knows: the database answers without applying anything.
            context
                .request_mut()
                .headers_mut()
                .insert(TARGET, "DynamoDB_20120810.Nothing");
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Struck(Some(request))) = bag.load::<Struck>() else {
            return Ok(());
        };
        let (status, body) = match self.fault {
            Fault::LostAnswer => (500_u16, answer("InternalServerError", "lost")),
            Fault::Conflict => (
                400,
                serde_json::json!({
                    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                    "Message": "cancelled",
                    "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}],
                }),
            ),
            Fault::Throttled => (
                400,
                answer("ProvisionedThroughputExceededException", "slow"),
            ),
            Fault::Unprocessed => {
                let request: serde_json::Value = serde_json::from_slice(request)?;
                let left = request.get("RequestItems");
                (
                    200,
                    serde_json::json!({"Responses": {}, "UnprocessedKeys": left}),
                )
            }
            Fault::Denied => (400, answer("AccessDeniedException", "not yours")),
        };
        *context.response_mut() =
            HttpResponse::new(status.try_into()?, SdkBody::from(body.to_string()));
        Ok(())
    }
}

fn answer(code: &str, message: &str) -> serde_json::Value {
    serde_json::json!({
        "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"),
        "message": message,
    })
}
