//! Proofs of payment: what was uploaded to forms, and what was kept.

use std::collections::BTreeMap;

use domain::{
    failure::StoreFailure,
    ports::{ProofFiles, UploadForm},
};
use jiff::Timestamp;

use super::{Link, MemoryStore};

impl ProofFiles for MemoryStore {
    /// The form says what its conditions are; the clock is no part of a store.
    async fn proof_form(
        &self,
        key: &str,
        mime: &str,
        most: u64,
    ) -> Result<UploadForm, StoreFailure> {
        self.run("proofs.form", |_| UploadForm {
            url: "https://files.example/".to_owned(),
            fields: BTreeMap::from([
                ("key".to_owned(), key.to_owned()),
                ("Content-Type".to_owned(), mime.to_owned()),
                ("most".to_owned(), most.to_string()),
            ]),
            expires_at: Timestamp::MAX,
        })
    }

    async fn proof_size(&self, key: &str) -> Result<Option<u64>, StoreFailure> {
        self.run("proofs.size", |s| {
            let file = s.files.get(key)?;
            Some(u64::try_from(file.len()).unwrap())
        })
    }

    async fn proof(&self, key: &str) -> Result<Option<Vec<u8>>, StoreFailure> {
        self.run("proofs.read", |s| s.files.get(key).cloned())
    }

    async fn keep_proof(&self, key: &str, bytes: Vec<u8>, _mime: &str) -> Result<(), StoreFailure> {
        self.run("proofs.keep", |s| {
            s.files.insert(key.to_owned(), bytes);
        })
    }

    async fn remove_proof(&self, key: &str) -> Result<(), StoreFailure> {
        self.run("proofs.remove", |s| {
            s.files.remove(key);
        })
    }

    async fn preview(&self, key: &str, filename: &str, mime: &str) -> Result<String, StoreFailure> {
        self.run("proofs.preview", |s| {
            s.links.push(Link {
                key: key.to_owned(),
                filename: filename.to_owned(),
                mime: mime.to_owned(),
            });
            format!("https://files.example/{key}?preview={}", s.links.len())
        })
    }
}
