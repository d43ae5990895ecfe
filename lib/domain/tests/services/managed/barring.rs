//! Why no channel can be ordered: what a page shows beside its button is what refuses the order.

use domain::{
    billing::Account,
    failure::Code,
    service::{billing::BillingDesk, usage},
};
use jiff::{SignedDuration, Timestamp};

use super::{Yard, reason};

const NO_PLAN: &str = "This company has no active plan. Subscribe to one to add channels.";
const PLAN_ENDED: &str = "Your plan has ended. Renew it to add channels.";
const FULL: &str = "Channel limit reached for your plan.";
const NO_DAYS: &str = "No unallocated days are left. Renew your plan or pay for more days first.";

/// Where a company stands with its plan.
#[derive(Debug, Clone, Copy)]
enum Plan {
    Never,
    Over,
    Counts,
}

impl Yard {
    /// A company that stands so, with so many channels of two and so many days.
    async fn standing(plan: Plan, channels: u32, days: u32) -> Self {
        let yard = Self::with_days(days).await;
        let id = yard.acme.tenant.id;
        let mut state = yard.store.state();
        let account = state.accounts.entry(id);
        account.or_insert_with(|| Account::empty(id)).channels = channels;
        let tenant = state.tenants.get_mut(&id).unwrap();
        let over: Timestamp = "2026-11-20T10:29:59Z".parse().unwrap();
        match plan {
            Plan::Never => tenant.plan = None,
            Plan::Over => tenant.plan.as_mut().unwrap().until = Some(over),
            Plan::Counts => {
                let until = over.checked_add(SignedDuration::from_hours(24)).unwrap();
                tenant.plan.as_mut().unwrap().until = Some(until);
            }
        }
        drop(state);
        yard
    }
}

/// S3.33, S3.45, S3.50: one rule shows and refuses, in the same words; where it bars nothing the order is
/// taken.
#[tokio::test]
async fn what_is_shown_is_what_refuses() {
    use Plan::{Counts, Never, Over};
    for (plan, channels, days, expected) in [
        (Counts, 0, 30, None),
        (Counts, 1, 1, None),
        (Counts, 1, 0, Some(("DAYS_EXHAUSTED", NO_DAYS))),
        (Counts, 2, 30, Some(("CHANNEL_LIMIT", FULL))),
        (Counts, 3, 0, Some(("CHANNEL_LIMIT", FULL))),
        (Over, 0, 30, Some(("NO_PLAN", PLAN_ENDED))),
        (Over, 2, 0, Some(("NO_PLAN", PLAN_ENDED))),
        (Never, 0, 30, Some(("NO_PLAN", NO_PLAN))),
        (Never, 0, 0, Some(("NO_PLAN", NO_PLAN))),
    ] {
        let yard = Yard::standing(plan, channels, days).await;
        let case = format!("{plan:?}, {channels} channels, {days} days");
        let desk = BillingDesk {
            store: &yard.store,
            clock: &*yard.clock,
        };
        let overview = desk.overview(&yard.manager()).await.unwrap();
        let now = "2026-11-20T10:30:00Z".parse().unwrap();
        let used = usage::usage(&yard.store, &yard.manager(), now, 1).await;
        let told = used.unwrap().allowance.add_channel;
        assert_eq!(overview.no_channel, told, "{case}");
        let shown = told.map(|barred| (barred.reason, barred.note));
        assert_eq!(shown, expected, "{case}");

        let ordered = yard.order("Main").await;
        let Some((code, note)) = shown else {
            ordered.unwrap();
            continue;
        };
        let refused = ordered.unwrap_err();
        assert_eq!(refused.code(), Code::Forbidden, "{case}");
        assert_eq!(
            (reason(&refused), refused.message()),
            (code, note),
            "{case}"
        );
        assert!(yard.partner.calls().is_empty(), "{case}");
        assert!(yard.store.state().managed.is_empty(), "{case}");
    }
}
