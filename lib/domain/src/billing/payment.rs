//! Offline payments: a proof, a reference, and what the platform's people made of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{PaymentId, PlanId, SubscriptionId, TenantId, UserId};

/// What a proof is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofType {
    /// `application/pdf`.
    Pdf,
    /// `image/jpeg`.
    Jpeg,
    /// `image/png`.
    Png,
}

impl ProofType {
    /// Every type, for tables and tests.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Jpeg, Self::Png];

    /// Its MIME type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The type with this MIME type.
    #[must_use]
    pub fn of_mime(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.mime() == mime)
    }
}

/// A proof that was looked at: its bytes lie in S3 under the payment's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What it is, by its content.
    pub kind: ProofType,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes, as hexadecimal digits.
    pub sha256: String,
    /// Another payment of any company with the same bytes came before it. Which one is the platform's
    /// knowledge alone.
    pub used_before: bool,
}

/// Where an offline payment stands (S3.41).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// The proof's form was given out; nothing to review yet.
    Uploading,
    /// To be reviewed.
    Pending,
    /// Approved.
    Approved,
    /// Rejected.
    Rejected,
}

impl PaymentState {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// An offline payment (S3.41, S3.61). Its id is the proof's too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Who paid.
    pub user: UserId,
    /// Their address, for what they are told about it.
    pub email: Option<String>,
    /// For which plan.
    pub plan: PlanId,
    /// What the plan was called then.
    pub plan_name: String,
    /// What it cost then, in fils.
    pub amount_fils: u64,
    /// The days that approving it credits.
    pub days: u32,
    /// For which subscription.
    pub subscription: SubscriptionId,
    /// The type the form was given out for.
    pub expected: ProofType,
    /// The proof, once it was looked at.
    pub proof: Option<Proof>,
    /// What the payer calls it.
    pub reference: String,
    /// Where it stands.
    pub state: PaymentState,
    /// Who reviewed it.
    pub reviewed_by: Option<UserId>,
    /// When.
    pub reviewed_at: Option<Timestamp>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// When the form was given out.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Raised by every change; 0 for one that is not stored yet.
    pub version: u32,
}

impl Payment {
    /// The same as its next version, as it is stored.
    #[must_use]
    pub fn next(&self) -> Self {
        Self {
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}
