//! Everything this function stands on, built once.

use std::sync::Arc;

use domain::{
    ports::Clock,
    service::{
        channels::ChannelDesk,
        managed::ManagedDesk,
        partner_balance::PartnerBalance,
        partner_settings::{OpenPartner, PartnerDesk},
        template_sync::TemplateSyncs,
    },
};
use jiff::Timestamp;
use providers::{Endpoints, Transport};
use runtime::{StartFailure, auth::Guard, env::Env, net::Net, time::SystemClock};
use store::Store;
use vault::KmsVault;

use crate::{random, webhook_urls::WebhookUrls};

/// Channels that the platform pays for, over what the function stands on.
pub type Managed<'a> =
    ManagedDesk<'a, Store, KmsVault, Transport, OpenPartner<'a, Store, KmsVault>, SystemClock>;

/// The function's outside worlds.
#[derive(Clone)]
pub struct App(Arc<Worlds>);

struct Worlds {
    store: Store,
    vault: KmsVault,
    gate: Transport,
    clock: SystemClock,
    webhooks: WebhookUrls,
}

impl App {
    /// Builds all clients; a missing variable is named.
    ///
    /// # Errors
    /// When the configuration is incomplete.
    pub fn from_env(env: &Env) -> Result<Self, StartFailure> {
        let net = Net::from_env(env)?;
        let aws = runtime::aws::config(env, &net)?;
        let endpoints = Endpoints::parse(
            env.optional("WHAPI_BASE_URL").as_deref(),
            env.optional("META_BASE_URL").as_deref(),
            env.optional("MESSENGER360_BASE_URL").as_deref(),
        )?
        .with_whapi_manager(env.optional("WHAPI_MANAGER_BASE_URL").as_deref())?;
        Ok(Self(Arc::new(Worlds {
            store: Store::new(
                aws_sdk_dynamodb::Client::new(&aws),
                env.required("TABLE_NAME")?,
            ),
            vault: KmsVault::new(&aws, env.required("TOKEN_KEY_ID")?),
            gate: Transport::new(net.provider_client()?, endpoints),
            clock: SystemClock,
            webhooks: WebhookUrls::below(&env.required("WEBHOOK_BASE_URL")?),
        })))
    }

    /// Whose tokens count.
    pub fn guard(&self) -> Guard {
        Guard::of(self.0.store.clone())
    }

    /// Working with channels.
    pub fn desk(&self) -> ChannelDesk<'_, Store, KmsVault, Transport, SystemClock> {
        ChannelDesk {
            store: &self.0.store,
            vault: &self.0.vault,
            gate: &self.0.gate,
            clock: &self.0.clock,
            adapters: providers::adapter,
        }
    }

    /// Bringing in templates.
    pub fn template_syncs(&self) -> TemplateSyncs<'_, Store, KmsVault, Transport, SystemClock> {
        TemplateSyncs {
            store: &self.0.store,
            vault: &self.0.vault,
            gate: &self.0.gate,
            clock: &self.0.clock,
            adapters: providers::adapter,
        }
    }

    /// Channels that the platform pays for.
    pub fn managed(&self) -> Managed<'_> {
        ManagedDesk {
            store: &self.0.store,
            vault: &self.0.vault,
            partner: &self.0.gate,
            access: OpenPartner {
                store: &self.0.store,
                vault: &self.0.vault,
            },
            clock: &self.0.clock,
            hooks: self.0.webhooks.base(),
            fresh: random::fresh,
        }
    }

    /// The platform's account at WHAPI.
    pub fn partner(&self) -> PartnerDesk<'_, Store, KmsVault, Transport, SystemClock> {
        PartnerDesk {
            store: &self.0.store,
            vault: &self.0.vault,
            partner: &self.0.gate,
            clock: &self.0.clock,
        }
    }

    /// The notices of its days.
    pub fn balance(&self) -> PartnerBalance<'_, Store, SystemClock> {
        PartnerBalance {
            store: &self.0.store,
            clock: &self.0.clock,
        }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Where providers send webhooks.
    pub fn webhooks(&self) -> &WebhookUrls {
        &self.0.webhooks
    }
}
