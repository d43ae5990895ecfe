//! Calls the HTTP API of a local stack as any client would, and the sandbox's control plane.

use anyhow::{Context, Result, ensure};
use reqwest::{Client, Method};
use runtime::{env::Env, net::Net};
use serde_json::Value;

use crate::stack::Stack;

/// An HTTP client on the one TLS stack of this workspace.
///
/// # Errors
/// When it cannot be built.
pub fn http() -> Result<Client> {
    Ok(Net::from_env(&Env::given([]))?.provider_client()?)
}

/// An answer: its status, headers of interest and its JSON.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Idempotent-Replayed`.
    pub replayed: bool,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Link`, when the answer says that its route is deprecated.
    pub successor: Option<String>,
    /// The body; null when there is none.
    pub body: Value,
}

impl Answer {
    /// The answer's `data` after a success.
    ///
    /// # Errors
    /// When it was none.
    pub fn data(&self) -> Result<&Value> {
        ensure!(
            (200..300).contains(&self.status),
            "the API answered {}: {}",
            self.status,
            self.body
        );
        self.body.get("data").context("an answer without `data`")
    }
}

/// One user's way to the API.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    endpoint: String,
    host: String,
    token: Option<String>,
}

impl Api {
    /// The API of a stack, with a user's id token or without any.
    #[must_use]
    pub fn new(http: Client, stack: &Stack, token: Option<String>) -> Self {
        Self {
            http,
            endpoint: stack.emulator().endpoint(),
            host: stack.api_host(),
            token,
        }
    }

    /// The same with another token.
    #[must_use]
    pub fn with_token(&self, token: Option<String>) -> Self {
        Self {
            token,
            ..self.clone()
        }
    }

    /// `GET path`.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.call(Method::GET, path, &[], None).await
    }

    /// `POST path` with a JSON body.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.call(Method::POST, path, &[], Some(body.to_string()))
            .await
    }

    /// Any call.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Answer> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.endpoint))
            .header("host", &self.host);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            let typed = headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            if !typed {
                request = request.header("content-type", "application/json");
            }
            request = request.body(body);
        }
        let response = request.send().await.context("the API did not answer")?;
        let status = response.status().as_u16();
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let (replayed, etag) = (header("idempotent-replayed").is_some(), header("etag"));
        let successor = header("deprecation").and_then(|_true| header("link"));
        let text = response
            .text()
            .await
            .context("the API's answer broke off")?;
        Ok(Answer {
            status,
            replayed,
            etag,
            successor,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
        })
    }
}
