//! Changing a channel: its name, its secrets, whether it is used and whether it is the default one.

use secrecy::ExposeSecret;
use tracing::info;

use super::{ChannelDesk, ChannelView, health::Confirmed};
use crate::{
    channel::{Channel, SealedSecret, Secret, SecretHash},
    failure::{AppFailure, FieldProblem},
    ids::ChannelId,
    ports::{
        AuditEntry, ChannelBook, ChannelKeys, Clock, Directory, Gate, ManagedChannels, Saved,
        Seals, Signatures, Vault,
    },
    principal::Principal,
    provider::ProviderKind,
    service::new_channel::{self, hint, refuse},
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// What is to change about a channel; what is missing stays.
#[derive(Debug, Default)]
pub struct ChannelEdit {
    /// The tenant's name for it.
    pub name: Option<String>,
    /// A new token.
    pub token: Option<Secret>,
    /// A new signing secret of the tenant's own app.
    pub app_secret: Option<Secret>,
    /// A new verify token.
    pub verify_token: Option<Secret>,
    /// Whether it is used.
    pub active: Option<bool>,
    /// True makes it the default one.
    pub default: Option<bool>,
}

/// New secrets, confirmed and sealed: once, however often the write is tried.
struct Prepared {
    token: Option<NewToken>,
    app_secret: Option<SealedSecret>,
}

struct NewToken {
    confirmed: Confirmed,
    sealed: SealedSecret,
    hint: String,
}

impl<S, V, G, C> ChannelDesk<'_, S, V, G, C>
where
    S: Directory + ChannelBook + ChannelKeys + ManagedChannels,
    V: Vault + Seals + Signatures,
    G: Gate,
    C: Clock,
{
    /// Changes a channel. A new token is confirmed by the provider first; the old one stays until it is. A
    /// channel that Waypost made and pays for takes none.
    ///
    /// # Errors
    /// VALIDATION, for a token of such a channel too, `NOT_FOUND`, CONFLICT when it keeps changing, `PROVIDER_ERROR` when the provider
    /// cannot be asked about a new token.
    pub async fn edit(
        &self,
        principal: &Principal,
        id: ChannelId,
        edit: &ChannelEdit,
    ) -> Result<ChannelView, AppFailure> {
        let mut before = self.find(principal, id).await?;
        // Another token would be that of another channel, whose days nobody here pays for.
        let managed = edit.token.is_some() && self.is_managed(&before).await?;
        edit.check(&before, managed)?;
        let prepared = self.prepare(&before, edit).await?;
        for _ in 0..TRIES {
            let audit = self.entry(principal, "edit", id);
            let (mut channel, audit) = edit.applied(&before, &prepared, audit);
            if channel != before {
                if self.store.save_channel(&mut channel, &audit).await? == Saved::Stale {
                    before = self.find(principal, id).await?;
                    continue;
                }
                info!(tenant.id = %channel.tenant, channel.id = %id, "changed channel `{id}`");
            }
            if let Some(new) = &prepared.token {
                let note = &new.confirmed.note;
                self.store.note_health(channel.tenant, id, note).await?;
            }
            if edit.default == Some(true) {
                self.make_default(principal, id).await?;
            }
            let mut view = self.shown(principal, channel).await?;
            // What was written: a read right after it may not see it yet.
            view.is_default |= edit.default == Some(true);
            return Ok(view);
        }
        Err(AppFailure::conflict(
            "The channel is changing right now. Please try again in a moment.",
        )
        .with_detail("reason", "BUSY"))
    }

    async fn is_managed(&self, channel: &Channel) -> Result<bool, AppFailure> {
        let record = self.store.managed(channel.tenant, channel.id).await?;
        Ok(record.is_some())
    }

    async fn prepare(&self, channel: &Channel, edit: &ChannelEdit) -> Result<Prepared, AppFailure> {
        let token = match &edit.token {
            Some(token) => Some(NewToken {
                confirmed: self.confirm(channel, token).await?,
                sealed: self.vault.seal(channel.tenant, channel.id, token).await?,
                hint: hint(token),
            }),
            None => None,
        };
        let app_secret = match &edit.app_secret {
            Some(secret) => Some(self.vault.seal(channel.tenant, channel.id, secret).await?),
            None => None,
        };
        Ok(Prepared { token, app_secret })
    }
}

impl ChannelEdit {
    fn check(&self, channel: &Channel, managed: bool) -> Result<(), AppFailure> {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, code, message: &str| {
            problems.push(FieldProblem::new(field, code, message));
        };
        if self.default == Some(false) {
            let other = "make another channel the default one instead";
            wrong("default", "NO_DEFAULT", other);
        }
        if self.default == Some(true) && !self.active.unwrap_or(channel.active) {
            let off = "a channel that is switched off cannot be the default one: switch it on";
            wrong("default", "CHANNEL_INACTIVE", off);
        }
        if managed {
            let ours =
                "Waypost made this channel at WHAPI and keeps its token itself; leave it out";
            wrong("access_token", "MANAGED", ours);
        }
        let signs = match channel.provider {
            ProviderKind::Meta => true,
            ProviderKind::Whapi | ProviderKind::Messenger360 => false,
        };
        for (field, given) in [
            ("app_secret", self.app_secret.is_some()),
            ("verify_token", self.verify_token.is_some()),
        ] {
            if given && !signs {
                wrong(
                    field,
                    "NOT_HERE",
                    "only channels of Meta have one; leave it out",
                );
            }
        }
        if let Some(name) = &self.name {
            new_channel::name(&mut problems, name);
        }
        for (field, secret) in [
            ("access_token", &self.token),
            ("app_secret", &self.app_secret),
            ("verify_token", &self.verify_token),
        ] {
            if let Some(secret) = secret {
                new_channel::secret(&mut problems, field, secret);
            }
        }
        refuse(problems)
    }

    /// The channel with the changes, and the audit line that tells of them.
    fn applied(
        &self,
        before: &Channel,
        prepared: &Prepared,
        mut audit: AuditEntry,
    ) -> (Channel, AuditEntry) {
        let mut channel = before.clone();
        if let Some(name) = &self.name {
            name.trim().clone_into(&mut channel.name);
            audit = audit.changed("name", &before.name, &channel.name);
        }
        if let Some(active) = self.active {
            channel.active = active;
            audit = audit.changed("active", before.active, active);
        }
        if let Some(new) = &prepared.token {
            new.confirmed.put(&mut channel);
            channel.sealed_token = new.sealed.clone();
            channel.token_hint.clone_from(&new.hint);
            audit = audit.changed("token_hint", &before.token_hint, &new.hint);
        }
        if let Some(sealed) = &prepared.app_secret {
            channel.sealed_app_secret = Some(sealed.clone());
            let had = before.sealed_app_secret.is_some();
            let was = if had { "set" } else { "none" };
            audit = audit.changed("app_secret", was, "replaced");
        }
        if let Some(token) = &self.verify_token {
            channel.webhook_secret = SecretHash::of(token.expose_secret().as_bytes());
            audit = audit.changed("verify_token", "set", "replaced");
        }
        (channel, audit)
    }
}
