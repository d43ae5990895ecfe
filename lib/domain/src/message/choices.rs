//! Lists and templates: what they look like in a preview, and what a provider would refuse.

use serde::{Deserialize, Serialize};

use super::content::{ContentLimits, Media, required, unsupported};
use crate::failure::FieldProblem;

/// Text with a list of rows to choose one from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// Bold line above the body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub header: Option<String>,
    /// The text.
    pub body: String,
    /// Small line below the body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub footer: Option<String>,
    /// What is pressed to open the list.
    pub label: String,
    /// The rows by section.
    pub sections: Vec<Section>,
}

/// A section of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its title; needed when there are several sections.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What comes back when it is chosen: `row1`, `row2`, …
    pub id: String,
    /// What the person reads.
    pub title: String,
    /// A second line.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
}

/// A template of the provider with the values of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUse {
    /// Its name at the provider.
    pub name: String,
    /// Its exact language there: `en`, `en_US`.
    pub language: String,
    /// What stands in the header, if it has a slot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub header: Option<HeaderValue>,
    /// Values of the body's slots.
    #[serde(skip_serializing_if = "Parameters::is_empty", default)]
    pub body: Parameters,
    /// Values of buttons that have one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub buttons: Vec<ButtonValue>,
}

/// Values of slots: in order, or by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Parameters {
    /// `{{1}}`, `{{2}}`, …
    Positional(Vec<String>),
    /// `{{name}}`.
    Named(std::collections::BTreeMap<String, String>),
}

impl Default for Parameters {
    fn default() -> Self {
        Self::Positional(Vec::new())
    }
}

impl Parameters {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Positional(values) => values.is_empty(),
            Self::Named(values) => values.is_empty(),
        }
    }

    /// Every value with its name, if it has one.
    pub fn values(&self) -> Vec<(Option<&str>, &str)> {
        match self {
            Self::Positional(values) => values.iter().map(|v| (None, v.as_str())).collect(),
            Self::Named(values) => values
                .iter()
                .map(|(name, value)| (Some(name.as_str()), value.as_str()))
                .collect(),
        }
    }
}

/// What stands in the header of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum HeaderValue {
    /// A text's slots.
    Text {
        /// Their values.
        values: Parameters,
    },
    /// A picture.
    Image(Media),
    /// A file.
    Document(Media),
    /// A video.
    Video(Media),
}

/// The value of a template's button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ButtonValue {
    /// Its place among the buttons, from 0.
    pub index: u8,
    /// Which kind.
    #[serde(flatten)]
    pub value: ButtonAction,
}

/// What a template's button takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ButtonAction {
    /// What comes back when it is pressed.
    QuickReply {
        /// The payload.
        payload: String,
    },
    /// The end of its address.
    Url {
        /// What is put in place of the slot.
        text: String,
    },
    /// A code to copy.
    CopyCode {
        /// The code.
        code: String,
    },
}

/// Longest value of a template's slot. Meta documents none; a body has 1,024 characters in all.
const LONGEST_VALUE: usize = 1_024;

impl List {
    pub(super) fn problems(&self, limits: &ContentLimits, problems: &mut Vec<FieldProblem>) {
        if limits.rows == 0 {
            problems.push(unsupported("list", "lists"));
            return;
        }
        required(problems, "list.body", &self.body, limits.interactive_body);
        required(problems, "list.label", &self.label, limits.list_label);
        for (name, value) in [("header", &self.header), ("footer", &self.footer)] {
            if let Some(value) = value {
                required(
                    problems,
                    &format!("list.{name}"),
                    value,
                    limits.header_footer,
                );
            }
        }
        let rows: usize = self.sections.iter().map(|section| section.rows.len()).sum();
        if rows == 0 || rows > limits.rows {
            problems.push(FieldProblem::new(
                "list.sections",
                "COUNT",
                format!("give 1 to {} rows in all", limits.rows),
            ));
        }
        for (s, section) in self.sections.iter().enumerate() {
            match &section.title {
                Some(title) => {
                    let field = format!("list.sections[{s}].title");
                    required(problems, &field, title, limits.row_title);
                }
                None if self.sections.len() > 1 => problems.push(FieldProblem::new(
                    format!("list.sections[{s}].title"),
                    "REQUIRED",
                    "several sections need a title each",
                )),
                None => {}
            }
            for (r, row) in section.rows.iter().enumerate() {
                let field = |name: &str| format!("list.sections[{s}].rows[{r}].{name}");
                required(problems, &field("title"), &row.title, limits.row_title);
                if let Some(description) = &row.description {
                    let most = limits.row_description;
                    required(problems, &field("description"), description, most);
                }
            }
        }
    }
}

impl TemplateUse {
    /// The values a person would recognise the message by. The template's own text is the provider's.
    #[must_use]
    pub fn preview(&self) -> String {
        let values: Vec<_> = self.body.values().iter().map(|(_, value)| *value).collect();
        let text = if values.is_empty() {
            format!("[{}]", self.name)
        } else {
            format!("[{}] {}", self.name, values.join(" · "))
        };
        text.chars().take(80).collect()
    }

    pub(super) fn problems(&self, limits: &ContentLimits, problems: &mut Vec<FieldProblem>) {
        if !limits.templates {
            problems.push(unsupported("template", "templates"));
            return;
        }
        required(problems, "template.name", &self.name, 512);
        required(problems, "template.language", &self.language, 16);
        values(problems, "template.body", &self.body);
        match &self.header {
            Some(HeaderValue::Text { values: given }) => {
                values(problems, "template.header.values", given);
            }
            Some(
                HeaderValue::Image(media)
                | HeaderValue::Document(media)
                | HeaderValue::Video(media),
            ) => media.problems("template.header", limits, problems),
            None => {}
        }
        if self.buttons.len() > 10 {
            problems.push(FieldProblem::new(
                "template.buttons",
                "COUNT",
                "a template has at most 10 buttons",
            ));
        }
    }
}

fn values(problems: &mut Vec<FieldProblem>, field: &str, parameters: &Parameters) {
    for (index, (name, value)) in parameters.values().into_iter().enumerate() {
        let field = match name {
            Some(name) => format!("{field}.{name}"),
            None => format!("{field}[{index}]"),
        };
        required(problems, &field, value, LONGEST_VALUE);
        // X46: Meta refuses the whole message (132018).
        if value.contains(['\n', '\t', '\r']) || value.contains("     ") {
            problems.push(FieldProblem::new(
                field,
                "FLATTEN",
                "a template's value has no line break, no tab and at most four spaces in a row; write lists as “A, B, C”",
            ));
        }
    }
}
