//! WHAPI's manager as a scenario needs it. The sandbox counts a channel's days by the machine's clock; what
//! it shows is moved to the scenario's clock here.

use domain::{
    channel::{ChannelKey, SealedSecret, Secret},
    failure::{AppFailure, ProviderFailure, StoreFailure},
    ids::{ChannelId, TenantId},
    managed::{LoginCode, PartnerChannel},
    ports::{Partner, PartnerAccess, PartnerBook, Seals, WebhookTarget},
    service::new_channel::Randoms,
};
use jiff::{SignedDuration, Timestamp};
use providers::Transport;
use sandbox::whapi::partner::PartnerSpec;
use serde_json::json;

use crate::points::Watched;

/// The platform's token at the sandbox, its name and its project there.
pub const TOKEN: &str = "partner-t0ken-of-the-faults-0123456789";
pub const NAME: &str = "waypost-faults";
const PROJECT: &str = "project-of-the-faults";

/// Where webhooks of channels would go; nobody listens.
pub const HOOKS: &str = "http://127.0.0.1:9/webhooks";

/// The platform as the sandbox knows it.
pub fn partner() -> PartnerSpec {
    let spec = json!({"token": TOKEN, "name": NAME, "projects": [PROJECT], "live_days": 1_000});
    serde_json::from_value(spec).unwrap()
}

/// Random texts.
pub fn fresh() -> Result<Randoms, AppFailure> {
    let random = ChannelId::fresh().key();
    Ok(Randoms {
        key: ChannelKey::parse(&random).unwrap(),
        verify_token: Secret::from(random),
    })
}

/// The platform's access, which no scenario lets fail.
#[derive(Debug)]
pub struct Book;

impl PartnerBook for Book {
    async fn partner_access(&self) -> Result<Option<PartnerAccess>, StoreFailure> {
        Ok(Some(PartnerAccess {
            token: TOKEN.into(),
            project: PROJECT.into(),
            sealed: SealedSecret(Vec::new()),
            refused: false,
            keeps_unused_days: false,
        }))
    }

    async fn token_heard(
        &self,
        _access: &PartnerAccess,
        _refused: bool,
        _at: Timestamp,
    ) -> Result<(), StoreFailure> {
        Ok(())
    }
}

/// The production transport, in front of a manager that lives by the scenario's clock.
#[derive(Debug)]
pub struct Manager {
    transport: Transport,
    /// How far the scenario's clock is ahead of the machine's.
    ahead: SignedDuration,
}

impl Manager {
    /// A manager in a scenario that begins at this time.
    pub fn new(transport: Transport, begin: Timestamp) -> Self {
        Self {
            transport,
            ahead: begin.duration_since(Timestamp::now()),
        }
    }

    fn moved(&self, mut shown: PartnerChannel) -> PartnerChannel {
        shown.active_till = shown.active_till.map(|till| till + self.ahead);
        shown.created_at = shown.created_at.map(|at| at + self.ahead);
        shown
    }
}

impl Partner for Manager {
    async fn projects(&self, access: &PartnerAccess) -> Result<Vec<String>, ProviderFailure> {
        self.transport.projects(access).await
    }

    async fn create(
        &self,
        access: &PartnerAccess,
        name: &str,
        phone: Option<&str>,
    ) -> Result<PartnerChannel, ProviderFailure> {
        let made = self.transport.create(access, name, phone).await?;
        Ok(self.moved(made))
    }

    async fn find(
        &self,
        access: &PartnerAccess,
        name: &str,
    ) -> Result<Option<PartnerChannel>, ProviderFailure> {
        let found = self.transport.find(access, name).await?;
        Ok(found.map(|found| self.moved(found)))
    }

    async fn partner_channel(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> Result<Option<PartnerChannel>, ProviderFailure> {
        let shown = self.transport.partner_channel(access, provider_ref).await?;
        Ok(shown.map(|shown| self.moved(shown)))
    }

    async fn extend(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
        days: u32,
        comment: &str,
    ) -> Result<Option<Timestamp>, ProviderFailure> {
        let told = self.transport.extend(access, provider_ref, days, comment);
        Ok(told.await?.map(|till| till + self.ahead))
    }

    async fn delete(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> Result<(), ProviderFailure> {
        self.transport.delete(access, provider_ref).await
    }

    async fn login_code(&self, token: &Secret) -> Result<LoginCode, ProviderFailure> {
        self.transport.login_code(token).await
    }

    async fn set_webhooks(
        &self,
        token: &Secret,
        target: &WebhookTarget,
    ) -> Result<(), ProviderFailure> {
        self.transport.set_webhooks(token, target).await
    }
}

impl<T: Partner> Partner for Watched<T> {
    async fn projects(&self, access: &PartnerAccess) -> Result<Vec<String>, ProviderFailure> {
        self.watch("partner:projects", self.inner().projects(access))
            .await
    }

    async fn create(
        &self,
        access: &PartnerAccess,
        name: &str,
        phone: Option<&str>,
    ) -> Result<PartnerChannel, ProviderFailure> {
        let call = self.inner().create(access, name, phone);
        self.watch("partner:create", call).await
    }

    async fn find(
        &self,
        access: &PartnerAccess,
        name: &str,
    ) -> Result<Option<PartnerChannel>, ProviderFailure> {
        self.watch("partner:find", self.inner().find(access, name))
            .await
    }

    async fn partner_channel(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> Result<Option<PartnerChannel>, ProviderFailure> {
        let call = self.inner().partner_channel(access, provider_ref);
        self.watch("partner:show", call).await
    }

    async fn extend(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
        days: u32,
        comment: &str,
    ) -> Result<Option<Timestamp>, ProviderFailure> {
        let call = self.inner().extend(access, provider_ref, days, comment);
        self.watch("partner:extend", call).await
    }

    async fn delete(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> Result<(), ProviderFailure> {
        self.watch("partner:delete", self.inner().delete(access, provider_ref))
            .await
    }

    async fn login_code(&self, token: &Secret) -> Result<LoginCode, ProviderFailure> {
        self.watch("partner:login", self.inner().login_code(token))
            .await
    }

    async fn set_webhooks(
        &self,
        token: &Secret,
        target: &WebhookTarget,
    ) -> Result<(), ProviderFailure> {
        let call = self.inner().set_webhooks(token, target);
        self.watch("partner:webhooks", call).await
    }
}

impl<T: Seals> Seals for Watched<T> {
    async fn seal(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        secret: &Secret,
    ) -> Result<SealedSecret, StoreFailure> {
        let call = self.inner().seal(tenant, channel, secret);
        self.watch("vault:seal", call).await
    }

    async fn seal_platform(&self, secret: &Secret) -> Result<SealedSecret, StoreFailure> {
        self.watch("vault:seal_platform", self.inner().seal_platform(secret))
            .await
    }
}
