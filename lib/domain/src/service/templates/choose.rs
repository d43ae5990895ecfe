//! Which text a message is made from: the template that was named, else the company's own of its type,
//! else Waypost's (X43).

use super::not_found;
use crate::{
    failure::{AppFailure, StoreFailure},
    ids::{TemplateId, TenantId},
    message::MessageType,
    ports::{OwnTemplates, TemplateFilter},
    template::{Filled, OwnTemplate, TemplateText, Variables, default_text, render},
};

/// A text to make a message from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// A template of the company's own.
    Own(Box<OwnTemplate>),
    /// Waypost's text of the type.
    Default(TemplateText),
}

impl Chosen {
    /// The text.
    #[must_use]
    pub const fn text(&self) -> &TemplateText {
        match self {
            Self::Own(template) => &template.text,
            Self::Default(text) => text,
        }
    }

    /// The template of the company's own, if it is one.
    #[must_use]
    pub fn id(&self) -> Option<TemplateId> {
        match self {
            Self::Own(template) => Some(template.id),
            Self::Default(_) => None,
        }
    }

    /// The text with its values (S1.100).
    ///
    /// # Errors
    /// VALIDATION naming every value that is missing (S1.141).
    pub fn filled(&self, variables: &Variables) -> Result<Filled, AppFailure> {
        render(self.text(), variables).map_err(|problems| {
            AppFailure::validation(
                "Values of the template are missing; see the fields.",
                problems,
            )
        })
    }
}

/// The template of this id, switched on (S1.99).
///
/// # Errors
/// `NOT_FOUND`, also for another company's; CONFLICT `TEMPLATE_OFF` for one that is switched off.
pub async fn chosen<S: OwnTemplates>(
    store: &S,
    tenant: TenantId,
    id: TemplateId,
) -> Result<Chosen, AppFailure> {
    let found = store.own_template(tenant, id).await?;
    let template = found.ok_or_else(not_found)?;
    if !template.active {
        return Err(AppFailure::conflict(
            "This template is switched off. A manager can switch it on, or choose another one.",
        )
        .with_detail("reason", "TEMPLATE_OFF"));
    }
    Ok(Chosen::Own(Box::new(template)))
}

/// The text that messages of a type are made from: of the company's active templates of the type the
/// first by name, else Waypost's; none for types that have no text of their own (X43, S1.148).
///
/// # Errors
/// Storage failures.
pub async fn template_for<S: OwnTemplates>(
    store: &S,
    tenant: TenantId,
    message_type: MessageType,
) -> Result<Option<Chosen>, StoreFailure> {
    let active = TemplateFilter {
        message_type: Some(message_type),
        active: Some(true),
    };
    let page = store.own_templates(tenant, active, None, 1).await?;
    if let Some(template) = page.items.into_iter().next() {
        return Ok(Some(Chosen::Own(Box::new(template))));
    }
    let text = default_text(message_type);
    Ok(text
        .and_then(|text| TemplateText::check(message_type, text).ok())
        .map(Chosen::Default))
}
