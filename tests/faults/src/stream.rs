//! The table's stream over HTTP, and the projector's work on it.

use domain::{
    failure::StoreFailure,
    service::projections::{self, MessageChange},
};
use serde_json::{Value, json};

use crate::{place::TABLE, world::World};

/// The most pages that are read; more would be a loop.
const PAGES: usize = 100;

/// Every record of the stream, oldest first. The embedded database has one shard, as a small table has.
pub async fn read(world: &World) -> Vec<Value> {
    let streams = ask(world, "ListStreams", json!({"TableName": TABLE})).await;
    let arn = &streams["Streams"][0]["StreamArn"];
    let stream = ask(world, "DescribeStream", json!({"StreamArn": arn})).await;
    let mut records = Vec::new();
    for shard in stream["StreamDescription"]["Shards"].as_array().unwrap() {
        let from = json!({"StreamArn": arn, "ShardId": shard["ShardId"],
            "ShardIteratorType": "TRIM_HORIZON"});
        let mut next = ask(world, "GetShardIterator", from).await["ShardIterator"].take();
        for _ in 0..PAGES {
            let mut page = ask(world, "GetRecords", json!({"ShardIterator": next})).await;
            let Some(Value::Array(some)) = page.get_mut("Records").map(Value::take) else {
                break;
            };
            if some.is_empty() {
                break;
            }
            records.extend(some);
            next = page["NextShardIterator"].take();
            if next.is_null() {
                break;
            }
        }
    }
    records
}

/// One batch, as `functions/projector` handles it.
pub async fn project(world: &World, batch: &[Value]) -> Result<(), StoreFailure> {
    let mut changes = Vec::new();
    for record in batch {
        let image = |name: &str| record["dynamodb"].get(name).map(Value::to_string);
        let change =
            store::stream::change(image("NewImage").as_deref(), image("OldImage").as_deref())?;
        changes.extend(change.map(|(tenant, job, row)| MessageChange { tenant, job, row }));
    }
    projections::project(&world.store, &changes).await
}

async fn ask(world: &World, operation: &str, body: Value) -> Value {
    let request = world
        .http
        .post(&world.place.dynamodb)
        .header(
            "x-amz-target",
            format!("DynamoDBStreams_20120810.{operation}"),
        )
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-date", "20261120T103000Z")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/dynamodb/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=00",
        )
        .body(body.to_string());
    let answer = request.send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&answer).unwrap()
}
