//! What a message is for: the four message types of source 1, those of source 2's workflows, and the
//! rest. What it consists of is its [`Kind`](super::Kind).

use serde::{Deserialize, Serialize};

use super::Trigger;

/// What a message is for (S1.43, S2.87).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MessageType {
    /// An order was delivered.
    StockDelivered,
    /// An invoice with its file.
    Invoice,
    /// An invoice is still unpaid.
    PaymentReminder,
    /// Greetings on a day of the year.
    Festival,
    /// A booking was made.
    BookingConfirmation,
    /// An inquiry arrived.
    InquiryAcknowledgement,
    /// Some days after an inquiry.
    FollowUp,
    /// The details of a tour are ready.
    TourDetails,
    /// A new customer.
    Welcome,
    /// A campaign.
    Promotion,
    /// Whatever its sender did not name: chat, and messages of programs that say nothing of it.
    #[default]
    Other,
}

impl MessageType {
    /// Every type.
    pub const ALL: [Self; 11] = [
        Self::StockDelivered,
        Self::Invoice,
        Self::PaymentReminder,
        Self::Festival,
        Self::BookingConfirmation,
        Self::InquiryAcknowledgement,
        Self::FollowUp,
        Self::TourDetails,
        Self::Welcome,
        Self::Promotion,
        Self::Other,
    ];

    /// The name in requests and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StockDelivered => "stock_delivered",
            Self::Invoice => "invoice",
            Self::PaymentReminder => "payment_reminder",
            Self::Festival => "festival",
            Self::BookingConfirmation => "booking_confirmation",
            Self::InquiryAcknowledgement => "inquiry_acknowledgement",
            Self::FollowUp => "follow_up",
            Self::TourDetails => "tour_details",
            Self::Welcome => "welcome",
            Self::Promotion => "promotion",
            Self::Other => "other",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// The words of mails and lists; none for [`MessageType::Other`].
    #[must_use]
    pub const fn words(self) -> Option<&'static str> {
        match self {
            Self::StockDelivered => Some("Stock Delivered"),
            Self::Invoice => Some("Invoice"),
            Self::PaymentReminder => Some("Payment Reminder"),
            Self::Festival => Some("Festival"),
            Self::BookingConfirmation => Some("Booking Confirmation"),
            Self::InquiryAcknowledgement => Some("Inquiry Acknowledgement"),
            Self::FollowUp => Some("Follow-up"),
            Self::TourDetails => Some("Tour Details"),
            Self::Welcome => Some("Welcome"),
            Self::Promotion => Some("Promotion"),
            Self::Other => None,
        }
    }

    /// One letter for stored items, stable for ever.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::StockDelivered => 's',
            Self::Invoice => 'i',
            Self::PaymentReminder => 'r',
            Self::Festival => 'f',
            Self::BookingConfirmation => 'b',
            Self::InquiryAcknowledgement => 'q',
            Self::FollowUp => 'u',
            Self::TourDetails => 't',
            Self::Welcome => 'w',
            Self::Promotion => 'p',
            Self::Other => 'o',
        }
    }

    /// The type with this letter.
    #[must_use]
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.letter() == letter)
    }

    /// Whether it praises rather than tells.
    #[must_use]
    pub const fn is_marketing(self) -> bool {
        matches!(self, Self::Promotion)
    }

    /// Whether it waits for the end of the recipient's quiet hours. What its sender did not name goes
    /// out when they say so: an automatic answer belongs to somebody who is awake.
    #[must_use]
    pub const fn keeps_quiet(self, trigger: Trigger) -> bool {
        match self {
            Self::Other => false,
            Self::Promotion => true,
            Self::StockDelivered
            | Self::Invoice
            | Self::PaymentReminder
            | Self::Festival
            | Self::BookingConfirmation
            | Self::InquiryAcknowledgement
            | Self::FollowUp
            | Self::TourDetails
            | Self::Welcome => self.is_automatic(trigger),
        }
    }

    /// Whether a programme caused it: an event, or a date that nobody chose for this one message.
    #[must_use]
    pub const fn is_automatic(self, trigger: Trigger) -> bool {
        match trigger {
            Trigger::Auto => true,
            Trigger::Manual => false,
            Trigger::Scheduled => {
                matches!(
                    self,
                    Self::PaymentReminder | Self::Festival | Self::FollowUp
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S1.43: the four names of the source are among the types; names and letters are each one's own.
    #[test]
    fn names_and_letters_lead_back() {
        for one in MessageType::ALL {
            assert_eq!(MessageType::parse(one.as_str()), Some(one));
            assert_eq!(MessageType::from_letter(one.letter()), Some(one));
            let json = serde_json::to_value(one).unwrap();
            assert_eq!(json, one.as_str());
        }
        for name in ["stock_delivered", "invoice", "payment_reminder", "festival"] {
            assert!(MessageType::parse(name).is_some(), "{name}");
        }
        assert_eq!(MessageType::parse("Invoice"), None);
        assert_eq!(MessageType::from_letter('z'), None);
    }
}
