//! Festivals as callers write them.

use std::collections::BTreeMap;

use domain::{
    failure::{AppFailure, FieldProblem},
    festival::USUAL_TIME,
    ids::TemplateId,
    service::festivals::{FestivalEdit, FestivalGiven, WordsGiven},
    template::SlotNames,
};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::view::given;

/// A festival to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewFestival)]
pub struct PostedFestival {
    /// What it is called: the value of `{festivalName}`.
    #[schema(max_length = 100, example = "National Day")]
    name: String,
    /// Its day; of a yearly one the first.
    #[schema(format = Date, example = "2026-12-16")]
    date: String,
    /// Whether it comes again every year. 29 February is 28 February in years without one.
    #[serde(default)]
    yearly: bool,
    /// From which time of the day on customers are greeted, in the company's zone.
    #[schema(default = "09:00", example = "09:00")]
    time: Option<String>,
    /// Who is greeted: contacts with this tag; every contact with a number when it is left out.
    tag: Option<String>,
    /// Through which channel; the default one when it is left out.
    #[schema(format = Uuid)]
    channel_id: Option<String>,
    /// A text of this festival's own. Of this and the two below at most one; with none of them the
    /// company's active template for festivals is used, else Waypost's text.
    text: Option<TextGiven>,
    /// A template of the company's own.
    #[schema(format = Uuid)]
    template_id: Option<String>,
    /// A template of the channel's provider.
    provider_template: Option<ProviderTemplateGiven>,
    /// Whether anybody is greeted.
    #[serde(default = "yes")]
    #[schema(default = true)]
    active: bool,
}

/// What is to change about a festival; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FestivalChange)]
pub struct PutFestival {
    /// The version that was read: the change is refused if there is another one by now.
    version: u32,
    #[schema(max_length = 100)]
    name: Option<String>,
    #[schema(format = Date)]
    date: Option<String>,
    yearly: Option<bool>,
    #[schema(example = "09:00")]
    time: Option<String>,
    /// `null` greets everybody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    tag: Option<Option<String>>,
    /// `null` is the default channel.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Uuid)]
    channel_id: Option<Option<String>>,
    /// Of this and the two below at most one; it takes the place of whatever was there.
    text: Option<TextGiven>,
    /// `null` is the company's usual words.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Uuid)]
    template_id: Option<Option<String>>,
    provider_template: Option<ProviderTemplateGiven>,
    active: Option<bool>,
}

/// A text.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FestivalText)]
pub struct TextGiven {
    /// It, with `{customerName}` and `{festivalName}`.
    #[schema(
        max_length = 4096,
        example = "Dear {customerName}, we wish you a happy {festivalName}!"
    )]
    pub content: String,
    /// What stands for a placeholder without a value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub defaults: BTreeMap<String, String>,
}

/// A provider's template, and which values fill its slots.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FestivalProviderTemplate)]
pub struct ProviderTemplateGiven {
    /// As `GET /v1/provider-templates` shows it.
    pub name: String,
    /// The exact language.
    #[schema(example = "en")]
    pub language: String,
    /// The values of the header's slots, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub header: Vec<String>,
    /// The values of the body's slots, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["customerName", "festivalName"]))]
    pub body: Vec<String>,
    /// What stands for a value that is missing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub defaults: BTreeMap<String, String>,
}

const fn yes() -> bool {
    true
}

impl From<TextGiven> for WordsGiven {
    fn from(text: TextGiven) -> Self {
        Self::Text {
            content: text.content,
            defaults: text.defaults,
        }
    }
}

impl From<ProviderTemplateGiven> for WordsGiven {
    fn from(template: ProviderTemplateGiven) -> Self {
        Self::Provider {
            name: template.name,
            language: template.language,
            slots: SlotNames {
                header: template.header,
                body: template.body,
                defaults: template.defaults,
            },
        }
    }
}

/// Reads what is no text of a caller's own, and notes what cannot be.
#[derive(Default)]
struct Reading(Vec<FieldProblem>);

impl Reading {
    fn wrong<T>(&mut self, field: &str, code: &'static str, remedy: &str) -> Option<T> {
        self.0.push(FieldProblem::new(field, code, remedy));
        None
    }

    fn date(&mut self, text: &str) -> Option<Date> {
        let fits = text.len() == 10;
        match text.parse().ok().filter(|_: &Date| fits) {
            Some(date) => Some(date),
            None => self.wrong("date", "DATE", "write a date like 2026-12-16"),
        }
    }

    fn time(&mut self, text: &str) -> Option<Time> {
        match Time::strptime("%H:%M", text) {
            Ok(time) => Some(time),
            Err(_) => self.wrong("time", "TIME", "write hours and minutes, for example 09:00"),
        }
    }

    fn template(&mut self, text: &str) -> Option<WordsGiven> {
        match TemplateId::parse(text) {
            Ok(id) => Some(WordsGiven::Own(id)),
            Err(_) => self.wrong("template_id", "FORMAT", "GET /v1/templates lists yours"),
        }
    }

    /// The one of several that was given.
    fn one(&mut self, mut given: Vec<WordsGiven>) -> Option<WordsGiven> {
        if given.len() > 1 {
            return self.wrong(
                "text",
                "ONE_OF",
                "give one of text, template_id and provider_template",
            );
        }
        given.pop()
    }

    fn end(self) -> Result<(), AppFailure> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(AppFailure::validation(
            "The festival cannot be so; see the fields.",
            self.0,
        ))
    }
}

impl PostedFestival {
    /// As the service takes it.
    ///
    /// # Errors
    /// VALIDATION for dates, times and ids that are none, and for several texts.
    pub fn read(self) -> Result<FestivalGiven, AppFailure> {
        let mut reading = Reading::default();
        let date = reading.date(&self.date);
        let time = self.time.as_deref().and_then(|text| reading.time(text));
        let own = self.template_id.as_deref();
        let own = own.and_then(|text| reading.template(text));
        let words = [
            self.text.map(WordsGiven::from),
            own,
            self.provider_template.map(WordsGiven::from),
        ];
        let words = reading.one(words.into_iter().flatten().collect());
        reading.end()?;
        Ok(FestivalGiven {
            name: self.name,
            date: date.unwrap_or_default(),
            yearly: self.yearly,
            time: time.unwrap_or(USUAL_TIME),
            words: words.unwrap_or(WordsGiven::Standard),
            tag: some(self.tag),
            channel: some(self.channel_id),
            active: self.active,
        })
    }
}

impl PutFestival {
    /// As the service takes it.
    ///
    /// # Errors
    /// As [`PostedFestival::read`].
    pub fn read(self) -> Result<FestivalEdit, AppFailure> {
        let mut reading = Reading::default();
        let date = self.date.as_deref().and_then(|text| reading.date(text));
        let time = self.time.as_deref().and_then(|text| reading.time(text));
        let own = self.template_id.and_then(|id| match some(id) {
            Some(text) => reading.template(&text),
            None => Some(WordsGiven::Standard),
        });
        let words = [
            self.text.map(WordsGiven::from),
            own,
            self.provider_template.map(WordsGiven::from),
        ];
        let words = reading.one(words.into_iter().flatten().collect());
        reading.end()?;
        Ok(FestivalEdit {
            version: self.version,
            name: self.name,
            date,
            yearly: self.yearly,
            time,
            words,
            tag: self.tag.map(some),
            channel: self.channel_id.map(some),
            active: self.active,
        })
    }
}

/// An empty form field is an absent one.
fn some(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
