//! Proofs of payment, as the services ask for them.

use domain::{
    failure::StoreFailure,
    ports::{Files, ProofFiles, UploadForm},
};
use rusty_s3::S3Action;

use crate::{LINK_LIFE, REQUEST_LIFE, S3Files, attachment, exchange, signing};

impl ProofFiles for S3Files {
    async fn proof_form(
        &self,
        key: &str,
        mime: &str,
        most: u64,
    ) -> Result<UploadForm, StoreFailure> {
        self.upload(key, mime, most).await
    }

    async fn proof_size(&self, key: &str) -> Result<Option<u64>, StoreFailure> {
        const SIZE: &str = "files.size";
        let credentials = self.credentials(SIZE).await?;
        let signing = signing(&credentials);
        let address = self.bucket.head_object(Some(&signing), key);
        exchange::size(SIZE, &self.http, self.signed(&address, REQUEST_LIFE)).await
    }

    async fn proof(&self, key: &str) -> Result<Option<Vec<u8>>, StoreFailure> {
        self.get(key).await
    }

    async fn keep_proof(&self, key: &str, bytes: Vec<u8>, mime: &str) -> Result<(), StoreFailure> {
        self.put_typed(key, bytes, mime).await
    }

    async fn remove_proof(&self, key: &str) -> Result<(), StoreFailure> {
        const REMOVE: &str = "files.remove";
        let credentials = self.credentials(REMOVE).await?;
        let signing = signing(&credentials);
        let address = self.bucket.delete_object(Some(&signing), key);
        exchange::remove(REMOVE, &self.http, self.signed(&address, REQUEST_LIFE)).await
    }

    /// Both headers are forced: whatever is stored beside the file, it is served as what its content was
    /// found to be.
    async fn preview(&self, key: &str, filename: &str, mime: &str) -> Result<String, StoreFailure> {
        const PREVIEW: &str = "files.preview";
        let credentials = self.credentials(PREVIEW).await?;
        let signing = signing(&credentials);
        let mut action = self.bucket.get_object(Some(&signing), key);
        let query = action.query_mut();
        query.insert("response-content-disposition", attachment::shown(filename));
        query.insert("response-content-type", mime);
        Ok(self.signed(&action, LINK_LIFE).into())
    }
}
