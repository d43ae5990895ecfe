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

#[cfg(test)]
mod tests {
    use super::*;

    /// X17, S2.34: what was never heard of may be sent; a word never seen may not.
    #[test]
    fn only_what_the_provider_lets_through_may_be_sent() {
        let with = |status: Option<&str>| KnownTemplate {
            status: status.map(Into::into),
            ..KnownTemplate::default()
        };
        assert!(!with(None).is_refused());
        for open in ["APPROVED", "REINSTATED", "FLAGGED", "UNARCHIVED"] {
            assert!(!with(Some(open)).is_refused(), "{open}");
        }
        for held in [
            "PENDING",
            "REJECTED",
            "PAUSED",
            "DISABLED",
            "IN_APPEAL",
            "ARCHIVED",
            "approved",
            "",
        ] {
            assert!(with(Some(held)).is_refused(), "{held}");
        }
    }

    /// S2.33.
    #[test]
    fn marketing_is_a_category_and_nothing_else_is() {
        for (category, marketing) in [
            (None, false),
            (Some("MARKETING"), true),
            (Some("UTILITY"), false),
            (Some("AUTHENTICATION"), false),
        ] {
            let known = KnownTemplate {
                category: category.map(Into::into),
                ..KnownTemplate::default()
            };
            assert_eq!(known.is_marketing(), marketing, "{category:?}");
        }
    }
}
