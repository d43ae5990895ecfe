//! The table as code: attribute and index names, and the request that makes it. The production
//! table is made by `infra/template.yaml`; `tests` compares the two.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};
use aws_sdk_dynamodb::{error::BuildError, operation::create_table::CreateTableInput};

/// Partition key of the table.
pub const PK: &str = "pk";
/// Sort key of the table.
pub const SK: &str = "sk";
/// Attribute with the epoch second from which an item may be deleted.
pub const TTL: &str = "ttl";

/// One index: its name, partition key and sort key. All project keys only, so that an update that
/// moves no index key costs nothing in any index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Name.
    pub name: &'static str,
    /// Partition key attribute.
    pub partition: &'static str,
    /// Sort key attribute.
    pub sort: &'static str,
}

/// Threads, conversations and jobs, newest first; contacts by number; channels in the order they were
/// made.
pub const LIST: Index = Index {
    name: "list",
    partition: "lp",
    sort: "ls",
};
/// Outbound messages of a tenant by status class, newest first.
pub const LOG: Index = Index {
    name: "log",
    partition: "op",
    sort: "os",
};
/// What the sweep must look at, earliest first; across tenants.
pub const DUE: Index = Index {
    name: "due",
    partition: "dp",
    sort: "ds",
};

/// Every index.
pub const INDEXES: [Index; 3] = [LIST, LOG, DUE];

/// The request that makes this table: for tests and laptops.
///
/// # Errors
/// Never with these constants; the SDK's builders are fallible.
pub fn create(table: &str) -> Result<CreateTableInput, BuildError> {
    let mut attributes = vec![text(PK)?, text(SK)?];
    let mut indexes = Vec::new();
    for index in INDEXES {
        attributes.push(text(index.partition)?);
        attributes.push(text(index.sort)?);
        indexes.push(
            GlobalSecondaryIndex::builder()
                .index_name(index.name)
                .set_key_schema(Some(key(index.partition, index.sort)?))
                .projection(
                    Projection::builder()
                        .projection_type(ProjectionType::KeysOnly)
                        .build(),
                )
                .build()?,
        );
    }
    CreateTableInput::builder()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes))
        .set_key_schema(Some(key(PK, SK)?))
        .set_global_secondary_indexes(Some(indexes))
        .stream_specification(
            StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewAndOldImages)
                .build()?,
        )
        .build()
}

fn text(name: &str) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(ScalarAttributeType::S)
        .build()
}

fn key(partition: &str, sort: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    let element = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
    };
    Ok(vec![
        element(partition, KeyType::Hash)?,
        element(sort, KeyType::Range)?,
    ])
}
