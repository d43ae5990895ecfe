//! What a company may do now, and why not: pages disable their buttons by it before anything is refused
//! (S0.42, S3.32). The limits themselves are in the transactions.

use jiff::Timestamp;

use crate::{
    billing::{Account, Balances},
    channel::Channel,
    copy::{
        CHANNEL_LIMIT, CHANNELS_EXPIRED, DAYS_EXHAUSTED, LIMIT_NOTE, NO_CHANNEL_PLAN, NO_PLAN,
        PLAN_ENDED, PLAN_ENDED_CHANNEL,
    },
    failure::AppFailure,
    tenant::{PlanLimits, Tenant},
};

/// Every place of the plan is taken.
pub(in crate::service) const NO_SLOT: Barred = barred("CHANNEL_LIMIT", CHANNEL_LIMIT);
/// No day is left that is on no channel.
pub(in crate::service) const NO_DAYS: Barred = barred("DAYS_EXHAUSTED", DAYS_EXHAUSTED);

/// Why something may not be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Barred {
    /// Machine code, as refusals have it: `DAILY_LIMIT`.
    pub reason: &'static str,
    /// What to show beside the button.
    pub note: &'static str,
}

/// What is tried all the same is refused in the words beside the button.
impl From<Barred> for AppFailure {
    fn from(Barred { reason, note }: Barred) -> Self {
        Self::forbidden(note).with_detail("reason", reason)
    }
}

const fn barred(reason: &'static str, note: &'static str) -> Barred {
    Barred { reason, note }
}

/// What a company may do now; nothing stands where nothing bars it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Bars sending.
    pub send: Option<Barred>,
    /// Bars sending in bulk.
    pub bulk: Option<Barred>,
    /// Bars a further channel.
    pub add_channel: Option<Barred>,
    /// Bars giving days to a channel.
    pub extend: Option<Barred>,
    /// Channels that count against the plan.
    pub channels: u32,
    /// How many it allows; 0 without a plan.
    pub channel_limit: u32,
    /// The company's days.
    pub days: Balances,
    /// When what is paid ends.
    pub plan_until: Option<Timestamp>,
}

/// What is left of the plan's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Today.
    pub daily: u32,
    /// Of the cycle's bulk messages.
    pub bulk: u32,
}

impl Allowance {
    /// What a company may do at a moment, with so much left of its plan's messages.
    ///
    /// Sending hangs on the channels' own paid days, further channels and extensions on the days that are
    /// on no channel (X26): a plan whose days are all on its channel sends all the same.
    #[must_use]
    pub fn of(
        tenant: &Tenant,
        account: &Account,
        channels: &[Channel],
        left: Left,
        now: Timestamp,
    ) -> Self {
        let plan = tenant.active_plan(now);
        let channel_limit = plan.map_or(0, |plan| plan.channels);
        let no_plan = match (&tenant.plan, plan) {
            (_, Some(_)) => None,
            (Some(_), None) => Some(barred("NO_PLAN", PLAN_ENDED)),
            (None, None) => Some(barred("NO_PLAN", NO_PLAN)),
        };
        let over = |channel: &Channel| channel.paid_until.is_some_and(|until| until <= now);
        let all_over = !channels.is_empty() && channels.iter().all(over);
        let expired = all_over.then(|| barred("CHANNEL_EXPIRED", CHANNELS_EXPIRED));
        let daily = (left.daily == 0).then(|| barred("DAILY_LIMIT", LIMIT_NOTE));
        let send = no_plan.or(expired).or(daily);
        let in_bulk = (left.bulk == 0).then(|| barred("BULK_LIMIT", LIMIT_NOTE));
        Self {
            send,
            bulk: send.or(in_bulk),
            add_channel: Self::a_channel(tenant.plan.as_ref(), account, now).err(),
            extend: no_days(account),
            channels: account.channels,
            channel_limit,
            days: account.balances,
            plan_until: tenant.plan.as_ref().and_then(|plan| plan.until),
        }
    }

    /// So many channels the plan allows, when one that Waypost pays for can be added now.
    ///
    /// # Errors
    /// Why it cannot: `NO_PLAN`, `CHANNEL_LIMIT`, `DAYS_EXHAUSTED` (S3.33, S3.45, S3.50).
    pub fn a_channel(
        plan: Option<&PlanLimits>,
        account: &Account,
        now: Timestamp,
    ) -> Result<u32, Barred> {
        let Some(plan) = plan else {
            return Err(barred("NO_PLAN", NO_CHANNEL_PLAN));
        };
        if !plan.counts(now) {
            return Err(barred("NO_PLAN", PLAN_ENDED_CHANNEL));
        }
        if account.channels >= plan.channels {
            return Err(NO_SLOT);
        }
        no_days(account).map_or(Ok(plan.channels), Err)
    }
}

fn no_days(account: &Account) -> Option<Barred> {
    (account.balances.remaining() == 0).then_some(NO_DAYS)
}
