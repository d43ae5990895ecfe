//! Replay: folds a tenant's journal into a shadow of its messages, and tells every difference from what
//! is stored. Nothing is written. With a complete journal there must be none: every effect has its
//! webhook, and every webhook its effect.

mod channels;
mod reading;
mod shadow;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use self::shadow::{Moment, NoLanes, Shadow};
use super::ingest::{Ingest, IngestStore};
use crate::{
    failure::StoreFailure,
    ids::{MessageId, TenantId},
    message::{Facts, FailureOrigin, Message},
    ports::{Files, Outbox, Page, ThreadItem},
    provider::Adapters,
};

/// Things read at a time.
const PAGE: u16 = 100;

/// What a replay came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Webhooks folded.
    pub entries: u32,
    /// Items in them.
    pub items: u32,
    /// Outbound messages compared.
    pub messages: u32,
    /// Inbound messages compared.
    pub inbound: u32,
    /// Every difference, one line each, without content.
    pub differences: Vec<String>,
}

/// Folds the journal of a tenant from one moment to another.
///
/// Messages accepted before `from` are left out: their first webhooks are not in the range.
///
/// # Errors
/// Storage failures.
pub async fn replay<S, F>(
    store: &S,
    files: &F,
    adapters: Adapters,
    tenant: TenantId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Report, StoreFailure>
where
    S: IngestStore + Outbox,
    F: Files,
{
    let mut report = Report::default();
    let clock = Moment::at(from);
    let shadow = Shadow::over(store);
    let ingest = Ingest {
        store: &shadow,
        files,
        lanes: &NoLanes,
        clock: &clock,
        adapters,
    };
    let mut day = from.to_zoned(TimeZone::UTC).date();
    let last = to.to_zoned(TimeZone::UTC).date();
    while day <= last {
        let mut after = None;
        loop {
            let page = store.entries(tenant, day, after.as_deref(), PAGE).await?;
            for entry in page.items {
                if entry.key.arrived_at < from || entry.key.arrived_at > to {
                    continue;
                }
                clock.set(entry.key.arrived_at);
                report.entries += 1;
                if let Some(ingested) = ingest.reapply(&entry).await? {
                    report.items += u32::try_from(ingested.verdicts.len()).unwrap_or(u32::MAX);
                    if ingested.unapplied {
                        let line = format!("webhook {}: an item cannot be applied", entry.key.id);
                        report.differences.push(line);
                    }
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    report.differences.extend(shadow.missing());
    compare_outbound(store, &shadow, tenant, from, to, &mut report).await?;
    compare_inbound(store, &shadow, tenant, from, to, &mut report).await?;
    Ok(report)
}

async fn compare_outbound<S: IngestStore + Outbox>(
    store: &S,
    shadow: &Shadow<'_, S>,
    tenant: TenantId,
    from: Timestamp,
    to: Timestamp,
    report: &mut Report,
) -> Result<(), StoreFailure> {
    // The journal of a channel that was deleted leads nowhere any more: what it told is not folded, and so
    // not compared either.
    let channels: BTreeSet<_> = store.channels(tenant).await?.iter().map(|c| c.id).collect();
    let mut after = None;
    loop {
        let jobs = store.jobs(tenant, after.as_deref(), PAGE).await?;
        for job in &jobs.items {
            if job.created_at < from || job.created_at > to {
                continue;
            }
            let ids: Vec<_> = (0..job.size)
                .map(|row| MessageId::of_row(job.id, row))
                .collect();
            for some in ids.chunks(usize::from(PAGE)) {
                for stored in store.messages(tenant, some).await? {
                    if !channels.contains(&stored.channel) {
                        continue;
                    }
                    report.messages += 1;
                    let folded = shadow.folded(&stored);
                    differences(&stored, &folded, &mut report.differences);
                }
            }
        }
        after = jobs.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Every inbound message of the range came by a webhook of the journal.
async fn compare_inbound<S: IngestStore + Outbox>(
    store: &S,
    shadow: &Shadow<'_, S>,
    tenant: TenantId,
    from: Timestamp,
    to: Timestamp,
    report: &mut Report,
) -> Result<(), StoreFailure> {
    let channels: Vec<_> = store.channels(tenant).await?.iter().map(|c| c.id).collect();
    let mut seen = BTreeSet::new();
    for archived in [false, true] {
        let mut after = None;
        loop {
            let page = store
                .conversations(tenant, archived, &channels, after.as_deref(), PAGE)
                .await?;
            for conversation in page.items {
                let threads = conversation.threads();
                let mut place = None;
                loop {
                    let Page { items, next } = store
                        .thread(tenant, &threads, place.as_deref(), PAGE)
                        .await?;
                    for item in items {
                        if let ThreadItem::Inbound(message) = item
                            && message.arrived_at >= from
                            // Stored a moment before its webhook was journalled.
                            && message.arrived_at + SignedDuration::from_secs(60) <= to
                            && seen.insert(message.id)
                        {
                            report.inbound += 1;
                            if !shadow.received(message.id) {
                                report.differences.push(format!(
                                    "inbound {}: stored, but no webhook of the journal brought it",
                                    message.id
                                ));
                            }
                        }
                    }
                    place = next;
                    if place.is_none() {
                        break;
                    }
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// What webhooks alone could have told, compared.
fn differences(stored: &Message, folded: &Facts, lines: &mut Vec<String>) {
    let own = &stored.facts;
    // Statuses that were asked for are in no journal: there may be more than it tells, or earlier.
    let asked = stored.sending.polls.is_some();
    let mut differ = |what: &str, same: bool, extra: bool| {
        if !(same || asked && extra) {
            lines.push(format!("message {}: `{what}` differs", stored.id));
        }
    };
    let earlier = |own: Option<Timestamp>, told: Option<Timestamp>| {
        own.is_some_and(|own| told.is_none_or(|told| own <= told))
    };
    let extra = earlier(own.delivered, folded.delivered);
    differ("delivered", own.delivered == folded.delivered, extra);
    let extra = earlier(own.read, folded.read);
    differ("read", own.read == folded.read, extra);
    differ("reply", own.reply == folded.reply, false);
    let mut told = folded.sent.iter();
    let extra = told.all(|(attempt, at)| earlier(own.sent.get(attempt).copied(), Some(*at)));
    differ("sent", own.sent == folded.sent, extra);
    for (attempt, failure) in &own.failed {
        if failure.origin == FailureOrigin::Ourselves {
            continue;
        }
        // What the provider refused at once is the answer to the send, and no webhook.
        let answered = !own.accepted.contains_key(attempt);
        let told = folded.failed.get(attempt) == Some(failure);
        differ("failed", told || answered, true);
    }
    for (attempt, failure) in &folded.failed {
        // Of two failures the one that merging keeps: the provider's word before our own conclusion.
        let known = own
            .failed
            .get(attempt)
            .is_some_and(|own| (own.origin, own) <= (failure.origin, failure));
        differ("failed", known, false);
    }
}
