//! Failure mails: one per message on its terminal failure, one digest when many fail at once.

use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use crate::{
    failure::{StoreFailure, StoreFailureKind},
    message::Message,
    notice::{FailureLine, Notice, NoticeKey, NoticeState, SINGLE_MAILS, WINDOW_MINUTES, mail},
    ports::{Clock, Contacts, Directory, Mailer, Messages, Notices, Saved},
};

/// How long mailing may take before its claim is taken for crashed.
const CLAIM: SignedDuration = SignedDuration::from_mins(5);

/// Failures in one digest mail; the rest follow in the next.
const DIGEST: u16 = 100;

/// What notifying needs.
#[derive(Debug)]
pub struct Notify<'a, S, M, C> {
    /// Storage.
    pub store: &'a S,
    /// The mail service.
    pub mailer: &'a M,
    /// The time.
    pub clock: &'a C,
}

impl<S, M, C> Notify<'_, S, M, C>
where
    S: Notices + Messages + Contacts + Directory,
    M: Mailer,
    C: Clock,
{
    /// Does what a notice wants now. Calling it again, or twice at once, sends nothing twice.
    ///
    /// # Errors
    /// Storage failures; the notice stays due.
    pub async fn run(&self, key: &NoticeKey) -> Result<(), StoreFailure> {
        let Some(notice) = self.store.notice(key).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        match notice.state {
            NoticeState::Waiting => self.waiting(notice, now).await,
            NoticeState::Digest if notice.due.is_some_and(|due| due <= now) => {
                self.digest(key, now).await
            }
            NoticeState::Claimed if notice.due.is_some_and(|due| due <= now) => {
                error!(message.id = %key.message, tenant.id = %key.tenant, "whether the failure of `{}` was mailed is not known", key.message);
                self.set(&notice, NoticeState::Unconfirmed, None)
                    .await
                    .map(|_| ())
            }
            NoticeState::Digest
            | NoticeState::Claimed
            | NoticeState::Mailed
            | NoticeState::Unconfirmed
            | NoticeState::Dropped => Ok(()),
        }
    }

    async fn waiting(&self, notice: Notice, now: Timestamp) -> Result<(), StoreFailure> {
        let key = notice.key.clone();
        let failures = self.store.count_failure(key.tenant, key.window).await?;
        if failures > SINGLE_MAILS {
            let end = key.window + SignedDuration::from_mins(WINDOW_MINUTES + 1);
            self.set(&notice, NoticeState::Digest, Some(end)).await?;
            return Ok(());
        }
        self.send(vec![notice], now).await
    }

    async fn digest(&self, key: &NoticeKey, now: Timestamp) -> Result<(), StoreFailure> {
        let waiting = self.store.digest(key.tenant, key.window, DIGEST).await?;
        self.send(waiting, now).await
    }

    /// Mails about notices and notes what became of it. Everything is read before the claim, so that
    /// between claim and mail there is nothing at which the process could die for long.
    async fn send(&self, notices: Vec<Notice>, now: Timestamp) -> Result<(), StoreFailure> {
        let Some(tenant) = notices.first().map(|n| n.key.tenant) else {
            return Ok(());
        };
        let address = self
            .store
            .tenant(tenant)
            .await?
            .and_then(|t| t.settings.failure_email);
        let mut wanted = Vec::new();
        for notice in notices {
            let line = match &address {
                Some(_) => self.line(&notice.key).await?,
                None => None,
            };
            match line {
                Some(line) => wanted.push((notice, line)),
                None => {
                    self.set(&notice, NoticeState::Dropped, None).await?;
                }
            }
        }
        let mut told = Vec::new();
        let mut lines = Vec::new();
        for (notice, line) in wanted {
            if let Some(claimed) = self
                .set(&notice, NoticeState::Claimed, Some(now + CLAIM))
                .await?
            {
                told.push(claimed);
                lines.push(line);
            }
        }
        let Some(mail) = address.and_then(|to| mail(&to, &lines)) else {
            return Ok(());
        };
        let (state, due) = match self.mailer.mail(&mail).await {
            Ok(()) => {
                info!(tenant.id = %tenant, failures = lines.len(), "mailed {} failures of tenant `{tenant}`", lines.len());
                (NoticeState::Mailed, None)
            }
            Err(failure) => match failure.kind() {
                // Known not sent: later again.
                StoreFailureKind::Throttled
                | StoreFailureKind::Unavailable
                | StoreFailureKind::Conflict => {
                    warn!(tenant.id = %tenant, error = %failure, "a failure mail has to wait");
                    (NoticeState::Waiting, Some(now + CLAIM))
                }
                StoreFailureKind::Refused | StoreFailureKind::Corrupt => {
                    error!(tenant.id = %tenant, error = %failure, "a failure mail was refused; check the tenant's failure address");
                    (NoticeState::Dropped, None)
                }
                StoreFailureKind::Doubtful => {
                    warn!(tenant.id = %tenant, error = %failure, "whether a failure mail was sent is not known; it is not repeated");
                    (NoticeState::Unconfirmed, None)
                }
            },
        };
        for notice in told {
            self.set(&notice, state, due).await?;
        }
        Ok(())
    }

    async fn line(&self, key: &NoticeKey) -> Result<Option<FailureLine>, StoreFailure> {
        let Some(message) = self.store.message(key.tenant, key.message).await? else {
            return Ok(None);
        };
        // Evidence that it arrived after all, or a retry by hand, makes the mail wrong.
        if !message.is_dead() || message.sending.attempt != key.attempt {
            return Ok(None);
        }
        let Some(failure) = message.facts.failed.get(&key.attempt) else {
            return Ok(None);
        };
        let contact = self.store.contact(key.tenant, &message.to.alias()).await?;
        Ok(Some(FailureLine {
            customer: contact.and_then(|c| c.name).unwrap_or_else(|| "-".into()),
            number: message.to.clone(),
            message_type: type_word(&message),
            trigger: message.trigger.word(),
            reason: failure.reason.clone(),
            at: failure.at,
            retries: message.sending.retries,
        }))
    }

    async fn set(
        &self,
        from: &Notice,
        state: NoticeState,
        due: Option<Timestamp>,
    ) -> Result<Option<Notice>, StoreFailure> {
        let to = Notice {
            key: from.key.clone(),
            state,
            due,
        };
        Ok(match self.store.move_notice(from, &to).await? {
            Saved::Done => Some(to),
            Saved::Stale => None,
        })
    }
}

/// What it is for, and where nobody said that, what it consists of: `interactive` → `Interactive`.
fn type_word(message: &Message) -> String {
    if let Some(words) = message.message_type.words() {
        return words.to_owned();
    }
    let name = message.kind.as_str();
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
