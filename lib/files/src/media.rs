//! Copies of inbound files, as the services ask for them.

use domain::{failure::StoreFailure, ports::MediaFiles};

use crate::{LINK_LIFE, S3Files, SHARE_LIFE};

impl MediaFiles for S3Files {
    async fn keep(&self, key: &str, bytes: Vec<u8>, mime: &str) -> Result<(), StoreFailure> {
        self.put_typed(key, bytes, mime).await
    }

    async fn share(&self, key: &str, mime: &str) -> Result<String, StoreFailure> {
        self.served(key, mime, SHARE_LIFE).await
    }

    /// The type is not asked for: whatever a stranger sent is saved, never shown.
    async fn link(&self, key: &str, filename: &str, _mime: &str) -> Result<String, StoreFailure> {
        self.link(key, filename, LINK_LIFE).await
    }
}
