//! Channels as people make and change them.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    channel::{Channel, PlatformApp},
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, TenantId},
    ports::{AuditEntry, ChannelBook, Made, Saved},
};
use jiff::Timestamp;
use serde::Deserialize;

use super::{grave, pointers, row};
use crate::{
    Store, audit, billing, platform,
    shape::{When, bytes, number, read, text, time},
    table::TenantTable,
    tenant,
    update::Update,
    write::{Held, Transacted, Write},
};

// Places in the transaction that makes a channel of it and of what leads to it.
const CHANNEL: usize = 0;
const REF: usize = 2;
const ACCOUNT: usize = 4;

fn key_taken(operation: &'static str) -> StoreFailure {
    StoreFailure::new(operation, StoreFailureKind::Conflict)
        .because("another channel has this webhook key")
}

/// What of a channel's item decides whether its login may be written.
#[derive(Deserialize)]
struct LoginItem {
    #[serde(default)]
    aa: Option<When>,
    v: u32,
}

/// What a change does about the login, which webhooks tell of too.
#[derive(Debug, Clone, Copy)]
enum Login {
    /// It is what it was.
    Same,
    /// The change brings another.
    Changed,
    /// A webhook told of it since the change was asked for: that counts.
    Told,
}

/// What people change of a channel, at the version it was read at.
fn change(table: &TenantTable<'_>, channel: &Channel, login: Login, asked: Timestamp) -> Update {
    let mut update = Update::of(table.keys().channel(channel.id));
    update.when("v = :seen");
    update.value("seen", number(channel.version));
    update.set("v", number(channel.version.saturating_add(1)));
    update.set("name", text(&channel.name));
    update.set("active", AttributeValue::Bool(channel.active));
    update.set("sealed_token", bytes(&channel.sealed_token.0));
    update.set("token_hint", text(&channel.token_hint));
    update.set("webhook_secret", bytes(&channel.webhook_secret.0));
    update.set("per_second", number(channel.pace.per_second));
    update.set("sub_lanes", number(channel.pace.sub_lanes));
    let secret = channel.sealed_app_secret.as_ref();
    update.give("sealed_app_secret", secret.map(|secret| bytes(&secret.0)));
    let phone = channel.phone.as_ref();
    update.give("phone", phone.map(|phone| text(phone.as_str())));
    update.give("api", channel.api.as_deref().map(text));
    let auth = text(channel.auth.as_str());
    match login {
        Login::Same => {
            update.when("au = :auth");
            update.value("auth", auth);
        }
        Login::Changed => {
            update.when("attribute_not_exists(aa) OR aa <= :aa");
            update.set("au", auth);
            update.set("aa", time(asked));
        }
        Login::Told => {
            update.when("aa > :asked");
            update.value("asked", time(asked));
        }
    }
    update
}

impl TenantTable<'_> {
    async fn make_channel(
        &self,
        channel: &Channel,
        limit: Option<u32>,
        audit: &AuditEntry,
    ) -> Result<Made, StoreFailure> {
        const OPERATION: &str = "channel.make";
        let mut row = row(OPERATION, channel)?;
        if limit.is_some() {
            row.item.insert(grave::SLOT.into(), number(1));
        }
        let mut writes = vec![
            Write::put(row).when_new(),
            pointers::key(channel),
            pointers::provider_ref(channel).when_new(),
            audit::note(OPERATION, channel.tenant, audit)?,
        ];
        let account = channel.account.as_deref();
        writes.extend(account.map(|account| pointers::own_account(channel, account)));
        let slot = writes.len();
        writes.extend(limit.map(|limit| billing::take_slot(channel.tenant, limit, audit.at)));
        match self.transact(OPERATION, &writes).await? {
            Transacted::Applied => Ok(Made::Done),
            Transacted::Held(mut reasons) => {
                // An id is made for one channel: our own earlier try, whose answer was lost.
                if Held::item(&mut reasons, CHANNEL).is_some() {
                    return Ok(Made::Done);
                }
                if limit.is_some() && Held::item(&mut reasons, slot).is_some() {
                    return Ok(Made::NoSlot);
                }
                if Held::item(&mut reasons, REF).is_some() {
                    return Ok(Made::RefTaken);
                }
                if account.is_some() && Held::item(&mut reasons, ACCOUNT).is_some() {
                    return Ok(Made::AccountTaken);
                }
                Err(key_taken(OPERATION))
            }
        }
    }

    async fn save_channel(
        &self,
        channel: &Channel,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "channel.save";
        let note = audit::note(OPERATION, channel.tenant, audit)?;
        let mut login = Login::Same;
        // Once for what is nearly always so, and once more for what the refusal shows.
        for _ in 0..2 {
            let writes = [change(self, channel, login, audit.at).write(), note.clone()];
            let mut reasons = match self.transact(OPERATION, &writes).await? {
                Transacted::Applied => return Ok(Saved::Done),
                Transacted::Held(reasons) => reasons,
            };
            let Some(Some(stands)) = Held::item(&mut reasons, CHANNEL) else {
                return Ok(Saved::Stale);
            };
            let LoginItem { aa, v } = read(OPERATION, stands)?;
            if v != channel.version {
                return Ok(Saved::Stale);
            }
            login = match aa {
                Some(When(at)) if at > audit.at => Login::Told,
                Some(_) | None => Login::Changed,
            };
        }
        Ok(Saved::Stale)
    }
}

impl Store {
    /// Writes a channel and what leads to it, whatever was there.
    ///
    /// # Errors
    /// Conflict when another channel has this webhook key.
    pub async fn put_channel(&self, channel: &Channel) -> Result<(), StoreFailure> {
        const OPERATION: &str = "channel.put";
        let mut writes = vec![
            Write::put(row(OPERATION, channel)?),
            pointers::key(channel),
            pointers::provider_ref(channel),
        ];
        let account = channel.account.as_deref();
        writes.extend(account.map(|account| pointers::account(channel, account)));
        let table = self.tenant(channel.tenant);
        match table.transact(OPERATION, &writes).await? {
            Transacted::Applied => Ok(()),
            Transacted::Held(_) => Err(key_taken(OPERATION)),
        }
    }
}

impl ChannelBook for Store {
    async fn make_channel(
        &self,
        channel: &Channel,
        audit: &AuditEntry,
    ) -> Result<Made, StoreFailure> {
        let table = self.tenant(channel.tenant);
        table.make_channel(channel, None, audit).await
    }

    async fn make_channel_within(
        &self,
        limit: u32,
        channel: &Channel,
        audit: &AuditEntry,
    ) -> Result<Made, StoreFailure> {
        let table = self.tenant(channel.tenant);
        table.make_channel(channel, Some(limit), audit).await
    }

    async fn save_channel(
        &self,
        channel: &mut Channel,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        let table = self.tenant(channel.tenant);
        let saved = table.save_channel(channel, audit).await?;
        if saved == Saved::Done {
            channel.version = channel.version.saturating_add(1);
        }
        Ok(saved)
    }

    async fn save_default_channel(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        audit: &AuditEntry,
    ) -> Result<(), StoreFailure> {
        const OPERATION: &str = "tenant.default_channel";
        let writes = [
            tenant::default_channel(tenant, channel),
            audit::note(OPERATION, tenant, audit)?,
        ];
        match self.tenant(tenant).transact(OPERATION, &writes).await? {
            Transacted::Applied => Ok(()),
            Transacted::Held(_) => {
                Err(StoreFailure::new(OPERATION, StoreFailureKind::Conflict)
                    .because("no such tenant"))
            }
        }
    }

    async fn save_platform_app(
        &self,
        app: &PlatformApp,
        tenant: TenantId,
        audit: &AuditEntry,
    ) -> Result<(), StoreFailure> {
        const OPERATION: &str = "platform.save";
        let writes = [
            platform::put(OPERATION, app)?,
            audit::note(OPERATION, tenant, audit)?,
        ];
        match self.tenant(tenant).transact(OPERATION, &writes).await? {
            Transacted::Applied => Ok(()),
            Transacted::Held(_) => Err(StoreFailure::new(OPERATION, StoreFailureKind::Conflict)),
        }
    }
}
