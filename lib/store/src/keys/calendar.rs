//! Keys of a company's calendar: its festivals, and the work of its days.

use domain::ids::FestivalId;

use super::{Key, Place, TenantKeys, order};

impl TenantKeys {
    /// A festival.
    pub(crate) fn festival(self, id: FestivalId) -> Key {
        self.key(&format!("#F#{}", id.key()), "F")
    }

    /// A festival's place among the tenant's, by name.
    pub(crate) fn festivals(self, name: &str, id: FestivalId) -> Place {
        Place {
            partition: self.all_festivals(),
            sort: format!("{}#{}", order::name(&name.to_lowercase()), id.key()),
        }
    }

    /// The tenant's festivals.
    pub(crate) fn all_festivals(self) -> String {
        format!("{}#F", self.prefix())
    }

    /// The work of the tenant's days.
    pub(crate) fn day_work(self) -> Key {
        self.key("#D", "D")
    }
}
