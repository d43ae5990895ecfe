//! Linking a channel's phone: a code to scan, asked for with the channel's own token (S3.20), and again
//! whenever it is too old (S3.23).

use super::{ManagedDesk, ManagedStore, no_such_channel};
use crate::{
    channel::AuthStatus,
    copy::CHANNEL_CONNECTED,
    failure::AppFailure,
    ids::ChannelId,
    managed::{LoginCode, ManagedChannel, Stage},
    ports::{Clock, Partner, PartnerBook, Saved, Seals, Vault},
    principal::Principal,
    provider::ProviderKind,
};

/// The answer to a question for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// What WHAPI showed.
    pub code: LoginCode,
    /// The login of the channel as it is known now.
    pub auth: AuthStatus,
    /// What people are told.
    pub message: &'static str,
}

impl<S, V, P, B, C> ManagedDesk<'_, S, V, P, B, C>
where
    S: ManagedStore,
    V: Vault + Seals,
    P: Partner,
    B: PartnerBook,
    C: Clock,
{
    /// A code to link the channel's phone with; a number that is linked already is told as such.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT `NO_QR` where the provider has no such thing, `NOT_READY` while the channel
    /// is made; FORBIDDEN `CHANNEL_EXPIRED`; `PROVIDER_ERROR` when WHAPI cannot be asked.
    pub async fn login(&self, principal: &Principal, id: ChannelId) -> Result<Login, AppFailure> {
        let tenant = principal.tenant();
        let record = self.store.managed(tenant, id).await?;
        if let Some(record) = &record {
            ready(record)?;
        }
        let channel = self.store.channel(tenant, id).await?;
        let channel = channel.ok_or_else(no_such_channel)?;
        match channel.provider {
            ProviderKind::Whapi => {}
            ProviderKind::Meta | ProviderKind::Messenger360 => {
                return Err(AppFailure::conflict(
                    "Channels of this provider are linked by their credentials, not by a code.",
                )
                .with_detail("reason", "NO_QR"));
            }
        }
        // Before the question: what webhooks tell from now on is newer than its answer.
        let asked = self.clock.now();
        let till = record.as_ref().and_then(|record| record.active_till);
        if till
            .or(channel.paid_until)
            .is_some_and(|till| till <= asked)
        {
            let over = "This channel's paid days are over. Extend it to link its phone.";
            return Err(AppFailure::forbidden(over).with_detail("reason", "CHANNEL_EXPIRED"));
        }
        let token = self.vault.token(&channel).await?;
        let code = self.partner.login_code(&token).await;
        let code = code.map_err(AppFailure::unanswered)?;
        let auth = code.auth();
        if let Some(auth) = auth {
            self.store.channel_auth(tenant, id, auth, asked).await?;
        }
        if let Some(record) = record.filter(|_| auth == Some(AuthStatus::Authorized)) {
            self.started(record).await?;
        }
        let message = match &code {
            LoginCode::Authorized => CHANNEL_CONNECTED,
            LoginCode::Code { .. } => {
                "Scan the code with WhatsApp on the phone: Settings, Linked devices, Link a device."
            }
            LoginCode::NotReady { .. } => {
                "The channel is starting. Ask for the code again in a moment."
            }
        };
        Ok(Login {
            code,
            auth: auth.unwrap_or(channel.auth),
            message,
        })
    }

    /// A channel whose phone is linked is not stopped (S3.24).
    async fn started(&self, mut record: ManagedChannel) -> Result<(), AppFailure> {
        for _ in 0..super::TRIES {
            if !record.stopped {
                return Ok(());
            }
            record.stopped = false;
            record.updated_at = self.clock.now();
            if self.store.save_managed(&mut record).await? == Saved::Done {
                return Ok(());
            }
            record = self.find(record.tenant, record.id).await?;
        }
        Err(super::busy())
    }
}

fn ready(record: &ManagedChannel) -> Result<(), AppFailure> {
    match record.stage {
        Stage::Live => Ok(()),
        Stage::Deleted => Err(no_such_channel()),
        Stage::Ordered | Stage::Creating | Stage::Deleting | Stage::Failed => {
            Err(AppFailure::conflict(
                "This channel is not there yet, or no longer. Only a live one can be linked.",
            )
            .with_detail("reason", "NOT_READY"))
        }
    }
}
