//! Copies of inbound files, and the links that were asked for.

use domain::{failure::StoreFailure, ports::MediaFiles};

use super::MemoryStore;

/// A copy of an inbound file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The type it was stored under.
    pub mime: String,
}

/// A link that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// To which file.
    pub key: String,
    /// The name it is saved under.
    pub filename: String,
    /// The type it is served as.
    pub mime: String,
}

impl MediaFiles for MemoryStore {
    async fn keep(&self, key: &str, bytes: Vec<u8>, mime: &str) -> Result<(), StoreFailure> {
        self.run("media.keep", |s| {
            let mime = mime.to_owned();
            s.media.insert(key.to_owned(), KeptFile { bytes, mime });
        })
    }

    async fn share(&self, key: &str, mime: &str) -> Result<String, StoreFailure> {
        self.run("media.share", |s| {
            s.links.push(Link {
                key: key.to_owned(),
                filename: String::new(),
                mime: mime.to_owned(),
            });
            format!("https://files.example/{key}?share={}", s.links.len())
        })
    }

    /// As with S3, a link to what is not there is made all the same.
    async fn link(&self, key: &str, filename: &str, mime: &str) -> Result<String, StoreFailure> {
        self.run("media.link", |s| {
            s.links.push(Link {
                key: key.to_owned(),
                filename: filename.to_owned(),
                mime: mime.to_owned(),
            });
            format!("https://files.example/{key}?link={}", s.links.len())
        })
    }
}
