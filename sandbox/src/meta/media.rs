//! Media: the look-up by id, and the bytes behind its address.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{business::Medium, errors::Problem};
use crate::{answer::Answer, gate::Incoming, state::Handle};

/// `GET /{media_id}`: the address leads to the sandbox, and wants the bearer token too.
pub(super) fn show(medium: &Medium, incoming: &Incoming) -> Answer {
    let (host, id) = (&incoming.host, &medium.spec.id);
    let body = json!({
        "messaging_product": "whatsapp",
        "url": format!("http://{host}/meta/_media/{id}"),
        "mime_type": medium.spec.mime_type,
        "sha256": sha256(&medium.bytes),
        "file_size": medium.bytes.len(),
        "id": id,
    });
    Answer::json(200, &body)
}

/// The hash that look-ups and webhooks give for a medium.
pub(super) fn sha256(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}

/// `GET /meta/_media/{id}`
pub(super) fn download(handle: &Handle, id: &str) -> Result<Answer, Problem> {
    let medium = handle.memory().business.media.get(id).cloned();
    match medium.filter(|medium| !medium.spec.expired) {
        Some(medium) => Ok(Answer::bytes(200, &medium.spec.mime_type, medium.bytes)),
        None => Ok(Answer::bytes(404, "text/html", "the address has expired")),
    }
}
