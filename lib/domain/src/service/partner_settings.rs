//! What opens the platform's account at WHAPI: set, tried and used (S3.26–S3.31).

use jiff::Timestamp;
use secrecy::ExposeSecret;
use tracing::{error, info, warn};

use super::{
    new_channel::{hint, refuse, secret},
    partner_token,
};
use crate::{
    channel::{ChannelKey, Secret, SecretHash},
    failure::{AppFailure, FieldProblem, ProviderFailure, StoreFailure},
    partner::{PartnerSettings, failed, is_refusal, missing},
    ports::{
        AuditEntry, Clock, Partner, PartnerAccess, PartnerBook, PartnerNotices, PartnerSeals,
        PartnerSettingsBook, Saved, WebhookTarget,
    },
    principal::Principal,
};

/// Longest id or name that WHAPI is told.
const LONGEST_NAME: usize = 128;
/// Most days that a limit may name.
const MOST_DAYS: u32 = 100_000;

/// The settings of the platform's account at WHAPI, for the platform's own people.
#[derive(Debug)]
pub struct PartnerDesk<'a, S, V, P, C> {
    /// Storage.
    pub store: &'a S,
    /// Seals and opens the token.
    pub vault: &'a V,
    /// WHAPI.
    pub partner: &'a P,
    /// The time.
    pub clock: &'a C,
}

/// What changes; what is none stays.
#[derive(Debug, Default)]
pub struct PartnerChange {
    /// A new partner token.
    pub token: Option<Secret>,
    /// Another project.
    pub project: Option<String>,
    /// Another name of the partner.
    pub partner: Option<String>,
    /// A new secret of notices, for whoever registers their address at WHAPI by hand (S3.28).
    pub webhook_secret: Option<Secret>,
    /// Whether unused days of deleted channels stay with the platform (X27).
    pub keeps_unused_days: Option<bool>,
}

/// What WHAPI answered to a test.
#[derive(Debug, PartialEq, Eq)]
pub struct Tested {
    /// The projects that the token opens.
    pub projects: Vec<String>,
    /// The settings after it.
    pub settings: PartnerSettings,
}

impl Tested {
    /// Whether the project that is set is one of them; none while none is set.
    #[must_use]
    pub fn project_found(&self) -> Option<bool> {
        let project = self.settings.project.as_ref()?;
        Some(self.projects.contains(project))
    }
}

/// The partner's token and project, opened for a call: [`PartnerBook`] over storage and vault.
#[derive(Debug)]
pub struct OpenPartner<'a, S, V> {
    /// Storage.
    pub store: &'a S,
    /// Opens the token.
    pub vault: &'a V,
}

impl<S: PartnerSettingsBook, V: PartnerSeals> PartnerBook for OpenPartner<'_, S, V> {
    async fn partner_access(&self) -> Result<Option<PartnerAccess>, StoreFailure> {
        let settings = self.store.partner_settings().await?;
        let (Some(sealed), Some(project)) = (settings.sealed_token, settings.project) else {
            return Ok(None);
        };
        let token = self.vault.open_partner(&sealed).await?;
        Ok(Some(PartnerAccess {
            token,
            project,
            sealed,
            refused: settings.refused,
            keeps_unused_days: settings.keeps_unused_days,
        }))
    }

    async fn token_heard(
        &self,
        access: &PartnerAccess,
        refused: bool,
        at: Timestamp,
    ) -> Result<(), StoreFailure> {
        let noted = self
            .store
            .note_partner_token(&access.sealed, refused, at)
            .await?;
        match (noted, refused) {
            (Saved::Done, true) => error!("WHAPI refuses the partner token: set another one"),
            (Saved::Done, false) => info!("WHAPI takes the partner token again"),
            // Another token is set, or somebody else heard it first.
            (Saved::Stale, _) => {}
        }
        Ok(())
    }
}

impl<S, V, P, C> PartnerDesk<'_, S, V, P, C>
where
    S: PartnerSettingsBook,
    V: PartnerSeals,
    P: Partner + PartnerNotices,
    C: Clock,
{
    /// The settings, as far as they may be shown.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn settings(&self, _principal: &Principal) -> Result<PartnerSettings, AppFailure> {
        Ok(self.store.partner_settings().await?)
    }

    /// Changes the settings. `key` becomes the random part of the address of notices when there is none
    /// yet. A new token counts from now on; whether WHAPI takes it is what a test tells.
    ///
    /// # Errors
    /// VALIDATION for values of an odd form; CONFLICT when somebody else was faster.
    pub async fn set(
        &self,
        principal: &Principal,
        change: PartnerChange,
        key: ChannelKey,
    ) -> Result<PartnerSettings, AppFailure> {
        check(&change)?;
        let before = self.store.partner_settings().await?;
        let mut settings = before.clone();
        let now = self.clock.now();
        let mut audit = AuditEntry::new(principal.user(), "platform", "set_partner", "whapi", now);
        if let Some(token) = &change.token {
            settings.sealed_token = Some(self.vault.seal_partner(token).await?);
            settings.token_hint = hint(token);
            settings.refused = false;
            settings.tested_at = None;
            audit = audit.changed("token_hint", &before.token_hint, &settings.token_hint);
        }
        for (name, new, old) in [
            ("project", change.project, &mut settings.project),
            ("partner", change.partner, &mut settings.partner),
        ] {
            if let Some(new) = new.map(|new| new.trim().to_owned())
                && old.as_ref() != Some(&new)
            {
                audit = audit.changed(name, old.as_deref().unwrap_or("none"), &new);
                *old = Some(new);
            }
        }
        if let Some(secret) = &change.webhook_secret {
            settings.add_secret(SecretHash::of(secret.expose_secret().as_bytes()));
            audit = audit.with("webhook_secret", "replaced");
        }
        if let Some(keeps) = change.keeps_unused_days
            && keeps != before.keeps_unused_days
        {
            audit = audit.changed("credit_unused_days", !before.keeps_unused_days, !keeps);
            settings.keeps_unused_days = keeps;
        }
        settings.key.get_or_insert(key);
        if settings == before {
            return Ok(settings);
        }
        settings.changed_at = Some(now);
        self.save(principal, &mut settings, &audit).await?;
        info!("changed the settings of the platform's account at WHAPI");
        Ok(settings)
    }

    /// Asks WHAPI whether it takes the token, and for the projects that it opens (S3.29).
    ///
    /// # Errors
    /// CONFLICT `PARTNER_TOKEN` without a token; `PROVIDER_ERROR` `PARTNER_TOKEN` when WHAPI refuses it;
    /// `PROVIDER_ERROR` when WHAPI does not answer.
    pub async fn test(&self, principal: &Principal) -> Result<Tested, AppFailure> {
        let mut settings = self.store.partner_settings().await?;
        let access = self.access(&settings).await?;
        let answer = self.partner.projects(&access).await;
        let refused = match &answer {
            Ok(_) => false,
            Err(cause) if is_refusal(cause) => true,
            Err(cause) => return Err(unanswered(cause)),
        };
        settings.refused = refused;
        settings.tested_at = Some(self.clock.now());
        let said = if refused { "refused" } else { "taken" };
        let audit = self.note(principal, "test_partner").with("token", said);
        self.save(principal, &mut settings, &audit).await?;
        let projects = answer.map_err(failed)?;
        Ok(Tested { projects, settings })
    }

    /// Tells WHAPI where notices of low days go: `url` of the address's random part, with a fresh secret
    /// in a header (X31). The secret counts before WHAPI knows it, and the one before it still does.
    ///
    /// # Errors
    /// CONFLICT without a token or the partner's name; VALIDATION for an odd limit; what WHAPI answered.
    pub async fn register_notices(
        &self,
        principal: &Principal,
        secret: Secret,
        days_limit: u32,
        url: impl FnOnce(&ChannelKey) -> String + Send,
    ) -> Result<PartnerSettings, AppFailure> {
        if !(1..=MOST_DAYS).contains(&days_limit) {
            let problem = "give the number of days below which WHAPI notifies: 1 to 100000";
            refuse(vec![FieldProblem::new("days_limit", "RANGE", problem)])?;
        }
        let mut settings = self.store.partner_settings().await?;
        let access = self.access(&settings).await?;
        let (Some(name), Some(key)) = (settings.partner.clone(), settings.key.clone()) else {
            return Err(AppFailure::conflict(
                "WHAPI keeps these under the partner's name: set `partner_name` first.",
            )
            .with_detail("reason", "PARTNER_NAME"));
        };
        settings.add_secret(SecretHash::of(secret.expose_secret().as_bytes()));
        settings.days_limit = Some(days_limit);
        settings.registered_at = None;
        let audit = self.note(principal, "register_notices");
        let audit = audit.with("days_limit", days_limit);
        self.save(principal, &mut settings, &audit).await?;
        let target = WebhookTarget {
            url: url(&key),
            secret,
        };
        let told = self
            .partner
            .set_notices(&access, &name, &target, days_limit);
        if let Err(cause) = told.await {
            if is_refusal(&cause) {
                let book = OpenPartner {
                    store: self.store,
                    vault: self.vault,
                };
                partner_token::heard(&book, &access, true, self.clock.now()).await;
            }
            return Err(failed(cause));
        }
        settings.refused = false;
        settings.registered_at = Some(self.clock.now());
        let audit = self.note(principal, "notices_registered");
        self.save(principal, &mut settings, &audit).await?;
        Ok(settings)
    }

    async fn access(&self, settings: &PartnerSettings) -> Result<PartnerAccess, AppFailure> {
        let Some(sealed) = &settings.sealed_token else {
            return Err(missing());
        };
        Ok(PartnerAccess {
            token: self.vault.open_partner(sealed).await?,
            project: settings.project.clone().unwrap_or_default(),
            sealed: sealed.clone(),
            refused: settings.refused,
            keeps_unused_days: settings.keeps_unused_days,
        })
    }

    fn note(&self, principal: &Principal, action: &'static str) -> AuditEntry {
        AuditEntry::new(
            principal.user(),
            "platform",
            action,
            "whapi",
            self.clock.now(),
        )
    }

    async fn save(
        &self,
        principal: &Principal,
        settings: &mut PartnerSettings,
        audit: &AuditEntry,
    ) -> Result<(), AppFailure> {
        let tenant = principal.tenant();
        match self
            .store
            .save_partner_settings(settings, tenant, audit)
            .await?
        {
            Saved::Done => Ok(()),
            Saved::Stale => Err(AppFailure::conflict(
                "Somebody else changed these settings meanwhile: read them again.",
            )
            .with_detail("reason", "SETTINGS_CHANGED")),
        }
    }
}

/// A question that changed nothing and was not answered: asking again is safe.
fn unanswered(cause: &ProviderFailure) -> AppFailure {
    warn!(error = %cause, "WHAPI's manager did not answer a test");
    AppFailure::not_taken("WHAPI did not answer whether it takes the token: try again in a minute.")
}

fn check(change: &PartnerChange) -> Result<(), AppFailure> {
    let mut problems = Vec::new();
    let PartnerChange {
        token,
        project,
        partner,
        webhook_secret,
        keeps_unused_days,
    } = change;
    let texts = project.is_some() || partner.is_some();
    let secrets = token.is_some() || webhook_secret.is_some();
    if !texts && !secrets && keeps_unused_days.is_none() {
        problems.push(FieldProblem::new(
            "partner_token",
            "REQUIRED",
            "give at least one of partner_token, project_id, partner_name, webhook_secret and credit_unused_days",
        ));
    }
    for (field, given) in [("partner_token", token), ("webhook_secret", webhook_secret)] {
        if let Some(given) = given {
            secret(&mut problems, field, given);
        }
    }
    for (field, given) in [("project_id", project), ("partner_name", partner)] {
        if let Some(given) = given.as_deref().map(str::trim) {
            let fits = (1..=LONGEST_NAME).contains(&given.chars().count())
                && !given.chars().any(|c| c.is_control() || c == '/')
                && !given.chars().all(|c| c == '.');
            if !fits {
                problems.push(FieldProblem::new(
                    field,
                    "FORMAT",
                    "paste it as WHAPI's dashboard shows it: 1 to 128 characters without a slash",
                ));
            }
        }
    }
    refuse(problems)
}
