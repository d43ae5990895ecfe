//! Files that show what was paid.

use std::{collections::BTreeMap, fmt, future::Future};

use jiff::Timestamp;

use crate::failure::StoreFailure;

/// Where a file goes. Whoever has it may put this one file: never log it.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadForm {
    /// The address to post the form to.
    pub url: String,
    /// Its fields, which come before the file.
    pub fields: BTreeMap<String, String>,
    /// Until when it is taken.
    pub expires_at: Timestamp,
}

impl fmt::Debug for UploadForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UploadForm(until {})", self.expires_at)
    }
}

/// Proofs of payment: uploaded by strangers to a place of their own, and kept elsewhere once they were
/// looked at.
pub trait ProofFiles: Send + Sync {
    /// A form that takes one file of exactly this key and type, of 1 to `most` bytes, for a few minutes.
    fn proof_form(
        &self,
        key: &str,
        mime: &str,
        most: u64,
    ) -> impl Future<Output = Result<UploadForm, StoreFailure>> + Send;

    /// How many bytes a file has; none when there is none.
    fn proof_size(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<u64>, StoreFailure>> + Send;

    /// A file; none when there is none.
    fn proof(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreFailure>> + Send;

    /// Keeps a file as this type.
    fn keep_proof(
        &self,
        key: &str,
        bytes: Vec<u8>,
        mime: &str,
    ) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Removes a file; one that is not there is fine.
    fn remove_proof(&self, key: &str) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// A link that shows the file as this type for a few minutes. It is a secret: never log it.
    fn preview(
        &self,
        key: &str,
        filename: &str,
        mime: &str,
    ) -> impl Future<Output = Result<String, StoreFailure>> + Send;
}
