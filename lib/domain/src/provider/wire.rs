//! Requests to a provider and its answers, as data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{channel::AuthStatus, phone::PhoneNumber, template::ListedTemplate};

/// A provider request as data: stored as the exact payload, then sent. Holds no secret: the
/// transport adds the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireRequest {
    /// How.
    pub method: Method,
    /// Path below the provider's base URL, query included. [`WireRequest::KEY`] in it stands for the
    /// token, where [`Credential::Path`] says so.
    pub path: String,
    /// The body; an object of texts when it goes out as a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// How the body is written.
    #[serde(default, skip_serializing_if = "Encoding::is_json")]
    pub encoding: Encoding,
    /// Where the token goes.
    #[serde(default, skip_serializing_if = "Credential::is_bearer")]
    pub credential: Credential,
}

impl WireRequest {
    /// The placeholder of the token in a path.
    pub const KEY: &str = "{key}";

    /// A GET with a bearer token.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            body: None,
            encoding: Encoding::Json,
            credential: Credential::Bearer,
        }
    }

    /// A POST of JSON with a bearer token.
    #[must_use]
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self {
            method: Method::Post,
            path: path.into(),
            body: Some(body),
            encoding: Encoding::Json,
            credential: Credential::Bearer,
        }
    }

    /// The same by another method.
    #[must_use]
    pub const fn by(mut self, method: Method) -> Self {
        self.method = method;
        self
    }
}

/// How a request's body is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

impl Encoding {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde's skip_serializing_if passes a reference"
    )]
    fn is_json(&self) -> bool {
        *self == Self::Json
    }
}

/// Where the transport puts a channel's token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// `Authorization: Bearer`.
    #[default]
    Bearer,
    /// In the path, in place of [`WireRequest::KEY`] (360Messenger v1; X23).
    Path,
}

impl Credential {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde's skip_serializing_if passes a reference"
    )]
    fn is_bearer(&self) -> bool {
        *self == Self::Bearer
    }
}

/// HTTP method of a provider request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Sends.
    Post,
    /// Makes.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

/// A provider's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireResponse {
    /// HTTP status.
    pub status: u16,
    /// Seconds of a `Retry-After` header, if any.
    pub retry_after_seconds: Option<u64>,
    /// Raw body, at most what the transport allows.
    pub body: Vec<u8>,
}

/// What a provider said to a send it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What it calls the message; missing when it did not say.
    pub provider_id: Option<String>,
}

/// A message as the provider's own list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// What the provider calls it.
    pub provider_id: String,
    /// The provider's time.
    pub at: Timestamp,
    /// Whether its content is that of the message looked for.
    pub same_content: bool,
}

/// A look-up's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sightings {
    /// Own messages to the recipient, as far as the answer goes.
    pub seen: Vec<Sighting>,
    /// Whether the answer reaches back before the moment asked for, so that absence means something.
    pub complete: bool,
}

/// What a provider says of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Whether it can send; none when the answer does not say.
    pub auth: Option<AuthStatus>,
    /// The number it sends from, if shown.
    pub phone: Option<PhoneNumber>,
    /// The provider's word for its state, and what it means for people.
    pub word: String,
}

/// A page of a provider's templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplatePage {
    /// The templates.
    pub items: Vec<ListedTemplate>,
    /// How many could not be read.
    pub unreadable: u32,
    /// Where the next page begins; none at the end of the list.
    pub next: Option<String>,
}

/// The next step on the way to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaStep {
    /// Ask the provider where it is.
    Ask(WireRequest),
    /// Fetch it.
    Fetch(MediaPlace),
}

/// Where the bytes of a file are.
#[derive(Clone, PartialEq, Eq)]
pub enum MediaPlace {
    /// Below the provider's base URL, with the channel's token.
    Path(String),
    /// Anywhere; the token goes along only to hosts of the provider.
    Url(String),
}

impl std::fmt::Debug for MediaPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Links to files work for whoever has them.
        f.write_str("MediaPlace(…)")
    }
}
