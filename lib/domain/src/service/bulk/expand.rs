//! One pass over a bulk job: looks after the messages it made, makes the next ones, hands them to the
//! channel's lanes. Whatever crashes in between is found by the next pass: rows are claimed by one
//! conditional write before their messages are made, and a message is made at most once.

use futures::{StreamExt, TryStreamExt, stream};
use tracing::{info, warn};

use super::super::facts;
use crate::{
    bulk::{CHUNK_ROWS, FrozenRow, Run, RunState},
    channel::{Channel, Pace},
    contact::{Alias, Recipient},
    failure::{StoreFailure, StoreFailureKind},
    ids::{ContactId, ConversationId, JobId, MessageId, TenantId},
    message::{Facts, Message, Phase, Sending},
    ports::{Clock, Contacts, Directory, HandOver, Lanes, Messages, Outbox, Rows, Runs, Saved},
};

/// Rows that are worked side by side.
const AT_ONCE: usize = 25;

/// Messages read at once.
const PAGE: u32 = 100;

/// Jobs of a channel that are looked at to find whose turn it is.
const QUEUE: u16 = 20;

/// What a pass needs.
#[derive(Debug)]
pub struct Expand<'a, S, L, C> {
    /// Storage.
    pub store: &'a S,
    /// The lanes.
    pub lanes: &'a L,
    /// The time.
    pub clock: &'a C,
}

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Passed {
    /// Messages made.
    pub made: u32,
    /// Messages handed to lanes, also once more.
    pub handed_over: u32,
    /// Messages withdrawn, for the job is cancelled.
    pub withdrawn: u32,
}

/// What is to be done about the rows that are claimed and not settled.
#[derive(Default)]
struct Look {
    /// Rows before this one are settled.
    settled: u32,
    /// How many are not.
    open: u32,
    /// How many of them are being attempted, or were when something crashed.
    in_call: u32,
    /// Claimed, and without a message.
    missing: Vec<u32>,
    /// Nobody attempted them, and no due time leads to them.
    waiting: Vec<Message>,
    /// Their attempt began, and no due time leads to them.
    calling: Vec<Message>,
}

impl<S, L, C> Expand<'_, S, L, C>
where
    S: Directory + Contacts + Messages + Outbox + Rows + Runs,
    L: Lanes,
    C: Clock,
{
    /// Passes over a job once. Passing again, or twice at once, is harmless.
    ///
    /// # Errors
    /// Storage failures; the job stays due.
    pub async fn run(&self, tenant: TenantId, job: JobId) -> Result<Passed, StoreFailure> {
        let mut passed = Passed::default();
        let Some(mut run) = self.store.run(tenant, job).await? else {
            return Ok(passed);
        };
        if run.due.is_none() {
            return Ok(passed);
        }
        if !run.adopted && run.state != RunState::Cancelled {
            self.adopt(&mut run).await?;
        }
        let mut look = self.look(&run).await?;
        self.mend(&mut look).await?;
        if run.state == RunState::Cancelled {
            passed.withdrawn = self.withdraw(&run, &mut look).await?;
            // What could not be withdrawn yet is looked at again.
            let again = self.look(&run).await?;
            (look.settled, look.in_call) = (again.settled, again.in_call);
        }
        let now = self.clock.now();
        let channel = self.store.channel(tenant, run.channel).await?;
        let first = run.next;
        if run.may_claim(now) && self.has_its_turn(&run).await? {
            run.claim(channel.as_ref().map_or(Pace::WHAPI, |c| c.pace), look.open);
        }
        run.settle(look.settled, look.in_call, now);
        if run.next == 0 && run.state == RunState::Running && run.starts_at() > now {
            run.due = Some(run.starts_at());
        }
        if self.store.save_run(&mut run).await? == Saved::Stale {
            // Somebody paused or cancelled it, or passed over it meanwhile: that write made it due.
            return Ok(passed);
        }
        if run.state == RunState::Running {
            look.missing.extend(first..run.next);
            let made = self.make(&run, &look.missing).await?;
            passed.made = count(made.len());
            look.waiting.extend(made);
            let hand_overs: Vec<_> = look
                .waiting
                .iter()
                .map(|message| hand_over(message, channel.as_ref()))
                .collect();
            passed.handed_over = count(hand_overs.len());
            if let Err(failure) = self.lanes.hand_over_all(&hand_overs).await {
                warn!(job.id = %job, error = %failure, "not every message of job `{job}` was handed over; the next pass makes up for it");
            }
        }
        info!(
            job.id = %job, tenant.id = %tenant, made = passed.made, next = run.next, settled = run.settled,
            "passed over job `{job}`: {} of {} rows", run.next, run.size
        );
        Ok(passed)
    }

    /// Keeps the rows for good, before anything is made of them.
    async fn adopt(&self, run: &mut Run) -> Result<(), StoreFailure> {
        let chunks = 0..run.size.div_ceil(CHUNK_ROWS);
        let adopt = |chunk| self.store.adopt_rows(run.tenant, run.job, chunk);
        stream::iter(chunks.map(adopt))
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        run.adopted = true;
        Ok(())
    }

    /// Whether no other job of the channel goes first.
    async fn has_its_turn(&self, run: &Run) -> Result<bool, StoreFailure> {
        let now = self.clock.now();
        let queue = self.store.open_runs(run.tenant, run.channel, QUEUE).await?;
        let first = queue.iter().find(|one| one.may_claim(now));
        // The list may lag: whoever is not in it yet waits only for those that go before it.
        Ok(first.is_none_or(|first| first.job == run.job || goes_before(run, first)))
    }

    async fn look(&self, run: &Run) -> Result<Look, StoreFailure> {
        let now = self.clock.now();
        let mut look = Look {
            settled: run.settled,
            ..Look::default()
        };
        let mut from = run.settled;
        while from < run.next {
            let until = (from + PAGE).min(run.next);
            let ids: Vec<_> = (from..until)
                .map(|row| MessageId::of_row(run.job, row))
                .collect();
            let found = self.store.messages(run.tenant, &ids).await?;
            let mut found = found.into_iter().peekable();
            for row in from..until {
                let message = found.next_if(|message| message.row == row);
                look.at(row, message, now);
            }
            from = until;
        }
        Ok(look)
    }

    /// Attempts that began and were never recorded: from now on they are found by a time of their own.
    async fn mend(&self, look: &mut Look) -> Result<(), StoreFailure> {
        let now = self.clock.now();
        for message in std::mem::take(&mut look.calling) {
            // The lease is over, so this makes an unknown outcome of it, which is looked up.
            facts::update(self.store, message.tenant, message.id, now, |message| {
                message.lease_over(now)
            })
            .await?;
        }
        Ok(())
    }

    /// Withdraws what nobody attempted.
    async fn withdraw(&self, run: &Run, look: &mut Look) -> Result<u32, StoreFailure> {
        let now = self.clock.now();
        let mut messages = std::mem::take(&mut look.waiting);
        messages.extend(self.rows(run, &look.missing).await?);
        let withdraw = |mut message: Message| async move {
            // Attempted meanwhile: it is not touched.
            if message.cancel(now).is_err() {
                return Ok(0);
            }
            match self.store.withdraw_row(&mut message, run.cycle).await? {
                Saved::Done => Ok(1),
                Saved::Stale => Ok::<_, StoreFailure>(0),
            }
        };
        stream::iter(messages.into_iter().map(withdraw))
            .buffer_unordered(AT_ONCE)
            .try_fold(0, |sum, one| async move { Ok(sum + one) })
            .await
    }

    /// Makes the messages of rows; those that are there already are left as they are.
    async fn make(&self, run: &Run, rows: &[u32]) -> Result<Vec<Message>, StoreFailure> {
        let messages = self.rows(run, rows).await?;
        let make = |mut message: Message| async move {
            let saved = self.store.add_row(&message).await?;
            message.version = 1;
            Ok::<_, StoreFailure>((saved == Saved::Done).then_some(message))
        };
        let made: Vec<Option<Message>> = stream::iter(messages.into_iter().map(make))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(made.into_iter().flatten().collect())
    }

    /// The messages of rows as they begin.
    async fn rows(&self, run: &Run, rows: &[u32]) -> Result<Vec<Message>, StoreFailure> {
        let mut messages = Vec::with_capacity(rows.len());
        for chunk in rows.chunk_by(|a, b| a / CHUNK_ROWS == b / CHUNK_ROWS) {
            let Some(first) = chunk.first() else { continue };
            let frozen = self
                .store
                .rows(run.tenant, run.job, first / CHUNK_ROWS)
                .await?;
            let begin = |row: &u32| {
                let frozen = frozen.get((row % CHUNK_ROWS) as usize).cloned();
                let row = *row;
                async move {
                    match frozen {
                        Some(frozen) => self.begin(run, row, &frozen).await,
                        None => Err(StoreFailure::new("jobs.rows", StoreFailureKind::Corrupt)),
                    }
                }
            };
            let begun: Vec<_> = stream::iter(chunk.iter().map(begin))
                .buffered(AT_ONCE)
                .try_collect()
                .await?;
            messages.extend(begun);
        }
        Ok(messages)
    }

    async fn begin(
        &self,
        run: &Run,
        row: u32,
        frozen: &FrozenRow,
    ) -> Result<Message, StoreFailure> {
        let to = Recipient::read(&frozen.to);
        let alias = to.alias();
        // Somebody known may go by another first name. Who is not known is not made known by a
        // campaign, only by an answer to it.
        let known = self.store.contact(run.tenant, &alias).await?;
        let contact = known.map_or_else(|| contact_of(run.tenant, &alias), |known| known.id);
        Ok(message(run, row, to, contact, self.clock.now()))
    }
}

impl Look {
    fn at(&mut self, row: u32, message: Option<Message>, now: jiff::Timestamp) {
        let settled = match message {
            None => {
                self.missing.push(row);
                false
            }
            // Whatever it waits for is found by its own due time.
            Some(message) if message.sending.due.is_some() => true,
            Some(message) => match message.sending.phase {
                Phase::Ready { .. } | Phase::Unknown { .. } => {
                    self.waiting.push(message);
                    false
                }
                Phase::Calling { lease } => {
                    self.in_call += 1;
                    if lease <= now {
                        self.calling.push(message);
                    }
                    false
                }
                Phase::Accepted | Phase::Failed | Phase::Cancelled => true,
            },
        };
        if settled {
            if self.settled == row {
                self.settled = row + 1;
            }
        } else {
            self.open += 1;
        }
    }
}

fn goes_before(one: &Run, other: &Run) -> bool {
    let place = |run: &Run| (std::cmp::Reverse(run.priority), run.created_at, run.job);
    place(one) < place(other)
}

fn contact_of(tenant: TenantId, alias: &Alias) -> ContactId {
    ContactId::of_alias(tenant, alias.as_str())
}

fn hand_over(message: &Message, channel: Option<&Channel>) -> HandOver {
    match channel {
        Some(channel) => HandOver::message(message, channel),
        None => HandOver::without_channel(message),
    }
}

fn message(
    run: &Run,
    row: u32,
    to: Recipient,
    contact: ContactId,
    now: jiff::Timestamp,
) -> Message {
    Message {
        id: MessageId::of_row(run.job, row),
        tenant: run.tenant,
        job: run.job,
        row,
        channel: run.channel,
        conversation: ConversationId::of(run.channel, contact),
        contact,
        to,
        kind: run.kind,
        message_type: run.message_type,
        trigger: run.trigger,
        context: run.context.clone(),
        created_at: now,
        updated_at: now,
        scheduled_for: None,
        usage_day: run.usage_day,
        sending: Sending {
            phase: Phase::Ready {
                at: now,
                counts: false,
            },
            attempt: 0,
            retries: 0,
            policy: run.policy,
            // The job is what is due: an entry of its own would cost every message two units.
            due: None,
            quiet: false,
            polls: run.polled.then_some(0),
        },
        facts: Facts::default(),
        version: 0,
    }
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
