//! Everything this function stands on, built once.

use std::sync::Arc;

use files::S3Files;
use runtime::{StartFailure, auth::Guard, env::Env, net::Net, time::SystemClock};
use store::Store;

/// The function's outside worlds.
#[derive(Clone)]
pub struct App(Arc<Worlds>);

struct Worlds {
    store: Store,
    files: S3Files,
    clock: SystemClock,
}

impl App {
    /// Builds all clients; a missing variable is named.
    ///
    /// # Errors
    /// When the configuration is incomplete.
    pub fn from_env(env: &Env) -> Result<Self, StartFailure> {
        let net = Net::from_env(env)?;
        let aws = runtime::aws::config(env, &net)?;
        Ok(Self(Arc::new(Worlds {
            store: Store::new(
                aws_sdk_dynamodb::Client::new(&aws),
                env.required("TABLE_NAME")?,
            ),
            files: S3Files::new(&aws, net.aws_client(), &env.required("BUCKET_NAME")?)?,
            clock: SystemClock,
        })))
    }

    /// Whose tokens count.
    pub fn guard(&self) -> Guard {
        Guard::of(self.0.store.clone())
    }

    /// Storage.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Files.
    pub fn files(&self) -> &S3Files {
        &self.0.files
    }

    /// The time.
    pub fn clock(&self) -> &SystemClock {
        &self.0.clock
    }
}
