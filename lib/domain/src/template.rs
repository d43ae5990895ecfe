//! Templates of providers, as far as they told us of them.

use jiff::Timestamp;

/// What is known of a provider's template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownTemplate {
    /// The provider's status: `APPROVED`, `PAUSED`.
    pub status: Option<String>,
    /// Why it has that status, for people.
    pub reason: Option<String>,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub category: Option<String>,
    /// The provider's rating.
    pub quality: Option<String>,
    /// When anything of it last changed.
    pub changed_at: Option<Timestamp>,
}

impl KnownTemplate {
    /// Whether the provider is known to refuse it. What was never heard of may be sent: the provider
    /// decides.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.status.as_deref().is_some_and(|status| {
            !matches!(status, "APPROVED" | "REINSTATED" | "FLAGGED" | "UNARCHIVED")
        })
    }

    /// Whether it is marketing.
    #[must_use]
    pub fn is_marketing(&self) -> bool {
        self.category.as_deref() == Some("MARKETING")
    }
}
