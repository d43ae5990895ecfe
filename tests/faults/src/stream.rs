//! The table's stream over HTTP, and the projector's work on it.

use domain::{
    failure::StoreFailure,
    service::projections::{self, MessageChange},
};
use serde_json::{Value, json};

use crate::{place::TABLE, world::World};

/// The most pages that are read at once; more would be a loop.
const PAGES: usize = 1_000;

/// A reader of the stream, which knows where it is. The embedded database has one shard, as a small
/// table has.
#[derive(Debug)]
pub struct Reader {
    next: Value,
}

impl Reader {
    /// A reader before the oldest record.
    pub async fn open(world: &World) -> Self {
        let streams = ask(world, "ListStreams", json!({"TableName": TABLE})).await;
        let arn = &streams["Streams"][0]["StreamArn"];
        let stream = ask(world, "DescribeStream", json!({"StreamArn": arn})).await;
        let shards = stream["StreamDescription"]["Shards"].as_array().unwrap();
        assert_eq!(shards.len(), 1);
        let from = json!({"StreamArn": arn, "ShardId": shards[0]["ShardId"],
            "ShardIteratorType": "TRIM_HORIZON"});
        let next = ask(world, "GetShardIterator", from).await["ShardIterator"].take();
        Self { next }
    }

    /// Every record since the last time, oldest first.
    pub async fn read(&mut self, world: &World) -> Vec<Value> {
        let mut records = Vec::new();
        for _ in 0..PAGES {
            let from = json!({"ShardIterator": self.next});
            let mut page = ask(world, "GetRecords", from).await;
            let next = page["NextShardIterator"].take();
            let Some(Value::Array(some)) = page.get_mut("Records").map(Value::take) else {
                break;
            };
            if next.is_string() {
                self.next = next;
            }
            if some.is_empty() {
                break;
            }
            records.extend(some);
        }
        records
    }
}

/// Every record of the stream, oldest first.
pub async fn read(world: &World) -> Vec<Value> {
    Reader::open(world).await.read(world).await
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
