//! What the schedule and the lanes do.

use domain::{
    failure::{AppFailure, StoreFailure},
    ports::{Clock, Task},
    service::{
        attempt::Attempt,
        bulk::Expand,
        happening::Happening,
        lane::{Lane, Paced},
        linked::Linked,
        managed::Round,
        media::Copying,
        notify::Notify,
        sweep::{Sweep, Swept},
    },
};
use jiff::SignedDuration;

use super::World;

/// Tasks worked in one go; more would be a loop.
const MOST_TASKS: u32 = 500;

impl World {
    /// The schedule of channels, once.
    pub async fn managed_due(&self) -> Result<Round, AppFailure> {
        let until = self.clock.now() + SignedDuration::from_mins(4);
        self.managed().work_due(until).await
    }

    pub async fn sweep(&self) -> Result<Swept, StoreFailure> {
        let sweep = Sweep {
            store: &self.store,
            lanes: &self.lanes,
            ingest: self.ingest(),
            clock: &self.clock,
        };
        sweep.run().await
    }

    /// Does everything that waits in the lanes; what fails comes again by its due time.
    pub async fn drain(&self) {
        for _ in 0..MOST_TASKS {
            let Some(task) = self.lanes.inner().take() else {
                return;
            };
            if let Task::Notice(key) = &task {
                self.notices.lock().unwrap().push(key.clone());
            }
            self.work(&task).await;
        }
        panic!("the lanes never end");
    }

    /// Works one task, as `functions/retry` does; what fails comes again by its due time.
    pub async fn work(&self, task: &Task) {
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
                accept: self.accept(),
                documents: &self.shelf,
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
                files: &self.shelf,
                media: &self.files,
                clock: &self.clock,
                adapters: providers::adapter,
            },
        };
        let _ = lane.work(task).await;
    }
}
