//! Outside worlds that answer as they are told, and remember what they were asked.

mod files;
mod gate;
mod identities;
mod life;
mod partner;
mod paypal;
mod vault;

use std::{collections::VecDeque, sync::Mutex};

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    notice::Mail,
    ports::{Clock, HandOver, Lanes, Mailer, Pacer, Task},
};
use jiff::{SignedDuration, Timestamp};

pub use self::{
    files::{Asked, FakeFiles},
    gate::FakeGate,
    identities::{FakeIdentities, Identity},
    life::Life,
    partner::{AtWhapi, FakePartner, PARTNER_TOKEN, Trouble},
    paypal::{FakePayPal, PAYPAL_PROOF},
    vault::FakeVault,
};

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct FakeClock(Mutex<Timestamp>);

impl FakeClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn at(time: &str) -> Self {
        Self(Mutex::new(time.parse().unwrap()))
    }

    /// Moves it forward.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now += by;
    }

    /// Moves it to a time.
    pub fn set(&self, to: Timestamp) {
        *self.0.lock().unwrap() = to;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Lanes that only remember.
#[derive(Debug, Default)]
pub struct FakeLanes {
    queue: Mutex<VecDeque<HandOver>>,
    broken: Mutex<bool>,
}

impl FakeLanes {
    /// Whether hand-overs fail from now on.
    pub fn set_broken(&self, broken: bool) {
        *self.broken.lock().unwrap() = broken;
    }

    /// Takes the next task.
    pub fn take(&self) -> Option<Task> {
        self.queue.lock().unwrap().pop_front().map(|h| h.task)
    }

    /// Everything that waits.
    pub fn waiting(&self) -> Vec<HandOver> {
        self.queue.lock().unwrap().iter().cloned().collect()
    }
}

impl Lanes for FakeLanes {
    async fn hand_over(&self, hand_over: &HandOver) -> Result<(), StoreFailure> {
        if *self.broken.lock().unwrap() {
            return Err(StoreFailure::new(
                "lanes.hand_over",
                StoreFailureKind::Unavailable,
            ));
        }
        let mut queue = self.queue.lock().unwrap();
        if !queue.iter().any(|h| h.name == hand_over.name) {
            queue.push_back(hand_over.clone());
        }
        Ok(())
    }
}

/// A mail service that keeps what it is given.
#[derive(Debug, Default)]
pub struct FakeMailer {
    sent: Mutex<Vec<Mail>>,
    failing: Mutex<Option<StoreFailureKind>>,
}

impl FakeMailer {
    /// What was mailed.
    pub fn sent(&self) -> Vec<Mail> {
        self.sent.lock().unwrap().clone()
    }

    /// How it fails from now on.
    pub fn set_failing(&self, kind: Option<StoreFailureKind>) {
        *self.failing.lock().unwrap() = kind;
    }
}

impl Mailer for FakeMailer {
    async fn mail(&self, mail: &Mail) -> Result<(), StoreFailure> {
        if let Some(kind) = *self.failing.lock().unwrap() {
            return Err(StoreFailure::new("mail.send", kind));
        }
        self.sent.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

/// A pacer that remembers the turns it gave, and lets nobody wait.
#[derive(Debug, Default)]
pub struct FakePacer(Mutex<Vec<(String, u64)>>);

impl FakePacer {
    /// Who was given a turn, and the gap they keep in milliseconds.
    pub fn turns(&self) -> Vec<(String, u64)> {
        self.0.lock().unwrap().clone()
    }
}

impl Pacer for FakePacer {
    async fn turn(&self, who: &str, gap_millis: u64) {
        self.0.lock().unwrap().push((who.to_owned(), gap_millis));
    }
}
