//! Figures: what was used of the plan, and how much waits.

use std::sync::Arc;

use axum::extract::State;
use domain::{
    copy::{LIMIT_NOTE, LIMIT_NOTE_VERBATIM},
    principal::Action,
    service::{
        allowance::Barred,
        queue::{self, Queue},
        usage::{self, LONGEST_HISTORY, Usage},
    },
};
use jiff::{Timestamp, civil::Date};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Query, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
    },
};
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;

use crate::list::wrong;

/// How far back.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UsageQuery {
    /// Days of history, with today.
    #[param(minimum = 1, maximum = 31, default = 7)]
    days: Option<u32>,
}

/// What was used of the plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Usage)]
pub struct UsageShown {
    /// Today, in your company's time zone.
    #[schema(value_type = String, format = Date)]
    day: Date,
    used: u32,
    limit: u32,
    remaining: u32,
    /// When the count begins anew.
    resets_at: Option<Timestamp>,
    /// Bulk messages that the plan allows in a cycle.
    bulk_limit: u32,
    /// Those that count against the cycle so far.
    bulk_used: u32,
    bulk_remaining: u32,
    /// The first day of the cycle.
    #[schema(value_type = String, format = Date)]
    cycle: Date,
    /// When the cycle is over.
    cycle_ends_at: Option<Timestamp>,
    /// Whether messages may be sent now.
    can_send: Permission,
    /// Whether bulk jobs may be.
    can_send_bulk: Permission,
    /// Whether a further channel may be added.
    can_add_channel: Permission,
    /// Whether a channel may be given days.
    can_extend: Permission,
    /// Channels that count against the plan, and how many it allows.
    channels: ChannelsUsed,
    /// Your company's days.
    days: DaysUsed,
    /// When what is paid ends.
    plan_until: Option<Timestamp>,
    /// Whether the send button is to be disabled.
    send_disabled: bool,
    /// What to show under it then.
    note: Option<&'static str>,
    /// The note about limits in the words of the old console.
    note_verbatim: Option<&'static str>,
    /// Today first.
    history: Vec<UsageDay>,
}

/// Whether something may be done now: pages disable their buttons by it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Permission {
    allowed: bool,
    /// Why not: `NO_PLAN`, `CHANNEL_EXPIRED`, `DAILY_LIMIT`, `BULK_LIMIT`, `CHANNEL_LIMIT`,
    /// `DAYS_EXHAUSTED`.
    reason: Option<&'static str>,
    /// What to show beside the button then.
    note: Option<&'static str>,
}

/// Channels of the plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelsUsed {
    used: u32,
    limit: u32,
}

/// A company's days.
#[derive(Debug, Serialize, ToSchema)]
pub struct DaysUsed {
    /// Credited in all.
    total: u32,
    /// On channels, or set aside for them.
    consumed: u32,
    /// On no channel: what may be given to channels.
    free: u32,
}

/// What counted against one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageDay {
    #[schema(value_type = String, format = Date)]
    day: Date,
    used: u32,
}

/// The queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub struct QueueShown {
    /// Waiting for their turn.
    pending: u32,
    /// Being sent, or with an outcome that is not known yet.
    processing: u32,
    /// Of today's, those that went out.
    sent: u32,
    /// Of today's, those that failed.
    failed: u32,
    /// Waiting for a time ahead.
    scheduled: u32,
    /// Pending and processing by channel.
    channels: Vec<QueueOfChannel>,
    /// How long the oldest has waited for its turn.
    oldest_seconds: Option<i64>,
    /// `true` where there is more than was looked at: each figure is then the least it may be.
    at_least: bool,
}

/// What waits for one channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueOfChannel {
    #[schema(format = Uuid)]
    channel_id: String,
    open: u32,
}

impl From<Option<Barred>> for Permission {
    fn from(barred: Option<Barred>) -> Self {
        Self {
            allowed: barred.is_none(),
            reason: barred.map(|barred| barred.reason),
            note: barred.map(|barred| barred.note),
        }
    }
}

impl From<Usage> for UsageShown {
    fn from(usage: Usage) -> Self {
        let history = usage.history.into_iter();
        let (may, days) = (usage.allowance, usage.allowance.days);
        let note = may.send.map(|barred| barred.note);
        Self {
            day: usage.day,
            used: usage.used,
            limit: usage.limit,
            remaining: usage.remaining,
            resets_at: usage.resets_at,
            bulk_limit: usage.bulk_limit,
            bulk_used: usage.bulk_used,
            bulk_remaining: usage.bulk_limit.saturating_sub(usage.bulk_used),
            cycle: usage.cycle,
            cycle_ends_at: usage.cycle_ends_at,
            can_send: may.send.into(),
            can_send_bulk: may.bulk.into(),
            can_add_channel: may.add_channel.into(),
            can_extend: may.extend.into(),
            channels: ChannelsUsed {
                used: may.channels,
                limit: may.channel_limit,
            },
            days: DaysUsed {
                total: days.total,
                consumed: days.consumed(),
                free: days.remaining(),
            },
            plan_until: may.plan_until,
            send_disabled: note.is_some(),
            note,
            note_verbatim: note
                .filter(|note| *note == LIMIT_NOTE)
                .map(|_| LIMIT_NOTE_VERBATIM),
            history: history.map(|(day, used)| UsageDay { day, used }).collect(),
        }
    }
}

impl QueueShown {
    fn new(queue: Queue, now: Timestamp) -> Self {
        let channels = queue.by_channel.into_iter();
        Self {
            pending: queue.pending,
            processing: queue.processing,
            sent: queue.sent,
            failed: queue.failed,
            scheduled: queue.scheduled,
            channels: channels
                .map(|(channel, open)| QueueOfChannel {
                    channel_id: channel.to_string(),
                    open,
                })
                .collect(),
            oldest_seconds: queue.oldest.map(|at| now.duration_since(at).as_secs()),
            at_least: queue.at_least,
        }
    }
}

/// Tells what was used of the plan today and before, and whether more may be sent.
#[utoipa::path(
    get,
    path = "/v1/usage",
    operation_id = "readUsage",
    tag = "Figures",
    params(UsageQuery),
    responses(
        (status = 200, body = Enveloped<UsageShown>, description = "What was used"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn usage(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Query(query): Query<UsageQuery>,
) -> Outcome<UsageShown> {
    let principal = caller.may(Action::ReadOutbox)?;
    let days = match u8::try_from(query.days.unwrap_or(7)) {
        Ok(days) if (1..=LONGEST_HISTORY).contains(&days) => days,
        Ok(_) | Err(_) => return Err(wrong("days", "RANGE", "give 1 to 31 days").into()),
    };
    let usage = usage::usage(&*store, &principal, Timestamp::now(), days).await?;
    Ok(Success::ok(UsageShown::from(usage)).tagged_by_content())
}

/// Tells how much waits, is being sent, went out and failed.
#[utoipa::path(
    get,
    path = "/v1/queue",
    operation_id = "readQueue",
    tag = "Figures",
    responses(
        (status = 200, body = Enveloped<QueueShown>, description = "The queue"),
        NotModified,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn queue(State(store): State<Arc<Store>>, Caller(caller): Caller) -> Outcome<QueueShown> {
    let principal = caller.may(Action::ReadOutbox)?;
    let now = Timestamp::now();
    let queue = queue::queue(&*store, &principal, now).await?;
    Ok(Success::ok(QueueShown::new(queue, now)).tagged_by_content())
}
