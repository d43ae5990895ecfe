//! WHAPI's gate: a bearer channel token in, WHAPI's shapes and errors out.
//!
//! `gate` journals a request and gives the answer or withholds it; `process` decides
//! on the answer. Processing runs beside the connection, so that a caller who gives up
//! does not undo what the provider has already read. Not covered: multipart bodies,
//! `?token=` authorization, webhook modes other than `body`, and every path that is not
//! in `route`.

mod account;
mod answer;
mod behaviour;
mod inbound;
mod interactive;
mod lookup;
mod orders;
mod send;
mod validate;
mod wire;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

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
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    connection::Cut,
    fault_book::Subject,
    faults::{Fault, Moment},
    journal::{Outcome, RequestEntry, mask, masked_headers, masked_text, readable},
    state::Handle,
};
use answer::Answer;
pub use orders::{ButtonRef, Caused, HealthSpec, InboundSpec, PressAs, PressSpec, StatusSpec};

/// The largest request body that is read.
const BODY_LIMIT: usize = 20 * 1024 * 1024;

pub(crate) fn routes() -> Router<Handle> {
    let paths = [
        "/messages/{*rest}",
        "/statuses/{*rest}",
        "/users/{*rest}",
        "/settings",
        "/settings/{*rest}",
        "/health",
    ];
    let add = |router: Router<Handle>, path| router.route(path, any(gate));
    paths.into_iter().fold(Router::new(), add)
}

/// A request that has been read completely.
#[derive(Clone, Debug)]
struct Incoming {
    method: String,
    path: String,
    query: HashMap<String, String>,
    token: Option<String>,
    body: Option<Bytes>,
}

/// Receives a request, has it processed, and answers it or does not.
async fn gate(
    State(handle): State<Handle>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.ok();
    let token = bearer(&parts.headers);
    let incoming = Incoming {
        method: parts.method.to_string(),
        path: wire::percent_decoded(parts.uri.path()),
        query: Query::try_from_uri(&parts.uri)
            .map(|Query(query)| query)
            .unwrap_or_default(),
        token: token.clone(),
        body,
    };
    let headers = masked_headers(&parts.headers, token.as_deref());
    let id = journal(&handle, &incoming, parts.uri.query(), headers);
    let mut caller = Caller {
        handle: handle.clone(),
        id,
        served: false,
    };
    let answer = match tokio::spawn(process(handle, incoming)).await {
        Ok(answer) => answer,
        Err(error) => Answer::error(500, &error.to_string()),
    };
    match answer {
        Answer::Http(response) => {
            caller.note(Some(response.status().as_u16()), Outcome::Answered);
            caller.served = true;
            response
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
    incoming: &Incoming,
    query: Option<&str>,
    headers: BTreeMap<String, String>,
) -> u64 {
    let in_query = incoming.query.get("token").map(String::as_str);
    let query =
        query.map(|query| masked_text(&masked_text(query, in_query), incoming.token.as_deref()));
    let entry = |id| RequestEntry {
        id,
        at: Timestamp::now(),
        token: incoming.token.as_deref().map(mask),
        full_token: incoming.token.clone(),
        method: incoming.method.clone(),
        path: incoming.path.clone(),
        query,
        headers,
        body: readable(incoming.body.as_deref().unwrap_or_default()),
        status: None,
        outcome: Outcome::Pending,
        client_gone: false,
    };
    handle.memory().requests.add(entry)
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

async fn process(handle: Handle, incoming: Incoming) -> Answer {
    let Some(token) = incoming
        .token
        .clone()
        .filter(|token| handle.known(token).is_ok())
    else {
        return Answer::error(401, "Unauthorized: channel token is missing or unknown");
    };
    let Some(bytes) = &incoming.body else {
        return Answer::error(413, "Request body too large");
    };
    let body = readable(bytes);
    let subject = Subject {
        token: token.clone(),
        path: incoming.path.clone(),
        method: incoming.method.clone(),
        to: body
            .get("to")
            .and_then(Value::as_str)
            .map(ToOwned::to_owned),
        event: None,
        is_send: send_kind(&incoming).is_some(),
    };
    let fault = |moment| handle.memory().faults.take(moment, &subject);
    if let Some(Fault::Latency { ms }) = fault(Moment::Arrival) {
        sleep(Duration::from_millis(ms)).await;
    }
    if let Some(fault) = fault(Moment::BeforeAccept) {
        return Answer::refusing(fault);
    }
    if let Some(kind) = send_kind(&incoming) {
        return send::accept(&handle, &subject, kind, &body).await;
    }
    let answer = route(&handle, &token, &incoming, &body);
    match fault(Moment::Answer) {
        Some(_) => Answer::garbage(),
        None => answer,
    }
}

fn send_kind(incoming: &Incoming) -> Option<validate::Kind> {
    let kind = incoming.path.strip_prefix("/messages/")?;
    (incoming.method == "POST")
        .then(|| validate::Kind::parse(kind))
        .flatten()
}

fn route(handle: &Handle, token: &str, incoming: &Incoming, body: &Value) -> Answer {
    let path: Vec<&str> = incoming.path.split('/').skip(1).collect();
    let query = &incoming.query;
    match (incoming.method.as_str(), path.as_slice()) {
        ("GET", ["messages", "list"]) => lookup::list(handle, token, None, query),
        ("GET", ["messages", "list", chat]) => lookup::list(handle, token, Some(chat), query),
        ("GET", ["messages", id]) => lookup::message(handle, token, id),
        ("GET", ["statuses", id]) => lookup::statuses(handle, token, id),
        ("GET", ["health"]) => account::health(handle, token, query),
        ("GET", ["users", "login"]) => account::login(handle, token),
        ("GET", ["settings"]) => account::settings(handle, token),
        ("PATCH", ["settings"]) => account::change_settings(handle, token, body),
        _ => Answer::error(404, "Not found"),
    }
}
