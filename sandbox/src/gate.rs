//! The providers' gates: receiving a request, having it processed, and answering or not.
//!
//! `gate` journals a request and gives the answer or withholds it; `process` decides on the
//! answer. Processing runs beside the connection, so that a caller who gives up does not
//! undo what the provider has already read.

use std::{collections::HashMap, time::Duration};

use axum::{
    Router,
    body::to_bytes,
    extract::{ConnectInfo, Query, Request, State},
    response::Response,
    routing::any,
};
use bytes::Bytes;
use http::{HeaderMap, header};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    answer::Answer,
    connection::Cut,
    dialect::Dialect,
    fault_book::Subject,
    faults::{BodyShape, Fault, Moment},
    journal::{Outcome, RequestEntry, mask, masked_headers, masked_text, readable},
    m360, meta, paypal,
    provider::Provider,
    state::Handle,
    whapi,
};

/// The largest request body that is read.
const BODY_LIMIT: usize = 20 * 1024 * 1024;

/// `paths`, answered as `provider` does.
pub(crate) fn routes(provider: Provider, paths: &[&str]) -> Router<Handle> {
    let served = any(move |state, cut, request| gate(provider, state, cut, request));
    let add = |router: Router<Handle>, path: &&str| router.route(path, served.clone());
    paths.iter().fold(Router::new(), add)
}

/// A request that has been read completely.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: HashMap<String, String>,
    pub(crate) host: String,
    pub(crate) content_type: String,
    /// The token of an `Authorization: Bearer` header.
    pub(crate) bearer: Option<String>,
    /// The credential of an `Authorization: Basic` header, decoded by nobody yet.
    pub(crate) basic: Option<String>,
    /// All headers.
    pub(crate) headers: HeaderMap,
    /// As JSON or text; none when it is too large.
    pub(crate) body: Option<Value>,
    /// The same before anything was read of it.
    pub(crate) bytes: Bytes,
}

impl Incoming {
    /// The path's segments.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').skip(1).collect()
    }

    /// Whom the request says it concerns, known or not.
    fn key(&self, provider: Provider) -> Option<String> {
        match provider {
            Provider::Whapi | Provider::WhapiManager => self.bearer.clone(),
            Provider::Meta => meta::addressed(self),
            Provider::Messenger360 => m360::key(self),
            Provider::PayPal => paypal::key(self),
        }
    }

    /// What must not be shown.
    fn secret(&self, provider: Provider) -> Option<String> {
        match provider {
            Provider::Whapi | Provider::WhapiManager | Provider::Meta => self.bearer.clone(),
            Provider::Messenger360 => m360::key(self),
            Provider::PayPal => self.bearer.clone().or_else(|| self.basic.clone()),
        }
    }
}

/// Receives a request, has it processed, and answers it or does not.
async fn gate(
    provider: Provider,
    State(handle): State<Handle>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let text = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let content_type = text(header::CONTENT_TYPE).unwrap_or_default().to_owned();
    let bytes = to_bytes(body, BODY_LIMIT).await.ok();
    let body = match (bytes.clone(), provider) {
        (None, _) => None,
        (
            Some(bytes),
            Provider::Whapi | Provider::WhapiManager | Provider::Meta | Provider::PayPal,
        ) => Some(readable(&bytes)),
        (Some(bytes), Provider::Messenger360) => Some(m360::fields(&content_type, bytes).await),
    };
    let incoming = Incoming {
        method: parts.method.to_string(),
        path: percent_decoded(parts.uri.path()),
        query: Query::try_from_uri(&parts.uri)
            .map(|Query(query)| query)
            .unwrap_or_default(),
        host: text(header::HOST).unwrap_or_default().to_owned(),
        content_type,
        bearer: credential(&parts.headers, "bearer"),
        basic: credential(&parts.headers, "basic"),
        headers: parts.headers.clone(),
        body,
        bytes: bytes.unwrap_or_default(),
    };
    let id = journal(
        &handle,
        provider,
        &incoming,
        parts.uri.query(),
        &parts.headers,
    );
    let mut caller = Caller {
        handle: handle.clone(),
        id,
        served: false,
    };
    let answer = match tokio::spawn(process(handle, provider, incoming)).await {
        Ok(answer) => answer,
        Err(error) => Answer::bytes(500, "text/plain", error.to_string()),
    };
    match answer {
        Answer::Http(response) => {
            caller.note(Some(response.status().as_u16()), Outcome::Answered);
            caller.served = true;
            *response
        }
        Answer::Hold { ms } => {
            caller.note(None, Outcome::Withheld);
            sleep(Duration::from_millis(ms)).await;
            cut.cut();
            caller.served = true;
            Response::default()
        }
        Answer::Cut => {
            caller.note(None, Outcome::Reset);
            cut.cut();
            caller.served = true;
            Response::default()
        }
    }
}

/// The caller of one request. Dropped unserved, it has left.
struct Caller {
    handle: Handle,
    id: u64,
    served: bool,
}

impl Caller {
    fn note(&self, status: Option<u16>, outcome: Outcome) {
        if let Some(entry) = self.handle.memory().requests.get_mut(self.id) {
            entry.status = status;
            entry.outcome = outcome;
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        if self.served {
            return;
        }
        if let Some(entry) = self.handle.memory().requests.get_mut(self.id) {
            entry.client_gone = true;
        }
    }
}

fn journal(
    handle: &Handle,
    provider: Provider,
    incoming: &Incoming,
    query: Option<&str>,
    headers: &HeaderMap,
) -> u64 {
    let secret = incoming.secret(provider);
    let secret = secret.as_deref();
    let in_query = ["token", "access_token"].map(|name| incoming.query.get(name));
    let query = query.map(|query| {
        let masked = masked_text(query, secret);
        let mask = |text: String, token: Option<&String>| masked_text(&text, token.map(|t| &**t));
        in_query.into_iter().fold(masked, mask)
    });
    let entry = |id| RequestEntry {
        id,
        at: Timestamp::now(),
        provider,
        token: secret.map(mask),
        key: incoming.key(provider),
        method: incoming.method.clone(),
        path: masked_text(&incoming.path, secret),
        query,
        headers: masked_headers(headers, secret),
        body: incoming.body.clone().unwrap_or_default(),
        status: None,
        outcome: Outcome::Pending,
        client_gone: false,
    };
    handle.memory().requests.add(entry)
}

/// What an `Authorization` header of this scheme holds.
fn credential(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case(wanted)
        .then(|| token.trim().to_owned())
}

async fn process(handle: Handle, provider: Provider, incoming: Incoming) -> Answer {
    let admitted = match provider {
        Provider::Whapi => whapi::admit(&handle, &incoming),
        Provider::WhapiManager => whapi::partner::admit(&handle, &incoming),
        Provider::Meta => meta::admit(&handle, &incoming),
        Provider::Messenger360 => m360::admit(&handle, &incoming),
        Provider::PayPal => paypal::admit(&handle, &incoming),
    };
    let subject = match admitted {
        Ok(subject) => subject,
        Err(refusal) => return refusal,
    };
    let Some(body) = &incoming.body else {
        let message = "Request body too large";
        return subject.dialect.error(413, BodyShape::Nested, Some(message));
    };
    let fault = |moment| handle.memory().faults.take(moment, &subject);
    if let Some(Fault::Latency { ms }) = fault(Moment::Arrival) {
        sleep(Duration::from_millis(ms)).await;
    }
    if let Some(fault) = fault(Moment::BeforeAccept) {
        return Answer::refusing(subject.dialect, fault);
    }
    let answer = match provider {
        Provider::Whapi => whapi::perform(&handle, &subject, &incoming, body).await,
        Provider::WhapiManager => whapi::partner::perform(&handle, &subject, &incoming, body),
        Provider::Meta => meta::perform(&handle, &subject, &incoming, body).await,
        Provider::Messenger360 => m360::perform(&handle, &subject, &incoming, body).await,
        Provider::PayPal => paypal::perform(&handle, &subject, &incoming, body),
    };
    if subject.is_send {
        return answer;
    }
    match fault(Moment::Answer) {
        Some(_) => Answer::garbage(200),
        None => answer,
    }
}

impl Subject {
    /// What a request is compared with.
    pub(crate) fn of(incoming: &Incoming, dialect: Dialect, key: &str) -> Self {
        Self {
            token: key.into(),
            dialect,
            path: incoming.path.clone(),
            method: incoming.method.clone(),
            ..Self::default()
        }
    }
}

/// A path with its percent escapes resolved; broken ones stay as they are.
fn percent_decoded(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn escapes_in_a_path_are_resolved() {
        for (path, wanted) in [
            (
                "/messages/list/97300000001%40s.whatsapp.net",
                "/messages/list/97300000001@s.whatsapp.net",
            ),
            ("/a%2", "/a%2"),
            ("/a%zz", "/a%zz"),
            ("/%61", "/a"),
        ] {
            assert_eq!(percent_decoded(path), wanted);
        }
    }
}
