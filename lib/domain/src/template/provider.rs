//! Templates that a provider keeps: what its list and its webhooks told of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::slots;

/// What is known of the state of a provider's template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownTemplate {
    /// The provider's status: `APPROVED`, `PAUSED`.
    pub status: Option<String>,
    /// Why it has that status, for people.
    pub reason: Option<String>,
    /// `MARKETING`, `UTILITY`, `AUTHENTICATION`.
    pub category: Option<String>,
    /// The provider's rating.
    pub quality: Option<String>,
    /// When anything of it last changed.
    pub changed_at: Option<Timestamp>,
}

impl KnownTemplate {
    /// Whether the provider is known to refuse it. What was never heard of may be sent: the provider
    /// decides.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.status.is_some() && !self.is_approved()
    }

    /// Whether the provider is known to let it through.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.status.as_deref().is_some_and(is_approved)
    }

    /// Whether it is marketing.
    #[must_use]
    pub fn is_marketing(&self) -> bool {
        self.category.as_deref() == Some("MARKETING")
    }
}

/// Whether a template with this word for its state may be sent.
fn is_approved(status: &str) -> bool {
    matches!(status, "APPROVED" | "REINSTATED" | "FLAGGED" | "UNARCHIVED")
}

/// A provider's template as it is stored: one for each account, name and exact language (X16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderTemplate {
    /// The provider's account: Meta's WABA id.
    pub account: String,
    /// Its name there.
    pub name: String,
    /// Its exact language: `en`, `en_US` (S2.10).
    pub language: String,
    /// Its state; newer of what the list and the webhooks told.
    pub known: KnownTemplate,
    /// What it looks like; none while only webhooks told of it.
    pub shape: Option<TemplateShape>,
    /// When a sync last wrote it.
    pub synced_at: Option<Timestamp>,
    /// Since when the provider's list no longer holds it.
    pub missing_since: Option<Timestamp>,
}

impl ProviderTemplate {
    /// Whether it is listed among those that may be sent.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.missing_since.is_none() && self.known.is_approved()
    }
}

/// A template as a provider's list shows it (S2.57).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTemplate {
    /// Its name.
    pub name: String,
    /// Its exact language.
    pub language: String,
    /// The provider's status.
    pub status: String,
    /// Why it was refused, for people.
    pub reason: Option<String>,
    /// Its category, if the list says.
    pub category: Option<String>,
    /// The provider's rating, if the list says.
    pub quality: Option<String>,
    /// What it looks like.
    pub shape: TemplateShape,
}

/// How values are given to a template's slots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotFormat {
    /// `{{1}}`, `{{2}}`: in order.
    #[default]
    Positional,
    /// `{{first_name}}`: by name.
    Named,
}

impl SlotFormat {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Positional => "positional",
            Self::Named => "named",
        }
    }
}

/// What a template looks like (S2.35, S2.36, S2.56).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateShape {
    /// What the provider calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How its slots are filled.
    pub format: SlotFormat,
    /// What stands above the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<HeaderShape>,
    /// The text; none in templates without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The small line below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<String>,
    /// Its buttons, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<ButtonShape>,
    /// Parts that Waypost does not know, by the provider's word: `CAROUSEL`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
}

impl TemplateShape {
    /// The slots of the body: names, or numbers in their order.
    #[must_use]
    pub fn body_slots(&self) -> Vec<&str> {
        self.ordered(self.body.as_deref().unwrap_or_default())
    }

    /// The slots of a header that is a text.
    #[must_use]
    pub fn header_slots(&self) -> Vec<&str> {
        match &self.header {
            Some(HeaderShape::Text { text }) => self.ordered(text),
            Some(
                HeaderShape::Image
                | HeaderShape::Video
                | HeaderShape::Document
                | HeaderShape::Other { .. },
            )
            | None => Vec::new(),
        }
    }

    fn ordered<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut slots = slots(text);
        if self.format == SlotFormat::Positional {
            slots.retain(|slot| slot.bytes().all(|b| b.is_ascii_digit()));
            slots.sort_by_key(|slot| slot.parse::<u16>().unwrap_or(u16::MAX));
        }
        slots
    }
}

/// What stands above a template's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum HeaderShape {
    /// A line of text, which may have a slot.
    Text {
        /// The text.
        text: String,
    },
    /// A picture that comes with each message.
    Image,
    /// A video.
    Video,
    /// A file.
    Document,
    /// Something that Waypost cannot send: `LOCATION`.
    Other {
        /// The provider's word for it.
        kind: String,
    },
}

impl HeaderShape {
    /// The name in answers and sentences.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Image => "image",
            Self::Video => "video",
            Self::Document => "document",
            Self::Other { .. } => "other",
        }
    }
}

/// A button of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ButtonShape {
    /// The provider's word: `QUICK_REPLY`, `URL`, `PHONE_NUMBER`.
    pub kind: String,
    /// What people read.
    pub text: String,
    /// Where it leads; may end in a slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whom it calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl ButtonShape {
    /// Whether each message must bring a value for it.
    #[must_use]
    pub fn needs_value(&self) -> bool {
        let in_url = self
            .url
            .as_deref()
            .is_some_and(|url| !slots(url).is_empty());
        self.kind == "COPY_CODE" || self.kind == "URL" && in_url
    }
}

/// What came of a sync of one account's templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateSync {
    /// When the provider was first asked.
    pub at: Timestamp,
    /// Templates that were not known.
    pub added: u32,
    /// Templates that were known otherwise.
    pub changed: u32,
    /// Templates that were known so.
    pub unchanged: u32,
    /// Templates that the provider no longer lists.
    pub gone: u32,
    /// Whether the list was read to its end. If not, nothing is taken for gone.
    pub complete: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X17, S2.34: what was never heard of may be sent; a word never seen may not.
    #[test]
    fn only_what_the_provider_lets_through_may_be_sent() {
        let with = |status: Option<&str>| KnownTemplate {
            status: status.map(Into::into),
            ..KnownTemplate::default()
        };
        assert!(!with(None).is_refused());
        for open in ["APPROVED", "REINSTATED", "FLAGGED", "UNARCHIVED"] {
            assert!(!with(Some(open)).is_refused(), "{open}");
        }
        for held in [
            "PENDING",
            "REJECTED",
            "PAUSED",
            "DISABLED",
            "IN_APPEAL",
            "ARCHIVED",
            "approved",
            "",
        ] {
            assert!(with(Some(held)).is_refused(), "{held}");
        }
    }

    /// S2.33.
    #[test]
    fn marketing_is_a_category_and_nothing_else_is() {
        for (category, marketing) in [
            (None, false),
            (Some("MARKETING"), true),
            (Some("UTILITY"), false),
            (Some("AUTHENTICATION"), false),
        ] {
            let known = KnownTemplate {
                category: category.map(Into::into),
                ..KnownTemplate::default()
            };
            assert_eq!(known.is_marketing(), marketing, "{category:?}");
        }
    }
}
