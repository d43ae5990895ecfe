//! Everything this function stands on, built once.

use std::sync::Arc;

use domain::service::{settings::SettingsDesk, templates::TemplateDesk};
use runtime::{StartFailure, env::Env, net::Net, time::SystemClock};
use store::Store;

/// The function's outside worlds.
#[derive(Clone)]
pub struct App(Arc<Worlds>);

struct Worlds {
    store: Store,
    clock: SystemClock,
}

impl App {
    /// Builds all clients; a missing variable is named.
    ///
    /// # Errors
    /// When the configuration is incomplete.
    pub fn from_env(env: &Env) -> Result<Self, StartFailure> {
        let aws = runtime::aws::config(env, &Net::from_env(env)?)?;
        Ok(Self(Arc::new(Worlds {
            store: Store::new(
                aws_sdk_dynamodb::Client::new(&aws),
                env.required("TABLE_NAME")?,
            ),
            clock: SystemClock,
        })))
    }

    /// Settings.
    pub fn settings(&self) -> SettingsDesk<'_, Store, SystemClock> {
        SettingsDesk {
            store: &self.0.store,
            clock: &self.0.clock,
        }
    }

    /// Templates.
    pub fn templates(&self) -> TemplateDesk<'_, Store, SystemClock> {
        TemplateDesk {
            store: &self.0.store,
            clock: &self.0.clock,
        }
    }
}
