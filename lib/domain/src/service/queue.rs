//! How much waits, is being sent, went out and failed: bounded reads, which say when there is more.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    failure::{AppFailure, StoreFailure},
    ids::{ChannelId, TenantId},
    message::{Class, Message, Status},
    ports::{Directory, LogOrder, LogPart, LogRange, MessageLog},
    principal::Principal,
    service::log::{self, Edge},
};

/// Messages looked at for one figure.
const LOOKED_AT: usize = 1_000;
const PAGE: u16 = 100;

/// The queue of a company (S2.79).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queue {
    /// Waiting for their turn.
    pub pending: u32,
    /// Being sent, or with an outcome that is not known yet.
    pub processing: u32,
    /// Of today's, those that went out.
    pub sent: u32,
    /// Of today's, those that failed.
    pub failed: u32,
    /// Waiting for a time ahead.
    pub scheduled: u32,
    /// Pending and processing by channel.
    pub by_channel: BTreeMap<ChannelId, u32>,
    /// When the oldest that waits for its turn was accepted, or scheduled for.
    pub oldest: Option<Timestamp>,
    /// Whether there is more than was looked at: then each figure is the least it may be.
    pub at_least: bool,
}

async fn some<S: MessageLog>(
    store: &S,
    tenant: TenantId,
    range: &LogRange,
) -> Result<(Vec<Message>, bool), StoreFailure> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.log(tenant, range, after.as_deref(), PAGE).await?;
        found.extend(page.items.into_iter().map(|(message, _)| message));
        match page.next {
            None => return Ok((found, false)),
            Some(_) if found.len() >= LOOKED_AT => return Ok((found, true)),
            Some(next) => after = Some(next),
        }
    }
}

/// The queue as of now.
///
/// # Errors
/// Storage failures.
pub async fn queue<S: MessageLog + Directory>(
    store: &S,
    principal: &Principal,
    now: Timestamp,
) -> Result<Queue, AppFailure> {
    let tenant = principal.tenant();
    let zone = store.tenant(tenant).await?;
    let today = zone.map(|tenant| Edge::Day(tenant.day(now)));
    let (midnight, _) = log::stretch(store, principal, today, None).await?;
    // The oldest come first, so that the oldest of all is among those looked at.
    let open = LogRange {
        part: LogPart::Classes(vec![Class::Open]),
        from: None,
        until: None,
        order: LogOrder::OldestFirst,
    };
    let of_today = LogRange {
        part: LogPart::Classes(vec![Class::Sent, Class::Replied, Class::Failed]),
        from: midnight,
        until: None,
        order: LogOrder::NewestFirst,
    };
    let (open, more_open) = some(store, tenant, &open).await?;
    let (done, more_done) = some(store, tenant, &of_today).await?;
    let mut queue = Queue {
        at_least: more_open || more_done,
        ..Queue::default()
    };
    for message in open.iter().chain(&done) {
        match message.status() {
            Status::Queued if message.scheduled_for.is_some_and(|at| at > now) => {
                queue.scheduled += 1;
                continue;
            }
            Status::Queued => queue.pending += 1,
            Status::Pending => queue.processing += 1,
            Status::Sent | Status::Delivered | Status::Read | Status::Replied => {
                queue.sent += 1;
                continue;
            }
            Status::Failed => {
                queue.failed += 1;
                continue;
            }
            Status::Cancelled => continue,
        }
        *queue.by_channel.entry(message.channel).or_default() += 1;
        let since = message.scheduled_for.unwrap_or(message.created_at);
        queue.oldest = Some(queue.oldest.map_or(since, |oldest| oldest.min(since)));
    }
    Ok(queue)
}
