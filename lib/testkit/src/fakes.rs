//! Outside worlds that answer as they are told, and remember what they were asked.

use std::{collections::VecDeque, sync::Mutex};

use domain::{
    channel::{Channel, Secret},
    failure::{ProviderFailure, StoreFailure, StoreFailureKind},
    ids::{ChannelId, TenantId},
    notice::Mail,
    ports::{Clock, Gate, HandOver, Lanes, Mailer, Pacer, Task, Vault},
    provider::{WireRequest, WireResponse},
};
use jiff::{SignedDuration, Timestamp};

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
#[derive(Debug, std::default::Default)]
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

/// A vault whose tokens name their channel.
#[derive(Debug, std::default::Default)]
pub struct FakeVault;

impl FakeVault {
    /// The token of a channel.
    #[must_use]
    pub fn token_of(tenant: TenantId, channel: ChannelId) -> String {
        format!("token-{}-{}", tenant.key(), channel.key())
    }
}

impl Vault for FakeVault {
    async fn token(&self, channel: &Channel) -> Result<Secret, StoreFailure> {
        Ok(Self::token_of(channel.tenant, channel.id).into())
    }
}

/// What a provider answers to a request, and to the how-manieth.
type Default =
    Box<dyn Fn(&WireRequest, usize) -> Result<WireResponse, ProviderFailure> + Send + Sync>;

/// A provider that answers from a script, then with a default.
pub struct FakeGate {
    script: Mutex<VecDeque<Result<WireResponse, ProviderFailure>>>,
    sent: Mutex<Vec<(ChannelId, WireRequest)>>,
    default: Default,
}

impl std::fmt::Debug for FakeGate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeGate")
    }
}

impl FakeGate {
    /// Answers everything outside the script with this.
    pub fn answering(
        default: impl Fn(&WireRequest, usize) -> Result<WireResponse, ProviderFailure>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            script: Mutex::new(std::default::Default::default()),
            sent: Mutex::new(std::default::Default::default()),
            default: Box::new(default),
        }
    }

    /// Puts an answer at the end of the script.
    pub fn next(&self, answer: Result<WireResponse, ProviderFailure>) {
        self.script.lock().unwrap().push_back(answer);
    }

    /// Everything that was asked, in order.
    pub fn sent(&self) -> Vec<(ChannelId, WireRequest)> {
        self.sent.lock().unwrap().clone()
    }
}

impl Gate for FakeGate {
    async fn exchange(
        &self,
        channel: &Channel,
        _token: &Secret,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        let count = {
            let mut sent = self.sent.lock().unwrap();
            sent.push((channel.id, request.clone()));
            sent.len()
        };
        let scripted = self.script.lock().unwrap().pop_front();
        scripted.unwrap_or_else(|| (self.default)(request, count))
    }
}

/// A mail service that keeps what it is given.
#[derive(Debug, std::default::Default)]
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
#[derive(Debug, std::default::Default)]
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
