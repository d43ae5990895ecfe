//! Payment reminders: which of them an invoice wants on a day, and the work of a company's days.
//!
//! At two in the morning of its own zone a company's unpaid invoices are gone through. Which reminder an
//! invoice wants follows from its dates and the day alone, so a day that was missed is made up for by the
//! next one, and going through a day again finds what it found before.

#[cfg(test)]
mod tests;
mod work;

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};

pub use self::work::{DayWork, START};
use crate::{
    settings::{ReminderBasis, Settings},
    template::{Value, Variables},
};

/// For how many days, its own included, a reminder is still sent: a later one says more than an old one.
pub const CATCH_UP_DAYS: u16 = 7;

/// The reminder that an invoice wants on a day: of those whose days are among the last
/// [`CATCH_UP_DAYS`] the latest, by its number of days after the base. Earlier ones that were missed are
/// not sent any more: nobody is told the same thing twice in one morning.
#[must_use]
pub fn wanted(days: &BTreeSet<u16>, base: Date, today: Date) -> Option<u16> {
    let since = base.until((jiff::Unit::Day, today)).ok()?.get_days();
    let since = u16::try_from(since).ok()?;
    let latest = days.iter().rev().find(|offset| **offset <= since)?;
    (since - latest < CATCH_UP_DAYS).then_some(*latest)
}

/// The base dates of invoices that want a reminder on a day, first and last included, earliest first;
/// they do not touch one another.
#[must_use]
pub fn bases(days: &BTreeSet<u16>, today: Date) -> Vec<(Date, Date)> {
    let mut ranges: Vec<(Date, Date)> = Vec::new();
    for offset in days.iter().rev() {
        let last = today.checked_sub(i64::from(*offset).days());
        let first = last.and_then(|last| last.checked_sub(i64::from(CATCH_UP_DAYS - 1).days()));
        let (Ok(first), Ok(last)) = (first, today.checked_sub(i64::from(*offset).days())) else {
            continue;
        };
        match ranges.last_mut() {
            Some(range) if range.1.tomorrow().is_ok_and(|next| first <= next) => range.1 = last,
            Some(_) | None => ranges.push((first, last)),
        }
    }
    ranges
}

/// The earliest base date of invoices that want a reminder on a day or may want one later; none when
/// there are no reminder days.
#[must_use]
pub fn earliest(days: &BTreeSet<u16>, today: Date) -> Option<Date> {
    let back = i64::from(days.last()? + CATCH_UP_DAYS - 1);
    Some(today.checked_sub(back.days()).unwrap_or(Date::MIN))
}

/// What an invoice's reminder days count from.
#[must_use]
pub const fn base(settings: &Settings, invoice_date: Date, due_date: Date) -> Date {
    match settings.reminder_basis {
        ReminderBasis::InvoiceDate => invoice_date,
        ReminderBasis::DueDate => due_date,
    }
}

/// How many days an invoice is overdue on a day; none when it is due on that day or later (X19).
#[must_use]
pub fn days_overdue(due_date: Date, today: Date) -> Option<u32> {
    let days = due_date.until((jiff::Unit::Day, today)).ok()?.get_days();
    u32::try_from(days).ok().filter(|days| *days > 0)
}

/// The text of a reminder of an invoice that is not overdue yet: Waypost's other one counts days (X19).
pub const DUE_ON: &str = "Hello {customerName},\n\nThis is a friendly reminder that your invoice {invoiceNumber} for ₹{amount} is due on {dueDate}.\n\nPlease make the payment at your earliest convenience.\n\nThank you!";

/// The values of a reminder besides the customer's name (S1.33). `daysOverdue` is `0`, never less, while it is not overdue.
#[must_use]
pub fn variables(number: &str, amount: &str, due_date: &str, overdue: Option<u32>) -> Variables {
    let days = overdue.unwrap_or(0).to_string();
    [
        ("invoiceNumber", number),
        ("amount", amount),
        ("dueDate", due_date),
        ("daysOverdue", &days),
    ]
    .map(|(name, value)| (name.to_owned(), Value::from(value)))
    .into()
}
