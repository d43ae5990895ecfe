//! Items by key, a hundred to a request.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use aws_sdk_dynamodb::types::KeysAndAttributes;
use domain::failure::{StoreFailure, StoreFailureKind};

use crate::{
    TenantTable,
    keys::Key,
    list::Listed,
    retry::patiently,
    schema::{PK, SK},
    sdk::{failure, unbuilt},
    shape::{Item, text},
    table::{Read, key_of},
};

impl TenantTable<'_> {
    /// Items by key, in the order of the keys; those that are not there are left out.
    pub(crate) async fn get_all(
        &self,
        operation: &'static str,
        keys: &[Key],
        freshness: Read,
    ) -> Result<Vec<Item>, StoreFailure> {
        let mut found: HashMap<(String, String), Item> = HashMap::new();
        let mut wanted: Vec<&Key> = Vec::with_capacity(keys.len());
        let mut seen = HashSet::new();
        for key in keys {
            self.own(operation, key)?;
            if seen.insert(key) {
                wanted.push(key);
            }
        }
        // A hundred keys are the most that one request takes.
        for some in wanted.chunks(100) {
            for item in self.batch(operation, some, freshness).await? {
                found.insert(key_of(operation, &item)?, item);
            }
        }
        Ok(keys
            .iter()
            .filter_map(|key| found.get(&(key.pk.clone(), key.sk.clone())).cloned())
            .collect())
    }

    /// The items that entries of a list stand for, in their order. Reads that may lag come first, for
    /// they cost half; what an index shows already and they do not is then read for certain.
    pub(crate) async fn get_listed(
        &self,
        operation: &'static str,
        listed: &[Listed],
    ) -> Result<Vec<Item>, StoreFailure> {
        let keys: Vec<Key> = listed.iter().map(|entry| entry.key.clone()).collect();
        self.get_surely(operation, &keys).await
    }

    /// Items by key as [`TenantTable::get_listed`] reads them.
    pub(crate) async fn get_surely(
        &self,
        operation: &'static str,
        keys: &[Key],
    ) -> Result<Vec<Item>, StoreFailure> {
        let items = self.get_all(operation, keys, Read::Eventual).await?;
        if items.len() == keys.len() {
            return Ok(items);
        }
        let mut found: HashMap<(String, String), Item> = HashMap::new();
        for item in items {
            found.insert(key_of(operation, &item)?, item);
        }
        let place = |key: &Key| (key.pk.clone(), key.sk.clone());
        let missing: Vec<Key> = keys
            .iter()
            .filter(|key| !found.contains_key(&place(key)))
            .cloned()
            .collect();
        for item in self.get_all(operation, &missing, Read::Strong).await? {
            found.insert(key_of(operation, &item)?, item);
        }
        Ok(keys
            .iter()
            .filter_map(|key| found.get(&place(key)).cloned())
            .collect())
    }

    async fn batch(
        &self,
        operation: &'static str,
        keys: &[&Key],
        freshness: Read,
    ) -> Result<Vec<Item>, StoreFailure> {
        let request = |keys: Vec<Item>| {
            KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(freshness == Read::Strong)
                .build()
                .map_err(|cause| unbuilt(operation, &cause))
        };
        let all = keys
            .iter()
            .map(|key| {
                Item::from([
                    (PK.to_owned(), text(&key.pk)),
                    (SK.to_owned(), text(&key.sk)),
                ])
            })
            .collect();
        let rest = Mutex::new(request(all)?);
        let found = Mutex::new(Vec::new());
        // Keys that DynamoDB left for later are asked for again, with growing pauses.
        patiently(|| async {
            let now = lock(&rest).clone();
            let answer = self
                .store
                .client
                .batch_get_item()
                .request_items(&self.store.table, now)
                .send()
                .await
                .map_err(|cause| failure(operation, &cause))?;
            lock(&found).extend(answer.responses.into_iter().flatten().flat_map(|(_, i)| i));
            let left = answer
                .unprocessed_keys
                .unwrap_or_default()
                .remove(&self.store.table);
            match left {
                Some(left) if !left.keys.is_empty() => {
                    *lock(&rest) = left;
                    Err(StoreFailure::new(operation, StoreFailureKind::Throttled))
                }
                _ => Ok(()),
            }
        })
        .await?;
        Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
