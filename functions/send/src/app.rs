//! Everything this function stands on, built once.

use std::sync::Arc;

use domain::service::{
    accept::Accept,
    attempt::Attempt,
    bulk::{AcceptBulk, Control},
    change::Change,
    events::EventDesk,
};
use files::S3Files;
use providers::{Endpoints, Transport};
use queue::SqsLanes;
use runtime::{StartFailure, auth::Guard, env::Env, net::Net, time::SystemClock};
use store::Store;
use vault::KmsVault;

/// The function's outside worlds.
#[derive(Clone)]
pub struct App(Arc<Worlds>);

struct Worlds {
    store: Store,
    lanes: SqsLanes,
    files: S3Files,
    vault: KmsVault,
    gate: Transport,
    clock: SystemClock,
    trusted_origin: Option<String>,
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
        )?;
        Ok(Self(Arc::new(Worlds {
            store: Store::new(
                aws_sdk_dynamodb::Client::new(&aws),
                env.required("TABLE_NAME")?,
            ),
            lanes: SqsLanes::new(&aws, env.required("LANES_QUEUE_URL")?),
            files: S3Files::new(&aws, net.aws_client(), &env.required("BUCKET_NAME")?)?,
            vault: KmsVault::new(&aws, env.required("TOKEN_KEY_ID")?),
            gate: Transport::new(net.provider_client()?, endpoints),
            clock: SystemClock,
            trusted_origin: env.optional("DOCUMENT_ORIGIN"),
        })))
    }

    /// Whose tokens count.
    pub fn guard(&self) -> Guard {
        Guard::of(self.0.store.clone())
    }

    /// Accepting.
    pub fn accept(&self) -> Accept<'_, Store, SqsLanes, SystemClock> {
        Accept {
            store: &self.0.store,
            lanes: &self.0.lanes,
            clock: &self.0.clock,
            adapters: providers::adapter,
        }
    }

    /// Attempting.
    pub fn attempt(&self) -> Attempt<'_, Store, KmsVault, Transport, SqsLanes, SystemClock> {
        Attempt {
            store: &self.0.store,
            vault: &self.0.vault,
            gate: &self.0.gate,
            lanes: &self.0.lanes,
            clock: &self.0.clock,
            adapters: providers::adapter,
        }
    }

    /// Accepting bulk jobs.
    pub fn bulk(&self) -> AcceptBulk<'_, Store, S3Files, SqsLanes, SystemClock> {
        AcceptBulk {
            store: &self.0.store,
            files: &self.0.files,
            lanes: &self.0.lanes,
            clock: &self.0.clock,
            adapters: providers::adapter,
        }
    }

    /// Pausing, resuming and cancelling them.
    pub fn control(&self) -> Control<'_, Store, SqsLanes, SystemClock> {
        Control {
            store: &self.0.store,
            lanes: &self.0.lanes,
            clock: &self.0.clock,
        }
    }

    /// Uploads and reports.
    pub fn files(&self) -> &S3Files {
        &self.0.files
    }

    /// Business events.
    pub fn events(&self) -> EventDesk<'_, Store, SqsLanes, SystemClock> {
        EventDesk {
            store: &self.0.store,
            lanes: &self.0.lanes,
            clock: &self.0.clock,
            trusted_origin: self.0.trusted_origin.as_deref(),
        }
    }

    /// Storage.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The time.
    pub fn clock(&self) -> &SystemClock {
        &self.0.clock
    }

    /// Retrying and cancelling.
    pub fn change(&self) -> Change<'_, Store, SystemClock> {
        Change {
            store: &self.0.store,
            clock: &self.0.clock,
        }
    }
}
