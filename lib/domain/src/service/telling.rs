//! Mails what companies are told. The mail is claimed before the mail service is called, which knows no
//! idempotency: a crash in between leaves it claimed, and it is marked unconfirmed rather than mailed twice
//! (hazards.md, failure point 14).

use jiff::SignedDuration;
use tracing::{error, info, warn};

use crate::{
    billing::{MailState, Notification},
    failure::{StoreFailure, StoreFailureKind},
    ids::{NotificationId, TenantId},
    notice::Mail,
    ports::{Clock, Mailer, Notifications, Saved},
};

/// How long mailing may take before its claim is taken for crashed, and how long a mail waits that the mail
/// service did not take.
const CLAIM: SignedDuration = SignedDuration::from_mins(5);

/// What telling needs.
#[derive(Debug)]
pub struct Telling<'a, S, M, C> {
    /// Storage.
    pub store: &'a S,
    /// The mail service.
    pub mailer: &'a M,
    /// The time.
    pub clock: &'a C,
}

impl<S, M, C> Telling<'_, S, M, C>
where
    S: Notifications,
    M: Mailer,
    C: Clock,
{
    /// Does what the mail of a notification wants now. Calling it again, or twice at once, mails nothing
    /// twice.
    ///
    /// # Errors
    /// Storage failures; the mail stays due.
    pub async fn run(&self, tenant: TenantId, id: NotificationId) -> Result<(), StoreFailure> {
        let Some(told) = self.store.notification(tenant, id).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        if told.due.is_none_or(|due| due > now) {
            return Ok(());
        }
        match told.mail {
            MailState::Waiting => self.mail(told).await,
            MailState::Claimed => {
                error!(tenant.id = %tenant, notification.id = %id, "whether notification `{id}` was mailed is not known");
                self.set(told, MailState::Unconfirmed, None).await.map(drop)
            }
            MailState::None | MailState::Mailed | MailState::Unconfirmed | MailState::Refused => {
                Ok(())
            }
        }
    }

    async fn mail(&self, told: Notification) -> Result<(), StoreFailure> {
        let (tenant, id, now) = (told.tenant, told.id, self.clock.now());
        let Some(to) = told.email.clone() else {
            return self.set(told, MailState::None, None).await.map(drop);
        };
        let mail = Mail {
            to,
            subject: told.title.clone(),
            text: told.text.clone(),
        };
        let claimed = self
            .set(told, MailState::Claimed, Some(now + CLAIM))
            .await?;
        let Some(claimed) = claimed else {
            // Somebody else mails it, or read it in the console just now.
            return Ok(());
        };
        let (state, due) = match self.mailer.mail(&mail).await {
            Ok(()) => {
                info!(tenant.id = %tenant, notification.id = %id, "mailed notification `{id}`");
                (MailState::Mailed, None)
            }
            Err(failure) => match failure.kind() {
                // Known not sent: later again.
                StoreFailureKind::Throttled
                | StoreFailureKind::Unavailable
                | StoreFailureKind::Conflict => {
                    warn!(tenant.id = %tenant, notification.id = %id, error = %failure, "the mail of notification `{id}` has to wait");
                    (MailState::Waiting, Some(now + CLAIM))
                }
                StoreFailureKind::Refused | StoreFailureKind::Corrupt => {
                    error!(tenant.id = %tenant, notification.id = %id, error = %failure, "the mail of notification `{id}` was refused; check the address");
                    (MailState::Refused, None)
                }
                StoreFailureKind::Doubtful => {
                    warn!(tenant.id = %tenant, notification.id = %id, error = %failure, "whether notification `{id}` was mailed is not known; it is not repeated");
                    (MailState::Unconfirmed, None)
                }
            },
        };
        self.set(claimed, state, due).await.map(drop)
    }

    /// Moves the mail of a notification; none when somebody else changed it.
    async fn set(
        &self,
        mut told: Notification,
        mail: MailState,
        due: Option<jiff::Timestamp>,
    ) -> Result<Option<Notification>, StoreFailure> {
        told.mail = mail;
        told.due = due;
        Ok(match self.store.save_notification(&mut told).await? {
            Saved::Done => Some(told),
            Saved::Stale => None,
        })
    }
}
