//! The platform's own app at Meta, which channels without an app of their own belong to.

use secrecy::ExposeSecret;
use tracing::{info, warn};

use super::ChannelDesk;
use crate::{
    channel::{PlatformApp, Secret, SecretHash},
    failure::{AppFailure, FieldProblem, StoreFailure, StoreFailureKind},
    ports::{
        AuditEntry, ChannelBook, ChannelKeys, Clock, Directory, Gate, ManagedChannels, Seals,
        Signatures, Vault,
    },
    principal::Principal,
    service::new_channel::{self, hint, refuse},
};

/// Secrets that count at once: the newest, and the one before it while Meta changes over.
const LIVE: usize = 2;

impl<S, V, G, C> ChannelDesk<'_, S, V, G, C>
where
    S: Directory + ChannelBook + ChannelKeys + ManagedChannels,
    V: Vault + Seals + Signatures,
    G: Gate,
    C: Clock,
{
    /// The platform's own app, as far as it may be shown.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn platform_app(&self, _principal: &Principal) -> Result<PlatformApp, AppFailure> {
        Ok(self.store.platform_app().await?)
    }

    /// Gives the platform's app a new secret, a new verify token, or both. The one before counts until
    /// the next comes, so that nothing is refused while Meta changes over. Giving the newest again
    /// changes nothing: a request repeated after a lost answer must not push the one before out.
    ///
    /// # Errors
    /// VALIDATION for secrets of an odd form.
    pub async fn set_platform_app(
        &self,
        principal: &Principal,
        secret: Option<&Secret>,
        verify_token: Option<&Secret>,
    ) -> Result<PlatformApp, AppFailure> {
        check(secret, verify_token)?;
        let before = self.store.platform_app().await?;
        let mut app = before.clone();
        let now = self.clock.now();
        let mut audit = AuditEntry::new(principal.user(), "platform", "set_app", "meta", now);
        if let Some(secret) = secret
            && !self.is_newest(&app, secret).await?
        {
            let sealed = self.vault.seal_platform(secret).await?;
            app.sealed_secrets.insert(0, sealed);
            app.sealed_secrets.truncate(LIVE);
            app.hint = hint(secret);
            audit = audit.changed("app_secret_hint", &before.hint, &app.hint);
        }
        if let Some(token) = verify_token {
            let hash = SecretHash::of(token.expose_secret().as_bytes());
            if app.verify_tokens.first() != Some(&hash) {
                app.verify_tokens.insert(0, hash);
                app.verify_tokens.truncate(LIVE);
                let had = !before.verify_tokens.is_empty();
                let was = if had { "set" } else { "none" };
                audit = audit.changed("verify_token", was, "replaced");
            }
        }
        if app == before {
            return Ok(app);
        }
        app.changed_at = Some(now);
        self.store
            .save_platform_app(&app, principal.tenant(), &audit)
            .await?;
        info!("changed the platform's app at Meta");
        Ok(app)
    }

    async fn is_newest(&self, app: &PlatformApp, secret: &Secret) -> Result<bool, StoreFailure> {
        let newest = PlatformApp {
            sealed_secrets: app.sealed_secrets.first().cloned().into_iter().collect(),
            ..PlatformApp::default()
        };
        match self.vault.platform_secrets(&newest).await {
            Ok(opened) => Ok(opened.first().is_some_and(|known| {
                SecretHash::of(known.expose_secret().as_bytes())
                    .is_of(secret.expose_secret().as_bytes())
            })),
            // What cannot be opened is no reason not to replace it.
            Err(failure) if failure.kind() == StoreFailureKind::Corrupt => {
                warn!(error = %failure, "the newest secret of the platform's app cannot be opened");
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }
}

fn check(secret: Option<&Secret>, verify_token: Option<&Secret>) -> Result<(), AppFailure> {
    let mut problems = Vec::new();
    if secret.is_none() && verify_token.is_none() {
        problems.push(FieldProblem::new(
            "app_secret",
            "REQUIRED",
            "give an app_secret, a verify_token, or both",
        ));
    }
    for (field, given) in [("app_secret", secret), ("verify_token", verify_token)] {
        if let Some(given) = given {
            new_channel::secret(&mut problems, field, given);
        }
    }
    refuse(problems)
}
