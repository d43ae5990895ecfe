//! Sending: one form for both versions, and what the answers mean. HTTP 201 is the one sure success; an
//! answer 200 may be a refusal.

use domain::{
    contact::Recipient,
    failure::ProviderFailure,
    message::{Content, Media, MediaSource},
    provider::{Credential, Encoding, Receipt, WireRequest, WireResponse},
};
use serde_json::{Map, Value};

use super::{CAPABILITIES, Version, refusal};
use crate::lenient::Fields;

/// The request that sends a content.
pub(super) fn build(
    version: Version,
    to: &Recipient,
    content: &Content,
) -> Result<WireRequest, ProviderFailure> {
    let phone = digits(to)?;
    // Checked when the message was accepted; what is stored may be older than the limits.
    if !content.problems(&CAPABILITIES.limits).is_empty() {
        return Err(ProviderFailure::Unsupported {
            what: "a message beyond 360Messenger's limits",
        });
    }
    let (text, link) = match content {
        Content::Text { body } => (Some(body), None),
        Content::Image(media) | Content::Document(media) => {
            (media.caption.as_ref(), Some(link(media)?))
        }
        Content::Interactive(_) | Content::List(_) | Content::Template(_) => {
            return Err(ProviderFailure::Unsupported {
                what: "buttons, lists or templates; 360Messenger has texts and files",
            });
        }
    };
    let mut form = Map::new();
    form.insert("phonenumber".into(), phone.into());
    if let Some(text) = text {
        form.insert("text".into(), text.as_str().into());
    }
    if let Some(link) = link {
        form.insert("url".into(), link.into());
    }
    let (path, credential) = match version {
        Version::First => (
            format!("/sendMessage/{}", WireRequest::KEY),
            Credential::Path,
        ),
        Version::Second => ("/v2/sendMessage".into(), Credential::Bearer),
    };
    Ok(WireRequest {
        encoding: Encoding::Form,
        credential,
        ..WireRequest::post(path, form.into())
    })
}

/// The number without its plus; 360Messenger knows nobody by another name.
pub(super) fn digits(to: &Recipient) -> Result<&str, ProviderFailure> {
    let phone = to.phone().ok_or(ProviderFailure::Unsupported {
        what: "a person without a number; 360Messenger writes to numbers alone",
    })?;
    Ok(phone.digits())
}

fn link(media: &Media) -> Result<&str, ProviderFailure> {
    match &media.source {
        MediaSource::Link(link) | MediaSource::Stored(link) => Ok(link),
        MediaSource::Id(_) => Err(ProviderFailure::Unsupported {
            what: "a file by its id; 360Messenger takes links",
        }),
    }
}

/// What the answer to a send means. Which version was spoken does not show in it and need not: where
/// one says "sent", the other never says "refused".
pub(super) fn read(response: &WireResponse) -> Result<Receipt, ProviderFailure> {
    if !(200..300).contains(&response.status) {
        return Err(refusal::of(response));
    }
    let value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    let body = Fields::of(&value);
    let provider_id = id(body);
    // The first version's refusals: 200 with `{errorCode, errorDescription}`.
    let refused = refusal::has_error_code(body);
    match (response.status, body.flag("success"), provider_id) {
        // "Created", and yet refused: believed neither way.
        (201, Some(false), _) => Err(refusal::unreadable()),
        (201, _, _) if refused => Err(refusal::unreadable()),
        (201, _, provider_id) => Ok(Receipt { provider_id }),
        (_, Some(true), _) if refused => Err(refusal::unreadable()),
        (_, Some(true), provider_id) => Ok(Receipt { provider_id }),
        (_, Some(false), Some(_)) => Err(refusal::unreadable()),
        (_, Some(false), None) => Err(refusal::of(response)),
        (_, None, None) if refused => Err(refusal::of(response)),
        // A body that says nothing at all may stand for anything.
        (_, None, _) => Err(refusal::unreadable()),
    }
}

/// What it calls the message; read wherever clients read it.
fn id(body: Fields<'_>) -> Option<String> {
    [body.at("data"), body, body.at("result")]
        .into_iter()
        .find_map(|place| place.id("id").ok())
}

#[cfg(test)]
mod tests;
