//! What a workflow's message says: the template that the company chose, its active one, or the built-in
//! text, with the event's values and the file that goes with it.

use std::collections::BTreeMap;

use super::{
    draft::DraftContent,
    phrasing::{self, Phrasing, Wordless, words_of},
    templates::{self, Chosen},
};
use crate::{
    business::{Choice, Workflow},
    failure::AppFailure,
    ids::TemplateId,
    message::{HeaderValue, Media, MediaSource, MessageType},
    ports::{Directory, OwnTemplates, ProviderTemplates},
    template::{HeaderShape, TemplateText, Variables, default_text},
    tenant::Tenant,
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

/// What a message says, and the template of the company's own that says it.
#[derive(Debug)]
pub(super) struct Worded {
    pub(super) content: DraftContent,
    pub(super) template: Option<TemplateId>,
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
/// VALIDATION with every value that is missing; CONFLICT when there are no words, or none that the file
/// can go with (S1.27, X43); storage failures.
pub(super) async fn content<S: Directory + OwnTemplates + ProviderTemplates>(
    store: &S,
    tenant: &Tenant,
    workflow: &Workflow,
    variables: &Variables,
    enclosed: Option<Enclosure>,
) -> Result<Worded, AppFailure> {
    // A template that was deleted leaves the company's usual words (X43).
    let choice = match &workflow.template {
        Choice::Own(id) if store.own_template(tenant.id, *id).await?.is_none() => &Choice::Standard,
        choice => choice,
    };
    let (phrasing, template) = match choice {
        Choice::Standard => {
            let chosen = templates::template_for(store, tenant.id, workflow.name).await?;
            let (text, template) = match chosen {
                Some(Chosen::Own(template)) => (Some(template.text), Some(template.id)),
                Some(Chosen::Default(_)) | None => (standard(workflow.name), None),
            };
            let text = text.ok_or_else(|| wordless("NO_TEMPLATE"))?;
            (Phrasing::Text(text), template)
        }
        chosen @ (Choice::Own(_) | Choice::Provider { .. }) => {
            let channel = match workflow.channel.or(tenant.settings.default_channel) {
                Some(id) => store.channel(tenant.id, id).await?,
                None => None,
            };
            let channel = channel.ok_or_else(|| wordless("CHANNEL_GONE"))?;
            let (name, words) = (workflow.name, words_of(chosen));
            match phrasing::of(store, tenant.id, name, &words, &channel).await {
                Ok(phrasing) => (phrasing, own(chosen)),
                Err(Wordless::Reason(code)) => return Err(wordless(code)),
                Err(Wordless::Store(failure)) => return Err(failure.into()),
            }
        }
    };
    let content = phrasing.filled(variables)?;
    let content = match (enclosed, content) {
        (Some(enclosed), DraftContent::Text { body }) => enclosing(enclosed, body),
        (Some(enclosed), DraftContent::Template(mut used)) => {
            used.header = Some(in_header(phrasing.header(), enclosed)?);
            DraftContent::Template(used)
        }
        (None | Some(_), content) => content,
    };
    Ok(Worded { content, template })
}

const fn own(choice: &Choice) -> Option<TemplateId> {
    match choice {
        Choice::Own(id) => Some(*id),
        Choice::Standard | Choice::Provider { .. } => None,
    }
}

fn enclosing(enclosed: Enclosure, caption: String) -> DraftContent {
    let image = enclosed.mime.starts_with("image/");
    let media = enclosed.media(Some(caption));
    if image {
        DraftContent::Image(media)
    } else {
        DraftContent::Document(media)
    }
}

/// A provider's template carries a file in its header, or not at all.
fn in_header(header: Option<&HeaderShape>, enclosed: Enclosure) -> Result<HeaderValue, AppFailure> {
    let image = enclosed.mime.starts_with("image/");
    match header {
        Some(HeaderShape::Document) if !image => Ok(HeaderValue::Document(enclosed.media(None))),
        Some(HeaderShape::Image) if image => Ok(HeaderValue::Image(enclosed.media(None))),
        Some(
            HeaderShape::Document
            | HeaderShape::Image
            | HeaderShape::Text { .. }
            | HeaderShape::Video
            | HeaderShape::Other { .. },
        )
        | None => Err(wordless("TEMPLATE_WITHOUT_FILE")),
    }
}

impl Enclosure {
    fn media(self, caption: Option<String>) -> Media {
        let image = self.mime.starts_with("image/");
        Media {
            source: MediaSource::kept(&self.key, &self.mime),
            caption,
            filename: (!image).then_some(self.filename),
        }
    }
}

/// Why there is nothing to say, and what to do.
fn wordless(code: &'static str) -> AppFailure {
    let sentence = match code {
        "NO_TEMPLATE" => "There is no text for this type. Make a template of it.",
        "TEMPLATE_GONE" => "The workflow's template was deleted. Choose another one for it.",
        "TEMPLATE_OFF" => {
            "The workflow's template is switched off. Switch it on, or choose another one."
        }
        "TEMPLATE_UNKNOWN" => {
            "The workflow's template is not known at the channel's account. Sync the channel's templates, or choose another one."
        }
        "TEMPLATE_WITHOUT_FILE" => {
            "The workflow's template has no header that this file can stand in. Choose one with a document header (for pictures: an image header)."
        }
        _ => "The workflow has no channel. Name one, or set the company's default channel.",
    };
    AppFailure::conflict(sentence).with_detail("reason", code)
}
