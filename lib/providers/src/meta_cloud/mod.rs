//! Meta's WhatsApp Cloud API. It knows no idempotency, but hands a text of ours back with every status,
//! and signs its webhooks: see [`webhook`]. What its error numbers mean stands in [`errors`].

mod errors;
mod health;
mod media;
mod membership;
mod proof;
mod send;
mod shown;
mod templates;
mod webhook;
mod wire;

use domain::{
    channel::{Channel, Pace, SecretHash},
    contact::Recipient,
    failure::ProviderFailure,
    message::{Content, ContentLimits},
    provider::{
        Adapter, Address, Capabilities, Delivery, Expected, Health, MediaPlace, MediaStep,
        Observation, RawWebhook, Receipt, Sightings, TemplatePage, WireRequest, WireResponse,
    },
    webhook::CallbackToken,
};
use jiff::Timestamp;

/// Sizes as Meta's published schema of v23.0 has them (providers.md 2.1).
const CAPABILITIES: Capabilities = Capabilities {
    limits: ContentLimits {
        text: 4096,
        interactive_body: 1024,
        header_footer: 60,
        buttons: 3,
        button_title: 20,
        rows: 10,
        row_title: 24,
        row_description: 72,
        list_label: 20,
        media_ids: true,
        templates: true,
    },
    window_rule: true,
    // A message is looked up by what Meta calls it, which is just what a lost answer would have said.
    lookup: false,
    polled: false,
    users: true,
    platform_app: true,
    webhook_holds_key: false,
    retry_days: Some(7),
    pace: Pace::META,
};

/// The version a channel speaks that names none.
const DEFAULT_VERSION: &str = "v22.0";

/// Most digits of an id of Meta's.
const LONGEST_NUMBER: usize = 32;

/// The adapter of Meta's Cloud API.
pub(crate) struct MetaCloud;

impl Adapter for MetaCloud {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn build_send(
        &self,
        channel: &Channel,
        to: &Recipient,
        content: &Content,
    ) -> Result<WireRequest, ProviderFailure> {
        send::build(channel, to, content)
    }

    fn stamp(&self, request: WireRequest, token: &CallbackToken) -> WireRequest {
        send::stamp(request, token)
    }

    fn read_send(&self, response: &WireResponse) -> Result<Receipt, ProviderFailure> {
        send::read(response)
    }

    fn build_lookup(
        &self,
        _channel: &Channel,
        _to: &Recipient,
        _since: Timestamp,
    ) -> Result<WireRequest, ProviderFailure> {
        Err(NO_LOOKUP)
    }

    fn read_lookup(
        &self,
        _response: &WireResponse,
        _request: &WireRequest,
        _since: Timestamp,
    ) -> Result<Sightings, ProviderFailure> {
        Err(NO_LOOKUP)
    }

    fn build_status(
        &self,
        _channel: &Channel,
        _provider_id: &str,
    ) -> Result<WireRequest, ProviderFailure> {
        Err(NO_STATUS)
    }

    fn read_status(&self, _response: &WireResponse) -> Result<Vec<Observation>, ProviderFailure> {
        Err(NO_STATUS)
    }

    fn build_health(&self, channel: &Channel) -> Result<WireRequest, ProviderFailure> {
        health::build(channel)
    }

    fn read_health(
        &self,
        channel: &Channel,
        response: &WireResponse,
    ) -> Result<Health, ProviderFailure> {
        health::read(channel, response)
    }

    fn build_membership(&self, channel: &Channel) -> Result<WireRequest, ProviderFailure> {
        membership::build(channel)
    }

    fn read_membership(
        &self,
        channel: &Channel,
        response: &WireResponse,
    ) -> Result<(), ProviderFailure> {
        membership::read(channel, response)
    }

    fn build_templates(
        &self,
        channel: &Channel,
        after: Option<&str>,
    ) -> Result<WireRequest, ProviderFailure> {
        templates::build(channel, after)
    }

    fn read_templates(&self, response: &WireResponse) -> Result<TemplatePage, ProviderFailure> {
        templates::read(response)
    }

    fn build_media(
        &self,
        channel: &Channel,
        media_id: Option<&str>,
        link: Option<&str>,
    ) -> Result<MediaStep, ProviderFailure> {
        media::build(channel, media_id, link)
    }

    fn read_media(&self, response: &WireResponse) -> Result<MediaPlace, ProviderFailure> {
        media::read(response)
    }

    fn verify_webhook(
        &self,
        raw: &RawWebhook,
        expected: &Expected<'_>,
    ) -> Result<(), ProviderFailure> {
        proof::verify(raw, expected.secrets)
    }

    fn answer_challenge(
        &self,
        query: &[(String, String)],
        tokens: &[SecretHash],
    ) -> Result<String, ProviderFailure> {
        proof::answer(query, tokens)
    }

    fn read_webhook(&self, raw: &RawWebhook) -> Delivery {
        webhook::read(raw)
    }

    fn part_webhook(&self, raw: &RawWebhook, keep: &dyn Fn(&Address) -> bool) -> Vec<u8> {
        webhook::part(raw, keep)
    }
}

const NO_LOOKUP: ProviderFailure = ProviderFailure::Unsupported {
    what: "a look-up of sent messages",
};

const NO_STATUS: ProviderFailure = ProviderFailure::Unsupported {
    what: "a question for a message's status",
};

/// The path of something of Meta's: `/v22.0/{id}`. What stands in a channel was typed by people, and
/// must not lead anywhere else.
fn path(channel: &Channel, id: &str) -> Result<String, ProviderFailure> {
    let version = channel.api.as_deref().unwrap_or(DEFAULT_VERSION);
    if !is_version(version) {
        return Err(ProviderFailure::Unsupported {
            what: "an API version that is not written as v22.0",
        });
    }
    if !is_number(id) {
        return Err(ProviderFailure::Unsupported {
            what: "an id that is not made of digits",
        });
    }
    Ok(format!("/{version}/{id}"))
}

fn is_version(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let parts = text.strip_prefix('v').and_then(|text| text.split_once('.'));
    parts.is_some_and(|(major, minor)| {
        (1..=3).contains(&major.len()) && minor.len() == 1 && digits(major) && digits(minor)
    })
}

/// Whether a text is an id of a number, an account or a file.
fn is_number(id: &str) -> bool {
    (1..=LONGEST_NUMBER).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use domain::provider::ProviderKind;

    use super::*;

    pub(super) fn channel() -> Channel {
        Channel {
            provider_ref: "301700000000001".into(),
            api: None,
            ..crate::contract::channel(ProviderKind::Meta)
        }
    }

    /// S2.60, S2.67, S2.68: the version is the channel's, v22.0 without one; ids are digits.
    #[test]
    fn a_path_is_made_of_a_version_and_digits_alone() {
        let check = |api: Option<&str>, id: &str, expected: Option<&str>| {
            let channel = Channel {
                api: api.map(Into::into),
                ..channel()
            };
            assert_eq!(path(&channel, id).ok().as_deref(), expected, "{api:?} {id}");
        };
        check(None, "42", Some("/v22.0/42"));
        check(Some("v25.0"), "42", Some("/v25.0/42"));
        check(Some("v123.4"), "42", Some("/v123.4/42"));
        for api in [
            "",
            "22.0",
            "v22",
            "v22.",
            "v.0",
            "v22.00",
            "v1234.0",
            "V22.0",
            "v22.0/",
            "vv.0",
            "v22.0?x",
            "v\u{662}2.0",
            "../v22.0",
        ] {
            check(Some(api), "42", None);
        }
        for id in ["", "4a", "42/..", "-42", "4 2", &"4".repeat(33), "\u{664}2"] {
            check(None, id, None);
        }
    }

    #[test]
    fn what_meta_cannot_do_is_said_before_anything_is_asked() {
        let answer = WireResponse {
            status: 200,
            retry_after_seconds: None,
            body: b"{}".to_vec(),
        };
        let to = Recipient::User("BH.7Heron".into());
        let now = Timestamp::UNIX_EPOCH;
        let request = WireRequest::get("/");
        for refused in [
            MetaCloud.build_lookup(&channel(), &to, now).err(),
            MetaCloud.read_lookup(&answer, &request, now).err(),
            MetaCloud.build_status(&channel(), "wamid.x").err(),
            MetaCloud.read_status(&answer).err(),
        ] {
            assert!(matches!(refused, Some(ProviderFailure::Unsupported { .. })));
        }
    }
}
