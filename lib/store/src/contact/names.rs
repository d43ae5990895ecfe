//! What contacts are called, for lists that show many of them.

use std::collections::HashMap;

use domain::{failure::StoreFailure, ids::ContactId};

use super::{HOPS, Slot, slot};
use crate::{
    keys::contact_of,
    shape::corrupt,
    table::{Read, TenantTable, key_of},
};

const OPERATION: &str = "contacts.names";

impl TenantTable<'_> {
    /// Names by the ids asked for. Those of merged contacts are read where they lead, all together.
    pub(crate) async fn contact_names(
        &self,
        contacts: &[ContactId],
    ) -> Result<HashMap<ContactId, String>, StoreFailure> {
        let mut names = HashMap::new();
        // Whom each place was asked for.
        let mut wanted: HashMap<ContactId, Vec<ContactId>> = HashMap::new();
        for id in contacts {
            wanted.entry(*id).or_insert_with(|| vec![*id]);
        }
        for _ in 0..=HOPS {
            if wanted.is_empty() {
                break;
            }
            let ids: Vec<ContactId> = wanted.keys().copied().collect();
            let keys: Vec<_> = ids.iter().map(|id| self.keys().contact(*id)).collect();
            let mut further: HashMap<ContactId, Vec<ContactId>> = HashMap::new();
            for item in self.get_all(OPERATION, &keys, Read::Eventual).await? {
                let (pk, sk) = key_of(OPERATION, &item)?;
                let (_, place) = contact_of(&pk, &sk).ok_or_else(|| corrupt(OPERATION))?;
                let askers = wanted.remove(&place).unwrap_or_default();
                match slot(OPERATION, item)? {
                    Slot::Redirect(id) => further.entry(id).or_default().extend(askers),
                    Slot::Contact(contact) => {
                        let Some(name) = contact.name else { continue };
                        names.extend(askers.into_iter().map(|asker| (asker, name.clone())));
                    }
                }
            }
            wanted = further;
        }
        Ok(names)
    }
}
