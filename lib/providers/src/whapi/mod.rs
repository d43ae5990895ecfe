//! WHAPI (whapi.cloud), as its published schema 1.8.7 and help desk describe it. It knows no idempotency and
//! signs nothing: see [`webhook`] for what is proven instead.

mod health;
mod lookup;
mod media;
pub(crate) mod partner;
mod refusal;
mod send;
mod shown;
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

use crate::lenient;

const CAPABILITIES: Capabilities = Capabilities {
    limits: ContentLimits {
        text: 4096,
        interactive_body: 1024,
        header_footer: 60,
        buttons: 3,
        button_title: 25,
        // WHAPI documents no sizes of lists; these are WhatsApp's own, as Meta publishes them.
        rows: 10,
        row_title: 24,
        row_description: 72,
        list_label: 20,
        media_ids: true,
        templates: false,
    },
    window_rule: false,
    lookup: true,
    polled: false,
    users: true,
    platform_app: false,
    webhook_holds_key: false,
    // For how long webhooks are repeated is not documented.
    retry_days: None,
    pace: Pace::WHAPI,
};

/// The WHAPI adapter.
pub(crate) struct Whapi;

impl Adapter for Whapi {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn build_send(
        &self,
        _channel: &Channel,
        to: &Recipient,
        content: &Content,
    ) -> Result<WireRequest, ProviderFailure> {
        send::build(to, content)
    }

    /// WHAPI hands nothing back that a request carried.
    fn stamp(&self, request: WireRequest, _token: &CallbackToken) -> WireRequest {
        request
    }

    fn read_send(&self, response: &WireResponse) -> Result<Receipt, ProviderFailure> {
        send::read(response)
    }

    fn build_lookup(
        &self,
        _channel: &Channel,
        _to: &Recipient,
        since: Timestamp,
    ) -> Result<WireRequest, ProviderFailure> {
        Ok(lookup::build(since))
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
        _channel: &Channel,
        _provider_id: &str,
    ) -> Result<WireRequest, ProviderFailure> {
        Err(STATUSES)
    }

    fn read_status(&self, _response: &WireResponse) -> Result<Vec<Observation>, ProviderFailure> {
        Err(STATUSES)
    }

    fn build_health(&self, _channel: &Channel) -> Result<WireRequest, ProviderFailure> {
        Ok(health::build())
    }

    fn read_health(
        &self,
        channel: &Channel,
        response: &WireResponse,
    ) -> Result<Health, ProviderFailure> {
        health::read(channel, response)
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
        media_id: Option<&str>,
        link: Option<&str>,
    ) -> Result<MediaStep, ProviderFailure> {
        media::build(media_id, link)
    }

    fn read_media(&self, _response: &WireResponse) -> Result<MediaPlace, ProviderFailure> {
        Err(media::NEVER_ASKED)
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
            what: "a challenge: WHAPI never asks",
        })
    }

    fn read_webhook(&self, raw: &RawWebhook) -> Delivery {
        webhook::read(raw)
    }

    fn part_webhook(&self, raw: &RawWebhook, keep: &dyn Fn(&Address) -> bool) -> Vec<u8> {
        lenient::whole(raw, keep)
    }
}

const STATUSES: ProviderFailure = ProviderFailure::Unsupported {
    what: "a question for a status: WHAPI tells by webhook",
};
