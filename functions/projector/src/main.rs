//! Keeps the boards that count a job's messages, and the words by which contacts are found, from the
//! table's stream.

use std::process::ExitCode;

use domain::{
    failure::{AppFailure, StoreFailure},
    ports::SearchIndex,
    service::projections::{MessageChange, project},
};
use runtime::{
    net::Net,
    stream::{Change, Changes, Stopped},
};
use store::{Store, stream};

fn main() -> ExitCode {
    runtime::start("projector", async |env| {
        let aws = runtime::aws::config(env, &Net::from_env(env)?)?;
        let store = Store::new(
            aws_sdk_dynamodb::Client::new(&aws),
            env.required("TABLE_NAME")?,
        );
        runtime::stream::serve_stream(async |changes: &Changes| handle(&store, changes).await).await
    })
}

/// Applies a batch: one write per board. Any part of it may come again. What stands before a change
/// that cannot be read is applied, because the answer says so.
async fn handle(store: &Store, changes: &Changes) -> Result<(), Stopped> {
    let mut rows = Vec::with_capacity(changes.records.len());
    let mut unread = None;
    for change in &changes.records {
        match apply(store, change).await {
            Ok(row) => rows.extend(row),
            Err(failure) => {
                unread = Some(stopped(change, failure));
                break;
            }
        }
    }
    if let (Some(first), Err(failure)) = (changes.records.first(), project(store, &rows).await) {
        return Err(stopped(first, failure));
    }
    unread.map_or(Ok(()), Err)
}

fn stopped(change: &Change, failure: StoreFailure) -> Stopped {
    Stopped {
        at: change.sequence_number().to_owned(),
        failure: AppFailure::from(failure),
    }
}

/// The row that a change of a message tells of. A change of a contact's name goes into the search index
/// at once; doing that again changes nothing.
async fn apply(store: &Store, change: &Change) -> Result<Option<MessageChange>, StoreFailure> {
    let (new, old) = (change.new_image(), change.old_image());
    if let Some(contact) = stream::contact_change(new, old)? {
        store
            .index_contact(
                contact.tenant,
                contact.contact,
                &contact.words,
                &contact.stale,
            )
            .await?;
    }
    let change = stream::change(new, old)?;
    Ok(change.map(|(tenant, job, row)| MessageChange { tenant, job, row }))
}
