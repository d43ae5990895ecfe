//! The clock on the wall, and turns by it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::ports::{Clock, Pacer};
use jiff::Timestamp;

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // Milliseconds are what keys and webhooks hold: a time that went through the store is the
        // time it was.
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

/// Gives turns by the system's clock. What it knows of a name is forgotten once its gap is over.
#[derive(Debug, Default)]
pub struct SystemPacer {
    next: Mutex<HashMap<String, Instant>>,
}

impl SystemPacer {
    /// When the next turn of a name is; takes it.
    fn take(&self, who: &str, gap: Duration) -> Instant {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.retain(|_, at| *at > now);
        let turn = next.get(who).copied().unwrap_or(now);
        next.insert(who.to_owned(), turn + gap);
        turn
    }
}

impl Pacer for SystemPacer {
    async fn turn(&self, who: &str, gap_millis: u64) {
        let turn = self.take(who, Duration::from_millis(gap_millis));
        tokio::time::sleep_until(turn.into()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_of_one_name_are_a_gap_apart_and_names_do_not_wait_for_each_other() {
        let pacer = SystemPacer::default();
        let gap = Duration::from_secs(3_600);
        let first = pacer.take("a", gap);
        assert_eq!(pacer.take("a", gap), first + gap);
        assert_eq!(pacer.take("a", gap), first + gap * 2);
        assert!(pacer.take("b", gap) < first + gap);
    }

    #[test]
    fn a_name_that_waited_long_enough_goes_at_once() {
        let pacer = SystemPacer::default();
        pacer.take("a", Duration::ZERO);
        let now = Instant::now();
        assert!(pacer.take("a", Duration::ZERO) >= now);
        assert_eq!(pacer.next.lock().unwrap().len(), 1);
    }
}
