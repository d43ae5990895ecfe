//! What is shown of templates.

use std::collections::BTreeMap;

use domain::{
    service::templates::{Previewed, ProviderPreviewed},
    template::{ButtonShape, HeaderShape, OwnTemplate, ProviderTemplate, Warning},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A template of one's own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnTemplate)]
pub struct TemplateShown {
    #[schema(format = Uuid)]
    id: String,
    name: String,
    /// What messages it is for.
    message_type: &'static str,
    /// Its text.
    content: String,
    /// Its placeholders, in the order they first stand in the text.
    placeholders: Vec<String>,
    /// What stands for a placeholder that a message has no value for.
    defaults: BTreeMap<String, String>,
    /// Whether it is used.
    active: bool,
    /// Raised by every change.
    version: u32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Who made it.
    created_by: String,
    /// Who last changed it.
    updated_by: String,
}

impl From<&OwnTemplate> for TemplateShown {
    fn from(template: &OwnTemplate) -> Self {
        let text = &template.text;
        let defaults = text.defaults().into_iter();
        Self {
            id: template.id.to_string(),
            name: template.name.clone(),
            message_type: template.message_type.as_str(),
            content: text.content().to_owned(),
            placeholders: text.slots().iter().map(|slot| slot.name.clone()).collect(),
            defaults: defaults
                .map(|(name, default)| (name.to_owned(), default.to_owned()))
                .collect(),
            active: template.active,
            version: template.version,
            created_at: template.created_at,
            updated_at: template.updated_at,
            created_by: template.created_by.to_string(),
            updated_by: template.updated_by.to_string(),
        }
    }
}

/// A page of templates, or of versions of one.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnTemplateList {
    /// The templates.
    pub items: Vec<TemplateShown>,
    /// Where the next page begins; `null` at the end.
    pub next_cursor: Option<String>,
}

/// A template that was taken away.
#[derive(Debug, Serialize, ToSchema)]
pub struct TemplateDeleted {
    /// It.
    #[schema(format = Uuid)]
    pub id: String,
    /// Always `true`.
    pub deleted: bool,
}

/// What a template will say.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnTemplatePreview)]
pub struct PreviewShown {
    /// The text.
    text: String,
    /// Its placeholders, in order.
    placeholders: Vec<String>,
    /// What was left out, or is odd; nothing of it keeps a message from being sent.
    warnings: Vec<WarningShown>,
}

/// Something odd.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnTemplateWarning)]
pub struct WarningShown {
    /// Machine code.
    #[schema(example = "UNUSED_VARIABLE")]
    code: &'static str,
    /// Which variable or placeholder.
    name: String,
    /// What was done about it.
    message: String,
}

impl From<Previewed> for PreviewShown {
    fn from(previewed: Previewed) -> Self {
        Self {
            text: previewed.text,
            placeholders: previewed.placeholders,
            warnings: previewed
                .warnings
                .into_iter()
                .map(WarningShown::from)
                .collect(),
        }
    }
}

impl From<Warning> for WarningShown {
    fn from(warning: Warning) -> Self {
        Self {
            code: warning.code,
            name: warning.name,
            message: warning.message,
        }
    }
}

/// A template that a provider keeps and approves.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderTemplate)]
pub struct ProviderTemplateShown {
    /// The provider's account: Meta's WhatsApp Business Account.
    account_id: String,
    /// What the provider calls it.
    provider_id: Option<String>,
    name: String,
    /// Its exact language.
    #[schema(example = "en_US")]
    language: String,
    /// The provider's state of it: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, …
    status: Option<String>,
    /// Why it has that state.
    reason: Option<String>,
    /// `UTILITY`, `MARKETING`, `AUTHENTICATION`.
    category: Option<String>,
    /// The provider's rating.
    quality: Option<String>,
    /// Whether it may be sent, as far as is known.
    approved: bool,
    /// `positional` (`{{1}}`) or `named` (`{{name}}`); `null` while only webhooks told of it.
    format: Option<&'static str>,
    header: Option<HeaderShown>,
    body: Option<String>,
    footer: Option<String>,
    buttons: Vec<ButtonShown>,
    /// The slots of the body, in order.
    variables: Vec<String>,
    /// The slots of the header, in order.
    header_variables: Vec<String>,
    /// When the provider's list last showed it.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_sync_at: Option<Timestamp>,
    /// When its state last changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
    /// Since when the provider no longer lists it.
    #[schema(value_type = Option<String>, format = DateTime)]
    missing_since: Option<Timestamp>,
}

/// What stands above a template's text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderTemplateHeader)]
pub struct HeaderShown {
    /// `text`, `image`, `video`, `document` or `other`.
    r#type: &'static str,
    /// The line, of a text.
    text: Option<String>,
}

/// A button of a template.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderTemplateButton)]
pub struct ButtonShown {
    /// The provider's word: `QUICK_REPLY`, `URL`, `PHONE_NUMBER`, …
    r#type: String,
    text: String,
    url: Option<String>,
    phone_number: Option<String>,
    /// Whether each message must bring a value for it.
    needs_value: bool,
}

impl From<&HeaderShape> for HeaderShown {
    fn from(header: &HeaderShape) -> Self {
        let text = match header {
            HeaderShape::Text { text } => Some(text.clone()),
            HeaderShape::Image
            | HeaderShape::Video
            | HeaderShape::Document
            | HeaderShape::Other { .. } => None,
        };
        Self {
            r#type: header.as_str(),
            text,
        }
    }
}

impl From<&ButtonShape> for ButtonShown {
    fn from(button: &ButtonShape) -> Self {
        Self {
            r#type: button.kind.clone(),
            text: button.text.clone(),
            url: button.url.clone(),
            phone_number: button.phone.clone(),
            needs_value: button.needs_value(),
        }
    }
}

impl From<&ProviderTemplate> for ProviderTemplateShown {
    fn from(template: &ProviderTemplate) -> Self {
        let owned = |slots: Vec<&str>| slots.into_iter().map(str::to_owned).collect();
        let shape = template.shape.clone().unwrap_or_default();
        let known = template.known.clone();
        Self {
            account_id: template.account.clone(),
            name: template.name.clone(),
            language: template.language.clone(),
            status: known.status,
            reason: known.reason,
            category: known.category,
            quality: known.quality,
            approved: template.is_approved(),
            format: template.shape.as_ref().map(|shape| shape.format.as_str()),
            header: shape.header.as_ref().map(HeaderShown::from),
            buttons: shape.buttons.iter().map(ButtonShown::from).collect(),
            variables: owned(shape.body_slots()),
            header_variables: owned(shape.header_slots()),
            provider_id: shape.id,
            body: shape.body,
            footer: shape.footer,
            last_sync_at: template.synced_at,
            changed_at: known.changed_at,
            missing_since: template.missing_since,
        }
    }
}

/// A page of providers' templates.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderTemplateList {
    /// The templates.
    pub items: Vec<ProviderTemplateShown>,
    /// Where the next page begins; `null` at the end.
    pub next_cursor: Option<String>,
}

/// What a provider's template will say, as it is sent: lists and lines are flattened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderTemplatePreview)]
pub struct ProviderPreviewShown {
    /// The line above the text, if it is one.
    header: Option<String>,
    /// The text.
    body: String,
    footer: Option<String>,
    /// The titles of the buttons.
    buttons: Vec<String>,
    /// What was left out.
    warnings: Vec<WarningShown>,
}

impl From<ProviderPreviewed> for ProviderPreviewShown {
    fn from(previewed: ProviderPreviewed) -> Self {
        let warnings = previewed.warnings.into_iter();
        Self {
            header: previewed.shown.header,
            body: previewed.shown.body,
            footer: previewed.shown.footer,
            buttons: previewed.shown.buttons,
            warnings: warnings.map(WarningShown::from).collect(),
        }
    }
}
