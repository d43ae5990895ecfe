//! The state machine of sending: at most one provider call per attempt number, and every accepted
//! request ends in a final state. Pure: the caller reads a message, changes it here, and writes it back
//! under the version it was read at.

use jiff::{SignedDuration, Timestamp};

use super::{
    Message,
    facts::{AttemptNumber, Fact, FailedFact, FailureOrigin},
    phase::{
        Finding, HAND_OVER_GRACE, HOLD, LEASE, LONGEST_DEFERRAL, Outcome, Phase, RECHECK, Refused,
        RetryPolicy, SETTLE,
    },
};

impl Message {
    /// Claims the next attempt: raises the number and sets the lease. The caller must store this
    /// with one conditional write before it calls the provider.
    ///
    /// # Errors
    /// [`Refused`] when no attempt is wanted now.
    pub fn claim(&mut self, now: Timestamp) -> Result<AttemptNumber, Refused> {
        match self.sending.phase {
            Phase::Ready { .. } if self.is_void() => Err(Refused::AlreadySent),
            Phase::Ready { at, .. } if at > now => Err(Refused::TooEarly),
            Phase::Ready { counts, .. } => {
                self.sending.attempt += 1;
                self.sending.retries += u8::from(counts);
                self.sending.phase = Phase::Calling { lease: now + LEASE };
                self.sending.quiet = false;
                // A new attempt is asked about from the beginning.
                self.sending.polls = self.sending.polls.map(|_asked| 0);
                self.updated_at = now;
                Ok(self.sending.attempt)
            }
            Phase::Calling { .. } => Err(Refused::InFlight),
            Phase::Unknown { .. } => Err(Refused::OutcomeUnknown),
            Phase::Accepted => Err(Refused::AlreadySent),
            Phase::Failed => Err(Refused::Failed),
            Phase::Cancelled => Err(Refused::Cancelled),
        }
    }

    /// Puts the coming attempt off to the end of the recipient's quiet hours. Answers whether it did.
    pub fn hold(&mut self, until: Timestamp, now: Timestamp) -> bool {
        let Phase::Ready { at, counts } = self.sending.phase else {
            return false;
        };
        if at >= until || self.is_void() {
            return false;
        }
        self.sending.phase = Phase::Ready { at: until, counts };
        self.sending.due = Some(until);
        self.sending.quiet = true;
        self.updated_at = now;
        true
    }

    /// Records what attempt number `attempt` came to. When the message moved on meanwhile, only what
    /// the provider definitely said is kept, for the timeline. Answers whether anything changed.
    pub fn record(&mut self, attempt: AttemptNumber, outcome: Outcome, now: Timestamp) -> bool {
        if attempt == 0 || attempt > self.sending.attempt {
            return false;
        }
        let calling =
            attempt == self.sending.attempt && matches!(self.sending.phase, Phase::Calling { .. });
        let open = calling
            || attempt == self.sending.attempt
                && matches!(self.sending.phase, Phase::Unknown { .. });
        let before = (self.sending.clone(), self.facts.clone());
        match outcome {
            Outcome::Accepted { provider_id } => {
                self.facts.merge(Fact::Accepted {
                    attempt,
                    at: now,
                    provider_id,
                });
            }
            Outcome::Rejected { code, reason } => {
                self.fail(attempt, FailureOrigin::Provider, code, reason, now);
                if open {
                    self.end(Phase::Failed);
                }
            }
            Outcome::Refused { code, reason } if open => {
                self.fail(attempt, FailureOrigin::Ourselves, code, reason, now);
                self.end(Phase::Failed);
            }
            Outcome::Deferred { until } if open => self.defer(until.max(now), now),
            Outcome::NotSent { code, reason } if open => self.not_sent(code, reason, now),
            Outcome::Ambiguous if calling => self.doubt(now),
            Outcome::Refused { .. }
            | Outcome::Deferred { .. }
            | Outcome::NotSent { .. }
            | Outcome::Ambiguous => {}
        }
        self.settle(now);
        let changed = before != (self.sending.clone(), self.facts.clone());
        if changed {
            self.updated_at = now;
        }
        changed
    }

    /// A lease that ended without a record: the process died during the call, so nobody knows.
    pub fn lease_over(&mut self, now: Timestamp) -> bool {
        match self.sending.phase {
            Phase::Calling { lease } if lease <= now => {
                self.updated_at = now;
                // Doubt begins with the end of the lease, not when somebody notices: a look-up reaches
                // back from here to before the call, however late the sweep was.
                self.doubt(lease);
                self.settle(now);
                true
            }
            Phase::Calling { .. }
            | Phase::Ready { .. }
            | Phase::Unknown { .. }
            | Phase::Accepted
            | Phase::Failed
            | Phase::Cancelled => false,
        }
    }

    /// Applies a look-up of attempt number `attempt`, if that is still the one in doubt. Absence proves
    /// something only after [`SETTLE`].
    pub fn resolve(&mut self, attempt: AttemptNumber, finding: Finding, now: Timestamp) -> bool {
        let Phase::Unknown { since } = self.sending.phase else {
            return false;
        };
        if attempt != self.sending.attempt {
            return false;
        }
        self.updated_at = now;
        match finding {
            Finding::Found { provider_id } => {
                self.facts.merge(Fact::Accepted {
                    attempt: self.sending.attempt,
                    at: now,
                    provider_id: Some(provider_id),
                });
            }
            Finding::Absent if now >= since + SETTLE => self.not_sent(
                "NOT_ACCEPTED".into(),
                "The provider did not take the message: it is not among the sent ones.".into(),
                now,
            ),
            Finding::Absent | Finding::NoProof if now >= since + HOLD => {
                self.fail(
                    self.sending.attempt,
                    FailureOrigin::Ourselves,
                    "OUTCOME_UNKNOWN".into(),
                    "The provider never confirmed this message, and whether it was sent could not be \
                     found out. Check the phone, then send it again on purpose."
                        .into(),
                    now,
                );
                self.end(Phase::Failed);
            }
            Finding::Absent | Finding::NoProof => {
                self.sending.due = Some(
                    (now + RECHECK)
                        .min(since + HOLD)
                        .max(now + SignedDuration::from_secs(30)),
                );
            }
        }
        self.settle(now);
        true
    }

    /// Adds a fact from a webhook. Answers whether anything new is known.
    pub fn observe(&mut self, fact: Fact, now: Timestamp) -> bool {
        let changed = self.facts.merge(fact);
        if changed {
            self.updated_at = now;
        }
        self.settle(now) || changed
    }

    /// Withdraws a message nobody attempted.
    ///
    /// # Errors
    /// [`Refused`] once an attempt was made.
    pub fn cancel(&mut self, now: Timestamp) -> Result<(), Refused> {
        match self.sending.phase {
            Phase::Cancelled => Ok(()),
            Phase::Ready { .. } if self.sending.attempt == 0 => {
                self.facts.merge(Fact::Cancelled { at: now });
                self.updated_at = now;
                self.end(Phase::Cancelled);
                Ok(())
            }
            Phase::Calling { .. } => Err(Refused::InFlight),
            Phase::Unknown { .. } => Err(Refused::OutcomeUnknown),
            Phase::Ready { .. } | Phase::Failed => Err(Refused::Attempted),
            Phase::Accepted => Err(Refused::AlreadySent),
        }
    }

    /// A person asks for one more attempt after a failure, also after an unknown outcome was given up.
    ///
    /// # Errors
    /// [`Refused`] while anything is open, or when the recipient has the message.
    pub fn retry_by_hand(&mut self, now: Timestamp) -> Result<(), Refused> {
        match self.sending.phase {
            Phase::Calling { .. } => return Err(Refused::InFlight),
            Phase::Unknown { .. } => return Err(Refused::OutcomeUnknown),
            Phase::Cancelled => return Err(Refused::Cancelled),
            Phase::Ready { .. } | Phase::Accepted | Phase::Failed => {}
        }
        match self.status() {
            super::Status::Failed => {}
            super::Status::Queued => return Err(Refused::TooEarly),
            super::Status::Pending
            | super::Status::Sent
            | super::Status::Delivered
            | super::Status::Read
            | super::Status::Replied
            | super::Status::Cancelled => return Err(Refused::AlreadySent),
        }
        self.updated_at = now;
        self.ready(now, false);
        self.sending.due = Some(now + HAND_OVER_GRACE);
        Ok(())
    }

    /// Whether no further attempt follows by itself and the message did not go through.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        let over = matches!(self.sending.phase, Phase::Accepted | Phase::Failed);
        over && self.status() == super::Status::Failed
    }

    /// When the next attempt follows by itself.
    #[must_use]
    pub fn next_attempt_at(&self) -> Option<Timestamp> {
        match self.sending.phase {
            Phase::Ready { at, .. } if !self.is_void() => Some(at),
            Phase::Ready { .. }
            | Phase::Calling { .. }
            | Phase::Unknown { .. }
            | Phase::Accepted
            | Phase::Failed
            | Phase::Cancelled => None,
        }
    }

    /// Whether a planned attempt must not be made any more: meanwhile the provider said that one went
    /// out. What it refused stays open to a retry that a person asked for.
    pub(super) fn is_void(&self) -> bool {
        self.facts.gone_out() && !self.facts.refused(self.sending.attempt)
    }
}

/// What several transitions share.
impl Message {
    fn fail(
        &mut self,
        attempt: AttemptNumber,
        origin: FailureOrigin,
        code: String,
        reason: String,
        at: Timestamp,
    ) {
        let failure = FailedFact {
            at,
            origin,
            code,
            reason,
        };
        self.facts.merge(Fact::Failed { attempt, failure });
    }

    fn not_sent(&mut self, code: String, reason: String, now: Timestamp) {
        self.fail(
            self.sending.attempt,
            FailureOrigin::Ourselves,
            code,
            reason,
            now,
        );
        if self.sending.retries < self.sending.policy.max {
            self.ready(now + self.wait(), true);
        } else {
            self.end(Phase::Failed);
        }
    }

    /// A rate limit costs no retry, but it must not go on for ever, and a message that a person typed
    /// does not come back by itself hours later (X6).
    fn defer(&mut self, until: Timestamp, now: Timestamp) {
        let wanted_at = self.scheduled_for.unwrap_or(self.created_at);
        if self.sending.policy == RetryPolicy::MANUAL || until > wanted_at + LONGEST_DEFERRAL {
            self.fail(
                self.sending.attempt,
                FailureOrigin::Ourselves,
                "RATE_LIMITED".into(),
                "The provider's rate limit was reached; the message was not sent. Send it again later."
                    .into(),
                now,
            );
            self.end(Phase::Failed);
        } else {
            self.ready(until, false);
        }
    }

    /// The policy's interval, later by up to a tenth so that a provider's bad minute does not come
    /// back as one wave. The tenth depends on message and attempt alone, so tests can tell it.
    fn wait(&self) -> SignedDuration {
        let seconds = i64::from(self.sending.policy.interval_minutes) * 60;
        let (_, low) = self.id.uuid().as_u64_pair();
        let share = i64::try_from((low ^ u64::from(self.sending.attempt)) % 100).unwrap_or(0);
        SignedDuration::from_secs(seconds + seconds * share / 1_000)
    }

    fn ready(&mut self, at: Timestamp, counts: bool) {
        self.sending.phase = Phase::Ready { at, counts };
        self.sending.due = Some(at);
    }

    fn doubt(&mut self, now: Timestamp) {
        self.sending.phase = Phase::Unknown { since: now };
        self.sending.due = Some(now + SETTLE);
    }

    pub(super) fn end(&mut self, phase: Phase) {
        self.sending.phase = phase;
        self.sending.due = None;
    }

    /// What the provider says ends every doubt, planned retry and conclusion of our own, whichever
    /// came first.
    fn settle(&mut self, now: Timestamp) -> bool {
        if self.settled() {
            self.sending.due = None;
        }
        let attempt = self.sending.attempt;
        if attempt == 0 {
            return false;
        }
        let facts = &self.facts;
        let refused = facts.refused(attempt);
        let end = match self.sending.phase {
            // It answered: the call is over, whatever a webhook said before.
            Phase::Calling { .. } if facts.accepted.contains_key(&attempt) || facts.reached() => {
                Phase::Accepted
            }
            Phase::Ready { .. } | Phase::Unknown { .. } | Phase::Failed
                if facts.reached() || facts.taken(attempt) =>
            {
                Phase::Accepted
            }
            Phase::Unknown { .. } if refused => Phase::Failed,
            // A retry that the policy planned because nobody knew better. One that a person asked for
            // after a failure stays.
            Phase::Ready { counts: true, .. } if refused || facts.gone_out() => Phase::Failed,
            Phase::Ready { .. }
            | Phase::Calling { .. }
            | Phase::Unknown { .. }
            | Phase::Accepted
            | Phase::Failed
            | Phase::Cancelled => return false,
        };
        self.end(end);
        if end == Phase::Accepted {
            self.sending.due = self.next_poll(now);
        }
        true
    }
}
