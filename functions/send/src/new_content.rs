//! Files, lists and templates in the body of `POST /v1/messages`.

use std::collections::BTreeMap;

use domain::{
    failure::{AppFailure, FieldProblem},
    message::{
        ButtonAction, ButtonValue, HeaderValue, List, Media, MediaSource, Parameters, Row, Section,
        TemplateUse,
    },
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A file: by an https link that the provider fetches, or by the provider's id of an uploaded one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFile {
    /// Where the provider fetches it.
    #[schema(example = "https://files.example/invoice-17.pdf")]
    link: Option<String>,
    /// What the provider calls a file that was uploaded before.
    id: Option<String>,
    /// The text below it.
    caption: Option<String>,
    /// The name shown for a document.
    filename: Option<String>,
}

/// A text with a list to choose from.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewList {
    header: Option<String>,
    body: String,
    footer: Option<String>,
    /// What is pressed to open the list.
    label: String,
    sections: Vec<NewSection>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSection {
    title: Option<String>,
    rows: Vec<NewRow>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRow {
    /// What comes back when it is chosen; `row1`, `row2`, … when left out.
    id: Option<String>,
    title: String,
    description: Option<String>,
}

/// A template of the provider with its values.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTemplate {
    name: String,
    /// The exact language at the provider.
    #[schema(example = "en_US")]
    language: String,
    header: Option<NewHeader>,
    body: Option<NewValues>,
    #[serde(default)]
    buttons: Vec<NewButtonValue>,
}

/// Values in the order of the slots, or by their names.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum NewValues {
    Positional(Vec<String>),
    Named(BTreeMap<String, String>),
}

/// Exactly one of these.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewHeader {
    text: Option<NewValues>,
    image: Option<NewFile>,
    document: Option<NewFile>,
    video: Option<NewFile>,
}

#[derive(Debug, Deserialize, ToSchema)]
struct NewButtonValue {
    /// The button's place, from 0.
    index: u8,
    #[serde(flatten)]
    value: NewButtonAction,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum NewButtonAction {
    QuickReply { payload: String },
    Url { text: String },
    CopyCode { code: String },
}

impl NewFile {
    /// As the service takes it; `field` is where it stands.
    pub(crate) fn media(self, field: &str) -> Result<Media, AppFailure> {
        let source = match (self.link, self.id) {
            (Some(link), None) => MediaSource::Link(link),
            (None, Some(id)) => MediaSource::Id(id),
            (None, None) | (Some(_), Some(_)) => {
                return Err(AppFailure::validation(
                    "The message needs exactly one file.",
                    vec![FieldProblem::new(
                        format!("{field}.link"),
                        "FILE",
                        "give either `link` or `id`",
                    )],
                ));
            }
        };
        Ok(Media {
            source,
            caption: self.caption,
            filename: self.filename,
        })
    }
}

impl NewList {
    pub(crate) fn list(self) -> List {
        let row = |row: NewRow| Row {
            id: row.id.unwrap_or_default(),
            title: row.title,
            description: row.description,
        };
        let section = |section: NewSection| Section {
            title: section.title,
            rows: section.rows.into_iter().map(row).collect(),
        };
        List {
            header: self.header,
            body: self.body,
            footer: self.footer,
            label: self.label,
            sections: self.sections.into_iter().map(section).collect(),
        }
    }
}

impl From<NewValues> for Parameters {
    fn from(values: NewValues) -> Self {
        match values {
            NewValues::Positional(values) => Self::Positional(values),
            NewValues::Named(values) => Self::Named(values),
        }
    }
}

impl NewTemplate {
    pub(crate) fn used(self) -> Result<TemplateUse, AppFailure> {
        let button = |button: NewButtonValue| ButtonValue {
            index: button.index,
            value: match button.value {
                NewButtonAction::QuickReply { payload } => ButtonAction::QuickReply { payload },
                NewButtonAction::Url { text } => ButtonAction::Url { text },
                NewButtonAction::CopyCode { code } => ButtonAction::CopyCode { code },
            },
        };
        Ok(TemplateUse {
            name: self.name,
            language: self.language,
            header: self.header.map(NewHeader::value).transpose()?,
            body: self.body.map(Parameters::from).unwrap_or_default(),
            buttons: self.buttons.into_iter().map(button).collect(),
        })
    }
}

impl NewHeader {
    fn value(self) -> Result<HeaderValue, AppFailure> {
        let file = |file: NewFile| file.media("template.header");
        match (self.text, self.image, self.document, self.video) {
            (Some(values), None, None, None) => Ok(HeaderValue::Text {
                values: values.into(),
            }),
            (None, Some(image), None, None) => Ok(HeaderValue::Image(file(image)?)),
            (None, None, Some(document), None) => Ok(HeaderValue::Document(file(document)?)),
            (None, None, None, Some(video)) => Ok(HeaderValue::Video(file(video)?)),
            _ => Err(AppFailure::validation(
                "A template's header holds exactly one thing.",
                vec![FieldProblem::new(
                    "template.header",
                    "CONTENT",
                    "give exactly one of `text`, `image`, `document` and `video`",
                )],
            )),
        }
    }
}
