//! Requests for quotes and demos: recorded for the platform's people (S3.76).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RequestType;
use crate::ids::{PlanId, RequestId, TenantId, UserId};

/// Whether somebody looked after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Nobody yet.
    Open,
    /// Somebody did.
    Done,
}

/// A request for a quote or a demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRequest {
    /// Its id.
    pub id: RequestId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Who asks.
    pub user: UserId,
    /// Their address.
    pub email: Option<String>,
    /// For which plan.
    pub plan: PlanId,
    /// What it is called.
    pub plan_name: String,
    /// A quote or a demo; never a paid plan.
    pub kind: RequestType,
    /// What they say.
    pub message: String,
    /// How to reach them, if they say.
    pub phone: Option<String>,
    /// Whether somebody looked after it.
    pub state: RequestState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Raised by every change; 0 for one that is not stored yet.
    pub version: u32,
}

impl PlanRequest {
    /// The same as its next version, as it is stored.
    #[must_use]
    pub fn next(&self) -> Self {
        Self {
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }
}
