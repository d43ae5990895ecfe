//! Everything this function stands on, built once.

use std::sync::Arc;

use domain::{
    ports::Clock,
    service::{contacts::ContactDesk, inbox::InboxDesk},
};
use files::S3Files;
use jiff::Timestamp;
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

    /// Conversations.
    pub fn inbox(&self) -> InboxDesk<'_, Store, SystemClock> {
        InboxDesk {
            store: &self.0.store,
            clock: &self.0.clock,
        }
    }

    /// Contacts.
    pub fn contacts(&self) -> ContactDesk<'_, Store, SystemClock> {
        ContactDesk {
            store: &self.0.store,
            clock: &self.0.clock,
        }
    }

    /// Copies of inbound files.
    pub fn files(&self) -> &S3Files {
        &self.0.files
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}
