//! What a channel's state is called where people see one word for it (X29): what it costs and whether it
//! is logged in are two things, and this follows from both.

use jiff::Timestamp;

use crate::{
    channel::AuthStatus,
    managed::{BillingStatus, ManagedChannel, Stage},
};

/// The one word (S3.58, S3.70).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShownState {
    /// It is being made, or nobody linked its phone.
    Pending,
    /// A code waits to be scanned.
    QrGenerated,
    /// Its phone is linked, in the trial.
    Authorized,
    /// Its phone is linked, and it is paid.
    Active,
    /// Its phone is no longer linked.
    Disconnected,
    /// WHAPI stopped it.
    Stopped,
    /// Its days are over.
    Expired,
    /// It is being deleted.
    Deleting,
    /// It was deleted.
    Deleted,
    /// WHAPI refused to make it.
    Failed,
}

impl ShownState {
    /// The state of a channel; without a record it is one that a company brought itself.
    #[must_use]
    pub fn of(record: Option<&ManagedChannel>, auth: AuthStatus, now: Timestamp) -> Self {
        let Some(record) = record else {
            return match auth {
                AuthStatus::Authorized => Self::Active,
                AuthStatus::Pending => Self::Pending,
                AuthStatus::QrGenerated => Self::QrGenerated,
                AuthStatus::Disconnected => Self::Disconnected,
            };
        };
        match record.stage {
            Stage::Failed => return Self::Failed,
            Stage::Deleting => return Self::Deleting,
            Stage::Ordered | Stage::Creating | Stage::Live | Stage::Deleted => {}
        }
        let billing = record.billing(now);
        match (billing, auth) {
            (BillingStatus::Pending, _) => Self::Pending,
            (BillingStatus::Expired, _) => Self::Expired,
            (BillingStatus::Deleted, _) => Self::Deleted,
            (BillingStatus::Stopped, _) => Self::Stopped,
            (BillingStatus::Active, AuthStatus::Authorized) => Self::Active,
            (BillingStatus::Trial, AuthStatus::Authorized) => Self::Authorized,
            (BillingStatus::Trial | BillingStatus::Active, AuthStatus::Pending) => Self::Pending,
            (BillingStatus::Trial | BillingStatus::Active, AuthStatus::QrGenerated) => {
                Self::QrGenerated
            }
            (BillingStatus::Trial | BillingStatus::Active, AuthStatus::Disconnected) => {
                Self::Disconnected
            }
        }
    }

    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::QrGenerated => "qr_generated",
            Self::Authorized => "authorized",
            Self::Active => "active",
            Self::Disconnected => "disconnected",
            Self::Stopped => "stopped",
            Self::Expired => "expired",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Failed => "failed",
        }
    }
}
