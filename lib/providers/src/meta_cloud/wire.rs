//! Meta's request bodies as written.

use serde::Serialize;

/// `POST /{version}/{phone number id}/messages`.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) messaging_product: &'static str,
    pub(super) recipient_type: &'static str,
    #[serde(flatten)]
    pub(super) to: To<'a>,
    pub(super) r#type: &'static str,
    #[serde(flatten)]
    pub(super) content: Part<'a>,
}

/// Whom it is for.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum To<'a> {
    /// A number with its plus: without one Meta may take it for a number of the business's own
    /// country.
    To(&'a str),
    /// A user id, where no number is known.
    Recipient(&'a str),
}

/// What it says, under the name of its type.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part<'a> {
    Text { body: &'a str },
    Interactive(Interactive<'a>),
    Image(File<'a>),
    Document(File<'a>),
    Template(Template<'a>),
}

/// A file by its link or by Meta's id.
#[derive(Serialize)]
pub(super) struct File<'a> {
    #[serde(flatten)]
    pub(super) source: Source<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) caption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) filename: Option<&'a str>,
}

/// Where Meta takes a file from.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source<'a> {
    Link(&'a str),
    Id(&'a str),
}

/// Buttons or a list.
#[derive(Serialize)]
pub(super) struct Interactive<'a> {
    pub(super) r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) header: Option<Header<'a>>,
    pub(super) body: Words<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) footer: Option<Words<'a>>,
    pub(super) action: Action<'a>,
}

/// The header of an interactive message.
#[derive(Serialize)]
pub(super) struct Header<'a> {
    pub(super) r#type: &'static str,
    pub(super) text: &'a str,
}

/// The body or footer of an interactive message.
#[derive(Serialize)]
pub(super) struct Words<'a> {
    pub(super) text: &'a str,
}

/// What can be pressed.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Action<'a> {
    Buttons {
        buttons: Vec<ReplyButton<'a>>,
    },
    List {
        button: &'a str,
        sections: Vec<Section<'a>>,
    },
}

/// A quick-reply button.
#[derive(Serialize)]
pub(super) struct ReplyButton<'a> {
    pub(super) r#type: &'static str,
    pub(super) reply: Reply<'a>,
}

/// What comes back from a button.
#[derive(Serialize)]
pub(super) struct Reply<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
}

/// A section of a list.
#[derive(Serialize)]
pub(super) struct Section<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<&'a str>,
    pub(super) rows: Vec<Row<'a>>,
}

/// A row of a list.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
}

/// A template with its values.
#[derive(Serialize)]
pub(super) struct Template<'a> {
    pub(super) name: &'a str,
    pub(super) language: Language<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) components: Vec<Component<'a>>,
}

/// A template's language.
#[derive(Serialize)]
pub(super) struct Language<'a> {
    pub(super) code: &'a str,
}

/// The values of a template's header, body or one button.
#[derive(Serialize)]
pub(super) struct Component<'a> {
    pub(super) r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sub_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<String>,
    pub(super) parameters: Vec<Parameter<'a>>,
}

/// One value.
#[derive(Serialize)]
pub(super) struct Parameter<'a> {
    pub(super) r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parameter_name: Option<&'a str>,
    #[serde(flatten)]
    pub(super) value: Slot<'a>,
}

/// A value under the name of its type.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Slot<'a> {
    Text(&'a str),
    Payload(&'a str),
    CouponCode(&'a str),
    Image(File<'a>),
    Document(File<'a>),
    Video(File<'a>),
}
