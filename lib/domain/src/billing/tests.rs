//! The arithmetic of days.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::ids::{ChannelId, PaymentId, TenantId, UserId};

fn entry(name: &EntryName, days: u32) -> Entry {
    let at = Timestamp::UNIX_EPOCH;
    Entry::new(TenantId::PLATFORM, name, days, at, &UserId::new("u"))
}

/// S3.36: the period decides how many days a payment credits.
#[test]
fn a_period_is_so_many_days() {
    let days = BillingPeriod::ALL.map(BillingPeriod::days);
    assert_eq!(days, [30, 180, 365]);
}

/// S3.37: the labels, verbatim.
#[test]
fn a_plans_button_says_what_it_does() {
    let labels = RequestType::ALL.map(RequestType::label);
    assert_eq!(labels, ["Subscribe", "Request Quote", "Book Demo"]);
}

/// S3.47, S3.48: credited days are free until an extension takes them; remaining = total - consumed.
#[test]
fn days_go_from_the_platform_over_the_company_to_its_channel() {
    let channel = ChannelId::fresh();
    let story = [
        entry(&EntryName::Approve(PaymentId::fresh()), 30),
        entry(&EntryName::Hold(channel, 1), 20),
        entry(&EntryName::Extend(channel, 1), 20),
        entry(&EntryName::Hold(channel, 2), 10),
        entry(&EntryName::Release(channel, 2), 10),
        entry(&EntryName::Delete(channel), 7),
    ];
    let sums = Balances::of(&story).unwrap();
    assert_eq!(
        (sums.total, sums.free, sums.held, sums.spent),
        (30, 17, 0, 13)
    );
    assert_eq!(sums.consumed() + sums.remaining(), sums.total);
    assert_eq!(
        Balances::of(&story[1..]),
        None,
        "what is not there cannot be held"
    );
}

proptest! {
    /// S3.75: whatever is tried in whatever order, no sum is ever negative and nothing is made or lost.
    #[test]
    fn nothing_is_ever_made_or_lost(steps in prop::collection::vec((0_u8..6, 1_u32..400), 0..200)) {
        let channel = ChannelId::fresh();
        let mut sums = Balances::default();
        for (n, (what, days)) in (0_u32..).zip(steps) {
            let name = match what {
                0 => EntryName::Approve(PaymentId::fresh()),
                1 => EntryName::PayPal(n.to_string()),
                2 => EntryName::Hold(channel, n),
                3 => EntryName::Extend(channel, n),
                4 => EntryName::Release(channel, n),
                _ => EntryName::Delete(channel),
            };
            if let Some(after) = sums.after(&entry(&name, days)) {
                sums = after;
            }
            prop_assert_eq!(sums.total, sums.free + sums.held + sums.spent);
        }
    }
}
