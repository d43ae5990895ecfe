//! A provider that answers from a script.

use std::{collections::VecDeque, sync::Mutex};

use domain::{
    channel::{Channel, Secret},
    failure::ProviderFailure,
    ids::ChannelId,
    ports::Gate,
    provider::{WireRequest, WireResponse},
};

/// What a provider answers to a request, and to the how-manieth.
type Answers =
    Box<dyn Fn(&WireRequest, usize) -> Result<WireResponse, ProviderFailure> + Send + Sync>;

/// A provider that answers from a script, then with a default.
pub struct FakeGate {
    script: Mutex<VecDeque<Result<WireResponse, ProviderFailure>>>,
    sent: Mutex<Vec<(ChannelId, WireRequest)>>,
    default: Answers,
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
            script: Mutex::new(Default::default()),
            sent: Mutex::new(Default::default()),
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
