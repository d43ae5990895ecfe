//! Webhooks with any body and any signature.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    deliver::Hook,
    provider::{Party, Provider},
    raw::{RawAnswer, bytes},
    signing::{SIGNATURE, digest, signature},
    state::{Handle, Refusal},
};

/// How a raw webhook is signed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// As Meta does.
    #[default]
    Valid,
    /// Not at all.
    Missing,
    /// With a secret of somebody else's.
    Forged,
    /// Over the body serialised again, without Meta's escapes.
    Reserialised,
    /// Right, but in upper case.
    UpperCase,
    /// Right, but cut off in the middle.
    Short,
    /// Right, but without `sha256=`.
    Bare,
    /// Only the old `X-Hub-Signature: sha1=...`, which is not even right.
    Sha1Only,
    /// With an empty value.
    Empty,
}

/// A raw webhook to deliver as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetaRaw {
    /// An app, account or number: it decides on the address and the secret.
    pub id: String,
    /// A string is posted as its text, anything else as JSON in Meta's spelling.
    #[serde(default)]
    pub body: Value,
    /// The bytes in base64, in place of `body`: for what is no text.
    #[serde(default)]
    pub base64: Option<String>,
    /// How it is signed.
    #[serde(default)]
    pub signature: Signing,
    /// Header changes after signing; `null` removes one.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// Another address than the registered one.
    #[serde(default)]
    pub url: Option<String>,
    /// Tries; one when absent.
    #[serde(default)]
    pub tries: Option<u32>,
}

impl MetaRaw {
    /// A body, signed as it should be.
    #[must_use]
    pub fn new(id: &str, body: Value) -> Self {
        Self {
            id: id.into(),
            body,
            base64: None,
            signature: Signing::Valid,
            headers: BTreeMap::new(),
            url: None,
            tries: None,
        }
    }
}

impl Handle {
    /// Posts a raw body and returns what the first try was answered with.
    ///
    /// # Errors
    /// When nobody is registered by the id, there is no address, or the base64 is none.
    pub async fn meta_raw(&self, spec: MetaRaw) -> Result<RawAnswer, Refusal> {
        let party = Party::meta(&spec.id);
        let secret = {
            let memory = self.memory();
            let app = memory.business.app_of(&spec.id);
            app.ok_or_else(Refusal::channel)?.spec.app_secret.clone()
        };
        let body = match &spec.base64 {
            Some(text) => Bytes::from(
                BASE64_STANDARD
                    .decode(text)
                    .map_err(|problem| Refusal::Invalid(problem.to_string()))?,
            ),
            None => bytes(&party, &spec.body),
        };
        let mut hook = Hook::of("raw", None, body);
        hook.headers = signed(spec.signature, &secret, &hook.body);
        hook.headers.extend(spec.headers);
        hook.tries = Some(spec.tries.unwrap_or(1));
        hook.to = spec.url;
        self.post_raw(&party, &hook).await
    }
}

/// The changes that make a right signature into this one.
fn signed(signing: Signing, secret: &str, body: &[u8]) -> BTreeMap<String, Option<String>> {
    let right = signature(secret, body);
    let value = match signing {
        Signing::Valid => return BTreeMap::new(),
        Signing::Missing => None,
        Signing::Forged => Some(signature(&format!("{secret}-of-another"), body)),
        Signing::Reserialised => {
            let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
            Some(signature(secret, &bytes_again(&parsed)))
        }
        Signing::UpperCase => Some(right.to_uppercase().replace("SHA256", "sha256")),
        Signing::Short => Some(right.chars().take(40).collect()),
        Signing::Bare => Some(digest(secret, body)),
        Signing::Empty => Some(String::new()),
        Signing::Sha1Only => {
            let old: String = digest(secret, body).chars().take(40).collect();
            let old = ("x-hub-signature".to_owned(), Some(format!("sha1={old}")));
            return [old, (SIGNATURE.to_owned(), None)].into();
        }
    };
    [(SIGNATURE.to_owned(), value)].into()
}

/// JSON as other providers write it.
fn bytes_again(body: &Value) -> Bytes {
    bytes(&Party::at(Provider::Whapi, ""), body)
}
