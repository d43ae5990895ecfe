//! The notices of the partner's days: proven, kept once, shown.

use domain::{
    failure::Code,
    service::{partner_balance::LARGEST_NOTICE, partner_settings::PartnerChange},
};
use jiff::SignedDuration;

use super::{HOOK_SECRET, Platform};

/// S3.28, S3.51–S3.53: proven before anything is read, kept whole, newest first.
#[tokio::test]
async fn notices_are_proven_kept_and_shown() {
    let platform = Platform::new();
    let before = platform.notice(HOOK_SECRET, "12").await;
    assert_eq!(before, Err(Code::Unauthorized), "nothing is set up");
    let secret = PartnerChange {
        webhook_secret: Some(HOOK_SECRET.into()),
        ..PartnerChange::default()
    };
    platform.set(secret).await.unwrap();
    for forged in ["", "another", "hook-s3cret-of-the-test"] {
        let refused = platform.notice(forged, "12").await;
        assert_eq!(refused, Err(Code::Unauthorized), "{forged}");
    }
    let large = "1".repeat(LARGEST_NOTICE + 1);
    assert_eq!(
        platform.notice(HOOK_SECRET, &large).await,
        Err(Code::Validation)
    );
    assert!(platform.store.state().balance_notices.is_empty());

    for body in ["12", "nothing we know", "7"] {
        assert_eq!(platform.notice(HOOK_SECRET, body).await, Ok(()));
        platform.clock.advance(SignedDuration::from_mins(1));
    }
    let page = platform.balance().notices(&platform.admin, None, 2).await;
    let page = page.unwrap();
    let told: Vec<_> = page
        .items
        .iter()
        .map(|n| (n.current_days, n.raw.as_str()))
        .collect();
    assert_eq!(told, [(Some(7), "7"), (None, "nothing we know")]);
    assert_eq!(
        page.items[0].sentence().as_deref(),
        Some("Partner balance: 7 days remaining (updated 2026-11-21T10:02:00Z)")
    );
    let rest = platform
        .balance()
        .notices(&platform.admin, page.next.as_deref(), 2)
        .await;
    assert_eq!(rest.unwrap().items[0].current_days, Some(12));
}

impl Platform {
    /// One that takes notices.
    async fn taking() -> Self {
        let platform = Self::new();
        let secret = PartnerChange {
            webhook_secret: Some(HOOK_SECRET.into()),
            ..PartnerChange::default()
        };
        platform.set(secret).await.unwrap();
        platform
    }

    async fn take(&self, body: &str) {
        assert_eq!(self.notice(HOOK_SECRET, body).await, Ok(()), "{body}");
    }

    /// Days of all notices, newest first.
    async fn days(&self) -> Vec<i64> {
        let page = self.balance().notices(&self.admin, None, 100).await;
        let items = page.unwrap().items;
        items.iter().filter_map(|one| one.current_days).collect()
    }
}

/// S3.51, S3.52: WHAPI repeats what it thinks was not taken; it is kept once, with its body.
#[tokio::test]
async fn a_repeated_notice_is_kept_once() {
    let platform = Platform::taking().await;
    for body in ["12", "12", "7", "12", "7"] {
        platform.take(body).await;
        platform.clock.advance(SignedDuration::from_mins(50));
    }
    assert_eq!(platform.days().await, [7, 12], "the latest is still 7");
    // The next day the balance may be the same again.
    platform.clock.advance(SignedDuration::from_hours(6));
    platform.take("12").await;
    assert_eq!(platform.days().await, [12, 7, 12]);
    // By its own id it is the same whenever it comes, and whatever else its body says.
    platform.clock.advance(SignedDuration::from_mins(1));
    platform.take("5 evt-1").await;
    platform.clock.advance(SignedDuration::from_hours(24 * 9));
    platform.take("5 evt-1 2026-11-21T09:00:00Z").await;
    assert_eq!(platform.days().await, [5, 12, 7, 12]);
    platform.take("5 evt-2").await;
    assert_eq!(platform.days().await, [5, 5, 12, 7, 12]);
}

/// S3.53: in whatever order they come, and however often, the latest balance is the one of the latest
/// time that a notice names.
#[tokio::test]
async fn notices_out_of_order_leave_the_latest_balance_right() {
    let told = [
        "30 evt-1 2026-11-21T08:00:00Z",
        "20 evt-2 2026-11-21T08:30:00Z",
        "10 evt-3 2026-11-21T09:00:00Z",
    ];
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for order in orders {
        let platform = Platform::taking().await;
        for n in order.into_iter().chain(order).chain([0]) {
            platform.take(told[n]).await;
            platform.clock.advance(SignedDuration::from_mins(1));
        }
        assert_eq!(platform.days().await, [10, 20, 30], "{order:?}");
    }
    // A time that cannot be true is none.
    let platform = Platform::taking().await;
    platform.take("30 evt-9 2036-01-01T00:00:00Z").await;
    platform.clock.advance(SignedDuration::from_mins(1));
    platform.take("20 evt-8 2016-01-01T00:00:00Z").await;
    assert_eq!(platform.days().await, [20, 30]);
}
