//! Everything this function stands on, built once.

use std::sync::Arc;

use domain::service::{
    festivals::FestivalDesk, settings::SettingsDesk, templates::TemplateDesk, tenants::TenantDesk,
    users::UserDesk, workflows::WorkflowDesk,
};
use identity::CognitoIdentities;
use runtime::{StartFailure, auth::Guard, env::Env, net::Net, time::SystemClock};
use store::Store;

/// The function's outside worlds.
#[derive(Clone)]
pub struct App(Arc<Worlds>);

struct Worlds {
    store: Store,
    identities: CognitoIdentities,
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
            identities: CognitoIdentities::new(&aws, env.required("USER_POOL_ID")?),
            clock: SystemClock,
        })))
    }

    /// Whose tokens count.
    pub fn guard(&self) -> Guard {
        Guard::of(self.0.store.clone())
    }

    /// Settings.
    pub fn settings(&self) -> SettingsDesk<'_, Store, SystemClock> {
        SettingsDesk {
            store: &self.0.store,
            clock: &self.0.clock,
        }
    }

    /// Festivals.
    pub fn festivals(&self) -> FestivalDesk<'_, Store, SystemClock> {
        FestivalDesk {
            store: &self.0.store,
            clock: &self.0.clock,
        }
    }

    /// Workflows.
    pub fn workflows(&self) -> WorkflowDesk<'_, Store, SystemClock> {
        WorkflowDesk {
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

    /// The company's users.
    pub fn users(&self) -> UserDesk<'_, Store, CognitoIdentities, SystemClock> {
        UserDesk {
            store: &self.0.store,
            identities: &self.0.identities,
            clock: &self.0.clock,
        }
    }

    /// All companies, for the platform's people.
    pub fn tenants(&self) -> TenantDesk<'_, Store, CognitoIdentities, SystemClock> {
        TenantDesk {
            store: &self.0.store,
            identities: &self.0.identities,
            clock: &self.0.clock,
        }
    }
}
