//! Changing a template of a company's own, under the version that the caller saw.

use std::collections::BTreeMap;

use tracing::info;

use super::{TemplateDesk, changed_meanwhile, checked, name_taken};
use crate::{
    failure::AppFailure,
    ids::TemplateId,
    message::MessageType,
    ports::{Clock, Kept, OwnTemplates},
    principal::Principal,
    template::OwnTemplate,
};

/// What is to change; what is missing stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateEdit {
    /// The version the caller saw; the change is refused when there is another one by now.
    pub version: u32,
    /// Its name.
    pub name: Option<String>,
    /// What messages it is for.
    pub message_type: Option<MessageType>,
    /// Its text.
    pub content: Option<String>,
    /// All defaults by placeholder.
    pub defaults: Option<BTreeMap<String, String>>,
    /// Whether it is used.
    pub active: Option<bool>,
}

impl<S: OwnTemplates, C: Clock> TemplateDesk<'_, S, C> {
    /// Changes a template. A change that changes nothing is no version.
    ///
    /// # Errors
    /// `NOT_FOUND`; VALIDATION with every problem; CONFLICT `NAME_TAKEN`, or `TEMPLATE_CHANGED` when the
    /// caller saw another version.
    pub async fn edit(
        &self,
        principal: &Principal,
        id: TemplateId,
        edit: TemplateEdit,
    ) -> Result<OwnTemplate, AppFailure> {
        let before = self.read(principal, id).await?;
        if before.version != edit.version {
            return Err(changed_meanwhile());
        }
        let name = edit.name.as_deref().unwrap_or(&before.name);
        let message_type = edit.message_type.unwrap_or(before.message_type);
        let content = edit.content.as_deref().unwrap_or(before.text.content());
        let defaults = edit.defaults.unwrap_or_else(|| {
            let kept = before.text.defaults().into_iter();
            kept.map(|(name, text)| (name.to_owned(), text.to_owned()))
                .collect()
        });
        let (name, text) = checked(name, message_type, content, &defaults)?;
        let mut after = OwnTemplate {
            name,
            message_type,
            text,
            active: edit.active.unwrap_or(before.active),
            ..before.clone()
        };
        if after == before {
            return Ok(before);
        }
        after.version = before.version.saturating_add(1);
        after.updated_at = self.clock.now();
        after.updated_by = principal.user().clone();
        let mut audit =
            self.entry(principal, "change", id)
                .changed("version", before.version, after.version);
        // The texts themselves stand in the versions.
        let words = |template: &OwnTemplate| {
            let kind = template.message_type.as_str().to_owned();
            [template.name.clone(), kind, template.active.to_string()]
        };
        let names = ["name", "message_type", "active"].into_iter();
        for ((name, was), is) in names.zip(words(&before)).zip(words(&after)) {
            if was != is {
                audit = audit.changed(name, was, is);
            }
        }
        match self.store.change_template(&before, &after, &audit).await? {
            Kept::Done => {
                info!(tenant.id = %after.tenant, template.id = %id, "changed template `{id}`");
                Ok(after)
            }
            Kept::NameTaken => Err(name_taken()),
            Kept::Stale => Err(changed_meanwhile()),
        }
    }
}
