//! What a workflow's message says: the company's words, or the built-in ones, with the event's values.

use std::collections::BTreeMap;

use super::draft::DraftContent;
use crate::{
    business::{Choice, Workflow},
    failure::FieldProblem,
    message::{Media, MediaSource, MessageType},
    template::{TemplateText, Variables, default_text, render},
};

/// What stands in the built-in texts for what an event does not say (S2.80, S2.81, S2.83).
const DEFAULTS: [(&str, &str); 4] = [
    ("customerName", "Customer"),
    ("packageName", "Tour Package"),
    ("startDate", "TBD"),
    ("destination", "your destination"),
];

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Enclosure {
    /// Where it is kept.
    pub(super) key: String,
    /// Its type, by its content.
    pub(super) mime: String,
    /// The name it is shown with.
    pub(super) filename: String,
}

/// The built-in text of a type, with its defaults declared.
fn standard(message_type: MessageType) -> Option<TemplateText> {
    let text = default_text(message_type)?;
    let declared = DEFAULTS
        .into_iter()
        .filter(|(name, _)| text.contains(&format!("{{{name}}}")));
    let declared: BTreeMap<String, String> = declared
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    TemplateText::with_defaults(message_type, text, &declared).ok()
}

/// What a message of this workflow says.
///
/// # Errors
/// Every value that is missing.
pub(super) fn content(
    workflow: &Workflow,
    variables: &Variables,
    enclosed: Option<Enclosure>,
) -> Result<DraftContent, Vec<FieldProblem>> {
    let missing = || {
        vec![FieldProblem::new(
            "template",
            "NO_TEMPLATE",
            "there is no text for this type; make a template of it",
        )]
    };
    let text = match &workflow.template {
        Choice::Standard => standard(workflow.name).ok_or_else(missing)?,
        Choice::Own(_) | Choice::Provider { .. } => return Err(missing()),
    };
    let filled = render(&text, variables)?;
    Ok(match enclosed {
        None => DraftContent::Text { body: filled.text },
        Some(enclosed) => enclosing(enclosed, filled.text),
    })
}

fn enclosing(enclosed: Enclosure, caption: String) -> DraftContent {
    let image = enclosed.mime.starts_with("image/");
    let media = Media {
        source: MediaSource::kept(&enclosed.key, &enclosed.mime),
        caption: Some(caption),
        filename: (!image).then_some(enclosed.filename),
    };
    if image {
        DraftContent::Image(media)
    } else {
        DraftContent::Document(media)
    }
}
