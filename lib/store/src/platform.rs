//! The platform's own app at Meta: the one item that belongs to no tenant and leads to none. It holds
//! ciphertexts and hashes alone.

use domain::{
    channel::{PlatformApp, SealedSecret, SecretHash},
    failure::StoreFailure,
};
use serde::{Deserialize, Serialize};

use crate::{
    keys::platform,
    shape::{Blob, Item, When, corrupt, read, to_item},
    write::Write,
};

#[derive(Serialize, Deserialize)]
struct PlatformItem {
    sealed_secrets: Vec<Blob>,
    verify_tokens: Vec<Blob>,
    hint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<When>,
}

/// Writes the app, whatever was there.
pub(crate) fn put(operation: &'static str, app: &PlatformApp) -> Result<Write, StoreFailure> {
    let item = PlatformItem {
        sealed_secrets: app
            .sealed_secrets
            .iter()
            .map(|secret| Blob(secret.0.clone()))
            .collect(),
        verify_tokens: app
            .verify_tokens
            .iter()
            .map(|hash| Blob(hash.0.to_vec()))
            .collect(),
        hint: app.hint.clone(),
        changed: app.changed_at.map(When),
    };
    Ok(Write::put_shared(platform(), to_item(operation, &item)?))
}

/// Reads the app.
pub(crate) fn app(operation: &'static str, item: Item) -> Result<PlatformApp, StoreFailure> {
    let item: PlatformItem = read(operation, item)?;
    let hash = |Blob(bytes): Blob| bytes.try_into().map(SecretHash);
    let hashes: Result<Vec<SecretHash>, _> = item.verify_tokens.into_iter().map(hash).collect();
    let secrets = item.sealed_secrets.into_iter();
    Ok(PlatformApp {
        sealed_secrets: secrets.map(|Blob(bytes)| SealedSecret(bytes)).collect(),
        verify_tokens: hashes.map_err(|_| corrupt(operation))?,
        hint: item.hint,
        changed_at: item.changed.map(|When(at)| at),
    })
}
