//! Where a process finds its outside worlds, as its command line names them.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig},
};
use aws_smithy_async::rt::sleep::TokioSleep;
use domain::ids::{ChannelId, TenantId};
use jiff::Timestamp;

use crate::{points::Points, sabotage::Sabotage};

/// Name of the table: `testkit::database` makes it.
pub const TABLE: &str = "waypost";

/// Where a process finds its outside worlds.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// The database.
    #[arg(long)]
    pub dynamodb: String,
    /// Where sends go.
    #[arg(long)]
    pub gate: String,
    /// The sandbox behind it.
    #[arg(long)]
    pub sandbox: String,
    /// Whose messages they are.
    #[arg(long)]
    pub tenant: TenantId,
    /// From which number.
    #[arg(long)]
    pub channel: ChannelId,
    /// When the scenario begins.
    #[arg(long)]
    pub at: Timestamp,
    /// What is broken on purpose.
    #[arg(long)]
    pub sabotage: Option<Sabotage>,
}

impl Place {
    /// A client of the database, with every point and perhaps a sabotage between.
    pub fn database(&self, points: Points, sabotage: Option<Sabotage>) -> Client {
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(&self.dynamodb)
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
            .interceptor(points);
        if let Some(sabotage) = sabotage {
            config = config.interceptor(sabotage);
        }
        Client::from_conf(config.build())
    }
}
