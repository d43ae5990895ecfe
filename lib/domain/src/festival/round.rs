//! One year's greetings of a festival, contact by contact.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How far the greetings of one day have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The day.
    pub day: Date,
    /// Up to which contact; none at the beginning.
    pub after: Option<String>,
    /// Contacts whose greeting was accepted.
    pub greeted: u32,
    /// Contacts whose greeting could not be accepted.
    pub refused: u32,
    /// Why the last of them was refused, or nobody could be greeted: a machine code.
    pub reason: Option<String>,
    /// How it ended; none while it goes on.
    pub end: Option<RoundEnd>,
}

/// How the greetings of a day ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundEnd {
    /// Everybody had their turn.
    Done,
    /// The plan's limit of the day was reached.
    LimitReached,
    /// The day was over before everybody had their turn.
    DayOver,
}

impl RoundEnd {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::LimitReached => "limit_reached",
            Self::DayOver => "day_over",
        }
    }
}

impl Round {
    /// The greetings of a day before the first of them.
    #[must_use]
    pub const fn beginning(day: Date) -> Self {
        Self {
            day,
            after: None,
            greeted: 0,
            refused: 0,
            reason: None,
            end: None,
        }
    }
}
