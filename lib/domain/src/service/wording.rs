//! What a workflow's message says: the company's words, or the built-in ones, with the event's values.

use std::collections::BTreeMap;

use super::{
    draft::DraftContent,
    templates::{Chosen, chosen, template_for},
};
use crate::{
    business::{Choice, Workflow},
    failure::{AppFailure, Code},
    message::{Media, MediaSource, MessageType},
    ports::OwnTemplates,
    template::{TemplateText, Variables, default_text},
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

/// The text of a type: the company's active template of it, else the built-in one (X43, S1.148).
async fn usual<S: OwnTemplates>(
    store: &S,
    workflow: &Workflow,
) -> Result<TemplateText, AppFailure> {
    match template_for(store, workflow.tenant, workflow.name).await? {
        Some(Chosen::Own(template)) => Ok(template.text),
        Some(Chosen::Default(_)) | None => standard(workflow.name).ok_or_else(|| {
            AppFailure::conflict(
                "There is no text for messages of this type. Make a template of it.",
            )
            .with_detail("reason", "NO_TEMPLATE")
        }),
    }
}

/// What a message of this workflow says. A template that was taken away leaves the type's usual text; one
/// that was switched off leaves nothing to say: somebody meant these words not to be sent.
///
/// # Errors
/// VALIDATION with every value that is missing; CONFLICT `TEMPLATE_OFF`, `NO_TEMPLATE` and
/// `PROVIDER_TEMPLATE`; storage failures.
pub(super) async fn content<S: OwnTemplates>(
    store: &S,
    workflow: &Workflow,
    variables: &Variables,
    enclosed: Option<Enclosure>,
) -> Result<DraftContent, AppFailure> {
    let text = match &workflow.template {
        Choice::Standard => usual(store, workflow).await?,
        Choice::Own(id) => match chosen(store, workflow.tenant, *id).await {
            Ok(chosen) => chosen.text().clone(),
            Err(failure) if failure.code() == Code::NotFound => usual(store, workflow).await?,
            Err(failure) => return Err(failure),
        },
        Choice::Provider { .. } => {
            return Err(AppFailure::conflict(
                "Workflows cannot use a provider's template. Choose one of your own.",
            )
            .with_detail("reason", "PROVIDER_TEMPLATE"));
        }
    };
    let filled = Chosen::Default(text).filled(variables)?;
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
