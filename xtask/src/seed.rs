//! Puts tenants and channels into a local stack, as the platform's own functions will (later issues):
//! through the store, with the token sealed by the stack's key.

use anyhow::{Context, Result, ensure};
use domain::{
    channel::{AuthStatus, Channel, ChannelKey, Pace, SecretHash},
    ids::{ChannelId, TenantId},
    provider::ProviderKind,
    settings::Settings,
    tenant::{PlanLimits, Tenant},
};
use jiff::Timestamp;
use reqwest::Client;
use runtime::{aws, env::Env, net::Net};
use serde_json::{Value, json};
use store::Store;
use uuid::Uuid;
use vault::KmsVault;

use crate::stack::{ACCESS_KEY, REGION, SECRET_KEY, Stack};

/// A tenant with one WHAPI channel, known to the store and to the sandbox.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The tenant.
    pub tenant: Tenant,
    /// Its default channel.
    pub channel: Channel,
    /// The channel's token at the provider.
    pub token: String,
    /// What the provider sends back with every webhook.
    pub webhook_secret: String,
}

/// What a seeded tenant is like.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The tenant's id.
    pub tenant: TenantId,
    /// Its name; also names its failure address.
    pub name: String,
    /// Messages a day.
    pub daily_messages: u32,
    /// What the sandbox does with a message by itself: `[{"after_ms":300,"action":"sent"}, …]`.
    pub automatic: Value,
}

/// The stack's own worlds, opened from outside.
#[derive(Debug)]
pub struct Worlds {
    /// The table.
    pub store: Store,
    /// The key.
    pub vault: KmsVault,
    /// What every AWS client of the stack is built from.
    pub config: aws_types::SdkConfig,
}

impl Worlds {
    /// Opens a stack's table and key.
    ///
    /// # Errors
    /// When a client cannot be built.
    pub fn of(stack: &Stack) -> Result<Self> {
        let endpoint = stack.emulator().endpoint();
        let env = Env::given([
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ]);
        let config = aws::config(&env, &Net::from_env(&env)?)?;
        let outputs = stack.outputs();
        Ok(Self {
            store: Store::new(
                aws_sdk_dynamodb::Client::new(&config),
                outputs.table_name.clone(),
            ),
            vault: KmsVault::new(&config, outputs.token_key_arn.clone()),
            config,
        })
    }

    /// Puts a tenant with one authorised channel into the table, and tells the sandbox about it.
    ///
    /// # Errors
    /// When the table, the key or the sandbox does not answer.
    pub async fn seed(
        &self,
        http: &Client,
        stack: &Stack,
        sandbox: &str,
        wanted: &Wanted,
    ) -> Result<Seeded> {
        let id = ChannelId::fresh();
        let token = format!("demo-{}", Uuid::new_v4().simple());
        let webhook_secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let key = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let channel = Channel {
            id,
            tenant: wanted.tenant,
            provider: ProviderKind::Whapi,
            name: format!("{} main", wanted.name),
            provider_ref: format!("DEMO-{}", &id.key()[20..]).to_uppercase(),
            account: None,
            phone: None,
            api: None,
            active: true,
            auth: AuthStatus::Authorized,
            health: None,
            paid_until: None,
            sealed_token: self
                .vault
                .seal(wanted.tenant, id, &token.clone().into())
                .await?,
            token_hint: String::new(),
            sealed_app_secret: None,
            key: ChannelKey::parse(&key).context("a key of the wrong form")?,
            webhook_secret: SecretHash::of(webhook_secret.as_bytes()),
            pace: Pace::WHAPI,
            created_at: Timestamp::now(),
            version: 0,
        };
        let tenant = Tenant {
            id: wanted.tenant,
            name: wanted.name.clone(),
            active: true,
            settings: Settings {
                zone: "Asia/Bahrain".into(),
                failure_email: Some(format!("failures@{}.example", wanted.name)),
                default_channel: Some(id),
                ..Settings::default()
            },
            plan: Some(PlanLimits {
                name: "Demo".into(),
                daily_messages: wanted.daily_messages,
                bulk_per_cycle: 10_000,
                channels: 20,
                from: None,
                until: None,
            }),
        };
        self.store.put_tenant(&tenant).await?;
        self.store.put_channel(&channel).await?;
        let seeded = Seeded {
            tenant,
            channel,
            token,
            webhook_secret,
        };
        seeded
            .register(http, stack, sandbox, &wanted.automatic)
            .await?;
        Ok(seeded)
    }
}

impl Seeded {
    /// Path of the channel's webhook.
    #[must_use]
    pub fn webhook_path(&self) -> String {
        format!("/webhooks/whapi/{}", self.channel.key.as_str())
    }

    /// Tells the sandbox about the channel, as a channel's settings would tell WHAPI.
    ///
    /// # Errors
    /// When the sandbox refuses.
    pub async fn register(
        &self,
        http: &Client,
        stack: &Stack,
        sandbox: &str,
        automatic: &Value,
    ) -> Result<()> {
        let body = json!({
            "token": self.token,
            "channel_id": self.channel.provider_ref,
            "phone": "97300000009",
            "webhook": {
                "url": format!("http://{}{}", stack.webhook_host(), self.webhook_path()),
                "headers": {"X-Webhook-Secret": self.webhook_secret},
                "connect_to": format!("127.0.0.1:{}", stack.emulator().port()),
            },
            "auto": automatic,
            "echoes": true,
        });
        let answer = http
            .put(format!("{sandbox}/_sandbox/channels"))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await?;
        let status = answer.status();
        ensure!(
            status.is_success(),
            "the sandbox answered {status}: {}",
            answer.text().await?
        );
        Ok(())
    }
}
