//! WHAPI (whapi.cloud), as its published schema 1.8.7 and help desk describe it. It knows no idempotency and
//! signs nothing: see [`webhook`] for what is proven instead.

mod lookup;
mod refusal;
mod send;
mod shown;
mod webhook;
mod wire;

use domain::{
    channel::Channel,
    failure::ProviderFailure,
    message::{Content, ContentLimits},
    phone::PhoneNumber,
    provider::{
        Adapter, Capabilities, Delivery, RawWebhook, Receipt, Sightings, WireRequest, WireResponse,
    },
};
use jiff::Timestamp;

const CAPABILITIES: Capabilities = Capabilities {
    limits: ContentLimits {
        text: 4096,
        interactive_body: 1024,
        header_footer: 60,
        buttons: 3,
        button_title: 25,
    },
    window_rule: false,
    lookup: true,
};

/// The WHAPI adapter.
pub(crate) struct Whapi;

impl Adapter for Whapi {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn build_send(
        &self,
        to: &PhoneNumber,
        content: &Content,
    ) -> Result<WireRequest, ProviderFailure> {
        send::build(to, content)
    }

    fn read_send(&self, response: &WireResponse) -> Result<Receipt, ProviderFailure> {
        send::read(response)
    }

    fn build_lookup(
        &self,
        _to: &PhoneNumber,
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

    fn verify_webhook(&self, raw: &RawWebhook, channel: &Channel) -> Result<(), ProviderFailure> {
        webhook::verify(raw, channel)
    }

    fn read_webhook(&self, raw: &RawWebhook, _channel: &Channel) -> Delivery {
        webhook::read(raw)
    }
}
