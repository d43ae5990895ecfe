//! The search index: an item for every word of every name, written by the projector. It may lag, and
//! whoever searches looks at the contacts themselves.

use domain::{
    failure::StoreFailure,
    ids::{ContactId, TenantId},
    ports::SearchIndex,
};
use futures::future::try_join_all;
use serde::Serialize;

use crate::{Store, shape::Row, write::Write};

/// A word's key says everything.
#[derive(Serialize)]
struct WordItem {}

impl SearchIndex for Store {
    async fn index_contact(
        &self,
        tenant: TenantId,
        contact: ContactId,
        words: &[String],
        stale: &[String],
    ) -> Result<(), StoreFailure> {
        const OPERATION: &str = "search.index";
        let table = self.tenant(tenant);
        let keys = table.keys();
        let mut writes = Vec::with_capacity(words.len() + stale.len());
        // A word that is both is one that leads to the contact.
        let gone = stale.iter().filter(|word| !words.contains(word));
        for word in gone.filter(|word| !word.is_empty()) {
            writes.push(Write::delete(keys.word(word, contact)));
        }
        for word in words.iter().filter(|word| !word.is_empty()) {
            let row = Row::new(OPERATION, keys.word(word, contact), &WordItem {})?;
            writes.push(Write::put(row));
        }
        try_join_all(writes.iter().map(|write| table.write(OPERATION, write)))
            .await
            .map(drop)
    }
}
