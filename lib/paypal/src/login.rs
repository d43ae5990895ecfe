//! The token of the platform's app: asked for with its secret, kept until shortly before its end.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::{channel::Secret, failure::ProviderFailure, ports::PayPalAccess};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderValue},
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::{
    exchange::{BadEndpoint, Exchange},
    wire::{self, TokenAnswer},
};

/// So long before its end a token is no longer used: a call that it begins must end before it does.
const MARGIN: Duration = Duration::from_secs(300);

/// The way to PayPal with what is remembered between calls: one for a process, whatever its settings
/// become meanwhile.
#[derive(Debug, Clone)]
pub struct Account {
    pub(crate) exchange: Exchange,
    kept: Arc<Mutex<Option<Kept>>>,
}

/// A token and for whom it was given.
#[derive(Debug, Clone)]
struct Kept {
    of: [u8; 32],
    token: Secret,
    until: Instant,
}

impl Account {
    /// A way over a client that bounds the time to connect, follows no redirect, retries nothing and asks
    /// no proxy (`runtime::net::Net::provider_client`). No base address is PayPal's own.
    ///
    /// # Errors
    /// [`BadEndpoint`] when a secret must not be sent there.
    pub fn new(client: reqwest::Client, base: Option<&str>) -> Result<Self, BadEndpoint> {
        Ok(Self {
            exchange: Exchange::new(client, base)?,
            kept: Arc::default(),
        })
    }

    /// The same with another total time of each exchange.
    #[must_use]
    pub fn within(mut self, total: Duration) -> Self {
        self.exchange.within(total);
        self
    }

    /// The token that is kept for this app, or a new one.
    pub(crate) async fn token(&self, access: &PayPalAccess) -> Result<Secret, ProviderFailure> {
        let of = digest(access);
        if let Some(kept) = self.look(|kept| kept.clone())
            && kept.of == of
            && Instant::now() < kept.until
        {
            return Ok(kept.token);
        }
        let (token, lives) = self.ask(access).await?;
        let until = Instant::now() + lives.saturating_sub(MARGIN);
        let kept = Kept {
            of,
            token: token.clone(),
            until,
        };
        self.look(|place| *place = Some(kept));
        Ok(token)
    }

    /// Forgets a token that PayPal no longer takes.
    pub(crate) fn forget(&self) {
        self.look(|kept| *kept = None);
    }

    fn look<T>(&self, with: impl FnOnce(&mut Option<Kept>) -> T) -> T {
        with(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn ask(&self, access: &PayPalAccess) -> Result<(Secret, Duration), ProviderFailure> {
        let request = self
            .exchange
            .request(Method::POST, "/v1/oauth2/token")?
            .basic_auth(&access.client_id, Some(access.secret.expose_secret()))
            .header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            )
            .body("grant_type=client_credentials");
        let answered = self.exchange.send("token", request).await?;
        let answer: TokenAnswer = wire::success(&answered)?;
        let lives = Duration::from_secs(answer.expires_in);
        Ok((answer.access_token, lives))
    }
}

/// Names an app with its secret: a changed secret must not go on with the token of the old one.
fn digest(access: &PayPalAccess) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [access.client_id.as_str(), access.secret.expose_secret()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
