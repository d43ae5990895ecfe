#![doc = include_str!("../README.md")]

mod body;
#[cfg(test)]
mod tests;

use aws_sdk_sqs::{
    Client,
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    types::SendMessageBatchRequestEntry,
};
use aws_types::SdkConfig;
use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ports::{HandOver, Lanes},
};

pub use self::body::{Undecodable, decode, encode, order};

/// What SQS takes in one request.
const BATCH: usize = 10;

/// Where records go that nobody can work: the lanes' own dead-letter queue. Left in its lane, such a
/// record would block every later one until it was received five times.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: Client,
    queue_url: String,
}

impl DeadLetters {
    /// The dead-letter queue with this address.
    #[must_use]
    pub fn new(config: &SdkConfig, queue_url: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            queue_url: queue_url.into(),
        }
    }

    /// Puts a record aside for people. The same record again, within five minutes, is one.
    ///
    /// # Errors
    /// [`StoreFailure`] when SQS does not answer or refuses.
    pub async fn park(&self, record: &str, lane: &str, body: &str) -> Result<(), StoreFailure> {
        self.client
            .send_message()
            .queue_url(&self.queue_url)
            .message_group_id(lane)
            .message_deduplication_id(record)
            .message_body(body)
            .send()
            .await
            .map(|_sent| ())
            .map_err(|cause| failure("lanes.park", &cause))
    }
}

/// The lanes in one SQS FIFO queue.
#[derive(Debug, Clone)]
pub struct SqsLanes {
    client: Client,
    queue_url: String,
}

impl SqsLanes {
    /// Lanes in the queue with this address.
    #[must_use]
    pub fn new(config: &SdkConfig, queue_url: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            queue_url: queue_url.into(),
        }
    }
}

impl SqsLanes {
    /// One request; a part that SQS refuses fails all of it, and what it took is there once if it is
    /// handed over again.
    async fn batch(&self, some: &[HandOver]) -> Result<(), StoreFailure> {
        const OPERATION: &str = "lanes.hand_over_all";
        let mut entries = Vec::with_capacity(some.len());
        for (place, hand_over) in some.iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(place.to_string())
                .message_group_id(&hand_over.lane)
                .message_deduplication_id(&hand_over.name)
                .message_body(encode(&hand_over.task, &hand_over.order))
                .build();
            entries.push(entry.map_err(|cause| {
                StoreFailure::new(OPERATION, StoreFailureKind::Refused).because(cause)
            })?);
        }
        let sent = self
            .client
            .send_message_batch()
            .queue_url(&self.queue_url)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|cause| failure(OPERATION, &cause))?;
        match sent.failed().first() {
            None => Ok(()),
            Some(refused) => {
                let kind = match refused.sender_fault() {
                    true => StoreFailureKind::Refused,
                    false => StoreFailureKind::Unavailable,
                };
                Err(StoreFailure::new(OPERATION, kind).because(refused.code().to_owned()))
            }
        }
    }
}

impl Lanes for SqsLanes {
    async fn hand_over(&self, hand_over: &HandOver) -> Result<(), StoreFailure> {
        // The SDK may try again: the deduplication id makes that one message.
        self.client
            .send_message()
            .queue_url(&self.queue_url)
            .message_group_id(&hand_over.lane)
            .message_deduplication_id(&hand_over.name)
            .message_body(encode(&hand_over.task, &hand_over.order))
            .send()
            .await
            .map(|_sent| ())
            .map_err(|cause| failure("lanes.hand_over", &cause))
    }

    async fn hand_over_all(&self, all: &[HandOver]) -> Result<(), StoreFailure> {
        for some in all.chunks(BATCH) {
            self.batch(some).await?;
        }
        Ok(())
    }
}

/// What an SDK error means to us. Of the cause only code and message are kept.
fn failure<E>(operation: &'static str, cause: &SdkError<E, HttpResponse>) -> StoreFailure
where
    E: ProvideErrorMetadata,
{
    let (kind, why) = match cause {
        SdkError::ConstructionFailure(_) => (StoreFailureKind::Refused, "request not built".into()),
        SdkError::TimeoutError(_) => (StoreFailureKind::Unavailable, "timeout".into()),
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            (StoreFailureKind::Refused, "request not sent".into())
        }
        SdkError::DispatchFailure(_) => (StoreFailureKind::Unavailable, "connection".into()),
        SdkError::ResponseError(_) => (StoreFailureKind::Unavailable, "unreadable answer".into()),
        SdkError::ServiceError(answer) => {
            let code = answer.err().code().unwrap_or("unknown");
            let message = answer.err().message().unwrap_or_default();
            let kind = match code {
                "RequestThrottled"
                | "ThrottlingException"
                | "Throttling"
                | "KmsThrottled"
                | "RequestLimitExceeded" => StoreFailureKind::Throttled,
                _ if answer.raw().status().as_u16() >= 500 => StoreFailureKind::Unavailable,
                _ => StoreFailureKind::Refused,
            };
            (kind, format!("{code}: {message}"))
        }
        _ => (StoreFailureKind::Unavailable, "unknown".into()),
    };
    StoreFailure::new(operation, kind).because(why)
}
