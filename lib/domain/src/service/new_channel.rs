//! What a new channel needs, checked before anything is asked of its provider.

use jiff::Timestamp;
use secrecy::ExposeSecret;

use crate::{
    channel::{AuthStatus, Channel, ChannelKey, Pace, SealedSecret, Secret, SecretHash},
    failure::{AppFailure, FieldProblem},
    ids::{ChannelId, TenantId},
    phone::PhoneNumber,
    provider::ProviderKind,
};

/// A channel to be made, with its credentials.
#[derive(Debug)]
pub struct NewChannel {
    /// Whose API it speaks.
    pub provider: ProviderKind,
    /// The tenant's name for it.
    pub name: String,
    /// What the provider calls it.
    pub provider_ref: String,
    /// The provider's account.
    pub account: Option<String>,
    /// The number, where the provider does not tell it.
    pub phone: Option<PhoneNumber>,
    /// The version of the provider's API.
    pub api: Option<String>,
    /// The token.
    pub token: Secret,
    /// The signing secret of the tenant's own app.
    pub app_secret: Option<Secret>,
    /// The verify token of its webhook.
    pub verify_token: Secret,
    /// The random part of its webhook URL.
    pub key: ChannelKey,
    /// Whether the number is also used in the Business app, which makes it slower.
    pub coexistence: bool,
    /// Whether it becomes the default one.
    pub default: bool,
}

/// What a caller gives for a Meta channel.
#[derive(Debug)]
pub struct MetaSetup {
    /// Meta's id of the number.
    pub phone_number_id: String,
    /// Meta's id of the WhatsApp Business Account.
    pub business_account_id: String,
    /// A token that may send from the number.
    pub access_token: Secret,
    /// The secret of the tenant's own app; none when the number belongs to the platform's.
    pub app_secret: Option<Secret>,
    /// The verify token of the tenant's choice; a random one when missing.
    pub verify_token: Option<Secret>,
    /// `v22.0`; the default of the adapter when missing.
    pub api_version: Option<String>,
    /// Whether the number is also used in the Business app.
    pub coexistence: bool,
}

/// What a caller gives for a 360Messenger channel.
#[derive(Debug)]
pub struct Messenger360Setup {
    /// The number that sends.
    pub phone: PhoneNumber,
    /// The API key.
    pub api_key: Secret,
    /// `v1` or `v2`; `v2` when missing.
    pub api_version: Option<String>,
}

/// Random texts for a new channel, made by the caller: the domain makes no randomness of its own.
#[derive(Debug)]
pub struct Randoms {
    /// The part of the webhook URL.
    pub key: ChannelKey,
    /// A verify token.
    pub verify_token: Secret,
}

impl NewChannel {
    /// A channel of Meta's Cloud API.
    ///
    /// # Errors
    /// VALIDATION with every wrong field.
    pub fn meta(
        label: &str,
        setup: MetaSetup,
        randoms: Randoms,
        default: bool,
    ) -> Result<Self, AppFailure> {
        let mut problems = Vec::new();
        name(&mut problems, label);
        number_id(
            &mut problems,
            "meta.phone_number_id",
            &setup.phone_number_id,
        );
        number_id(
            &mut problems,
            "meta.business_account_id",
            &setup.business_account_id,
        );
        secret(&mut problems, "meta.access_token", &setup.access_token);
        if let Some(own) = &setup.app_secret {
            secret(&mut problems, "meta.app_secret", own);
        }
        if let Some(own) = &setup.verify_token {
            secret(&mut problems, "meta.verify_token", own);
        }
        if let Some(version) = &setup.api_version {
            let digits = version.strip_prefix('v').and_then(|v| v.split_once('.'));
            let fits = digits.is_some_and(|(major, minor)| {
                (1..=3).contains(&major.len())
                    && major.bytes().all(|b| b.is_ascii_digit())
                    && minor.len() == 1
                    && minor.bytes().all(|b| b.is_ascii_digit())
            });
            if !fits {
                problems.push(FieldProblem::new(
                    "meta.api_version",
                    "FORMAT",
                    "write it as v22.0",
                ));
            }
        }
        refuse(problems)?;
        Ok(Self {
            provider: ProviderKind::Meta,
            name: label.trim().to_owned(),
            provider_ref: setup.phone_number_id,
            account: Some(setup.business_account_id),
            phone: None,
            api: setup.api_version,
            token: setup.access_token,
            app_secret: setup.app_secret,
            verify_token: setup.verify_token.unwrap_or(randoms.verify_token),
            key: randoms.key,
            coexistence: setup.coexistence,
            default,
        })
    }

    /// A channel of 360Messenger.
    ///
    /// # Errors
    /// VALIDATION with every wrong field.
    pub fn messenger360(
        label: &str,
        setup: Messenger360Setup,
        randoms: Randoms,
        default: bool,
    ) -> Result<Self, AppFailure> {
        let mut problems = Vec::new();
        name(&mut problems, label);
        secret(&mut problems, "messenger360.api_key", &setup.api_key);
        let api = setup.api_version.unwrap_or_else(|| "v2".into());
        if !matches!(api.as_str(), "v1" | "v2") {
            problems.push(FieldProblem::new(
                "messenger360.api_version",
                "UNKNOWN_VALUE",
                "use v1 or v2",
            ));
        }
        refuse(problems)?;
        Ok(Self {
            provider: ProviderKind::Messenger360,
            name: label.trim().to_owned(),
            provider_ref: setup.phone.digits().to_owned(),
            account: None,
            phone: Some(setup.phone),
            api: Some(api),
            token: setup.api_key,
            app_secret: None,
            verify_token: randoms.verify_token,
            key: randoms.key,
            coexistence: false,
            default,
        })
    }

    /// The channel, not yet confirmed and without its sealed secrets.
    pub(super) fn channel(self, tenant: TenantId, pace: Pace, now: Timestamp) -> Channel {
        Channel {
            id: ChannelId::fresh(),
            tenant,
            provider: self.provider,
            name: self.name,
            provider_ref: self.provider_ref,
            account: self.account,
            phone: self.phone,
            api: self.api,
            active: true,
            auth: AuthStatus::Pending,
            health: None,
            paid_until: None,
            sealed_token: SealedSecret(Vec::new()),
            token_hint: hint(&self.token),
            sealed_app_secret: None,
            key: self.key,
            webhook_secret: SecretHash::of(self.verify_token.expose_secret().as_bytes()),
            pace: if self.coexistence {
                Pace::META_COEXISTENCE
            } else {
                pace
            },
            created_at: now,
            version: 0,
        }
    }
}

/// The last four characters, for people to tell secrets apart; nothing of a short one.
pub(super) fn hint(secret: &Secret) -> String {
    let text = secret.expose_secret();
    let count = text.chars().count();
    if count < 12 {
        return String::new();
    }
    text.chars().skip(count - 4).collect()
}

pub(super) fn name(problems: &mut Vec<FieldProblem>, name: &str) {
    let length = name.trim().chars().count();
    if !(1..=80).contains(&length) || name.chars().any(char::is_control) {
        problems.push(FieldProblem::new(
            "name",
            "LENGTH",
            "give the channel a name of 1 to 80 characters in one line",
        ));
    }
}

pub(super) fn secret(problems: &mut Vec<FieldProblem>, field: &str, secret: &Secret) {
    let text = secret.expose_secret();
    // Visible ASCII alone: everything else would not survive an HTTP header.
    let fits = (8..=2_048).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if !fits {
        problems.push(FieldProblem::new(
            field,
            "FORMAT",
            "paste it as the provider shows it: 8 to 2,048 visible characters without spaces",
        ));
    }
}

fn number_id(problems: &mut Vec<FieldProblem>, field: &str, id: &str) {
    if !((5..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())) {
        problems.push(FieldProblem::new(
            field,
            "FORMAT",
            "paste the id as Meta's dashboard shows it: digits only",
        ));
    }
}

pub(super) fn refuse(problems: Vec<FieldProblem>) -> Result<(), AppFailure> {
    if problems.is_empty() {
        return Ok(());
    }
    Err(AppFailure::validation(
        "It cannot be set up like this; see the fields.",
        problems,
    ))
}
