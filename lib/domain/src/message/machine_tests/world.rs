//! A provider that knows the truth, and a machine that hears of it late, twice, wrongly ordered or
//! never. After every event the machine is held against what its own facts and the truth say.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{at, is_open, not_sent, queued, refused, rejected};
use crate::message::{
    AttemptNumber, Fact, Facts, FailureOrigin, Finding, Message, Outcome, Phase, RetryPolicy,
    Status, SweepAction, phase::SETTLE,
};

pub(super) type Checked = Result<(), TestCaseError>;

/// What the provider did with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Taken,
    Rejected,
    NotSent,
    Deferred {
        seconds: i64,
    },
    /// We ourselves made no call.
    Refused,
}

/// What the caller heard of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    Answer,
    Ambiguous,
    /// It died.
    Nothing,
}

/// One webhook about a call, with the provider's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hook {
    Sent(i64),
    Delivered(i64),
    Read(i64),
    Failed(i64),
    Replied(i64),
}

impl Hook {
    pub(super) fn fact(self, attempt: AttemptNumber) -> Fact {
        match self {
            Self::Sent(seconds) => super::sent(attempt, seconds),
            Self::Delivered(seconds) => super::delivered(seconds),
            Self::Read(seconds) => super::read(seconds),
            Self::Failed(seconds) => super::failed(attempt, seconds),
            Self::Replied(seconds) => super::pressed("yes", seconds),
        }
    }
}

/// One provider call, as it would go if it were made.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) truth: Truth,
    pub(super) heard: Heard,
    /// Whether a look-up can prove anything.
    pub(super) provable: bool,
    /// Whether the answer names the message.
    pub(super) named: bool,
    pub(super) hooks: Vec<Hook>,
}

/// Calls beyond the story.
static NOT_SENT: Call = Call {
    truth: Truth::NotSent,
    heard: Heard::Answer,
    provable: true,
    named: false,
    hooks: Vec::new(),
};

impl Call {
    fn outcome(&self, attempt: AttemptNumber, now: Timestamp) -> Option<Outcome> {
        match (self.heard, self.truth) {
            (Heard::Nothing, _) => None,
            (Heard::Ambiguous, _) => Some(Outcome::Ambiguous),
            (Heard::Answer, Truth::Taken) => Some(Outcome::Accepted {
                provider_id: self.named.then(|| format!("wamid.{attempt}")),
            }),
            (Heard::Answer, Truth::Rejected) => Some(rejected()),
            (Heard::Answer, Truth::NotSent) => Some(not_sent()),
            (Heard::Answer, Truth::Refused) => Some(refused()),
            (Heard::Answer, Truth::Deferred { seconds }) => Some(Outcome::Deferred {
                until: now + SignedDuration::from_secs(seconds),
            }),
        }
    }
}

/// One thing that happens to a message.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    /// A queue delivers it: claim, or look up.
    Work,
    /// The outcome of this attempt is recorded, for the first time or once more.
    Record(AttemptNumber),
    /// A webhook about this attempt arrives.
    Reported(AttemptNumber, Hook),
    Sweep,
    LeaseOver,
    RetryByHand,
    Cancel,
    /// The clock moves on by so many seconds.
    Later(i64),
}

impl Event {
    /// The attempt without which it cannot happen.
    const fn attempt(self) -> Option<AttemptNumber> {
        match self {
            Self::Record(attempt) | Self::Reported(attempt, _) => Some(attempt),
            Self::Work
            | Self::Sweep
            | Self::LeaseOver
            | Self::RetryByHand
            | Self::Cancel
            | Self::Later(_) => None,
        }
    }
}

/// A message, its provider, and what happened so far.
#[derive(Debug)]
pub(super) struct World<'a> {
    calls: &'a [Call],
    pub(super) message: Message,
    pub(super) now: Timestamp,
    /// All that really happened and that the provider vouches for.
    happened: Vec<Fact>,
    /// Events of attempts that have not begun: they happen right after the claim, before the answer.
    early: Vec<Event>,
    /// A person wants the coming attempt.
    asked: bool,
    by_hand: u16,
    deferred: u16,
}

impl<'a> World<'a> {
    pub(super) fn new(policy: RetryPolicy, calls: &'a [Call]) -> Self {
        Self {
            calls,
            message: queued(policy),
            now: at(0),
            happened: Vec::new(),
            early: Vec::new(),
            asked: false,
            by_hand: 0,
            deferred: 0,
        }
    }

    fn call(&self, attempt: AttemptNumber) -> &'a Call {
        let index = usize::from(attempt) - 1;
        self.calls.get(index).unwrap_or(&NOT_SENT)
    }

    pub(super) fn happens(&mut self, event: Event) -> Checked {
        if event
            .attempt()
            .is_some_and(|n| n > self.message.sending.attempt)
        {
            self.early.push(event);
            return Ok(());
        }
        match event {
            Event::Work => self.work()?,
            Event::Record(attempt) => self.record(attempt),
            Event::Reported(attempt, hook) => {
                self.happened.push(hook.fact(attempt));
                self.message.observe(hook.fact(attempt), self.now);
            }
            Event::Sweep => {
                self.message.sweep(self.now);
            }
            Event::LeaseOver => {
                self.message.lease_over(self.now);
            }
            Event::RetryByHand => {
                if self.message.retry_by_hand(self.now).is_ok() {
                    self.by_hand += 1;
                    self.asked = true;
                    prop_assert_eq!(self.message.next_attempt_at(), Some(self.now));
                }
            }
            Event::Cancel => {
                if self.message.cancel(self.now).is_ok() {
                    self.happened.push(Fact::Cancelled { at: self.now });
                }
            }
            Event::Later(seconds) => self.now += SignedDuration::from_secs(seconds),
        }
        self.check()
    }

    /// What `service::attempt` does with a task.
    fn work(&mut self) -> Checked {
        let before = self.message.clone();
        let Ok(attempt) = self.message.claim(self.now) else {
            prop_assert_eq!(&self.message, &before, "a refused claim changes nothing");
            if let Phase::Unknown { since } = self.message.sending.phase {
                self.look_up(since);
            }
            return Ok(());
        };
        let last = before.sending.attempt;
        prop_assert_eq!(attempt, last + 1, "no number is claimed twice");
        prop_assert!(
            matches!(before.sending.phase, Phase::Ready { at, .. } if at <= self.now),
            "claimed from {:?}",
            before.sending.phase
        );
        prop_assert!(!before.facts.reached(), "the recipient has it");
        prop_assert!(
            (1..=last).all(|n| !is_taken(&before.facts, n)) || is_refused(&before.facts, last),
            "known to have gone out"
        );
        let taken = last > 0 && self.call(last).truth == Truth::Taken;
        prop_assert!(self.asked || !taken, "sent twice, and nobody asked for it");
        let (begun, early) = std::mem::take(&mut self.early)
            .into_iter()
            .partition(|event| event.attempt() == Some(attempt));
        self.early = early;
        let begun: Vec<Event> = begun;
        begun.into_iter().try_for_each(|event| self.happens(event))
    }

    fn record(&mut self, attempt: AttemptNumber) {
        let Some(outcome) = self.call(attempt).outcome(attempt, self.now) else {
            return;
        };
        let changed = self.message.record(attempt, outcome.clone(), self.now);
        match outcome {
            Outcome::Accepted { provider_id } => self.accepted(attempt, provider_id),
            Outcome::Rejected { code, reason } => self.happened.push(Fact::Failed {
                attempt,
                failure: crate::message::FailedFact {
                    at: self.now,
                    origin: FailureOrigin::Provider,
                    code,
                    reason,
                },
            }),
            Outcome::Deferred { .. } => self.deferred += u16::from(changed),
            Outcome::Refused { .. } | Outcome::NotSent { .. } | Outcome::Ambiguous => {}
        }
    }

    fn look_up(&mut self, since: Timestamp) {
        let attempt = self.message.sending.attempt;
        let call = self.call(attempt);
        let id = format!("wamid.{attempt}");
        let finding = if !call.provable {
            Finding::NoProof
        } else if call.truth == Truth::Taken && self.now >= since + SETTLE {
            self.accepted(attempt, Some(id.clone()));
            Finding::Found { provider_id: id }
        } else {
            Finding::Absent // also of a message that was just taken: lists lag
        };
        self.message
            .resolve(self.message.sending.attempt, finding, self.now);
    }

    fn accepted(&mut self, attempt: AttemptNumber, provider_id: Option<String>) {
        self.happened.push(Fact::Accepted {
            attempt,
            at: self.now,
            provider_id,
        });
    }

    /// What must be so at every moment.
    fn check(&mut self) -> Checked {
        let message = &self.message;
        let sending = &message.sending;
        self.asked &= matches!(sending.phase, Phase::Ready { .. });
        let shown = message.status();
        let told = told(message);
        prop_assert!(told.contains(&shown), "{:?} is not {:?}", shown, told);
        prop_assert_eq!(sending.due.is_some(), is_open(message), "{:?}", sending);
        if let Some(due) = sending.due {
            let wanted = match sending.phase {
                Phase::Ready { at, .. } => at.max(self.now),
                Phase::Calling { .. }
                | Phase::Unknown { .. }
                | Phase::Accepted
                | Phase::Failed
                | Phase::Cancelled => self.now,
            };
            prop_assert!(
                due <= wanted + SignedDuration::from_mins(2),
                "{:?}",
                sending
            );
        }
        prop_assert!(sending.retries <= sending.policy.max);
        let by_policy = 1 + u16::from(sending.policy.max);
        prop_assert!(sending.attempt <= by_policy + self.by_hand + self.deferred);
        Ok(())
    }

    /// Far ahead in time, every hand-over arriving and every look-up answered: nothing stays open,
    /// and nothing that happened is missing.
    pub(super) fn comes_to_rest(&mut self) -> Checked {
        for _ in 0..200 {
            self.now += SignedDuration::from_hours(1);
            let Some(due) = self.message.sending.due else {
                break;
            };
            if due > self.now {
                continue;
            }
            match self.message.sweep(self.now) {
                SweepAction::HandOver => self.happens(Event::Work)?,
                SweepAction::Rescheduled | SweepAction::Settled => {}
            }
            if let Phase::Calling { .. } = self.message.sending.phase {
                self.happens(Event::Record(self.message.sending.attempt))?;
            }
            self.check()?;
        }
        prop_assert!(!is_open(&self.message), "open for ever: {:?}", self.message);
        prop_assert_eq!(self.message.sweep(self.now), SweepAction::Settled);
        let mut known = self.message.facts.clone();
        known
            .failed
            .retain(|_, failure| failure.origin == FailureOrigin::Provider);
        let mut happened = Facts::default();
        for fact in self.happened.drain(..) {
            happened.merge(fact);
        }
        prop_assert_eq!(known, happened);
        Ok(())
    }
}

fn is_refused(facts: &Facts, attempt: AttemptNumber) -> bool {
    let failure = facts.failed.get(&attempt);
    failure.is_some_and(|failure| failure.origin == FailureOrigin::Provider)
}

fn is_taken(facts: &Facts, attempt: AttemptNumber) -> bool {
    let known = facts.accepted.contains_key(&attempt) || facts.sent.contains_key(&attempt);
    known && !is_refused(facts, attempt)
}

/// What may be shown, by design.md §3 from the facts and whether anything is in flight.
fn told(message: &Message) -> Vec<Status> {
    let facts = &message.facts;
    let attempt = message.sending.attempt;
    let shown = if facts.reply.is_some() {
        Status::Replied
    } else if facts.read.is_some() {
        Status::Read
    } else if facts.delivered.is_some() {
        Status::Delivered
    } else if facts.cancelled.is_some() {
        Status::Cancelled
    } else if is_refused(facts, attempt) {
        return vec![Status::Failed];
    } else if is_taken(facts, attempt) {
        Status::Sent
    } else if facts.failed.contains_key(&attempt) {
        Status::Failed
    } else {
        match message.sending.phase {
            Phase::Ready { .. } => Status::Queued,
            Phase::Calling { .. } | Phase::Unknown { .. } => Status::Pending,
            // Deferred, then withdrawn because an earlier attempt went out.
            Phase::Accepted | Phase::Failed | Phase::Cancelled => Status::Failed,
        }
    };
    // Of the current attempt only we say anything, and an earlier one is known to have gone out.
    let ours = matches!(shown, Status::Failed | Status::Queued);
    if ours && (1..attempt).any(|n| is_taken(facts, n)) {
        vec![shown, Status::Sent]
    } else {
        vec![shown]
    }
}
