//! Texts that people read word for word, kept in one place. Quoted requirements stand as they were
//! written; where a decision of reconciliations.md replaces one for display, both are here.

/// S0.42, verbatim: the note under a disabled send button.
pub const LIMIT_NOTE_VERBATIM: &str =
    " you have reached daily/ or monthly sending>> upgrade to send more";

/// X25: the same note as it is displayed.
pub const LIMIT_NOTE: &str =
    "You have reached your daily/monthly sending limit. Upgrade to send more.";

/// S0.39, X24: shown after sending.
pub const QUEUED_TOAST: &str = "Message queued. Track delivery in Outbox → Job Details.";

/// S3.31, verbatim: the banner while WHAPI's partner token is missing or refused.
pub const PARTNER_BANNER: &str =
    "WHAPI Partner Token missing or invalid — please update integration settings.";

#[cfg(test)]
mod tests {
    /// S0.42, S0.43: both limits are named, in the requirement's own words and in the displayed ones.
    #[test]
    fn both_limits_are_named() {
        for note in [super::LIMIT_NOTE, super::LIMIT_NOTE_VERBATIM] {
            assert!(note.contains("daily") && note.contains("monthly"), "{note}");
        }
        assert_eq!(
            super::LIMIT_NOTE_VERBATIM,
            " you have reached daily/ or monthly sending>> upgrade to send more"
        );
    }
}
