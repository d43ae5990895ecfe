//! Looking up at the provider whether a message with an unknown outcome was sent.

use jiff::Timestamp;
use tracing::info;

use crate::{
    channel::{Channel, Secret},
    failure::StoreFailure,
    message::{Finding, Message, Payload, phase::LEASE},
    ports::{Gate, Pointed, Pointers},
    provider::{Adapter, Sighting},
    webhook::{Observed, Pointer},
};

/// Clocks of ours and the provider's may differ by this much.
const CLOCK_SLACK: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);

/// One look-up.
pub(super) struct Lookup<'a, S, G> {
    pub(super) store: &'a S,
    pub(super) gate: &'a G,
    pub(super) adapter: &'static dyn Adapter,
    pub(super) channel: Channel,
    pub(super) token: Secret,
    pub(super) payload: Payload,
}

/// What a look-up found, and what was already waiting under the id it found.
pub(super) struct LookedUp {
    pub(super) finding: Finding,
    pub(super) early: Vec<Observed>,
}

impl LookedUp {
    pub(super) const fn no_proof() -> Self {
        Self {
            finding: Finding::NoProof,
            early: Vec::new(),
        }
    }
}

impl<S: Pointers, G: Gate> Lookup<'_, S, G> {
    /// Lists own messages to the recipient since the attempt began, and takes the first with the same
    /// content that belongs to no other message.
    pub(super) async fn run(
        &self,
        message: &Message,
        doubt_since: Timestamp,
    ) -> Result<LookedUp, StoreFailure> {
        // Doubt begins at the latest when the lease ends, so the call began at most a lease earlier.
        let since = doubt_since - LEASE - CLOCK_SLACK;
        let Ok(request) = self.adapter.build_lookup(&self.channel, &message.to, since) else {
            return Ok(LookedUp::no_proof());
        };
        let answer = self
            .gate
            .exchange(&self.channel, &self.token, &request)
            .await
            .and_then(|response| {
                self.adapter
                    .read_lookup(&response, &self.payload.request, since)
            });
        let sightings = match answer {
            Ok(sightings) => sightings,
            Err(failure) => {
                info!(message.id = %message.id, error = %failure, "the look-up of `{}` proved nothing", message.id);
                return Ok(LookedUp::no_proof());
            }
        };
        let mut same: Vec<Sighting> = sightings
            .seen
            .into_iter()
            .filter(|s| s.same_content && s.at >= since)
            .collect();
        same.sort_by(|a, b| {
            a.at.cmp(&b.at)
                .then_with(|| a.provider_id.cmp(&b.provider_id))
        });
        let here = Pointer {
            message: message.id,
            attempt: message.sending.attempt,
        };
        for sighting in same {
            let pointed = self
                .store
                .point(message.tenant, message.channel, &sighting.provider_id, here)
                .await?;
            if pointed == Pointed::Here {
                let early = self
                    .store
                    .parked(message.tenant, message.channel, &sighting.provider_id)
                    .await?;
                return Ok(LookedUp {
                    finding: Finding::Found {
                        provider_id: sighting.provider_id,
                    },
                    early,
                });
            }
        }
        Ok(LookedUp {
            finding: if sightings.complete {
                Finding::Absent
            } else {
                Finding::NoProof
            },
            early: Vec::new(),
        })
    }
}
