//! Invoices, as far as reminders need to know them.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::ids::{ContactId, InvoiceId, TenantId};

/// An amount of money as the company writes it: digits, with at most three behind a point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(String);

/// A text that is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write digits, with at most three behind a point: 1250.500")]
pub struct NotAnAmount;

impl Amount {
    /// Reads an amount.
    ///
    /// # Errors
    /// [`NotAnAmount`] for signs, separators, currencies, and what is longer than 18 digits.
    pub fn parse(text: &str) -> Result<Self, NotAnAmount> {
        let (whole, part) = match text.split_once('.') {
            Some((whole, part)) => (whole, Some(part)),
            None => (text, None),
        };
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let fits = (1..=15).contains(&whole.len()) && digits(whole);
        let part_fits = part.is_none_or(|part| (1..=3).contains(&part.len()) && digits(part));
        if fits && part_fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnAmount)
        }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Amount {
    type Error = NotAnAmount;
    fn try_from(text: String) -> Result<Self, NotAnAmount> {
        Self::parse(&text)
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

/// What an invoice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Whom it was sent to.
    pub contact: ContactId,
    /// Their number.
    pub phone: String,
    /// How they are called.
    pub customer_name: Option<String>,
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: Date,
    /// When it is to be paid.
    pub due_date: Date,
    /// What is to be paid.
    pub amount: Amount,
}

/// An invoice. That it was paid may be told before what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id in the company's own system.
    pub id: String,
    /// What it says, as the newest event told.
    pub bill: Option<Bill>,
    /// When that event happened.
    pub issued_at: Option<Timestamp>,
    /// When it was paid. What is paid stays paid.
    pub paid_at: Option<Timestamp>,
    /// Raised by the store at every change.
    pub version: u32,
}

impl Invoice {
    /// One of which nothing is known.
    #[must_use]
    pub const fn unknown(tenant: TenantId, id: String) -> Self {
        Self {
            tenant,
            id,
            bill: None,
            issued_at: None,
            paid_at: None,
            version: 0,
        }
    }

    /// Its id here.
    #[must_use]
    pub fn key(&self) -> InvoiceId {
        InvoiceId::of(self.tenant, &self.id)
    }

    /// Notes what it says, unless something newer is known. Answers whether anything changed.
    pub fn issue(&mut self, bill: Bill, at: Timestamp) -> bool {
        if self.issued_at.is_some_and(|known| known > at) {
            return false;
        }
        let changed = self.bill.as_ref() != Some(&bill);
        self.bill = Some(bill);
        self.issued_at = Some(at);
        changed
    }

    /// Notes that it was paid; the earliest word counts. Answers whether anything changed.
    pub fn pay(&mut self, at: Timestamp) -> bool {
        if self.paid_at.is_some_and(|known| known <= at) {
            return false;
        }
        self.paid_at = Some(at);
        true
    }

    /// Whether somebody still has to pay it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.bill.is_some() && self.paid_at.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_digits_and_a_point() {
        for good in ["0", "1250", "1250.5", "1250.500", "999999999999999.999"] {
            assert_eq!(Amount::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1,250",
            "1.2345",
            "1 250",
            "₹5",
            "1e3",
            "٣",
            "1234567890123456",
        ] {
            assert_eq!(Amount::parse(bad), Err(NotAnAmount), "{bad}");
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_170_600 + second).unwrap()
    }

    fn bill(number: &str) -> Bill {
        Bill {
            contact: ContactId::fresh(),
            phone: "+97333000017".into(),
            customer_name: None,
            number: number.into(),
            date: "2026-11-20".parse().unwrap(),
            due_date: "2026-12-20".parse().unwrap(),
            amount: Amount::parse("10").unwrap(),
        }
    }

    /// S1.128: in whichever order the events come, a paid invoice is paid, and the newest words count.
    #[test]
    fn events_in_any_order_end_in_the_same_invoice() {
        let (old, new) = (bill("1"), bill("2"));
        type Change<'a> = Box<dyn Fn(&mut Invoice) -> bool + 'a>;
        let changes: [Change<'_>; 3] = [
            Box::new(|i| i.issue(old.clone(), at(0))),
            Box::new(|i| i.issue(new.clone(), at(5))),
            Box::new(|i| i.pay(at(3))),
        ];
        for order in [
            [0, 1, 2],
            [2, 1, 0],
            [1, 0, 2],
            [2, 0, 1],
            [0, 2, 1],
            [1, 2, 0],
        ] {
            let mut invoice = Invoice::unknown(TenantId::fresh(), "I-1".into());
            assert!(!invoice.is_open());
            for index in order.iter().chain(&order) {
                changes[*index](&mut invoice);
            }
            assert_eq!(invoice.bill.as_ref(), Some(&new), "{order:?}");
            assert_eq!((invoice.paid_at, invoice.is_open()), (Some(at(3)), false));
        }
    }
}
