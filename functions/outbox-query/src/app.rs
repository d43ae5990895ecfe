//! Everything this function stands on, built once.

use std::sync::Arc;

use axum::extract::FromRef;
use domain::service::export::Export;
use files::S3Files;
use runtime::{StartFailure, auth::Guard, env::Env, net::Net, time::SystemClock};
use store::Store;

/// The function's outside worlds.
#[derive(Debug, Clone)]
pub struct App {
    store: Arc<Store>,
    files: Arc<S3Files>,
}

impl App {
    /// Builds all clients; a missing variable is named.
    ///
    /// # Errors
    /// When the configuration is incomplete.
    pub fn from_env(env: &Env) -> Result<Self, StartFailure> {
        let net = Net::from_env(env)?;
        let aws = runtime::aws::config(env, &net)?;
        let files = S3Files::new(&aws, net.aws_client(), &env.required("BUCKET_NAME")?)?;
        Ok(Self {
            store: Arc::new(Store::new(
                aws_sdk_dynamodb::Client::new(&aws),
                env.required("TABLE_NAME")?,
            )),
            files: Arc::new(files),
        })
    }

    /// Whose tokens count.
    pub fn guard(&self) -> Guard {
        Guard::of(Store::clone(&self.store))
    }

    /// Exporting.
    pub fn export(&self) -> Export<'_, Store, S3Files, SystemClock> {
        Export {
            store: &self.store,
            files: &self.files,
            clock: &SystemClock,
        }
    }

    /// Storage.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

/// Most routes read the table and nothing else.
impl FromRef<App> for Arc<Store> {
    fn from_ref(app: &App) -> Self {
        app.store.clone()
    }
}
