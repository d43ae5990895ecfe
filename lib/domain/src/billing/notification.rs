//! What a company is told about its plan and channels: in the console, and by mail where an address is
//! known.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{NotificationId, TenantId};

/// Where the mail of a notification stands. It is claimed before the mail service is called, which knows
/// no idempotency: a crash in between leaves it claimed, and it is marked unconfirmed rather than mailed
/// twice (hazards.md, failure point 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// No address is known.
    None,
    /// To be mailed.
    Waiting,
    /// Somebody is mailing it.
    Claimed,
    /// Mailed.
    Mailed,
    /// Claimed, and then the process died: mailed or not, nobody knows.
    Unconfirmed,
    /// The mail service refused it.
    Refused,
}

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Its id; follows from the fact it is about ([`NotificationId::of_fact`]).
    pub id: NotificationId,
    /// Who is told.
    pub tenant: TenantId,
    /// Machine code: `PLAN_ACTIVE`.
    pub code: String,
    /// Subject of the mail and headline in the console.
    pub title: String,
    /// What is told.
    pub text: String,
    /// Where the mail goes.
    pub email: Option<String>,
    /// Where the mail stands.
    pub mail: MailState,
    /// When the sweep looks at its mail; none when nothing is to be done.
    pub due: Option<Timestamp>,
    /// When it was read in the console.
    pub read_at: Option<Timestamp>,
    /// When it happened.
    pub at: Timestamp,
    /// Raised by every change; 0 for one that is not stored yet.
    pub version: u32,
}

impl Notification {
    /// The same as its next version, as it is stored.
    #[must_use]
    pub fn next(&self) -> Self {
        Self {
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }

    /// What is told about a fact; the same fact is told once.
    #[must_use]
    pub fn new(
        tenant: TenantId,
        fact: &str,
        code: &str,
        (title, text): (&str, &str),
        email: Option<&str>,
        at: Timestamp,
    ) -> Self {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        Self {
            id: NotificationId::of_fact(tenant, millis, fact),
            tenant,
            code: code.to_owned(),
            title: title.to_owned(),
            text: text.to_owned(),
            email: email.map(str::to_owned),
            mail: if email.is_some() {
                MailState::Waiting
            } else {
                MailState::None
            },
            due: email.map(|_| at),
            read_at: None,
            at,
            version: 0,
        }
    }
}
