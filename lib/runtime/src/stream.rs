//! Batches of the table's stream. Order is everything here, so the function gets the whole batch and
//! names the first record it could not apply: from that one on, the stream delivers again.

use domain::failure::AppFailure;
use lambda_runtime::Diagnostic;
use serde::Deserialize;
use serde_json::value::RawValue;
use tracing::info;

use crate::{
    batch::{BatchAnswer, unreadable},
    lambda::{self, StartFailure},
    panics, tracing as log,
};

/// One change of one item.
#[derive(Debug, Deserialize)]
pub struct Change {
    /// What happened to the item.
    #[serde(rename = "eventName")]
    pub kind: ChangeKind,
    /// What happened, in detail.
    #[serde(rename = "dynamodb")]
    item: Item,
    #[serde(rename = "userIdentity")]
    by: Option<By>,
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChangeKind {
    /// It is new.
    Insert,
    /// It was changed.
    Modify,
    /// It is gone.
    Remove,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    sequence_number: String,
    keys: Option<Box<RawValue>>,
    new_image: Option<Box<RawValue>>,
    old_image: Option<Box<RawValue>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct By {
    principal_id: Option<String>,
}

impl Change {
    /// Its place in its shard; later changes have greater numbers (compare lengths first, then digits).
    #[must_use]
    pub fn sequence_number(&self) -> &str {
        &self.item.sequence_number
    }

    /// The item's keys in DynamoDB's JSON, for `store` to read.
    #[must_use]
    pub fn keys(&self) -> &str {
        self.item.keys.as_ref().map_or("{}", |keys| keys.get())
    }

    /// The item as it is now.
    #[must_use]
    pub fn new_image(&self) -> Option<&str> {
        self.item.new_image.as_ref().map(|image| image.get())
    }

    /// The item as it was.
    #[must_use]
    pub fn old_image(&self) -> Option<&str> {
        self.item.old_image.as_ref().map(|image| image.get())
    }

    /// Whether DynamoDB itself removed it because its time was over.
    #[must_use]
    pub fn expired(&self) -> bool {
        let by = self.by.as_ref().and_then(|by| by.principal_id.as_deref());
        self.kind == ChangeKind::Remove && by == Some("dynamodb.amazonaws.com")
    }
}

/// A batch of changes of one shard, in their order.
#[derive(Debug, Deserialize)]
pub struct Changes {
    /// The changes.
    #[serde(rename = "Records")]
    pub records: Vec<Change>,
    /// The shard; only there when the mapping has a tumbling window.
    #[serde(rename = "shardId")]
    pub shard: Option<String>,
}

/// Why a batch was not applied to its end.
#[derive(Debug)]
pub struct Stopped {
    /// The first change that was not applied.
    pub at: String,
    /// Why.
    pub failure: AppFailure,
}

/// Serves the table's stream until the environment ends.
///
/// # Errors
/// When the Runtime API is lost.
pub async fn serve_stream<F>(handle: F) -> Result<(), StartFailure>
where
    F: AsyncFn(&Changes) -> Result<(), Stopped>,
{
    lambda::run(async |event: &str| {
        let changes = changes(event).map_err(unreadable)?;
        let answer = run_stream(&changes, &handle).await;
        if begins_again(&changes, &answer) {
            // Nothing was applied: the invocation as a whole failed, which every stream repeats.
            return Err(Diagnostic {
                error_type: "BATCH".to_owned(),
                error_message: "no change of the batch was applied; see the line before".to_owned(),
            });
        }
        Ok(answer)
    })
    .await
}

/// Whether all of a batch comes again.
fn begins_again(changes: &Changes, answer: &BatchAnswer) -> bool {
    let first = changes.records.first().map(Change::sequence_number);
    first.is_some() && answer.failures().next() == first
}

/// Reads the changes of an event: tests give it the files under `events/stream`.
///
/// # Errors
/// When the event is none of a DynamoDB stream.
pub fn changes(event: &str) -> Result<Changes, serde_json::Error> {
    serde_json::from_str(event)
}

/// Applies a batch. A panic, or a number that was not in the batch, means that nothing is known to be
/// applied: all of it comes again.
pub async fn run_stream<F>(changes: &Changes, handle: &F) -> BatchAnswer
where
    F: AsyncFn(&Changes) -> Result<(), Stopped>,
{
    let Some(first) = changes.records.first().map(Change::sequence_number) else {
        return BatchAnswer::default();
    };
    let records = changes.records.len();
    let stopped = match panics::caught(Box::pin(handle(changes))).await {
        Ok(Ok(())) => {
            info!(records, "applied a batch of changes");
            return BatchAnswer::default();
        }
        Ok(Err(stopped)) => stopped,
        Err(panic) => Stopped {
            at: first.to_owned(),
            failure: AppFailure::unknown(panic),
        },
    };
    log::failed(&stopped.failure, "change");
    let came_in = changes
        .records
        .iter()
        .any(|change| change.sequence_number() == stopped.at);
    BatchAnswer::failed([if came_in {
        stopped.at
    } else {
        first.to_owned()
    }])
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    const EVENT: &str = include_str!("../../../events/stream/message-delivered.json");

    fn check(at: &str) -> Vec<String> {
        let changes = changes(EVENT).unwrap();
        let answer = block_on(run_stream(&changes, &async |_: &Changes| match at {
            "" => Ok(()),
            "panic" => panic!("boom"),
            at => Err(Stopped {
                at: at.to_owned(),
                failure: AppFailure::unknown("odd"),
            }),
        }));
        answer.failures().map(str::to_owned).collect()
    }

    #[test]
    fn the_first_change_that_was_not_applied_is_named() {
        assert_eq!(check(""), Vec::<String>::new());
        assert_eq!(
            check("4421584500000000017450439092"),
            ["4421584500000000017450439092"]
        );
        assert_eq!(check("not-in-the-batch"), ["4421584500000000017450439091"]);
        assert_eq!(check("panic"), ["4421584500000000017450439091"]);
    }

    #[test]
    fn images_are_handed_over_as_they_came() {
        let changes = changes(EVENT).unwrap();
        let delivered = &changes.records[0];
        assert_eq!(delivered.kind, ChangeKind::Modify);
        assert!(delivered.new_image().unwrap().contains("\"s\""));
        assert!(delivered.old_image().is_some() && delivered.keys().contains("pk"));
        assert!(!delivered.expired() && changes.records[1].expired());
    }
}
