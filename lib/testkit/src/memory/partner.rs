//! The platform's account at WHAPI, in memory.

use domain::{
    channel::SealedSecret,
    failure::{StoreFailure, StoreFailureKind},
    ids::TenantId,
    partner::{BalanceNotice, NoticeName, PartnerSettings},
    ports::{AuditEntry, BalanceNotices, Page, PartnerSettingsBook, Saved},
};

use jiff::Timestamp;

use super::{MemoryStore, page::newest_first};

impl PartnerSettingsBook for MemoryStore {
    async fn partner_settings(&self) -> Result<PartnerSettings, StoreFailure> {
        self.run("partner.read", |s| s.partner.clone())
    }

    async fn save_partner_settings(
        &self,
        settings: &mut PartnerSettings,
        by: TenantId,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("partner.save", |s| {
            if s.partner.version != settings.version {
                return Saved::Stale;
            }
            settings.version += 1;
            s.partner = settings.clone();
            s.audit.push((by, audit.clone()));
            Saved::Done
        })
    }

    async fn note_partner_token(
        &self,
        token: &SealedSecret,
        refused: bool,
        at: Timestamp,
    ) -> Result<Saved, StoreFailure> {
        self.run("partner.note_token", |s| {
            let stands = s.partner.sealed_token.as_ref() == Some(token);
            if !stands || s.partner.refused == refused {
                return Saved::Stale;
            }
            s.partner.refused = refused;
            s.partner.tested_at = Some(at);
            s.partner.version += 1;
            Saved::Done
        })
    }
}

impl BalanceNotices for MemoryStore {
    async fn keep_notice(
        &self,
        notice: &BalanceNotice,
        name: &NoticeName,
    ) -> Result<Saved, StoreFailure> {
        self.run("partner.keep_notice", |s| {
            let known = s.notice_names.get(&name.digest);
            if known.is_some_and(|at| name.since.is_none_or(|since| *at >= since)) {
                return Saved::Stale;
            }
            s.notice_names.insert(name.digest, notice.received_at);
            s.balance_notices.push(notice.clone());
            Saved::Done
        })
    }

    async fn balance_notices(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<BalanceNotice>, StoreFailure> {
        const OPERATION: &str = "partner.notices";
        let fits = |after: &str| after.len() == 48 && after.bytes().all(|b| b.is_ascii_hexdigit());
        if after.is_some_and(|after| !fits(after)) {
            return Err(StoreFailure::new(OPERATION, StoreFailureKind::Refused)
                .because("not a position in this list"));
        }
        self.run(OPERATION, |s| {
            let sort = |notice: &BalanceNotice| newest_first(notice.as_of, notice.id.uuid());
            let mut rows: Vec<(String, BalanceNotice)> = s
                .balance_notices
                .iter()
                .map(|notice| (sort(notice), notice.clone()))
                .filter(|(sort, _)| after.is_none_or(|after| sort.as_str() > after))
                .collect();
            rows.sort_by(|(one, _), (other, _)| one.cmp(other));
            let limit = usize::from(limit.clamp(1, 100));
            let more = rows.len() > limit;
            rows.truncate(limit);
            Page {
                next: rows.last().filter(|_| more).map(|(sort, _)| sort.clone()),
                items: rows.into_iter().map(|(_, notice)| notice).collect(),
            }
        })
    }
}
