//! The way to the bytes of an inbound file: Meta names a place for five minutes, and opens it to the
//! channel's token only.

use domain::{
    channel::Channel,
    failure::ProviderFailure,
    provider::{MediaPlace, MediaStep, WireRequest, WireResponse},
};
use serde_json::Value;

use super::{errors, is_number, path};
use crate::lenient::{self, Fields};

/// By its id, which lives for days; a link in a webhook is mostly dead before anybody follows it.
pub(super) fn build(
    channel: &Channel,
    media_id: Option<&str>,
    link: Option<&str>,
) -> Result<MediaStep, ProviderFailure> {
    if let Some(id) = media_id.filter(|id| is_number(id)) {
        return Ok(MediaStep::Ask(WireRequest::get(path(channel, id)?)));
    }
    match link.and_then(lenient::link) {
        Some(link) => Ok(MediaStep::Fetch(MediaPlace::Url(link))),
        None => Err(ProviderFailure::Unsupported {
            what: "a file without an id or an https link",
        }),
    }
}

/// Where it is for the next minutes.
pub(super) fn read(response: &WireResponse) -> Result<MediaPlace, ProviderFailure> {
    if !(200..300).contains(&response.status) {
        return Err(errors::failure(response));
    }
    let unreadable = || ProviderFailure::OutcomeUnknown {
        what: "unreadable answer".into(),
    };
    let body: Value = serde_json::from_slice(&response.body).map_err(|_not_json| unreadable())?;
    let body = Fields::of(&body);
    if body.at("error").is_object() {
        return Err(errors::failure(response));
    }
    // Whether it may be fetched is decided where it is fetched: that knows what is ours.
    let url = body
        .text("url")
        .filter(|url| (8..=4_096).contains(&url.len()));
    url.map(|url| MediaPlace::Url(url.to_owned()))
        .ok_or_else(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meta_cloud::tests::channel;

    const SAMPLE: &str = include_str!("../../../../fixtures/meta/answer_media.json");

    #[test]
    fn a_file_is_asked_for_by_its_id() {
        let link = "https://files.example/1.jpg";
        let build = |id, link| build(&channel(), id, link);
        let ask = MediaStep::Ask(WireRequest::get("/v22.0/401700000000001"));
        assert_eq!(build(Some("401700000000001"), Some(link)), Ok(ask));
        let fetch = MediaStep::Fetch(MediaPlace::Url(link.into()));
        assert_eq!(build(None, Some(link)), Ok(fetch.clone()));
        assert_eq!(build(Some("../me"), Some(link)), Ok(fetch));
        for (id, link) in [
            (None, None),
            (Some("4/../me"), None),
            (Some(""), Some("http://files.example/1.jpg")),
            (None, Some("file:///etc/passwd")),
        ] {
            let refused = build(id, link);
            assert!(matches!(refused, Err(ProviderFailure::Unsupported { .. })));
        }
    }

    #[test]
    fn a_place_is_an_address_or_none() {
        let check = |status, body: &str| {
            read(&WireResponse {
                status,
                retry_after_seconds: None,
                body: body.into(),
            })
        };
        let place = "https://lookaside.heron.example/whatsapp/401700000000001?ext=1&hash=x";
        assert_eq!(check(200, SAMPLE), Ok(MediaPlace::Url(place.into())));
        for body in ["", "{}", r#"{"url":7}"#, r#"{"url":""}"#] {
            let refused = check(200, body);
            assert!(matches!(
                refused,
                Err(ProviderFailure::OutcomeUnknown { .. })
            ));
        }
        let gone = check(400, r#"{"error":{"code":131052,"message":"Media gone"}}"#);
        assert!(matches!(gone, Err(ProviderFailure::Rejected { .. })));
    }
}
