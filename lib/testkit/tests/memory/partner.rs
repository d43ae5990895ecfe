//! The platform's account at WHAPI in memory, as the table has it.

use domain::{
    failure::StoreFailureKind,
    ids::{BalanceNoticeId, TenantId, UserId},
    partner::{BalanceNotice, PartnerSettings},
    ports::{AuditEntry, BalanceNotices, PartnerSettingsBook, Saved},
};
use jiff::{SignedDuration, Timestamp};
use testkit::memory::MemoryStore;

#[tokio::test]
async fn settings_that_changed_meanwhile_are_stale() {
    let store = MemoryStore::new();
    let tenant = TenantId::fresh();
    let user = UserId::new("admin");
    let line = AuditEntry::new(&user, "platform", "set", "whapi", Timestamp::UNIX_EPOCH);
    let mut first = store.partner_settings().await.unwrap();
    let mut second = first.clone();
    for (settings, saved) in [(&mut first, Saved::Done), (&mut second, Saved::Stale)] {
        settings.token_hint = "k3Ys".into();
        let answer = store.save_partner_settings(settings, tenant, &line).await;
        assert_eq!(answer.unwrap(), saved);
    }
    assert_eq!(
        (first.version, second),
        (
            1,
            PartnerSettings {
                token_hint: "k3Ys".into(),
                ..PartnerSettings::default()
            }
        )
    );
    assert_eq!(store.partner_settings().await.unwrap(), first);
    assert_eq!(store.state().audit.len(), 1);
}

#[tokio::test]
async fn notices_come_newest_first_in_pages() {
    let store = MemoryStore::new();
    let mut kept = Vec::new();
    for n in 0..5 {
        let notice = BalanceNotice {
            id: BalanceNoticeId::fresh(),
            current_days: Some(n),
            days_limit: None,
            received_at: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(n),
            raw: "{}".into(),
        };
        store.keep_notice(&notice).await.unwrap();
        store.keep_notice(&notice).await.unwrap();
        kept.insert(0, notice);
    }
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let page = store.balance_notices(after.as_deref(), 2).await.unwrap();
        read.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, kept);
    for odd in ["", "T#1", &"z".repeat(48)] {
        let refused = store.balance_notices(Some(odd), 2).await.unwrap_err();
        assert_eq!(refused.kind(), StoreFailureKind::Refused, "{odd}");
    }
}
