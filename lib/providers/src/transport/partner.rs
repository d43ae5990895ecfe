//! WHAPI's manager over HTTP, and what the partner flow asks of the gate with a channel's own token.

use std::time::Instant;

use domain::{
    channel::Secret,
    failure::ProviderFailure,
    managed::{LoginCode, PartnerChannel},
    ports::{Partner, PartnerAccess, PartnerNotices, WebhookTarget},
    provider::{ProviderKind, WireRequest, WireResponse},
};
use jiff::Timestamp;
use tracing::{info, warn};

use super::{Place, Transport, template};
use crate::whapi::partner as wire;

impl Transport {
    /// One exchange, and a line about it: no address, no token, no body, no name of a channel.
    async fn ask(
        &self,
        place: Place,
        token: &Secret,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        let begun = Instant::now();
        let answer = self.call(place, token, request).await;
        let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let path = template(&request.path);
        match &answer {
            Ok(response) => info!(
                provider = "whapi",
                path,
                status = response.status,
                duration_ms,
                "the partner flow was answered by WHAPI"
            ),
            Err(failure) => warn!(
                provider = "whapi",
                path, duration_ms, "no answer from WHAPI to the partner flow: {failure}"
            ),
        }
        answer
    }

    async fn manage(
        &self,
        access: &PartnerAccess,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        self.ask(Place::Manager, &access.token, request).await
    }

    async fn tell(
        &self,
        token: &Secret,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        let gate = Place::Provider(ProviderKind::Whapi);
        self.ask(gate, token, request).await
    }
}

impl Partner for Transport {
    async fn projects(&self, access: &PartnerAccess) -> Result<Vec<String>, ProviderFailure> {
        wire::read_projects(&self.manage(access, &wire::ask_projects()).await?)
    }

    async fn create(
        &self,
        access: &PartnerAccess,
        name: &str,
        phone: Option<&str>,
    ) -> Result<PartnerChannel, ProviderFailure> {
        let request = wire::ask_create(&access.project, name, phone);
        wire::read_channel(&self.manage(access, &request).await?)
    }

    async fn find(
        &self,
        access: &PartnerAccess,
        name: &str,
    ) -> Result<Option<PartnerChannel>, ProviderFailure> {
        let request = wire::ask_list(&access.project)?;
        let mut answer = self.manage(access, &request).await?;
        // Not every account has seen a list by project.
        if answer.status == 404 {
            answer = self.manage(access, &wire::ask_all()).await?;
        }
        wire::read_list(&answer, name)
    }

    async fn partner_channel(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> Result<Option<PartnerChannel>, ProviderFailure> {
        let request = wire::ask_channel(provider_ref)?;
        wire::read_shown(&self.manage(access, &request).await?, provider_ref)
    }

    async fn extend(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
        days: u32,
        comment: &str,
    ) -> Result<Option<Timestamp>, ProviderFailure> {
        let request = wire::ask_extend(provider_ref, days, comment)?;
        wire::read_extend(&self.manage(access, &request).await?)
    }

    async fn delete(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> Result<(), ProviderFailure> {
        let request = wire::ask_delete(provider_ref)?;
        wire::read_delete(&self.manage(access, &request).await?)
    }

    async fn login_code(&self, token: &Secret) -> Result<LoginCode, ProviderFailure> {
        wire::read_login(&self.tell(token, &wire::ask_login()).await?)
    }

    async fn set_webhooks(
        &self,
        token: &Secret,
        target: &WebhookTarget,
    ) -> Result<(), ProviderFailure> {
        wire::read_webhooks(&self.tell(token, &wire::ask_webhooks(target)).await?)
    }
}

impl PartnerNotices for Transport {
    async fn set_notices(
        &self,
        access: &PartnerAccess,
        partner: &str,
        target: &WebhookTarget,
        days_limit: u32,
    ) -> Result<(), ProviderFailure> {
        let request = wire::ask_notices(partner, target, days_limit)?;
        wire::read_notices(&self.manage(access, &request).await?)
    }
}
