//! Calls with the platform's token at WHAPI. Whoever makes them, that the token is refused is kept once, so
//! that the banner shows; and so is that it is taken again (S3.30, S3.31).

use jiff::Timestamp;
use tracing::error;

use crate::{
    channel::Secret,
    failure::ProviderFailure,
    managed::{LoginCode, PartnerChannel},
    partner::is_refusal,
    ports::{Clock, Partner, PartnerAccess, PartnerBook, WebhookTarget},
};

/// WHAPI's manager, and the book that keeps what is heard of the token.
#[derive(Debug)]
pub(super) struct Watched<'a, P, B, C> {
    pub partner: &'a P,
    pub book: &'a B,
    pub clock: &'a C,
}

/// Keeps what was heard of a token. The call it was heard in is over and its outcome counts, so a failure
/// to keep it stands in the log alone: the next call hears it again.
pub(super) async fn heard(
    book: &impl PartnerBook,
    access: &PartnerAccess,
    refused: bool,
    at: Timestamp,
) {
    if let Err(failure) = book.token_heard(access, refused, at).await {
        error!(error = %failure, refused, "what WHAPI said of the partner token was not kept");
    }
}

impl<P, B: PartnerBook, C: Clock> Watched<'_, P, B, C> {
    /// Nothing is written unless the answer changes what is known.
    async fn told<T>(
        &self,
        access: &PartnerAccess,
        answer: Result<T, ProviderFailure>,
    ) -> Result<T, ProviderFailure> {
        let refused = match &answer {
            Ok(_) => false,
            Err(cause) if is_refusal(cause) => true,
            // Says nothing about the token.
            Err(_) => return answer,
        };
        if refused != access.refused {
            heard(self.book, access, refused, self.clock.now()).await;
        }
        answer
    }
}

impl<P: Partner, B: PartnerBook, C: Clock> Partner for Watched<'_, P, B, C> {
    async fn projects(&self, access: &PartnerAccess) -> Result<Vec<String>, ProviderFailure> {
        let answer = self.partner.projects(access).await;
        self.told(access, answer).await
    }

    async fn create(
        &self,
        access: &PartnerAccess,
        name: &str,
        phone: Option<&str>,
    ) -> Result<PartnerChannel, ProviderFailure> {
        let answer = self.partner.create(access, name, phone).await;
        self.told(access, answer).await
    }

    async fn find(
        &self,
        access: &PartnerAccess,
        name: &str,
    ) -> Result<Option<PartnerChannel>, ProviderFailure> {
        let answer = self.partner.find(access, name).await;
        self.told(access, answer).await
    }

    async fn partner_channel(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> Result<Option<PartnerChannel>, ProviderFailure> {
        let answer = self.partner.partner_channel(access, provider_ref).await;
        self.told(access, answer).await
    }

    async fn extend(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
        days: u32,
        comment: &str,
    ) -> Result<Option<Timestamp>, ProviderFailure> {
        let asked = self.partner.extend(access, provider_ref, days, comment);
        let answer = asked.await;
        self.told(access, answer).await
    }

    async fn delete(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> Result<(), ProviderFailure> {
        let answer = self.partner.delete(access, provider_ref).await;
        self.told(access, answer).await
    }

    // These two come with the channel's own token.

    async fn login_code(&self, token: &Secret) -> Result<LoginCode, ProviderFailure> {
        self.partner.login_code(token).await
    }

    async fn set_webhooks(
        &self,
        token: &Secret,
        target: &WebhookTarget,
    ) -> Result<(), ProviderFailure> {
        self.partner.set_webhooks(token, target).await
    }
}
