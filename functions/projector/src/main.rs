//! Keeps the boards that count a job's messages, from the table's stream.

use std::process::ExitCode;

use domain::{
    failure::{AppFailure, StoreFailure},
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

/// Applies a batch: one write per board. Any part of it may come again.
async fn handle(store: &Store, changes: &Changes) -> Result<(), Stopped> {
    let mut rows = Vec::with_capacity(changes.records.len());
    for change in &changes.records {
        let row = read(change).map_err(|failure| Stopped {
            at: change.sequence_number().to_owned(),
            failure: failure.into(),
        })?;
        rows.extend(row);
    }
    let first = changes
        .records
        .first()
        .map(Change::sequence_number)
        .unwrap_or_default();
    project(store, &rows).await.map_err(|failure| Stopped {
        at: first.to_owned(),
        failure: AppFailure::from(failure),
    })
}

fn read(change: &Change) -> Result<Option<MessageChange>, StoreFailure> {
    let change = stream::change(change.new_image(), change.old_image())?;
    Ok(change.map(|(tenant, job, row)| MessageChange { tenant, job, row }))
}
