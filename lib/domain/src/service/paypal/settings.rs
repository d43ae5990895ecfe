//! What the platform is at PayPal: set up by its people, its secret sealed and never shown.

use tracing::info;

use crate::{
    billing::PayPalSettings,
    channel::Secret,
    failure::{AppFailure, FieldProblem},
    ports::{AuditEntry, Clock, PayPalAccess, PayPalBook, PayPalVault, Saved},
    principal::Principal,
    service::new_channel::{self, hint, refuse},
};

/// Longest address that people are led to.
const LONGEST_URL: usize = 2_000;

/// Setting it up, and opening it for calls.
#[derive(Debug)]
pub struct PayPalSetup<'a, S, V, C> {
    /// Storage.
    pub store: &'a S,
    /// Seals and opens.
    pub vault: &'a V,
    /// The time.
    pub clock: &'a C,
}

/// What the settings shall be. Without a secret the one before stays.
#[derive(Debug)]
pub struct PayPalEdit {
    /// The app's client id.
    pub client_id: String,
    /// A new secret.
    pub secret: Option<Secret>,
    /// The id of the webhook.
    pub webhook_id: String,
    /// Where buyers come back to after approving.
    pub return_url: String,
    /// Where they come back to without.
    pub cancel_url: String,
}

impl<S, V, C> PayPalSetup<'_, S, V, C>
where
    S: PayPalBook,
    V: PayPalVault,
    C: Clock,
{
    /// The settings, as far as they may be shown; none before the first.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn settings(
        &self,
        _principal: &Principal,
    ) -> Result<Option<PayPalSettings>, AppFailure> {
        Ok(self.store.paypal_settings().await?)
    }

    /// Replaces the settings. Giving the same again without a secret changes nothing.
    ///
    /// # Errors
    /// VALIDATION, CONFLICT when somebody else changed them at the same time.
    pub async fn set(
        &self,
        principal: &Principal,
        edit: &PayPalEdit,
    ) -> Result<PayPalSettings, AppFailure> {
        let before = self.store.paypal_settings().await?;
        edit.check(before.is_some())?;
        let now = self.clock.now();
        let (sealed_secret, hint) = match (&edit.secret, &before) {
            (Some(secret), _) => (self.vault.seal_paypal(secret).await?, hint(secret)),
            (None, Some(before)) => (before.sealed_secret.clone(), before.hint.clone()),
            // Checked above.
            (None, None) => return Err(gone()),
        };
        let mut settings = PayPalSettings {
            client_id: edit.client_id.clone(),
            sealed_secret,
            hint,
            webhook_id: edit.webhook_id.clone(),
            return_url: edit.return_url.clone(),
            cancel_url: edit.cancel_url.clone(),
            changed_at: now,
            version: before.as_ref().map_or(0, |before| before.version),
        };
        if let Some(before) = &before {
            let unchanged = PayPalSettings {
                changed_at: before.changed_at,
                ..settings.clone()
            };
            if unchanged == *before {
                return Ok(unchanged);
            }
        }
        let had = before.as_ref();
        let audit = AuditEntry::new(principal.user(), "platform", "set_paypal", "paypal", now)
            .changed(
                "client_id",
                had.map_or("none", |had| &had.client_id),
                &settings.client_id,
            )
            .changed(
                "secret_hint",
                had.map_or("none", |had| &had.hint),
                &settings.hint,
            )
            .changed(
                "webhook_id",
                had.map_or("none", |had| &had.webhook_id),
                &settings.webhook_id,
            );
        let tenant = principal.tenant();
        match self
            .store
            .save_paypal_settings(&mut settings, tenant, &audit)
            .await?
        {
            Saved::Done => {
                info!("changed what the platform is at PayPal");
                Ok(settings)
            }
            Saved::Stale => Err(gone()),
        }
    }

    /// What opens PayPal.
    ///
    /// # Errors
    /// `PROVIDER_ERROR` while it is not set up, storage failures.
    pub async fn access(&self) -> Result<PayPalAccess, AppFailure> {
        let Some(settings) = self.store.paypal_settings().await? else {
            return Err(AppFailure::not_taken(
                "Payments by PayPal are not set up yet. Please pay offline, or try again later.",
            )
            .with_detail("reason", "PAYPAL_NOT_SET_UP"));
        };
        let secret = self.vault.paypal_secret(&settings).await?;
        Ok(PayPalAccess {
            client_id: settings.client_id,
            secret,
            webhook_id: settings.webhook_id,
            return_url: settings.return_url,
            cancel_url: settings.cancel_url,
        })
    }
}

impl PayPalEdit {
    fn check(&self, has_secret: bool) -> Result<(), AppFailure> {
        let mut problems = Vec::new();
        for (field, given, most) in [
            ("client_id", &self.client_id, 200),
            ("webhook_id", &self.webhook_id, 50),
        ] {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
            if !(1..=most).contains(&given.len()) || !given.bytes().all(plain) {
                problems.push(FieldProblem::new(
                    field,
                    "INVALID",
                    format!("copy it from PayPal's developer pages: 1 to {most} letters, digits, - and _"),
                ));
            }
        }
        match &self.secret {
            Some(secret) => new_channel::secret(&mut problems, "secret", secret),
            None if !has_secret => problems.push(secret_missing()),
            None => {}
        }
        for (field, url) in [
            ("return_url", &self.return_url),
            ("cancel_url", &self.cancel_url),
        ] {
            if !leads_home(url) {
                problems.push(FieldProblem::new(
                    field,
                    "INVALID",
                    "write a whole address of your console: https://host/path, at most 2,000 characters",
                ));
            }
        }
        refuse(problems)
    }
}

fn secret_missing() -> FieldProblem {
    FieldProblem::new("secret", "REQUIRED", "give the secret of the app")
}

fn gone() -> AppFailure {
    AppFailure::conflict(
        "Somebody else changed this at the same moment. Read it again, and try again.",
    )
}

/// Whether people may be sent there: https, or plain http on this very machine.
fn leads_home(url: &str) -> bool {
    let host = |rest: &str| {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default().to_owned()
    };
    let plain = url.len() <= LONGEST_URL && url.bytes().all(|b| b.is_ascii_graphic());
    let safe = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => {
            let host = host(rest);
            host.contains('.') && !host.contains('@')
        }
        (None, Some(rest)) => {
            let host = host(rest);
            host == "localhost" || host.starts_with("localhost:")
        }
        (None, None) => false,
    };
    plain && safe
}
