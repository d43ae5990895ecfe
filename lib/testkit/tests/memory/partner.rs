//! The platform's account at WHAPI in memory, as the table has it.

use domain::{
    channel::SealedSecret,
    failure::StoreFailureKind,
    ids::{BalanceNoticeId, TenantId, UserId},
    partner::{BalanceNotice, NoticeName, PartnerSettings},
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

/// S3.31: as the table has it.
#[tokio::test]
async fn what_whapi_says_of_the_token_is_noted_once() {
    let store = MemoryStore::new();
    let at = Timestamp::UNIX_EPOCH;
    let sealed = |byte| SealedSecret(vec![byte]);
    store.state().partner.sealed_token = Some(sealed(1));
    for (token, refused, saved) in [
        (1, false, Saved::Stale),
        (9, true, Saved::Stale),
        (1, true, Saved::Done),
        (1, true, Saved::Stale),
        (9, false, Saved::Stale),
        (1, false, Saved::Done),
    ] {
        let noted = store.note_partner_token(&sealed(token), refused, at).await;
        assert_eq!(noted.unwrap(), saved, "{token} {refused}");
    }
    let kept = store.partner_settings().await.unwrap();
    assert_eq!((kept.version, kept.refused), (2, false));
    assert_eq!(kept.tested_at, Some(at));
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
            received_at: Timestamp::UNIX_EPOCH,
            as_of: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(n),
            raw: "{}".into(),
        };
        let name = NoticeName {
            digest: [u8::try_from(n).unwrap(); 32],
            since: None,
        };
        for saved in [Saved::Done, Saved::Stale] {
            let kept = store.keep_notice(&notice, &name).await;
            assert_eq!(kept.unwrap(), saved);
        }
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
