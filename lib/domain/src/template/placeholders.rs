//! Which placeholders each type of message has (S1.24, S1.28, S1.33, S1.38), samples of them for
//! previews, and the texts that count while a company has none of its own (S1.117–S1.119, X43).

use super::{Value, Variables};
use crate::message::MessageType;

/// The placeholders of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// Those that every message of the type has values for.
    pub names: &'static [&'static str],
    /// Whether others may stand beside them, whose values come with the message.
    pub others: bool,
}

impl Allowed {
    /// Whether a placeholder of this name may stand in a text of the type.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.others || self.names.contains(&name)
    }

    /// The names for people: `{customerName}, {orderNumber}`.
    #[must_use]
    pub fn listed(&self) -> String {
        let names = self.names.iter().map(|name| format!("{{{name}}}"));
        names.collect::<Vec<_>>().join(", ")
    }
}

/// The placeholders of a type (S1.121).
#[must_use]
pub const fn allowed(message_type: MessageType) -> Allowed {
    let names: &[&str] = match message_type {
        MessageType::StockDelivered => &["customerName", "orderNumber", "deliveryDate", "items"],
        MessageType::Invoice => &[
            "customerName",
            "invoiceNumber",
            "invoiceDate",
            "amount",
            "dueDate",
            "invoiceLink",
        ],
        MessageType::PaymentReminder => &[
            "customerName",
            "invoiceNumber",
            "amount",
            "dueDate",
            "daysOverdue",
        ],
        MessageType::Festival => &["customerName", "festivalName"],
        MessageType::BookingConfirmation => &[
            "customerName",
            "packageName",
            "startDate",
            "bookingReference",
        ],
        MessageType::InquiryAcknowledgement => &["customerName", "destination"],
        MessageType::TourDetails => &["customerName", "packageName", "startDate"],
        MessageType::FollowUp | MessageType::Welcome | MessageType::Promotion => &["customerName"],
        MessageType::Other => &[],
    };
    Allowed {
        names,
        others: matches!(message_type, MessageType::Promotion | MessageType::Other),
    }
}

/// What a placeholder shows in a preview (S1.123). One that nobody knows shows its own name.
#[must_use]
pub fn sample(name: &str) -> Value {
    let text = match name {
        "customerName" => "Amal Heron",
        "orderNumber" => "ORD-1042",
        "deliveryDate" => "20 November 2026",
        "items" => {
            return Value::List(vec![
                "2 × Green tea".into(),
                "1 × Basmati rice, 5 kg".into(),
            ]);
        }
        "invoiceNumber" => "INV-2071",
        "invoiceDate" => "13 November 2026",
        "amount" => "1,250.00",
        "dueDate" => "27 November 2026",
        "invoiceLink" => "https://example.com/invoices/INV-2071",
        "daysOverdue" => "7",
        "festivalName" => "the New Year",
        "packageName" => "Desert Stars, three days",
        "startDate" => "5 December 2026",
        "bookingReference" => "BK-3318",
        "destination" => "the Heron Islands",
        _ => return Value::Text(format!("[{name}]")),
    };
    Value::from(text)
}

/// Samples of these placeholders.
#[must_use]
pub fn samples<'n>(names: impl IntoIterator<Item = &'n str>) -> Variables {
    let names = names.into_iter();
    names.map(|name| (name.to_owned(), sample(name))).collect()
}

/// The text of a type while a company has no active template of its own for it (X43); none for
/// messages whose purpose nobody named, and for campaigns, whose words are the company's.
#[must_use]
pub const fn default_text(message_type: MessageType) -> Option<&'static str> {
    let text = match message_type {
        MessageType::StockDelivered => {
            "Hello {customerName},\n\nYour order {orderNumber} has been delivered on {deliveryDate}.\n\nItems delivered:\n{items}\n\nThank you for your business!"
        }
        MessageType::Invoice => {
            "Dear {customerName},\n\nYour invoice {invoiceNumber} dated {invoiceDate} for ₹{amount} is ready.\n\nDue Date: {dueDate}\n\nView invoice: {invoiceLink}\n\nThank you!"
        }
        MessageType::PaymentReminder => {
            "Hello {customerName},\n\nThis is a friendly reminder that your invoice {invoiceNumber} for ₹{amount} is {daysOverdue} days overdue.\n\nDue Date: {dueDate}\n\nPlease make the payment at your earliest convenience.\n\nThank you!"
        }
        MessageType::Festival => {
            "Dear {customerName},\n\nWe wish you and your family all the best for {festivalName}!"
        }
        MessageType::BookingConfirmation => {
            "Hello {customerName},\n\nYour booking of {packageName} is confirmed. It begins on {startDate}.\n\nBooking reference: {bookingReference}\n\nThank you!"
        }
        MessageType::InquiryAcknowledgement => {
            "Hello {customerName},\n\nThank you for asking about {destination}. We will come back to you shortly."
        }
        MessageType::FollowUp => {
            "Hello {customerName},\n\nYou asked us about a journey a few days ago. May we help you with anything else?"
        }
        MessageType::TourDetails => {
            "Hello {customerName},\n\nThe details of {packageName} are ready. It begins on {startDate}.\n\nWe look forward to seeing you!"
        }
        MessageType::Welcome => {
            "Welcome, {customerName}!\n\nThank you for choosing us. Write to us here whenever we can help."
        }
        MessageType::Promotion | MessageType::Other => return None,
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{Piece, TemplateText, pieces};

    /// S1.24, S1.28, S1.33, S1.38: the four lists, verbatim.
    #[test]
    fn the_types_of_the_source_have_its_placeholders() {
        for (message_type, expected) in [
            (
                MessageType::StockDelivered,
                "{customerName}, {orderNumber}, {deliveryDate}, {items}",
            ),
            (
                MessageType::Invoice,
                "{customerName}, {invoiceNumber}, {invoiceDate}, {amount}, {dueDate}, {invoiceLink}",
            ),
            (
                MessageType::PaymentReminder,
                "{customerName}, {invoiceNumber}, {amount}, {dueDate}, {daysOverdue}",
            ),
            (MessageType::Festival, "{customerName}, {festivalName}"),
        ] {
            assert_eq!(allowed(message_type).listed(), expected);
            assert!(!allowed(message_type).holds("password"));
        }
        assert!(allowed(MessageType::Promotion).holds("discount"));
    }

    /// S1.117: the text as the source has it.
    #[test]
    fn the_text_of_a_delivery_is_verbatim() {
        let text = "Hello {customerName},⏎⏎Your order {orderNumber} has been delivered on {deliveryDate}.⏎⏎Items delivered:⏎{items}⏎⏎Thank you for your business!";
        let expected = text.replace('⏎', "\n");
        assert_eq!(default_text(MessageType::StockDelivered), Some(&*expected));
    }

    /// S1.118: the text as the source has it.
    #[test]
    fn the_text_of_an_invoice_is_verbatim() {
        let text = "Dear {customerName},⏎⏎Your invoice {invoiceNumber} dated {invoiceDate} for ₹{amount} is ready.⏎⏎Due Date: {dueDate}⏎⏎View invoice: {invoiceLink}⏎⏎Thank you!";
        let expected = text.replace('⏎', "\n");
        assert_eq!(default_text(MessageType::Invoice), Some(&*expected));
    }

    /// S1.119: the text as the source has it.
    #[test]
    fn the_text_of_a_reminder_is_verbatim() {
        let text = "Hello {customerName},⏎⏎This is a friendly reminder that your invoice {invoiceNumber} for ₹{amount} is {daysOverdue} days overdue.⏎⏎Due Date: {dueDate}⏎⏎Please make the payment at your earliest convenience.⏎⏎Thank you!";
        let expected = text.replace('⏎', "\n");
        assert_eq!(default_text(MessageType::PaymentReminder), Some(&*expected));
    }

    /// S1.121, S1.123: every default text could have been saved by a company, and every placeholder of
    /// a type has a sample of its own.
    #[test]
    fn defaults_are_valid_and_every_placeholder_has_a_sample() {
        for message_type in MessageType::ALL {
            for name in allowed(message_type).names {
                assert_ne!(sample(name), Value::Text(format!("[{name}]")), "{name}");
            }
            let Some(text) = default_text(message_type) else {
                continue;
            };
            assert!(TemplateText::check(message_type, text).is_ok(), "{text}");
            let slot = |piece: &Piece<'_>| matches!(piece, Piece::Slot(_));
            assert!(pieces(text).iter().any(slot));
        }
    }
}
