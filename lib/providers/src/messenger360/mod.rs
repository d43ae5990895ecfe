//! 360Messenger (360messenger.com). It publishes no reference: everything here is what its clients, plugins
//! and receivers do, so whatever is not certain is doubt, a placeholder or nothing. A channel speaks one
//! of two versions of the API: `v1` has the key in its path, `v2` (the default) in a header. Statuses are
//! asked for; webhooks bring what people write.

mod account;
mod lookup;
mod refusal;
mod send;
mod status;
mod webhook;

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

use crate::lenient;

const CAPABILITIES: Capabilities = Capabilities {
    limits: ContentLimits {
        // Not documented; WhatsApp's own limit.
        text: 4096,
        interactive_body: 0,
        header_footer: 0,
        buttons: 0,
        button_title: 0,
        rows: 0,
        row_title: 0,
        row_description: 0,
        list_label: 0,
        media_ids: false,
        templates: false,
    },
    window_rule: false,
    lookup: true,
    polled: true,
    users: false,
    platform_app: false,
    webhook_holds_key: true,
    // How long webhooks are repeated is not documented.
    retry_days: None,
    pace: Pace::MESSENGER360,
};

/// The 360Messenger adapter.
pub(crate) struct Messenger360;

impl Adapter for Messenger360 {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn build_send(
        &self,
        channel: &Channel,
        to: &Recipient,
        content: &Content,
    ) -> Result<WireRequest, ProviderFailure> {
        send::build(Version::of(channel)?, to, content)
    }

    /// Nothing that a request carries is known to come back.
    fn stamp(&self, request: WireRequest, _token: &CallbackToken) -> WireRequest {
        request
    }

    fn read_send(&self, response: &WireResponse) -> Result<Receipt, ProviderFailure> {
        send::read(response)
    }

    fn build_lookup(
        &self,
        channel: &Channel,
        to: &Recipient,
        _since: Timestamp,
    ) -> Result<WireRequest, ProviderFailure> {
        Version::of(channel)?.second("a look-up of sent messages")?;
        lookup::build(to)
    }

    fn read_lookup(
        &self,
        response: &WireResponse,
        request: &WireRequest,
        since: Timestamp,
    ) -> Result<Sightings, ProviderFailure> {
        lookup::read(response, request, since)
    }

    fn build_status(
        &self,
        channel: &Channel,
        provider_id: &str,
    ) -> Result<WireRequest, ProviderFailure> {
        Version::of(channel)?.second("a question for a status")?;
        Ok(status::build(provider_id))
    }

    fn read_status(&self, response: &WireResponse) -> Result<Vec<Observation>, ProviderFailure> {
        status::read(response)
    }

    fn build_health(&self, channel: &Channel) -> Result<WireRequest, ProviderFailure> {
        Version::of(channel)?.second("a question for the account")?;
        Ok(account::build())
    }

    fn read_health(
        &self,
        _channel: &Channel,
        response: &WireResponse,
    ) -> Result<Health, ProviderFailure> {
        account::read(response)
    }

    fn build_membership(&self, _channel: &Channel) -> Result<WireRequest, ProviderFailure> {
        Err(ProviderFailure::Unsupported {
            what: "a question for an account above the number",
        })
    }

    fn read_membership(
        &self,
        _channel: &Channel,
        _response: &WireResponse,
    ) -> Result<(), ProviderFailure> {
        Err(ProviderFailure::Unsupported {
            what: "a question for an account above the number",
        })
    }

    fn build_templates(
        &self,
        _channel: &Channel,
        _after: Option<&str>,
    ) -> Result<WireRequest, ProviderFailure> {
        Err(crate::NO_TEMPLATES)
    }

    fn read_templates(&self, _response: &WireResponse) -> Result<TemplatePage, ProviderFailure> {
        Err(crate::NO_TEMPLATES)
    }

    fn build_media(
        &self,
        _channel: &Channel,
        _media_id: Option<&str>,
        link: Option<&str>,
    ) -> Result<MediaStep, ProviderFailure> {
        let link = link.and_then(lenient::link);
        let link = link.ok_or(ProviderFailure::Unsupported {
            what: "a file without a link",
        })?;
        Ok(MediaStep::Fetch(MediaPlace::Url(link)))
    }

    fn read_media(&self, _response: &WireResponse) -> Result<MediaPlace, ProviderFailure> {
        Err(ProviderFailure::Unsupported {
            what: "a question for a file: 360Messenger's files are fetched at once",
        })
    }

    fn verify_webhook(
        &self,
        raw: &RawWebhook,
        expected: &Expected<'_>,
    ) -> Result<(), ProviderFailure> {
        webhook::verify(raw, expected)
    }

    fn answer_challenge(
        &self,
        _query: &[(String, String)],
        _tokens: &[SecretHash],
    ) -> Result<String, ProviderFailure> {
        Err(ProviderFailure::Unsupported {
            what: "a challenge: 360Messenger never asks",
        })
    }

    fn read_webhook(&self, raw: &RawWebhook) -> Delivery {
        webhook::read(raw)
    }

    fn part_webhook(&self, raw: &RawWebhook, keep: &dyn Fn(&Address) -> bool) -> Vec<u8> {
        webhook::without_key(lenient::whole(raw, keep))
    }
}

/// Which version of the API a channel speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// The key in the path; one call, no ids, no questions.
    First,
    /// The key in a header.
    Second,
}

impl Version {
    fn of(channel: &Channel) -> Result<Self, ProviderFailure> {
        match channel.api.as_deref() {
            Some("v1") => Ok(Self::First),
            Some("v2") | None => Ok(Self::Second),
            Some(_) => Err(ProviderFailure::Unsupported {
                what: "this version of 360Messenger's API; set the channel to v1 or v2",
            }),
        }
    }

    /// Refuses what only the second version has.
    const fn second(self, what: &'static str) -> Result<(), ProviderFailure> {
        match self {
            Self::First => Err(ProviderFailure::Unsupported { what }),
            Self::Second => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{phone::PhoneNumber, provider::ProviderKind};

    use super::*;
    use crate::contract;

    fn channel(api: Option<&str>) -> Channel {
        Channel {
            api: api.map(Into::into),
            ..contract::channel(ProviderKind::Messenger360)
        }
    }

    /// S1.86: the first version has nothing but its send.
    #[test]
    fn questions_are_asked_of_the_second_version_alone() {
        let to = Recipient::Phone(PhoneNumber::parse("+97333000001").unwrap());
        let asked = |api| {
            let channel = channel(api);
            [
                Messenger360
                    .build_send(&channel, &to, &Content::Text { body: "Hi".into() })
                    .is_ok(),
                Messenger360
                    .build_lookup(&channel, &to, Timestamp::MIN)
                    .is_ok(),
                Messenger360.build_status(&channel, "id-1").is_ok(),
                Messenger360.build_health(&channel).is_ok(),
            ]
        };
        assert_eq!(asked(None), [true; 4]);
        assert_eq!(asked(Some("v2")), [true; 4]);
        assert_eq!(asked(Some("v1")), [true, false, false, false]);
        assert_eq!(asked(Some("v3")), [false; 4]);
    }

    #[test]
    fn a_file_is_at_its_link_or_nowhere() {
        let step = |id, link| Messenger360.build_media(&channel(None), id, link);
        let link = "https://files.example/1.pdf";
        assert_eq!(
            step(Some("id-1"), Some(link)),
            Ok(MediaStep::Fetch(MediaPlace::Url(link.into())))
        );
        for (id, link) in [
            (Some("id-1"), None),
            (None, None),
            (None, Some("http://files.example/1.pdf")),
            (None, Some("file:///etc/passwd")),
        ] {
            assert!(step(id, link).is_err(), "{link:?}");
        }
    }
}
