//! What a message waits for after its attempts: the sweep, and statuses that have to be asked for.

use jiff::{SignedDuration, Timestamp};

use super::{
    Message, Status,
    phase::{HAND_OVER_GRACE, POLLS, Phase, RECHECK, SETTLE, SweepAction},
};

impl Message {
    /// Whether asking the provider for the status of this message may tell something new: it was taken,
    /// and neither read nor failed.
    #[must_use]
    pub fn wants_poll(&self) -> bool {
        let asked = self
            .sending
            .polls
            .is_some_and(|n| usize::from(n) < POLLS.len());
        let open = matches!(self.status(), Status::Sent | Status::Delivered);
        asked && open && self.sending.phase == Phase::Accepted
    }

    /// Whether its next question may be asked yet: by now the plan has one more than were asked. A message
    /// that waits long in its lane is handed over more than once, and must not use its questions up.
    #[must_use]
    pub fn may_poll(&self, now: Timestamp) -> bool {
        let accepted = self.facts.accepted.get(&self.sending.attempt);
        let (Some(accepted), Some(asked)) = (accepted, self.sending.polls) else {
            return true;
        };
        let before = POLLS.iter().take(usize::from(asked) + 1).sum();
        accepted.at + SignedDuration::from_mins(before) <= now
    }

    /// The provider was asked for the status: the next time is planned. Answers whether anything
    /// changed.
    pub fn polled(&mut self, now: Timestamp) -> bool {
        let Some(asked) = self.sending.polls else {
            return false;
        };
        self.sending.polls = Some(asked.saturating_add(1));
        self.sending.due = self.next_poll(now);
        true
    }

    /// What a due message wants, and the due time it gets so that the next sweep leaves it alone
    /// unless this hand-over is lost as well.
    pub fn sweep(&mut self, now: Timestamp) -> SweepAction {
        self.lease_over(now);
        match self.sending.phase {
            Phase::Ready { .. } if self.is_void() => {
                self.end(Phase::Failed);
                SweepAction::Settled
            }
            Phase::Ready { at, .. } if at <= now => {
                self.sending.due = Some(now + HAND_OVER_GRACE + HAND_OVER_GRACE);
                SweepAction::HandOver
            }
            Phase::Ready { at, .. } => {
                self.sending.due = Some(at);
                SweepAction::Rescheduled
            }
            Phase::Calling { lease } => {
                self.sending.due = Some(lease);
                SweepAction::Rescheduled
            }
            Phase::Unknown { since } if now >= since + SETTLE => {
                self.sending.due = Some(now + RECHECK);
                SweepAction::HandOver
            }
            Phase::Unknown { since } => {
                self.sending.due = Some(since + SETTLE);
                SweepAction::Rescheduled
            }
            Phase::Accepted if self.wants_poll() => {
                self.sending.due = Some(now + RECHECK);
                SweepAction::HandOver
            }
            Phase::Accepted | Phase::Failed | Phase::Cancelled => {
                self.sending.due = None;
                SweepAction::Settled
            }
        }
    }

    /// Whether nothing more can be learnt by asking.
    pub(super) fn settled(&self) -> bool {
        let over = matches!(self.sending.phase, Phase::Accepted);
        over && self.sending.polls.is_some() && !self.wants_poll()
    }

    pub(super) fn next_poll(&self, now: Timestamp) -> Option<Timestamp> {
        let asked = self.sending.polls.filter(|_| self.wants_poll())?;
        let minutes = POLLS.get(usize::from(asked))?;
        Some(now + SignedDuration::from_mins(*minutes))
    }
}
