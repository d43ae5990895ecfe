//! Reading the outbox: jobs with totals, their messages, one message with its payload and timeline.

use jiff::Timestamp;

use super::rows;
use crate::{
    bulk::Run,
    failure::{AppFailure, StoreFailure},
    ids::{JobId, MessageId},
    job::{BOARD_ROWS, Job, Totals},
    message::{Message, Payload, Phase, Status, advice::advice},
    ports::{Directory, Messages, Outbox, Page, Rows},
    principal::Principal,
    provider::Adapters,
};

/// Boards read in one page of a filtered list: 10,240 rows. A page may end early there; its cursor
/// goes on.
const BOARDS_PER_PAGE: u32 = 40;

/// A job with its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    /// The job.
    pub job: Job,
    /// How many of its messages show each status.
    pub totals: Totals,
    /// How far it is, if it is a bulk job.
    pub run: Option<Run>,
}

/// One line of a message's timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What, as a machine word: `accepted`, `attempt_failed`.
    pub event: &'static str,
    /// What, as a sentence.
    pub text: String,
    /// What to do next, where something failed or is not known.
    pub advice: Option<&'static str>,
}

async fn view<S: Outbox + Rows>(store: &S, job: Job) -> Result<JobView, StoreFailure> {
    let mut totals = Totals::default();
    let mut rows = job.size;
    for board in store.boards(job.tenant, job.id, 0..job.boards()).await? {
        totals.add(&board.totals(rows));
        rows = rows.saturating_sub(BOARD_ROWS);
    }
    let run = match job.bulk {
        // After the boards: a row that was counted as queued may be cancelled by now, never the other way.
        true => store.run(job.tenant, job.id).await?,
        false => None,
    };
    let totals = run.as_ref().map_or(totals, |run| run.totals(totals));
    Ok(JobView { job, totals, run })
}

fn no_job() -> AppFailure {
    AppFailure::not_found("There is no such job.")
}

fn no_message() -> AppFailure {
    AppFailure::not_found("There is no such message.")
}

/// A job with its totals.
///
/// # Errors
/// `NOT_FOUND`, also for another tenant's job.
pub async fn job<S: Outbox + Rows>(
    store: &S,
    principal: &Principal,
    id: JobId,
) -> Result<JobView, AppFailure> {
    let job = store
        .job(principal.tenant(), id)
        .await?
        .ok_or_else(no_job)?;
    Ok(view(store, job).await?)
}

/// Jobs, newest first.
///
/// # Errors
/// Storage failures.
pub async fn jobs<S: Outbox + Rows>(
    store: &S,
    principal: &Principal,
    after: Option<&str>,
    limit: u16,
) -> Result<Page<JobView>, AppFailure> {
    let page = store.jobs(principal.tenant(), after, limit).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for job in page.items {
        items.push(view(store, job).await?);
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

/// A job's messages in the order of its rows, all or those that show one status. `from` is the first
/// row to look at; the page's `next` is the row to go on with.
///
/// # Errors
/// `NOT_FOUND`, also for another tenant's job.
pub async fn job_messages<S: Outbox>(
    store: &S,
    principal: &Principal,
    id: JobId,
    status: Option<Status>,
    from: u32,
    limit: u16,
) -> Result<Page<Message>, AppFailure> {
    let tenant = principal.tenant();
    let job = store.job(tenant, id).await?.ok_or_else(no_job)?;
    let limit = usize::from(limit);
    let (rows, next) = match status {
        None => {
            let end = from
                .saturating_add(u32::try_from(limit).unwrap_or(u32::MAX))
                .min(job.size);
            ((from..end).collect::<Vec<_>>(), end)
        }
        Some(status) => rows_with(store, &job, status, from, limit).await?,
    };
    let ids: Vec<_> = rows
        .iter()
        .map(|row| MessageId::of_row(job.id, *row))
        .collect();
    let mut messages = store.messages(tenant, &ids).await?;
    if let Some(status) = status {
        // The board may be a moment behind; what is shown never is.
        messages.retain(|message| message.status() == status);
    }
    Ok(Page {
        items: messages,
        next: (next < job.size).then(|| next.to_string()),
    })
}

/// The rows that show a status, by the boards, and the row to go on with.
async fn rows_with<S: Outbox>(
    store: &S,
    job: &Job,
    status: Status,
    from: u32,
    limit: usize,
) -> Result<(Vec<u32>, u32), StoreFailure> {
    let first = from / BOARD_ROWS;
    let last = (first + BOARDS_PER_PAGE).min(job.boards());
    let mut rows = Vec::new();
    for (number, board) in (first..last).zip(store.boards(job.tenant, job.id, first..last).await?) {
        let start = number * BOARD_ROWS;
        for row in start..(start + BOARD_ROWS).min(job.size) {
            if row < from || board.status(row) != status {
                continue;
            }
            rows.push(row);
            if rows.len() == limit {
                return Ok((rows, row + 1));
            }
        }
    }
    Ok((rows, last.saturating_mul(BOARD_ROWS)))
}

/// A message.
///
/// # Errors
/// `NOT_FOUND`, also for another tenant's message.
pub async fn message<S: Messages>(
    store: &S,
    principal: &Principal,
    id: MessageId,
) -> Result<Message, AppFailure> {
    store
        .message(principal.tenant(), id)
        .await?
        .ok_or_else(no_message)
}

/// What a message says and the exact request that carried it.
///
/// # Errors
/// `NOT_FOUND`, also for another tenant's message.
pub async fn payload<S: Messages + Rows + Directory>(
    store: &S,
    adapters: Adapters,
    principal: &Principal,
    id: MessageId,
) -> Result<Payload, AppFailure> {
    let message = message(store, principal, id).await?;
    rows::payload(store, adapters, &message)
        .await?
        .ok_or_else(no_message)
}

/// Everything that happened to a message, in the order of time.
#[must_use]
pub fn timeline(message: &Message) -> Vec<Moment> {
    let mut moments = Vec::new();
    let mut add = |at, event, text: String| {
        moments.push(Moment {
            at,
            event,
            text,
            advice: None,
        });
    };
    let facts = &message.facts;
    add(message.created_at, "queued", "Accepted by Waypost.".into());
    if let Some(at) = message.scheduled_for {
        add(at, "scheduled", "The time it was scheduled for.".into());
    }
    for (attempt, accepted) in &facts.accepted {
        add(
            accepted.at,
            "accepted",
            format!("Attempt {attempt}: the provider took it."),
        );
    }
    for (attempt, at) in &facts.sent {
        add(
            *at,
            "sent",
            format!("Attempt {attempt}: the provider sent it."),
        );
    }
    if let Some(at) = facts.delivered {
        add(at, "delivered", "It reached the recipient's phone.".into());
    }
    if let Some(at) = facts.read {
        add(at, "read", "The recipient read it.".into());
    }
    if let Some(reply) = &facts.reply {
        add(
            reply.at,
            "replied",
            format!("The recipient answered: {}", reply.title),
        );
    }
    if let Some(at) = facts.cancelled {
        add(
            at,
            "cancelled",
            "It was cancelled before it was sent.".into(),
        );
    }
    match message.sending.phase {
        Phase::Unknown { since } => add(
            since,
            "outcome_unknown",
            "The provider's answer was lost; Waypost is finding out whether it was sent.".into(),
        ),
        Phase::Ready { at, counts: true } => {
            add(at, "retry_planned", "The next attempt follows.".into())
        }
        Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Accepted
        | Phase::Failed
        | Phase::Cancelled => {}
    }
    for (attempt, failure) in &facts.failed {
        moments.push(Moment {
            at: failure.at,
            event: "failed",
            text: format!("Attempt {attempt} failed: {}", failure.reason),
            // What went through in the end needs nothing.
            advice: (message.status() == Status::Failed).then(|| advice(&failure.code)),
        });
    }
    moments.sort_by_key(|moment| moment.at);
    moments
}
