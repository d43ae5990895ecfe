//! The platform's account at WHAPI: one item of ciphertexts and hashes, and the notices of its days.
//! They belong to no tenant and lead to none.

use domain::{
    channel::{ChannelKey, SealedSecret, SecretHash},
    failure::{StoreFailure, StoreFailureKind},
    ids::{BalanceNoticeId, TenantId},
    partner::{BalanceNotice, PartnerSettings},
    ports::{AuditEntry, BalanceNotices, Page, PartnerSettingsBook, Saved},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, audit,
    compress::{pack, unpack},
    keys::{partner, partner_notice, partner_notice_position, partner_notices},
    list::page,
    shape::{Blob, Id, Item, When, corrupt, number, read, text, to_item},
    table::{Range, Read, key_of},
    write::{Transacted, Write},
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
}

#[derive(Serialize, Deserialize)]
struct NoticeItem {
    id: Id,
    at: When,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<i64>,
    /// The body, packed.
    raw: Blob,
}

fn notice(operation: &'static str, item: Item) -> Result<BalanceNotice, StoreFailure> {
    let item: NoticeItem = read(operation, item)?;
    let raw = unpack(&item.raw.0).ok_or_else(|| corrupt(operation))?;
    Ok(BalanceNotice {
        id: BalanceNoticeId::from_uuid(item.id.0),
        current_days: item.days,
        days_limit: item.limit,
        received_at: item.at.0,
        raw: String::from_utf8(raw).map_err(|_| corrupt(operation))?,
    })
}

impl BalanceNotices for Store {
    async fn keep_notice(&self, notice: &BalanceNotice) -> Result<(), StoreFailure> {
        const OPERATION: &str = "partner.keep_notice";
        let raw = pack(notice.raw.as_bytes()).map_err(|cause| {
            StoreFailure::new(OPERATION, StoreFailureKind::Refused).because(cause)
        })?;
        let item = NoticeItem {
            id: Id(notice.id.uuid()),
            at: When(notice.received_at),
            days: notice.current_days,
            limit: notice.days_limit,
            raw: Blob(raw),
        };
        let key = partner_notice(notice.received_at, notice.id.uuid());
        let write = Write::put_shared(key, to_item(OPERATION, &item)?);
        self.cross_tenant().write(OPERATION, &write).await.map(drop)
    }

    async fn balance_notices(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<BalanceNotice>, StoreFailure> {
        const OPERATION: &str = "partner.notices";
        let limit = page(limit);
        let foreign = || {
            StoreFailure::new(OPERATION, StoreFailureKind::Refused)
                .because("not a position in this list")
        };
        let after = after
            .map(|after| partner_notice_position(after).ok_or_else(foreign))
            .transpose()?;
        let range = Range {
            index: None,
            partition: &partner_notices(),
            sort: after.map(|_| "#s > :after"),
            filter: None,
            values: after
                .map(|after| (":after", text(after)))
                .into_iter()
                .collect(),
            read: Read::Strong,
            limit: limit + 1,
        };
        let mut items = self.query(OPERATION, &range).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|item| key_of(OPERATION, item)).transpose()?;
        let items: Result<_, _> = items
            .into_iter()
            .map(|item| notice(OPERATION, item))
            .collect();
        Ok(Page {
            items: items?,
            next: next.map(|(_, sk)| sk),
        })
    }
}
