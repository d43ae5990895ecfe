//! Batches of an SQS FIFO queue: one record's failure is one record's, and no record overtakes
//! another of its lane.

use std::collections::HashSet;

use domain::failure::{AppFailure, Code};
use futures::future::join_all;
use lambda_runtime::Diagnostic;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tracing::{Instrument, info};

use crate::{
    http::parse,
    lambda::{self, StartFailure},
    panics, tracing as log,
};

/// One record of a queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// What SQS calls it; the answer names it.
    pub message_id: String,
    /// The body as it was sent.
    #[serde(default)]
    pub body: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attributes {
    message_group_id: String,
    message_deduplication_id: String,
    approximate_receive_count: String,
}

impl Record {
    /// The group whose order SQS keeps.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.attributes.message_group_id
    }

    /// What the sender named it by.
    #[must_use]
    pub fn deduplication_id(&self) -> &str {
        &self.attributes.message_deduplication_id
    }

    /// How often it was received, this time included.
    #[must_use]
    pub fn received(&self) -> u32 {
        self.attributes
            .approximate_receive_count
            .parse()
            .unwrap_or(1)
    }

    /// The body as a `T`.
    ///
    /// # Errors
    /// VALIDATION, which parks the record.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, AppFailure> {
        parse(self.body.as_bytes())
    }
}

/// What a queue function does with a record.
pub trait Work {
    /// Does the record's work. `Ok` when it was done already.
    fn handle(&self, record: &Record) -> impl Future<Output = Result<(), AppFailure>>;

    /// Keeps a record that trying again will not mend where a person or the reconciler sees it.
    fn park(
        &self,
        record: &Record,
        failure: &AppFailure,
    ) -> impl Future<Output = Result<(), AppFailure>>;

    /// Records of one lane are handled one after the other; lanes side by side. A worker whose order is
    /// narrower than the queue's (a contact, not a channel) says so here.
    fn lane(&self, record: &Record) -> String {
        record.group().to_owned()
    }
}

/// What follows from a record's failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// SQS delivers it again.
    Retry,
    /// It is kept aside and acknowledged.
    Park,
}

/// The table of failures, for records of a queue.
#[must_use]
pub fn decide(failure: &AppFailure) -> Decision {
    match failure.code() {
        Code::DbError | Code::ProviderError if failure.retryable() => Decision::Retry,
        // A provider failure that is not retryable is in doubt or refused; either way a reconciler's.
        Code::DbError | Code::ProviderError => Decision::Park,
        // What was done already is `Ok` and no conflict; what is left contradicts the stored state.
        Code::Conflict => Decision::Park,
        Code::Unauthorized | Code::Forbidden | Code::NotFound | Code::Validation => Decision::Park,
        Code::Unknown => Decision::Park,
    }
}

/// The answer to a batch: the records that SQS or the stream delivers again.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    batch_item_failures: Vec<Item>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    item_identifier: String,
}

impl BatchAnswer {
    pub(crate) fn failed(ids: impl IntoIterator<Item = String>) -> Self {
        let item = |item_identifier| Item { item_identifier };
        Self {
            batch_item_failures: ids.into_iter().map(item).collect(),
        }
    }

    /// The ids that come again, in the order of the batch.
    pub fn failures(&self) -> impl Iterator<Item = &str> {
        self.batch_item_failures
            .iter()
            .map(|item| item.item_identifier.as_str())
    }
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

/// Serves a FIFO queue until the environment ends.
///
/// # Errors
/// When the Runtime API is lost.
pub async fn serve_fifo<W: Work>(work: W) -> Result<(), StartFailure> {
    lambda::run(async |event: &str| {
        let batch: Wire = serde_json::from_str(event).map_err(unreadable)?;
        Ok(run_fifo(batch.records, &work).await)
    })
    .await
}

/// A batch we cannot read has no ids to report: all of it comes again, and then goes to the dead letters.
pub(crate) fn unreadable(cause: serde_json::Error) -> Diagnostic {
    let failure = AppFailure::unknown(cause);
    log::failed(&failure, "batch");
    crate::cron::diagnostic(&failure)
}

/// Reads the records of an event: tests give it the files under `events/sqs`.
///
/// # Errors
/// When the event is none of SQS.
pub fn records(event: &str) -> Result<Vec<Record>, serde_json::Error> {
    serde_json::from_str::<Wire>(event).map(|batch| batch.records)
}

/// Does the work of a batch. After a record that comes again, the later ones of its lane are not begun
/// and come again too; a parked record stops nobody.
pub async fn run_fifo<W: Work>(records: Vec<Record>, work: &W) -> BatchAnswer {
    let mut lanes: Vec<(String, Vec<&Record>)> = Vec::new();
    for record in &records {
        let lane = work.lane(record);
        match lanes.iter_mut().find(|(name, _)| *name == lane) {
            Some((_, members)) => members.push(record),
            None => lanes.push((lane, vec![record])),
        }
    }
    let came_again = join_all(
        lanes
            .into_iter()
            .map(|(_, members)| run_lane(members, work)),
    )
    .await;
    let again: HashSet<&str> = came_again
        .into_iter()
        .flatten()
        .map(|record| record.message_id.as_str())
        .collect();
    info!(
        records = records.len(),
        again = again.len(),
        "handled a batch"
    );
    let in_order = records.iter().map(|record| record.message_id.as_str());
    BatchAnswer::failed(in_order.filter(|id| again.contains(id)).map(str::to_owned))
}

/// The records of a lane that come again.
async fn run_lane<'a, W: Work>(members: Vec<&'a Record>, work: &W) -> Vec<&'a Record> {
    let mut left = members.into_iter();
    while let Some(record) = left.next() {
        let done = run_one(record, work)
            .instrument(log::record(&record.message_id))
            .await;
        if !done {
            return std::iter::once(record).chain(left).collect();
        }
    }
    Vec::new()
}

/// Whether the record may be acknowledged.
async fn run_one<W: Work>(record: &Record, work: &W) -> bool {
    let outcome = panics::caught(Box::pin(work.handle(record))).await;
    let Err(failure) = outcome.unwrap_or_else(|panic| Err(AppFailure::unknown(panic))) else {
        return true;
    };
    log::failed(&failure, "record");
    match decide(&failure) {
        Decision::Retry => false,
        Decision::Park => {
            let parked = panics::caught(Box::pin(work.park(record, &failure))).await;
            match parked.unwrap_or_else(|panic| Err(AppFailure::unknown(panic))) {
                Ok(()) => true,
                Err(failure) => {
                    // The queue's own dead letters are the last net.
                    log::failed(&failure, "parking a record");
                    false
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
