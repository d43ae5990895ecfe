//! Texts that people read word for word, kept in one place. Quoted requirements stand as they were
//! written; where a decision of reconciliations.md replaces one for display, both are here.

/// S0.42, verbatim: the note under a disabled send button.
pub const LIMIT_NOTE_VERBATIM: &str =
    " you have reached daily/ or monthly sending>> upgrade to send more";

/// X25: the same note as it is displayed.
pub const LIMIT_NOTE: &str =
    "You have reached your daily/monthly sending limit. Upgrade to send more.";

/// A company that never subscribed wants to send.
pub const NO_PLAN: &str = "This company has no active plan. Subscribe to one to send messages.";

/// A company whose plan is over wants to send.
pub const PLAN_ENDED: &str = "Your plan has ended. Renew it to send messages.";

/// A company that never subscribed wants a channel.
pub const NO_CHANNEL_PLAN: &str =
    "This company has no active plan. Subscribe to one to add channels.";

/// A company whose plan is over wants a further channel.
pub const PLAN_ENDED_CHANNEL: &str = "Your plan has ended. Renew it to add channels.";

/// A plan is over: what the company is told of it.
pub const PLAN_ENDED_TOLD: &str =
    "Your plan has ended. Messages that were accepted still go out; renew your plan to send more.";

/// X26: every channel's own paid days are over.
pub const CHANNELS_EXPIRED: &str =
    "The paid days of your channels are over. Extend one to send messages again.";

/// X26: nothing is left to give to channels.
pub const DAYS_EXHAUSTED: &str =
    "No unallocated days are left. Renew your plan or pay for more days first.";

/// S0.39, X24: shown after sending.
pub const QUEUED_TOAST: &str = "Message queued. Track delivery in Outbox → Job Details.";

/// S3.46, verbatim: told when a payment was approved, and when PayPal took one for the first time.
pub const PLAN_ACTIVE: &str = "Your plan is now active. You can add your first WhatsApp channel.";

/// S3.31, verbatim: what is told while the platform's token at WHAPI is missing or refused.
pub const PARTNER_BANNER: &str =
    "WHAPI Partner Token missing or invalid — please update integration settings.";

/// S3.33, verbatim: a further channel than the plan allows.
pub const CHANNEL_LIMIT: &str = "Channel limit reached for your plan.";

/// S3.16, verbatim: a channel was deleted, and days came back.
pub const CHANNEL_DELETED: &str =
    "Channel deleted successfully. Unused days have been credited back to your balance.";

/// X27: a channel was deleted, and no days came back.
pub const CHANNEL_DELETED_WITHOUT_DAYS: &str =
    "Channel deleted successfully. It had no unused days to credit back.";

/// X27: a channel was deleted where unused days stay with the platform.
pub const CHANNEL_DELETED_DAYS_STAY: &str =
    "Channel deleted successfully. Unused days are not credited back.";

/// The same while its provider has not confirmed yet.
pub const CHANNEL_DELETING_DAYS_STAY: &str =
    "The channel is being deleted. Unused days are not credited back.";

/// A channel is to be deleted, and its provider has not confirmed yet.
pub const CHANNEL_DELETING: &str = "The channel is being deleted. Unused days are credited back to your balance as soon as WHAPI confirms.";

/// S3.25, verbatim: a channel's phone is linked.
pub const CHANNEL_CONNECTED: &str = "Channel connected successfully and now active.";

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
