//! Whether a message may still be sent, looked at right before its call, and what the call needs.

use jiff::Timestamp;

use super::{
    attempt::Attempt,
    merge,
    preflight::{self, Cause, Reason},
    rows,
};
use crate::{
    channel::{Channel, Secret},
    contact::Contact,
    failure::StoreFailure,
    message::{Content, Message, Payload},
    ports::{
        Clock, Contacts, Directory, Inbox, Invoices, Messages, ProviderTemplates, Rows, Vault,
    },
    quiet,
    tenant::Tenant,
};

/// Why there is no call.
pub(super) enum Stop {
    /// It must not be sent any more: machine code, and a sentence.
    Refuse(&'static str, String),
    /// Not before the recipient's quiet hours end.
    Quiet(Timestamp),
    /// Not now: it goes back to wait as it is.
    Hold,
    /// The invoice it recalls was paid meanwhile (S1.128).
    Paid,
}

/// What a call needs, read before anything is claimed so that a failing store costs no attempt.
pub(super) struct Kit {
    pub(super) channel: Channel,
    pub(super) token: Secret,
    pub(super) payload: Payload,
}

impl<S, V, G, L, C> Attempt<'_, S, V, G, L, C>
where
    S: Directory + Contacts + Messages + Inbox + ProviderTemplates + Rows + Invoices,
    V: Vault,
    C: Clock,
{
    /// What the call needs, or why it must not be made any more.
    pub(super) async fn ready(&self, message: &Message) -> Result<Result<Kit, Stop>, StoreFailure> {
        let now = self.clock.now();
        let tenant: Option<Tenant> = self.store.tenant(message.tenant).await?;
        let channel = self.store.channel(message.tenant, message.channel).await?;
        if self.is_paid(message).await? {
            return Ok(Err(Stop::Paid));
        }
        let (Some(tenant), Some(channel)) = (tenant, channel) else {
            return Ok(Err(gone()));
        };
        let payload = match rows::request(self.store, self.adapters, message, &channel).await? {
            rows::Request::Stands(payload) => *payload,
            rows::Request::Held => return Ok(Err(Stop::Hold)),
            rows::Request::Unsupported(reason) => {
                return Ok(Err(Stop::Refuse("UNSUPPORTED", reason)));
            }
            rows::Request::Missing => return Ok(Err(gone())),
        };
        let contact = self
            .store
            .contact(message.tenant, &message.to.alias())
            .await?;
        let cause = Cause {
            message_type: message.message_type,
            trigger: message.trigger,
        };
        let mut reasons = preflight::standing(&tenant, &channel, contact.as_ref(), cause, now);
        reasons.extend(
            self.provider_rules(message, &tenant, &channel, contact.as_ref(), &payload)
                .await?,
        );
        if let Some(reason) = reasons.first() {
            let (code, why) = (reason.code(), reason.message().to_owned());
            return Ok(Err(Stop::Refuse(code, why)));
        }
        if message.message_type.keeps_quiet(message.trigger)
            && let Some(until) = quiet::until(&tenant.settings, contact.as_ref(), &message.to, now)
        {
            return Ok(Err(Stop::Quiet(until)));
        }
        let token = self.vault.token(&channel).await?;
        Ok(Ok(Kit {
            channel,
            token,
            payload,
        }))
    }

    /// The provider's own rules may say something else than when the message was accepted.
    async fn provider_rules(
        &self,
        message: &Message,
        tenant: &Tenant,
        channel: &Channel,
        contact: Option<&Contact>,
        payload: &Payload,
    ) -> Result<Vec<Reason>, StoreFailure> {
        let capabilities = (self.adapters)(channel.provider).capabilities();
        if let Content::Template(template) = &payload.content {
            let account = channel.account.as_deref().unwrap_or(&channel.provider_ref);
            let known = self
                .store
                .template(message.tenant, account, &template.name, &template.language)
                .await?;
            return Ok(preflight::template(tenant, known.as_ref(), contact));
        }
        if !capabilities.window_rule {
            return Ok(Vec::new());
        }
        // Who wrote meanwhile may have turned out to be another contact too: its thread is asked then.
        let conversation =
            merge::standing(self.store, message.tenant, message.conversation).await?;
        let now = self.clock.now();
        let reason = preflight::window(&capabilities, conversation.as_ref(), message.kind, now);
        Ok(reason.into_iter().collect())
    }
}

fn gone() -> Stop {
    Stop::Refuse(
        "CHANNEL_GONE",
        "The channel it was to be sent from no longer exists.".into(),
    )
}
