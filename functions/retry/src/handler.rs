//! One record of a lane.

use ::files::S3Files;
use domain::{
    failure::AppFailure,
    service::{
        accept::Accept,
        attempt::Attempt,
        bulk::Expand,
        happening::Happening,
        lane::{Lane, Paced},
        linked::Linked,
        media::Copying,
        notify::Notify,
    },
};
use mail::SesMailer;
use providers::Transport;
use queue::{DeadLetters, SqsLanes};
use runtime::{
    batch::{Record, Work},
    time::{SystemClock, SystemPacer},
};
use store::Store;
use vault::KmsVault;

use crate::files::ProviderFiles;

/// What this function stands on.
pub struct App {
    pub store: Store,
    pub lanes: SqsLanes,
    pub dead_letters: DeadLetters,
    pub vault: KmsVault,
    pub gate: Transport,
    pub provider_files: ProviderFiles,
    pub files: S3Files,
    pub mailer: SesMailer,
    pub clock: SystemClock,
    pub pacer: SystemPacer,
}

impl Work for App {
    async fn handle(&self, record: &Record) -> Result<(), AppFailure> {
        let task = queue::decode(&record.body)
            .map_err(|bad| AppFailure::validation(bad.to_string(), Vec::new()))?;
        let gate = Linked {
            gate: &self.gate,
            files: &self.files,
        };
        let gate = Paced {
            gate: &gate,
            pacer: &self.pacer,
        };
        let lane = Lane {
            happening: Happening {
                accept: Accept {
                    store: &self.store,
                    lanes: &self.lanes,
                    clock: &self.clock,
                    adapters: providers::adapter,
                },
                documents: &self.provider_files,
                files: &self.files,
            },
            attempt: Attempt {
                store: &self.store,
                vault: &self.vault,
                gate: &gate,
                lanes: &self.lanes,
                clock: &self.clock,
                adapters: providers::adapter,
            },
            notify: Notify {
                store: &self.store,
                mailer: &self.mailer,
                clock: &self.clock,
            },
            expand: Expand {
                store: &self.store,
                lanes: &self.lanes,
                clock: &self.clock,
            },
            copying: Copying {
                store: &self.store,
                vault: &self.vault,
                gate: &gate,
                files: &self.provider_files,
                media: &self.files,
                clock: &self.clock,
                adapters: providers::adapter,
            },
        };
        Ok(lane.work(&task).await?)
    }

    /// A contact's messages one after the other, those of other contacts beside them: so a slow answer
    /// does not keep a lane below its channel's rate.
    fn lane(&self, record: &Record) -> String {
        format!("{}/{}", record.group(), queue::order(&record.body))
    }

    /// A record that cannot be understood, or that storage refuses for good, is put aside for people and
    /// acknowledged: in its lane it would block every later one. It is no one's only trace: the message
    /// or notice it names stays due and is found by the sweep.
    async fn park(&self, record: &Record, _failure: &AppFailure) -> Result<(), AppFailure> {
        let parked = self
            .dead_letters
            .park(&record.message_id, record.group(), &record.body);
        Ok(parked.await?)
    }
}
