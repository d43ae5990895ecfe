//! Festivals as callers write them, and everything about one that cannot be.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};

use crate::{
    contact,
    failure::{AppFailure, FieldProblem},
    festival::{Audience, Festival, Words, name_problem},
    ids::{ChannelId, TemplateId, TenantId},
    message::MessageType,
    ports::{Directory, OwnTemplates},
    service::templates,
    template::{SlotNames, TemplateText},
};

/// A festival as a caller writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FestivalGiven {
    /// What it is called.
    pub name: String,
    /// Its day.
    pub date: Date,
    /// Whether it comes again every year.
    pub yearly: bool,
    /// From which time of the day on customers are greeted.
    pub time: Time,
    /// What they are told.
    pub words: WordsGiven,
    /// The tag of those who are greeted; everybody when there is none.
    pub tag: Option<String>,
    /// Through which channel.
    pub channel: Option<String>,
    /// Whether anybody is greeted.
    pub active: bool,
}

/// What customers are told, as a caller writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WordsGiven {
    /// The company's usual words.
    Standard,
    /// A text of this festival's own.
    Text {
        /// It, with `{customerName}` and `{festivalName}`.
        content: String,
        /// Defaults by placeholder.
        defaults: BTreeMap<String, String>,
    },
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

/// What is to change; what is missing stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FestivalEdit {
    /// The version the caller saw; the change is refused when there is another one by now.
    pub version: u32,
    /// What it is called.
    pub name: Option<String>,
    /// Its day.
    pub date: Option<Date>,
    /// Whether it comes again every year.
    pub yearly: Option<bool>,
    /// From which time of the day on customers are greeted.
    pub time: Option<Time>,
    /// What they are told.
    pub words: Option<WordsGiven>,
    /// The tag of those who are greeted, or everybody.
    pub tag: Option<Option<String>>,
    /// Through which channel, or the default one.
    pub channel: Option<Option<String>>,
    /// Whether anybody is greeted.
    pub active: Option<bool>,
}

impl From<&Words> for WordsGiven {
    fn from(words: &Words) -> Self {
        match words {
            Words::Standard => Self::Standard,
            Words::Text(text) => {
                let defaults = text.defaults().into_iter();
                Self::Text {
                    content: text.content().to_owned(),
                    defaults: defaults
                        .map(|(name, default)| (name.to_owned(), default.to_owned()))
                        .collect(),
                }
            }
            Words::Own(id) => Self::Own(*id),
            Words::Provider {
                name,
                language,
                slots,
            } => Self::Provider {
                name: name.clone(),
                language: language.clone(),
                slots: slots.clone(),
            },
        }
    }
}

impl FestivalEdit {
    /// The festival that comes of the change.
    pub(super) fn over(self, before: &Festival) -> FestivalGiven {
        let tag = match &before.audience {
            Audience::All => None,
            Audience::Tag(tag) => Some(tag.clone()),
        };
        FestivalGiven {
            name: self.name.unwrap_or_else(|| before.name.clone()),
            date: self.date.unwrap_or(before.date),
            yearly: self.yearly.unwrap_or(before.yearly),
            time: self.time.unwrap_or(before.time),
            words: self.words.unwrap_or_else(|| (&before.words).into()),
            tag: self.tag.unwrap_or(tag),
            channel: self
                .channel
                .unwrap_or_else(|| before.channel.map(|id| id.to_string())),
            active: self.active.unwrap_or(before.active),
        }
    }
}

/// A festival that can be.
pub(super) struct Checked {
    pub(super) name: String,
    pub(super) date: Date,
    pub(super) yearly: bool,
    pub(super) time: Time,
    pub(super) words: Words,
    pub(super) audience: Audience,
    pub(super) channel: Option<ChannelId>,
    pub(super) active: bool,
}

/// Checks a festival; everything that is wrong about it is told at once.
pub(super) async fn checked<S: Directory + OwnTemplates>(
    store: &S,
    tenant: TenantId,
    given: FestivalGiven,
) -> Result<Checked, AppFailure> {
    let name = given.name.trim().to_owned();
    let mut problems: Vec<FieldProblem> = name_problem(&name).into_iter().collect();
    let audience = audience(given.tag.as_deref(), &mut problems);
    let words = words(given.words, &mut problems);
    let (Some(audience), Some(words), true) = (audience, words, problems.is_empty()) else {
        return Err(AppFailure::validation(
            "The festival cannot be so; see the fields.",
            problems,
        ));
    };
    if let Words::Own(id) = &words {
        templates::chosen(store, tenant, *id).await?;
    }
    let channel = match given.channel.as_deref() {
        None => None,
        Some(text) => Some(channel(store, tenant, text).await?),
    };
    Ok(Checked {
        name,
        date: given.date,
        yearly: given.yearly,
        time: given.time,
        words,
        audience,
        channel,
        active: given.active,
    })
}

fn audience(tag: Option<&str>, problems: &mut Vec<FieldProblem>) -> Option<Audience> {
    let Some(text) = tag else {
        return Some(Audience::All);
    };
    let tag = contact::tag(text);
    if tag.is_none() {
        problems.push(FieldProblem::new(
            "tag",
            "FORMAT",
            "write 1 to 40 characters without a comma, or null for everybody",
        ));
    }
    tag.map(Audience::Tag)
}

fn words(given: WordsGiven, problems: &mut Vec<FieldProblem>) -> Option<Words> {
    match given {
        WordsGiven::Standard => Some(Words::Standard),
        WordsGiven::Own(id) => Some(Words::Own(id)),
        WordsGiven::Text { content, defaults } => {
            match TemplateText::with_defaults(MessageType::Festival, &content, &defaults) {
                Ok(text) => Some(Words::Text(text)),
                Err(wrong) => {
                    problems.extend(wrong);
                    None
                }
            }
        }
        WordsGiven::Provider {
            name,
            language,
            slots,
        } => {
            let named = |text: &str| {
                (1..=512).contains(&text.len()) && !text.chars().any(char::is_whitespace)
            };
            for (field, text) in [
                ("provider_template.name", &name),
                ("provider_template.language", &language),
            ] {
                if !named(text) {
                    problems.push(FieldProblem::new(
                        field,
                        "FORMAT",
                        "write it exactly as GET /v1/provider-templates shows it",
                    ));
                }
            }
            Some(Words::Provider {
                name,
                language,
                slots,
            })
        }
    }
}

async fn channel<S: Directory>(
    store: &S,
    tenant: TenantId,
    text: &str,
) -> Result<ChannelId, AppFailure> {
    let found = match ChannelId::parse(text) {
        Ok(id) => store.channel(tenant, id).await?,
        Err(_not_an_id) => None,
    };
    found.map(|channel| channel.id).ok_or_else(|| {
        AppFailure::not_found("There is no such channel. GET /v1/accounts lists yours.")
    })
}
