//! Festivals: days on which a company greets its customers, and how far the greetings of one have come.

mod plan;
mod round;
#[cfg(test)]
mod tests;

use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use serde::{Deserialize, Serialize};

pub use self::{
    plan::{Wanted, clock_on},
    round::{Round, RoundEnd},
};
use crate::{
    failure::FieldProblem,
    ids::{ChannelId, FestivalId, TemplateId, TenantId, UserId},
    template::{SlotNames, TemplateText},
};

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 100;

/// When greetings go out unless the company says otherwise: nine in the morning, its own time.
pub const USUAL_TIME: Time = Time::constant(9, 0, 0, 0);

/// A day on which a company greets its customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Festival {
    /// Its id.
    pub id: FestivalId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it is called: the value of `{festivalName}` (S1.38).
    pub name: String,
    /// Its day: of one year, or of the first of many (S1.37).
    pub date: Date,
    /// Whether it comes again every year.
    pub yearly: bool,
    /// From which time of its day on customers are greeted, in the company's zone.
    pub time: Time,
    /// What they are told (S1.35, S1.36).
    pub words: Words,
    /// Who is greeted.
    pub audience: Audience,
    /// Through which channel; the default one when none is named.
    pub channel: Option<ChannelId>,
    /// Whether anybody is greeted.
    pub active: bool,
    /// Raised by every change that people make.
    pub version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who made it.
    pub created_by: UserId,
    /// Who last changed it.
    pub updated_by: UserId,
    /// The greetings that began last.
    pub round: Option<Round>,
    /// When greetings begin or go on; none when it never comes again.
    pub due: Option<Timestamp>,
    /// Raised by the store at every write; a write with an old one is refused.
    pub revision: u32,
}

/// What customers are told on a festival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// The company's active template for festivals, else Waypost's text.
    Standard,
    /// A text of this festival's own.
    Text(TemplateText),
    /// A template of the company's own.
    Own(TemplateId),
    /// A template of the channel's provider.
    Provider {
        /// Its name there.
        name: String,
        /// Its exact language.
        language: String,
        /// Which values fill its slots.
        slots: SlotNames,
    },
}

impl Words {
    /// The name of the kind in requests and answers.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Text(_) => "text",
            Self::Own(_) => "template",
            Self::Provider { .. } => "provider_template",
        }
    }
}

/// Who is greeted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Every contact with a number.
    All,
    /// Those of them with this tag.
    Tag(String),
}

/// What is wrong about the name of a festival, if anything.
#[must_use]
pub fn name_problem(name: &str) -> Option<FieldProblem> {
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) {
        return None;
    }
    Some(FieldProblem::new(
        "name",
        "FORMAT",
        format!("write 1 to {LONGEST_NAME} characters on one line, for example Eid al-Fitr"),
    ))
}
