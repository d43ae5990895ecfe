//! What a company decides about its own messages (S1.71–S1.81, S2.46–S2.49).

use std::collections::BTreeSet;

use jiff::{civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{failure::FieldProblem, ids::ChannelId, message::MessageType};

/// Settings of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own that people see and turn"
)]
pub struct Settings {
    /// The master switch (S1.71).
    pub enabled: bool,
    /// Types of messages that are switched off (S1.72–S1.75).
    pub disabled: BTreeSet<MessageType>,
    /// Whether events of the company's own system are told to its customers (S2.49).
    pub notifications: bool,
    /// Whether campaigns and marketing templates may be sent (S2.49).
    pub marketing: bool,
    /// Whether anything is sent by itself at all: by events, dates and follow-ups (S2.49).
    pub automation: bool,
    /// IANA zone: `Asia/Bahrain`. Days of limits begin at its midnight.
    pub zone: String,
    /// Where failure mails go; none means they are only shown. There is no default address (X44).
    pub failure_email: Option<String>,
    /// Retries after the first attempt (X7).
    pub retry_max: u8,
    /// Minutes between two attempts.
    pub retry_interval_minutes: u16,
    /// Days after the invoice's date, or its due date, on which an unpaid invoice is recalled.
    pub reminder_days: BTreeSet<u16>,
    /// What the reminder days count from (X19).
    pub reminder_basis: ReminderBasis,
    /// When nothing is sent by itself, in the recipient's own time; none means it may be sent at any hour.
    pub quiet_hours: Option<QuietHours>,
    /// The channel used when a request names none.
    pub default_channel: Option<ChannelId>,
    /// Whether who writes is answered by itself, at most once in 24 hours (S2.48).
    pub auto_reply: bool,
    /// What they are answered.
    pub auto_reply_message: Option<String>,
    /// Raised by the store at every change.
    pub version: u32,
}

/// What reminder days count from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReminderBasis {
    /// The day the invoice was made.
    #[default]
    InvoiceDate,
    /// The day it is to be paid.
    DueDate,
}

impl ReminderBasis {
    /// The name in requests and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvoiceDate => "invoice_date",
            Self::DueDate => "due_date",
        }
    }
}

/// Hours in which nothing is sent by itself; `from` after `until` means over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// The first quiet moment of a day.
    pub from: Time,
    /// The first moment that is not quiet any more.
    pub until: Time,
}

impl Default for QuietHours {
    /// Nobody is written to by a machine between nine in the evening and eight in the morning.
    fn default() -> Self {
        Self {
            from: Time::constant(21, 0, 0, 0),
            until: Time::constant(8, 0, 0, 0),
        }
    }
}

impl QuietHours {
    /// Whether a time of day is quiet.
    #[must_use]
    pub fn holds(&self, time: Time) -> bool {
        if self.from <= self.until {
            self.from <= time && time < self.until
        } else {
            self.from <= time || time < self.until
        }
    }
}

/// The most retries a tenant may ask for.
pub const MOST_RETRIES: u8 = 10;
/// The longest a retry may wait: a day.
pub const LONGEST_INTERVAL: u16 = 24 * 60;
/// The last day a reminder may be sent on.
pub const LAST_REMINDER: u16 = 365;
/// How many reminders an invoice may have.
pub const MOST_REMINDERS: usize = 10;
/// The longest automatic answer, in characters: a text's.
const LONGEST_REPLY: usize = 4_096;

impl Default for Settings {
    /// The defaults of S1.71–S1.81 and S2.48–S2.49; UTC until the tenant says otherwise.
    fn default() -> Self {
        Self {
            enabled: true,
            disabled: BTreeSet::new(),
            notifications: true,
            marketing: false,
            automation: true,
            zone: "UTC".into(),
            failure_email: None,
            retry_max: 3,
            retry_interval_minutes: 30,
            reminder_days: BTreeSet::from([3, 7]),
            reminder_basis: ReminderBasis::default(),
            quiet_hours: Some(QuietHours::default()),
            default_channel: None,
            auto_reply: false,
            auto_reply_message: None,
            version: 0,
        }
    }
}

impl Settings {
    /// The zone; an unknown one counts as UTC.
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }

    /// What who writes is answered by itself, if anything.
    #[must_use]
    pub fn answer(&self) -> Option<&str> {
        let text = self.auto_reply_message.as_deref()?;
        (self.auto_reply && !text.trim().is_empty()).then_some(text)
    }

    /// The same, answering whoever writes.
    #[must_use]
    pub fn answering(mut self, text: impl Into<String>) -> Self {
        self.auto_reply = true;
        self.auto_reply_message = Some(text.into());
        self
    }

    /// Everything about these settings that cannot be.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, code, message: String| {
            problems.push(FieldProblem::new(field, code, message));
        };
        if TimeZone::get(&self.zone).is_err() {
            wrong(
                "zone",
                "ZONE",
                "give an IANA time zone, for example Asia/Bahrain".into(),
            );
        }
        if let Some(address) = &self.failure_email
            && !is_address(address)
        {
            wrong(
                "failure_email",
                "EMAIL",
                "give one mail address, for example ops@example.com, or null for none".into(),
            );
        }
        if self.retry_max > MOST_RETRIES {
            wrong(
                "retry_max",
                "RANGE",
                format!("give 0 to {MOST_RETRIES} retries"),
            );
        }
        if !(1..=LONGEST_INTERVAL).contains(&self.retry_interval_minutes) {
            wrong(
                "retry_interval_minutes",
                "RANGE",
                format!("give 1 to {LONGEST_INTERVAL} minutes"),
            );
        }
        let days = &self.reminder_days;
        if days.len() > MOST_REMINDERS || days.iter().any(|day| *day > LAST_REMINDER) {
            wrong(
                "reminder_days",
                "RANGE",
                format!("give at most {MOST_REMINDERS} days from 0 to {LAST_REMINDER}"),
            );
        }
        if self
            .quiet_hours
            .is_some_and(|quiet| quiet.from == quiet.until)
        {
            wrong(
                "quiet_hours",
                "EMPTY",
                "give two different times, or null when messages may be sent at any hour".into(),
            );
        }
        let text = self.auto_reply_message.as_deref().unwrap_or_default();
        if self.auto_reply && text.trim().is_empty() {
            wrong(
                "auto_reply_message",
                "REQUIRED",
                "say what people are answered, or switch auto_reply off".into(),
            );
        }
        if text.chars().count() > LONGEST_REPLY {
            wrong(
                "auto_reply_message",
                "TOO_LONG",
                format!("shorten it to {LONGEST_REPLY} characters"),
            );
        }
        problems
    }

    /// What differs from these settings in others: name, value here, value there.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<(&'static str, String, String)> {
        let mut found = Vec::new();
        let mut compare = |name, here: String, there: String| {
            if here != there {
                found.push((name, here, there));
            }
        };
        let types = |set: &BTreeSet<MessageType>| join(set.iter().map(|t| t.as_str()));
        let days = |set: &BTreeSet<u16>| join(set.iter());
        let quiet = |quiet: Option<QuietHours>| {
            quiet.map_or_else(String::new, |q| {
                format!("{}-{}", q.from.strftime("%H:%M"), q.until.strftime("%H:%M"))
            })
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        compare(
            "enabled",
            self.enabled.to_string(),
            other.enabled.to_string(),
        );
        compare("disabled", types(&self.disabled), types(&other.disabled));
        compare(
            "notifications",
            self.notifications.to_string(),
            other.notifications.to_string(),
        );
        compare(
            "marketing",
            self.marketing.to_string(),
            other.marketing.to_string(),
        );
        compare(
            "automation",
            self.automation.to_string(),
            other.automation.to_string(),
        );
        compare("zone", self.zone.clone(), other.zone.clone());
        compare(
            "failure_email",
            text(&self.failure_email),
            text(&other.failure_email),
        );
        compare(
            "retry_max",
            self.retry_max.to_string(),
            other.retry_max.to_string(),
        );
        compare(
            "retry_interval_minutes",
            self.retry_interval_minutes.to_string(),
            other.retry_interval_minutes.to_string(),
        );
        compare(
            "reminder_days",
            days(&self.reminder_days),
            days(&other.reminder_days),
        );
        compare(
            "reminder_basis",
            self.reminder_basis.as_str().into(),
            other.reminder_basis.as_str().into(),
        );
        compare(
            "quiet_hours",
            quiet(self.quiet_hours),
            quiet(other.quiet_hours),
        );
        compare(
            "auto_reply",
            self.auto_reply.to_string(),
            other.auto_reply.to_string(),
        );
        compare(
            "auto_reply_message",
            text(&self.auto_reply_message),
            text(&other.auto_reply_message),
        );
        found
    }
}

fn join(items: impl Iterator<Item = impl ToString>) -> String {
    items
        .map(|item| item.to_string())
        .collect::<Vec<_>>()
        .join(",")
}

/// Whether a text may be one mail address: what is between its parts is for the mail service to judge.
pub(crate) fn is_address(text: &str) -> bool {
    let plain = text
        .chars()
        .all(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, ',' | ';' | '<' | '>'));
    let Some((name, domain)) = text.rsplit_once('@') else {
        return false;
    };
    plain
        && (1..=64).contains(&name.len())
        && (3..=255).contains(&domain.len())
        && !name.contains('@')
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
}

#[cfg(test)]
mod tests;
