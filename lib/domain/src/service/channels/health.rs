//! What the provider says of a channel: asked before credentials are stored, and whenever somebody
//! wants to know.

use super::{ChannelDesk, ChannelView};
use crate::{
    channel::{AuthStatus, Channel, HealthNote, Secret},
    failure::{AppFailure, FieldProblem, ProviderFailure},
    ids::ChannelId,
    phone::PhoneNumber,
    ports::{
        ChannelBook, ChannelKeys, Clock, Directory, Gate, ManagedChannels, Seals, Signatures, Vault,
    },
    principal::Principal,
    provider::{Health, ProviderKind},
};

/// What a provider showed of a channel whose credentials it takes.
pub(super) struct Confirmed {
    auth: AuthStatus,
    phone: Option<PhoneNumber>,
    /// What is remembered of its answer.
    pub(super) note: HealthNote,
}

impl Confirmed {
    /// Lets the channel show it. A number that people gave stands where the provider names none.
    pub(super) fn put(&self, channel: &mut Channel) {
        channel.auth = self.auth;
        if self.phone.is_some() {
            channel.phone.clone_from(&self.phone);
        }
        channel.health = Some(self.note.clone());
    }
}

impl<S, V, G, C> ChannelDesk<'_, S, V, G, C>
where
    S: Directory + ChannelBook + ChannelKeys + ManagedChannels,
    V: Vault + Seals + Signatures,
    G: Gate,
    C: Clock,
{
    /// Asks the provider how the channel is, and keeps what it says. Asking wakes nothing and changes
    /// nothing there.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT where the API has no such question; `PROVIDER_ERROR` when the provider
    /// cannot be asked.
    pub async fn check_health(
        &self,
        principal: &Principal,
        id: ChannelId,
    ) -> Result<ChannelView, AppFailure> {
        let mut channel = self.find(principal, id).await?;
        let token = self.vault.token(&channel).await?;
        let (auth, note) = match self.ask(&channel, &token).await {
            Ok(health) => (login(&channel, &health), self.heard(health)),
            Err(ProviderFailure::Rejected { code, reason }) => {
                let note = HealthNote {
                    word: code.into_owned(),
                    detail: reason,
                    at: self.clock.now(),
                };
                (Some(AuthStatus::Disconnected), note)
            }
            Err(ProviderFailure::Unsupported { .. }) => {
                return Err(AppFailure::conflict(
                    "The version of the provider's API that this channel speaks cannot be asked; whether it works shows when a message is sent.",
                )
                .with_detail("reason", "NO_HEALTH_CHECK"));
            }
            Err(failure) => return Err(AppFailure::unanswered(failure)),
        };
        self.store.note_health(channel.tenant, id, &note).await?;
        if let Some(auth) = auth {
            self.store
                .channel_auth(channel.tenant, id, auth, note.at)
                .await?;
            channel.auth = auth;
        }
        channel.health = Some(note);
        self.shown(principal, channel).await
    }

    /// Proves a channel's credentials at the provider.
    pub(super) async fn confirm(
        &self,
        channel: &Channel,
        token: &Secret,
    ) -> Result<Confirmed, AppFailure> {
        let asked = match self.ask(channel, token).await {
            Ok(health) => self.belongs(channel, token).await.map(|()| health),
            Err(failure) => Err(failure),
        };
        match asked {
            Ok(health) => Ok(Confirmed {
                auth: health.auth.unwrap_or(AuthStatus::Authorized),
                phone: health.phone.clone(),
                note: self.heard(health),
            }),
            // Some versions of an API cannot be asked: what people say has to do.
            Err(ProviderFailure::Unsupported { .. }) => Ok(Confirmed {
                auth: AuthStatus::Authorized,
                phone: None,
                note: HealthNote {
                    word: "unconfirmed".into(),
                    detail: "This version of the provider's API cannot be asked; whether the credentials are right shows when a message is sent.".into(),
                    at: self.clock.now(),
                },
            }),
            Err(ProviderFailure::Rejected { reason, .. }) => Err(AppFailure::validation(
                "The provider does not accept these credentials.",
                vec![FieldProblem::new(
                    "credentials",
                    "REFUSED",
                    format!("{reason} Check the number and its credentials."),
                )],
            )),
            Err(failure) => Err(AppFailure::unanswered(failure)),
        }
    }

    /// Proves that the number belongs to the account it names, where the provider has such a thing.
    async fn belongs(&self, channel: &Channel, token: &Secret) -> Result<(), ProviderFailure> {
        let adapter = (self.adapters)(channel.provider);
        let Ok(request) = adapter.build_membership(channel) else {
            return Ok(());
        };
        let response = self.gate.exchange(channel, token, &request).await?;
        adapter.read_membership(channel, &response)
    }

    async fn ask(&self, channel: &Channel, token: &Secret) -> Result<Health, ProviderFailure> {
        let adapter = (self.adapters)(channel.provider);
        let request = adapter.build_health(channel)?;
        let response = self.gate.exchange(channel, token, &request).await?;
        adapter.read_health(channel, &response)
    }

    fn heard(&self, health: Health) -> HealthNote {
        HealthNote {
            detail: format!("The provider says: {}.", health.word),
            word: health.word,
            at: self.clock.now(),
        }
    }
}

/// What an answer says about sending. A refused key closed the channel; where no login is ever shown, a
/// taken one is all that opens it again.
fn login(channel: &Channel, health: &Health) -> Option<AuthStatus> {
    let key_is_all = match channel.provider {
        ProviderKind::Messenger360 => true,
        ProviderKind::Whapi | ProviderKind::Meta => false,
    };
    health
        .auth
        .or_else(|| key_is_all.then_some(AuthStatus::Authorized))
}
