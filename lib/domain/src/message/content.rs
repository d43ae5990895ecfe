//! What a message says, independent of any provider.

use serde::{Deserialize, Serialize};

pub use super::choices::{
    ButtonAction, ButtonValue, HeaderValue, List, Parameters, Row, Section, TemplateUse,
};
use crate::failure::FieldProblem;

/// The content of an outbound message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Plain text.
    Text {
        /// The text, 1 to 4,096 characters.
        body: String,
    },
    /// Text with quick-reply buttons.
    Interactive(Interactive),
    /// A picture with an optional caption.
    Image(Media),
    /// A file with an optional caption.
    Document(Media),
    /// Text with a list to choose from.
    List(List),
    /// A template of the provider, with its parameters.
    Template(TemplateUse),
}

/// A message with quick-reply buttons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interactive {
    /// Bold line above the body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub header: Option<String>,
    /// The text.
    pub body: String,
    /// Small line below the body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub footer: Option<String>,
    /// One to three buttons.
    pub buttons: Vec<Button>,
}

/// A quick-reply button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What comes back when it is pressed: `btn1`, `btn2`, `btn3`.
    pub id: String,
    /// What the person reads.
    pub title: String,
}

/// Where a provider takes a file from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaSource {
    /// An https link that the provider fetches.
    Link(String),
    /// The provider's id of a file uploaded before.
    Id(String),
    /// A file that we keep, by the name that [`MediaSource::kept`] gave it: a link to it is made at the
    /// moment of the call.
    Stored(String),
}

/// What names of kept files begin with.
const KEPT: &str = "waypost-file:";

impl MediaSource {
    /// A file that we keep here, of this type by its content.
    #[must_use]
    pub fn kept(key: &str, mime: &str) -> Self {
        Self::Stored(format!("{KEPT}{mime};{key}"))
    }

    /// Type and place of the file that a text names, if it names one.
    #[must_use]
    pub fn named(text: &str) -> Option<(&str, &str)> {
        text.strip_prefix(KEPT)?.split_once(';')
    }
}

/// A file with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Where the provider takes it from.
    #[serde(flatten)]
    pub source: MediaSource,
    /// Text below it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caption: Option<String>,
    /// Name shown for a document.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub filename: Option<String>,
}

/// What kind of content a message has; kept on the message itself for lists and filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// [`Content::Text`].
    Text,
    /// [`Content::Interactive`].
    Interactive,
    /// [`Content::Image`].
    Image,
    /// [`Content::Document`].
    Document,
    /// [`Content::List`].
    List,
    /// [`Content::Template`].
    Template,
}

impl Kind {
    /// The name used in answers and mails.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Interactive => "interactive",
            Self::Image => "image",
            Self::Document => "document",
            Self::List => "list",
            Self::Template => "template",
        }
    }
}

/// Limits of what a provider takes, in characters. Sources: providers.md 1.2 and 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentLimits {
    /// A text's body, and a caption.
    pub text: usize,
    /// An interactive message's body.
    pub interactive_body: usize,
    /// Header and footer.
    pub header_footer: usize,
    /// How many buttons.
    pub buttons: usize,
    /// A button's title.
    pub button_title: usize,
    /// Rows of a list; 0 where there are no lists.
    pub rows: usize,
    /// A row's title, and a section's.
    pub row_title: usize,
    /// A row's second line.
    pub row_description: usize,
    /// What opens a list.
    pub list_label: usize,
    /// Whether files are taken by the provider's own ids.
    pub media_ids: bool,
    /// Whether the provider's templates can be sent.
    pub templates: bool,
}

impl Content {
    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text { .. } => Kind::Text,
            Self::Interactive(_) => Kind::Interactive,
            Self::Image(_) => Kind::Image,
            Self::Document(_) => Kind::Document,
            Self::List(_) => Kind::List,
            Self::Template(_) => Kind::Template,
        }
    }

    /// The first 80 characters a person would read: conversation lists show it.
    #[must_use]
    pub fn preview(&self) -> String {
        let text = match self {
            Self::Text { body } => body.as_str(),
            Self::Interactive(interactive) => interactive.body.as_str(),
            Self::Image(media) | Self::Document(media) => media
                .caption
                .as_deref()
                .or(media.filename.as_deref())
                .unwrap_or("file"),
            Self::List(list) => list.body.as_str(),
            Self::Template(template) => return template.preview(),
        };
        text.chars().take(80).collect()
    }

    /// Everything about this content that the provider would refuse.
    #[must_use]
    pub fn problems(&self, limits: &ContentLimits) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        match self {
            Self::Text { body } => required(&mut problems, "text.body", body, limits.text),
            Self::Interactive(interactive) => {
                interactive.problems(limits, &mut problems);
            }
            Self::Image(media) => media.problems("image", limits, &mut problems),
            Self::Document(media) => media.problems("document", limits, &mut problems),
            Self::List(list) => list.problems(limits, &mut problems),
            Self::Template(template) => template.problems(limits, &mut problems),
        }
        problems
    }
}

impl Interactive {
    fn problems(&self, limits: &ContentLimits, problems: &mut Vec<FieldProblem>) {
        if limits.buttons == 0 {
            problems.push(unsupported("interactive", "buttons"));
            return;
        }
        required(
            problems,
            "interactive.body",
            &self.body,
            limits.interactive_body,
        );
        for (name, value) in [("header", &self.header), ("footer", &self.footer)] {
            if let Some(value) = value {
                required(
                    problems,
                    &format!("interactive.{name}"),
                    value,
                    limits.header_footer,
                );
            }
        }
        if self.buttons.is_empty() || self.buttons.len() > limits.buttons {
            problems.push(FieldProblem::new(
                "interactive.buttons",
                "COUNT",
                format!("give 1 to {} buttons", limits.buttons),
            ));
        }
        for (index, button) in self.buttons.iter().enumerate() {
            let field = format!("interactive.buttons[{index}].title");
            required(problems, &field, &button.title, limits.button_title);
            let repeated = self
                .buttons
                .iter()
                .take(index)
                .any(|earlier| earlier.title.trim() == button.title.trim());
            if repeated {
                problems.push(FieldProblem::new(
                    field,
                    "REPEATED",
                    "every button needs a title of its own: a press may come back as the title alone",
                ));
            }
        }
    }
}

impl Media {
    pub(super) fn problems(
        &self,
        name: &str,
        limits: &ContentLimits,
        problems: &mut Vec<FieldProblem>,
    ) {
        match &self.source {
            MediaSource::Link(link) if !link.starts_with("https://") => {
                problems.push(FieldProblem::new(
                    format!("{name}.link"),
                    "NOT_HTTPS",
                    "give an https:// link that the provider can fetch",
                ));
            }
            MediaSource::Link(_) | MediaSource::Stored(_) => {}
            MediaSource::Id(_) if !limits.media_ids => problems.push(FieldProblem::new(
                format!("{name}.id"),
                "UNSUPPORTED",
                "this channel's provider takes files by link only",
            )),
            MediaSource::Id(id) => required(problems, &format!("{name}.id"), id, 200),
        }
        if let Some(caption) = &self.caption {
            required(problems, &format!("{name}.caption"), caption, limits.text);
        }
    }
}

pub(super) fn unsupported(field: &str, what: &str) -> FieldProblem {
    FieldProblem::new(
        field,
        "UNSUPPORTED",
        format!("this channel's provider cannot send {what}; send a text, or use another channel"),
    )
}

pub(super) fn required(problems: &mut Vec<FieldProblem>, field: &str, value: &str, most: usize) {
    if value.trim().is_empty() {
        problems.push(FieldProblem::new(
            field,
            "REQUIRED",
            "write at least one character",
        ));
        return;
    }
    let length = value.chars().count();
    if length > most {
        problems.push(FieldProblem::new(
            field,
            "TOO_LONG",
            format!("shorten it to {most} characters (it has {length})"),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ContentLimits = ContentLimits {
        text: 4096,
        interactive_body: 1024,
        header_footer: 60,
        buttons: 3,
        button_title: 25,
        rows: 10,
        row_title: 24,
        row_description: 72,
        list_label: 20,
        media_ids: true,
        templates: true,
    };

    fn check(content: &Content, expected: &[(&str, &str)]) {
        let problems = content.problems(&LIMITS);
        let found: Vec<_> = problems
            .iter()
            .map(|p| (p.field.as_str(), p.code))
            .collect();
        assert_eq!(found, expected);
    }

    fn text(body: &str) -> Content {
        Content::Text { body: body.into() }
    }

    fn interactive(body: &str, titles: &[&str]) -> Content {
        Content::Interactive(Interactive {
            header: None,
            body: body.into(),
            footer: None,
            buttons: titles
                .iter()
                .enumerate()
                .map(|(n, title)| Button {
                    id: format!("btn{}", n + 1),
                    title: (*title).into(),
                })
                .collect(),
        })
    }

    /// S0.7, and the sizes of hazards.md: 0, 1, 4,096, 4,097 characters, emoji counted as one.
    #[test]
    fn a_text_has_one_to_4096_characters() {
        check(&text(""), &[("text.body", "REQUIRED")]);
        check(&text(" \n"), &[("text.body", "REQUIRED")]);
        check(&text("a"), &[]);
        check(&text(&"\u{1f600}".repeat(4096)), &[]);
        check(&text(&"a".repeat(4097)), &[("text.body", "TOO_LONG")]);
    }

    /// S0.6, S0.8, S0.9: header and footer are optional, up to three buttons with titles of their own.
    #[test]
    fn every_problem_of_an_interactive_message_is_named_at_once() {
        check(&interactive("Hello", &["Yes", "No"]), &[]);
        check(
            &interactive("", &[]),
            &[
                ("interactive.body", "REQUIRED"),
                ("interactive.buttons", "COUNT"),
            ],
        );
        check(
            &interactive("Hello", &["Yes", "Yes ", "", "No"]),
            &[
                ("interactive.buttons", "COUNT"),
                ("interactive.buttons[1].title", "REPEATED"),
                ("interactive.buttons[2].title", "REQUIRED"),
            ],
        );
    }

    #[test]
    fn a_preview_never_cuts_a_character() {
        assert_eq!(text(&"\u{1f600}".repeat(100)).preview().chars().count(), 80);
    }
}
