//! WHAPI's request bodies, as its schema 1.8.7 has them.

use serde::Serialize;

/// `POST /messages/text`.
#[derive(Serialize)]
pub(super) struct Text<'a> {
    pub(super) to: &'a str,
    pub(super) body: &'a str,
}

/// `POST /messages/image` and `POST /messages/document`.
#[derive(Serialize)]
pub(super) struct File<'a> {
    pub(super) to: &'a str,
    /// A link, or the id of a file uploaded before.
    pub(super) media: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) filename: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) caption: Option<&'a str>,
}

/// `POST /messages/interactive`.
#[derive(Serialize)]
pub(super) struct Interactive<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) header: Option<Part<'a>>,
    pub(super) body: Part<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) footer: Option<Part<'a>>,
    pub(super) action: Action<'a>,
    pub(super) r#type: &'static str,
    pub(super) to: &'a str,
}

/// A part of an interactive message.
#[derive(Serialize)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
}

/// What there is to press in an interactive message.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action<'a> {
    Buttons(Vec<QuickReply<'a>>),
    List(List<'a>),
}

/// A button, flat: a nested `reply` object, as Meta has it, is refused with 400.
#[derive(Serialize)]
pub(super) struct QuickReply<'a> {
    pub(super) r#type: &'static str,
    pub(super) title: &'a str,
    pub(super) id: &'a str,
}

/// A list to choose one row from.
#[derive(Serialize)]
pub(super) struct List<'a> {
    pub(super) sections: Vec<Section<'a>>,
    /// What opens it.
    pub(super) label: &'a str,
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
