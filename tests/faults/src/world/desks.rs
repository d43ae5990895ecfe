//! The services over a world's ports.

use domain::service::{
    accept::Accept, attempt::Attempt, change::Change, ingest::Ingest, managed::ManagedDesk,
};
use store::Store;
use testkit::{
    fakes::{FakeClock, FakeLanes, FakeVault},
    memory::MemoryStore,
};

use super::World;
use crate::{
    manager::{self, Manager},
    points::Watched,
    provider::Provider,
};

/// Channels that the platform pays for, in a world.
type Managed<'w> =
    ManagedDesk<'w, Store, Watched<FakeVault>, Watched<Manager>, manager::Book, FakeClock>;

impl World {
    pub fn accept(&self) -> Accept<'_, Store, Watched<FakeLanes>, FakeClock> {
        Accept {
            store: &self.store,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    pub fn attempt(
        &self,
    ) -> Attempt<'_, Store, Watched<FakeVault>, Watched<Provider>, Watched<FakeLanes>, FakeClock>
    {
        Attempt {
            store: &self.store,
            vault: &self.vault,
            gate: &self.gate,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    /// Channels that the platform pays for.
    pub fn managed(&self) -> Managed<'_> {
        ManagedDesk {
            store: &self.store,
            vault: &self.vault,
            partner: &self.manager,
            access: manager::Book,
            clock: &self.clock,
            hooks: manager::HOOKS,
            fresh: manager::fresh,
        }
    }

    pub fn change(&self) -> Change<'_, Store, FakeClock> {
        Change {
            store: &self.store,
            clock: &self.clock,
        }
    }

    pub(super) fn ingest(
        &self,
    ) -> Ingest<'_, Store, Watched<MemoryStore>, Watched<FakeLanes>, FakeClock> {
        Ingest {
            store: &self.store,
            files: &self.files,
            lanes: &self.lanes,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }
}
