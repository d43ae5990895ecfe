//! One in-memory DynamoDB per test, behind real HTTP and the real SDK: what goes over the wire in
//! production goes over the wire here.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot set its stage must fail at once"
)]

use std::{fmt, time::Duration};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{
        BehaviorVersion, Credentials, Intercept, Region, retry::RetryConfig, timeout::TimeoutConfig,
    },
    types::AttributeValue,
};
use aws_smithy_async::rt::sleep::TokioSleep;
use dynoxide::actions::get_item::GetItemRequest;
use tokio::net::TcpListener;

/// An item as the SDK has it.
pub type Item = std::collections::HashMap<String, AttributeValue>;

/// A database of its own; it ends with the test.
pub struct Database {
    /// A client of it.
    pub client: Client,
    /// The name of its one table.
    pub table: String,
    endpoint: String,
    memory: dynoxide::Database,
    server: tokio::task::JoinHandle<()>,
}

/// The database past the network.
#[derive(Clone)]
pub(crate) struct Direct {
    memory: dynoxide::Database,
    table: String,
}

impl Database {
    /// A new database with an empty table of [`store::schema`].
    ///
    /// # Panics
    /// When the embedded database does not start: a test cannot go on without.
    #[must_use = "the database ends when it is dropped"]
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let memory = dynoxide::Database::memory().expect("a database in memory");
        let server = tokio::spawn(dynoxide::server::serve_on(listener, memory.clone()));
        let database = Self {
            client: client(&endpoint, None),
            table: "waypost".to_owned(),
            endpoint,
            memory,
            server,
        };
        database.create_table().await;
        database
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The store over it.
    #[must_use]
    pub fn store(&self) -> store::Store {
        store::Store::new(self.client.clone(), self.table.clone())
    }

    /// The store over it, with something between: a meter, a fault.
    #[must_use]
    pub fn store_through(&self, interceptor: impl Intercept + 'static) -> store::Store {
        store::Store::new(self.client_through(interceptor), self.table.clone())
    }

    /// A client of it, with something between.
    #[must_use]
    pub fn client_through(&self, interceptor: impl Intercept + 'static) -> Client {
        client(
            &self.endpoint,
            Some(Config::builder().interceptor(interceptor)),
        )
    }

    /// The database past the network.
    pub(crate) fn direct(&self) -> Direct {
        Direct {
            memory: self.memory.clone(),
            table: self.table.clone(),
        }
    }

    /// Every item of the table.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn items(&self) -> Vec<Item> {
        let mut pages = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.expect("the database answers"));
        }
        items
    }

    /// The item with this key, if there is one.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn item(&self, pk: &str, sk: &str) -> Option<Item> {
        self.client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk.into()))
            .key("sk", AttributeValue::S(sk.into()))
            .consistent_read(true)
            .send()
            .await
            .expect("the database answers")
            .item
    }

    /// Puts items past the network and the stream, whatever they are: many at once, for what only counts
    /// that they are there.
    ///
    /// # Panics
    /// When the database does not take them.
    pub fn import(&self, items: Vec<Item>) {
        let items = items.into_iter();
        let items = items.map(|item| item.into_iter().map(|(k, v)| (k, given(v))).collect());
        self.memory
            .import_items(
                &self.table,
                items.collect(),
                dynoxide::ImportOptions::default(),
            )
            .expect("the database takes them");
    }

    async fn create_table(&self) {
        let table = store::schema::create(&self.table).expect("a table");
        self.client
            .create_table()
            .set_table_name(table.table_name)
            .set_billing_mode(table.billing_mode)
            .set_attribute_definitions(table.attribute_definitions)
            .set_key_schema(table.key_schema)
            .set_global_secondary_indexes(table.global_secondary_indexes)
            .set_stream_specification(table.stream_specification)
            .send()
            .await
            .expect("the table is made");
    }
}

impl Direct {
    /// The item with this key, if there is one.
    pub(crate) fn item(&self, pk: &str, sk: &str) -> Option<Item> {
        let text = |value: &str| dynoxide::AttributeValue::S(value.to_owned());
        let request = GetItemRequest {
            table_name: self.table.clone(),
            key: [("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))].into(),
            consistent_read: Some(true),
            projection_expression: None,
            expression_attribute_names: None,
            return_consumed_capacity: None,
            attributes_to_get: None,
        };
        let answer = self.memory.get_item(request).expect("the database answers");
        let item = answer.item?;
        Some(item.into_iter().map(|(k, v)| (k, value(v))).collect())
    }
}

fn value(value: dynoxide::AttributeValue) -> AttributeValue {
    use dynoxide::AttributeValue as From;
    match value {
        From::S(text) => AttributeValue::S(text),
        From::N(number) => AttributeValue::N(number),
        From::B(bytes) => AttributeValue::B(bytes.into()),
        From::BOOL(flag) => AttributeValue::Bool(flag),
        From::NULL(flag) => AttributeValue::Null(flag),
        From::SS(texts) => AttributeValue::Ss(texts),
        From::NS(numbers) => AttributeValue::Ns(numbers),
        From::BS(blobs) => AttributeValue::Bs(blobs.into_iter().map(Into::into).collect()),
        From::L(list) => AttributeValue::L(list.into_iter().map(self::value).collect()),
        From::M(map) => {
            AttributeValue::M(map.into_iter().map(|(k, v)| (k, self::value(v))).collect())
        }
    }
}

fn given(value: AttributeValue) -> dynoxide::AttributeValue {
    use dynoxide::AttributeValue as To;
    let bytes = aws_sdk_dynamodb::primitives::Blob::into_inner;
    match value {
        AttributeValue::S(text) => To::S(text),
        AttributeValue::N(number) => To::N(number),
        AttributeValue::B(blob) => To::B(bytes(blob)),
        AttributeValue::Bool(flag) => To::BOOL(flag),
        AttributeValue::Ss(texts) => To::SS(texts),
        AttributeValue::Ns(numbers) => To::NS(numbers),
        AttributeValue::Bs(blobs) => To::BS(blobs.into_iter().map(bytes).collect()),
        AttributeValue::L(list) => To::L(list.into_iter().map(given).collect()),
        AttributeValue::M(map) => To::M(map.into_iter().map(|(k, v)| (k, given(v))).collect()),
        // What the SDK may know one day is none of ours.
        _ => To::NULL(true),
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.endpoint)
    }
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Direct({})", self.table)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn client(endpoint: &str, config: Option<aws_sdk_dynamodb::config::Builder>) -> Client {
    let config = config
        .unwrap_or_else(Config::builder)
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(TokioSleep::new())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(3)
                .with_initial_backoff(Duration::from_millis(5)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .operation_timeout(Duration::from_secs(20))
                .build(),
        )
        .build();
    Client::from_conf(config)
}
