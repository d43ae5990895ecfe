//! What is shown of festivals.

use domain::festival::{Audience, Festival, Round, RoundEnd, Words};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::festival_given::{ProviderTemplateGiven, TextGiven};

/// A festival.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Festival)]
pub struct FestivalShown {
    #[schema(format = Uuid)]
    id: String,
    name: String,
    /// Its day; of a yearly one the first.
    #[schema(format = Date)]
    date: String,
    yearly: bool,
    /// From which time of the day on customers are greeted, in the company's zone.
    #[schema(example = "09:00")]
    time: String,
    /// Who is greeted: contacts with this tag; `null` is every contact with a number.
    tag: Option<String>,
    /// `null` is the default channel.
    #[schema(format = Uuid)]
    channel_id: Option<String>,
    /// `text`, `template`, `provider_template`, or `standard`: the company's active template for
    /// festivals, else Waypost's text.
    words: &'static str,
    text: Option<TextGiven>,
    #[schema(format = Uuid)]
    template_id: Option<String>,
    provider_template: Option<ProviderTemplateGiven>,
    active: bool,
    /// Raised by every change.
    version: u32,
    /// When greetings begin or go on next; `null` when it never comes again.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    /// How the greetings that began last went.
    last: Option<RoundShown>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Who made it.
    created_by: String,
    /// Who last changed it.
    updated_by: String,
}

/// How the greetings of a day went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FestivalGreetings)]
pub struct RoundShown {
    #[schema(format = Date)]
    day: String,
    /// Contacts whose greeting was accepted.
    greeted: u32,
    /// Contacts whose greeting could not be.
    refused: u32,
    /// Why the last of them could not be, or nobody can: a machine code.
    #[schema(example = "TYPE_DISABLED")]
    reason: Option<String>,
    /// `done`, `limit_reached` or `day_over`; `null` while they go on.
    end: Option<&'static str>,
}

impl From<Round> for RoundShown {
    fn from(round: Round) -> Self {
        Self {
            day: round.day.to_string(),
            greeted: round.greeted,
            refused: round.refused,
            reason: round.reason,
            end: round.end.map(RoundEnd::as_str),
        }
    }
}

impl From<Festival> for FestivalShown {
    fn from(festival: Festival) -> Self {
        let words = festival.words.as_str();
        let (mut text, mut template_id, mut provider_template) = (None, None, None);
        match festival.words {
            Words::Standard => {}
            Words::Text(own) => {
                let defaults = own.defaults().into_iter();
                text = Some(TextGiven {
                    content: own.content().to_owned(),
                    defaults: defaults
                        .map(|(name, default)| (name.to_owned(), default.to_owned()))
                        .collect(),
                });
            }
            Words::Own(id) => template_id = Some(id.to_string()),
            Words::Provider {
                name,
                language,
                slots,
            } => {
                provider_template = Some(ProviderTemplateGiven {
                    name,
                    language,
                    header: slots.header,
                    body: slots.body,
                    defaults: slots.defaults,
                });
            }
        }
        Self {
            id: festival.id.to_string(),
            name: festival.name,
            date: festival.date.to_string(),
            yearly: festival.yearly,
            time: festival.time.strftime("%H:%M").to_string(),
            tag: match festival.audience {
                Audience::All => None,
                Audience::Tag(tag) => Some(tag),
            },
            channel_id: festival.channel.map(|id| id.to_string()),
            words,
            text,
            template_id,
            provider_template,
            active: festival.active,
            version: festival.version,
            next_at: festival.due,
            last: festival.round.map(RoundShown::from),
            created_at: festival.created_at,
            updated_at: festival.updated_at,
            created_by: festival.created_by.to_string(),
            updated_by: festival.updated_by.to_string(),
        }
    }
}

/// A page of festivals.
#[derive(Debug, Serialize, ToSchema)]
pub struct FestivalList {
    /// The festivals.
    pub items: Vec<FestivalShown>,
    /// Where the next page begins; `null` at the end.
    pub next_cursor: Option<String>,
}

/// A festival that was taken away.
#[derive(Debug, Serialize, ToSchema)]
pub struct FestivalDeleted {
    /// It.
    #[schema(format = Uuid)]
    pub id: String,
    /// Always `true`.
    pub deleted: bool,
}
