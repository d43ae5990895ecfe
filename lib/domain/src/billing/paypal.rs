//! What PayPal tells of a subscription, and what follows from all of it, in whatever order it came.

use jiff::{SignedDuration, Timestamp};

use super::{Subscription, SubscriptionState};
use crate::channel::SealedSecret;

/// What the platform is at PayPal. Shown without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayPalSettings {
    /// The app's client id; no secret.
    pub client_id: String,
    /// The secret that belongs to it, sealed for the platform.
    pub sealed_secret: SealedSecret,
    /// Its last four characters.
    pub hint: String,
    /// The id of the webhook that PayPal signs for.
    pub webhook_id: String,
    /// Where buyers come back to after approving.
    pub return_url: String,
    /// Where they come back to without.
    pub cancel_url: String,
    /// When it was last changed.
    pub changed_at: Timestamp,
    /// Raised by every change; 0 for one that is not stored yet.
    pub version: u32,
}

/// One event of PayPal's, as far as it says something to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayPalEvent {
    /// What PayPal calls it; repeated deliveries have the same.
    pub id: String,
    /// When it happened; none when it does not say.
    pub at: Option<Timestamp>,
    /// What happened.
    pub kind: PayPalEventKind,
    /// PayPal's subscription that it is about.
    pub subscription: Option<String>,
    /// What we wrote on that subscription, where the event repeats it.
    pub custom_id: Option<String>,
}

/// What happened at PayPal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayPalEventKind {
    /// A subscription was made, and waits for its buyer.
    Created,
    /// The buyer approved it, or it runs again.
    Activated,
    /// It was cancelled, suspended, or is over.
    Ended,
    /// A payment did not succeed; PayPal tries again or suspends the subscription.
    PaymentFailed,
    /// A payment came, by the id of its sale.
    Paid {
        /// The sale.
        sale: String,
    },
    /// A payment was given back by us or taken back by the buyer's bank.
    GivenBack {
        /// The sale it was, where the event names it.
        sale: Option<String>,
    },
    /// Something we do not act on.
    Other {
        /// PayPal's word for it, fit to be kept.
        word: String,
    },
    /// No event.
    Unreadable,
}

impl PayPalEventKind {
    /// A word for the journal.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Created => "created",
            Self::Activated => "activated",
            Self::Ended => "ended",
            Self::PaymentFailed => "payment_failed",
            Self::Paid { .. } => "paid",
            Self::GivenBack { .. } => "given_back",
            Self::Other { word } => word,
            Self::Unreadable => "unreadable",
        }
    }
}

/// When PayPal said what of a subscription. Each only ever moves one way, so any order of the same
/// events ends in the same times, and everything else follows from them ([`Subscription::settle`]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PayPalTimes {
    /// The latest approval or resumption.
    pub activated_at: Option<Timestamp>,
    /// The latest payment.
    pub paid_at: Option<Timestamp>,
    /// The latest end.
    pub ended_at: Option<Timestamp>,
}

impl Subscription {
    /// Notes that PayPal activated it.
    pub fn activated(&mut self, at: Timestamp) {
        self.start_at = earliest(self.start_at, at);
        if let Some(link) = &mut self.paypal {
            link.times.activated_at = latest(link.times.activated_at, at);
        }
    }

    /// Notes a payment of one period. The ledger decides that it is a new one.
    pub fn paid(&mut self, at: Timestamp) {
        self.start_at = earliest(self.start_at, at);
        self.paid = self.paid.saturating_add(1);
        if let Some(link) = &mut self.paypal {
            link.times.paid_at = latest(link.times.paid_at, at);
        }
    }

    /// Notes that PayPal ended it.
    pub fn ended(&mut self, at: Timestamp) {
        if let Some(link) = &mut self.paypal {
            link.times.ended_at = latest(link.times.ended_at, at);
        }
    }

    /// Where it stands and until when, from what PayPal told so far: every payment lasts one period,
    /// the first from the start, and one that came late at least from its own time. What was approved and
    /// not paid yet lasts one period, or until it ends: PayPal takes the first payment by itself, which
    /// may need days to clear.
    pub fn settle(&mut self, period: SignedDuration) {
        let times = self.paypal.as_ref().map(|link| link.times);
        let times = times.unwrap_or_default();
        self.end_at = self.start_at.map(|start| {
            let periods = i32::try_from(self.paid.max(1)).unwrap_or(i32::MAX);
            let in_turn = plus(start, period.saturating_mul(periods));
            match (times.paid_at, times.ended_at) {
                (Some(paid), _) => in_turn.max(plus(paid, period)),
                (None, Some(ended)) => in_turn.min(ended.max(start)),
                (None, None) => in_turn,
            }
        });
        let ended = times
            .ended_at
            .is_some_and(|ended| times.activated_at.is_none_or(|active| active <= ended));
        self.state = if ended {
            SubscriptionState::Canceled
        } else if self.start_at.is_some() {
            SubscriptionState::Active
        } else {
            SubscriptionState::Pending
        };
    }

    /// Whether what is paid, or approved, counts at a moment.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> bool {
        self.end_at.is_some_and(|end| now < end)
    }
}

fn earliest(known: Option<Timestamp>, at: Timestamp) -> Option<Timestamp> {
    Some(known.map_or(at, |known| known.min(at)))
}

fn latest(known: Option<Timestamp>, at: Timestamp) -> Option<Timestamp> {
    Some(known.map_or(at, |known| known.max(at)))
}

/// Times beyond the calendar do not happen; the last one there is stands for them.
fn plus(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
