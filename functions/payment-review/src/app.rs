//! Everything this function stands on, built once.

use std::sync::Arc;

use domain::{
    failure::AppFailure,
    service::{
        billing::{BillingDesk, ProofDesk},
        paypal::{PayPalDeals, PayPalSetup},
    },
};
use files::S3Files;
use paypal::{Account, PayPalApi};
use runtime::{StartFailure, auth::Guard, env::Env, net::Net, time::SystemClock};
use store::Store;
use vault::KmsVault;

/// The function's outside worlds.
#[derive(Clone)]
pub struct App(Arc<Worlds>);

struct Worlds {
    store: Store,
    files: S3Files,
    vault: KmsVault,
    paypal: Account,
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
            vault: KmsVault::new(&aws, env.required("TOKEN_KEY_ID")?),
            paypal: Account::new(
                net.provider_client()?,
                env.optional("PAYPAL_BASE_URL").as_deref(),
            )?,
            clock: SystemClock,
        })))
    }

    /// Whose tokens count.
    pub fn guard(&self) -> Guard {
        Guard::of(self.0.store.clone())
    }

    /// Plans, subscriptions, the review, and what is left of it all.
    pub fn desk(&self) -> BillingDesk<'_, Store, SystemClock> {
        BillingDesk {
            store: &self.0.store,
            clock: &self.0.clock,
        }
    }

    /// What the platform is at PayPal.
    pub fn paypal_setup(&self) -> PayPalSetup<'_, Store, KmsVault, SystemClock> {
        PayPalSetup {
            store: &self.0.store,
            vault: &self.0.vault,
            clock: &self.0.clock,
        }
    }

    /// PayPal, as the platform's app.
    ///
    /// # Errors
    /// `PROVIDER_ERROR` while it is not set up.
    pub async fn paypal(&self) -> Result<PayPalApi, AppFailure> {
        let access = self.paypal_setup().access().await?;
        Ok(self.0.paypal.open(access))
    }

    /// Subscriptions at PayPal.
    pub fn deals<'a, P>(&'a self, paypal: &'a P) -> PayPalDeals<'a, Store, P, SystemClock> {
        PayPalDeals {
            store: &self.0.store,
            paypal,
            clock: &self.0.clock,
        }
    }

    /// Proofs of payment.
    pub fn proofs(&self) -> ProofDesk<'_, Store, S3Files, SystemClock> {
        ProofDesk {
            store: &self.0.store,
            files: &self.0.files,
            clock: &self.0.clock,
            judge,
        }
    }
}

/// What a file is, by its content. What it was announced as makes nothing acceptable.
fn judge(bytes: &[u8]) -> Option<&'static str> {
    fetch::judge(bytes, None).ok().map(|found| found.mime)
}
