//! The platform's account at WHAPI: one item of ciphertexts and hashes, and the notices of its days.
//! They belong to no tenant and lead to none.

mod notice;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    channel::{ChannelKey, SealedSecret, SecretHash},
    failure::StoreFailure,
    ids::TenantId,
    partner::PartnerSettings,
    ports::{AuditEntry, PartnerSettingsBook, Saved},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store, audit,
    keys::partner,
    shape::{Blob, Item, When, bytes, corrupt, number, read, time, to_item},
    table::Read,
    write::{Transacted, Write, Written},
};

#[derive(Serialize, Deserialize)]
struct PartnerItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Blob>,
    hint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    secrets: Vec<Blob>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registered: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tested: Option<When>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    refused: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    keeps: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<When>,
    v: u32,
}

impl PartnerItem {
    fn of(settings: &PartnerSettings, v: u32) -> Self {
        let secrets = settings.webhook_secrets.iter();
        Self {
            token: settings
                .sealed_token
                .as_ref()
                .map(|sealed| Blob(sealed.0.clone())),
            hint: settings.token_hint.clone(),
            project: settings.project.clone(),
            partner: settings.partner.clone(),
            key: settings.key.as_ref().map(|key| key.as_str().to_owned()),
            secrets: secrets.map(|hash| Blob(hash.0.to_vec())).collect(),
            days: settings.days_limit,
            registered: settings.registered_at.map(When),
            tested: settings.tested_at.map(When),
            refused: settings.refused,
            keeps: settings.keeps_unused_days,
            changed: settings.changed_at.map(When),
            v,
        }
    }
}

fn settings(operation: &'static str, item: Item) -> Result<PartnerSettings, StoreFailure> {
    let item: PartnerItem = read(operation, item)?;
    let hash = |Blob(bytes): Blob| bytes.try_into().map(SecretHash);
    let hashes: Result<Vec<SecretHash>, _> = item.secrets.into_iter().map(hash).collect();
    let key = item
        .key
        .map(|key| ChannelKey::parse(&key).ok_or_else(|| corrupt(operation)));
    Ok(PartnerSettings {
        sealed_token: item.token.map(|Blob(bytes)| SealedSecret(bytes)),
        token_hint: item.hint,
        project: item.project,
        partner: item.partner,
        key: key.transpose()?,
        webhook_secrets: hashes.map_err(|_| corrupt(operation))?,
        days_limit: item.days,
        registered_at: item.registered.map(|When(at)| at),
        tested_at: item.tested.map(|When(at)| at),
        refused: item.refused,
        keeps_unused_days: item.keeps,
        changed_at: item.changed.map(|When(at)| at),
        version: item.v,
    })
}

impl PartnerSettingsBook for Store {
    async fn partner_settings(&self) -> Result<PartnerSettings, StoreFailure> {
        const OPERATION: &str = "partner.read";
        let (pk, sk) = partner();
        let item = self.item(OPERATION, &pk, &sk, Read::Strong).await?;
        item.map_or_else(
            || Ok(PartnerSettings::default()),
            |item| settings(OPERATION, item),
        )
    }

    async fn save_partner_settings(
        &self,
        settings: &mut PartnerSettings,
        by: TenantId,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "partner.save";
        let version = settings.version.saturating_add(1);
        let item = to_item(OPERATION, &PartnerItem::of(settings, version))?;
        let write = Write::put_shared(partner(), item);
        let write = match settings.version {
            0 => write.when_new(),
            read => write.when("v = :read").value(":read", number(read)),
        };
        let writes = [write, audit::note(OPERATION, by, audit)?];
        match self.tenant(by).transact(OPERATION, &writes).await? {
            Transacted::Applied => {
                settings.version = version;
                Ok(Saved::Done)
            }
            Transacted::Held(_) => Ok(Saved::Stale),
        }
    }

    async fn note_partner_token(
        &self,
        token: &SealedSecret,
        refused: bool,
        at: Timestamp,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "partner.note_token";
        // A token is sealed anew whenever it is set, so the same ciphertext is the same token.
        let (expression, news) = if refused {
            (
                "SET refused = :refused, tested = :at ADD v :one",
                "#token = :token AND attribute_not_exists(refused)",
            )
        } else {
            (
                "SET tested = :at REMOVE refused ADD v :one",
                "#token = :token AND refused = :refused",
            )
        };
        let write = Write::update_shared(partner(), expression)
            .when(news)
            .name("#token", "token")
            .value(":token", bytes(&token.0))
            .value(":refused", AttributeValue::Bool(true))
            .value(":at", time(at))
            .value(":one", number(1));
        let written = self.cross_tenant().write(OPERATION, &write).await?;
        Ok(match written {
            Written::Applied(_) => Saved::Done,
            Written::Held(_) => Saved::Stale,
        })
    }
}
