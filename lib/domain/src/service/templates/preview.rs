//! What a template will say: with sample data, or with the values of one message (S1.123).

use std::collections::BTreeMap;

use super::{TemplateDesk, invalid, not_found};
use crate::{
    failure::AppFailure,
    ids::TemplateId,
    message::MessageType,
    ports::{Clock, OwnTemplates, ProviderTemplates},
    principal::Principal,
    template::{
        LONGEST_TEXT, ProviderPreview, SlotFormat, SlotNames, TemplateText, Variables, Warning,
        fill, preview, render, samples,
    },
};

/// A template that is not stored yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsavedTemplate {
    /// What messages it is for.
    pub message_type: MessageType,
    /// Its text.
    pub content: String,
    /// Defaults by placeholder.
    pub defaults: BTreeMap<String, String>,
}

/// What a template will say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previewed {
    /// The text.
    pub text: String,
    /// What was left out, or is odd.
    pub warnings: Vec<Warning>,
    /// The placeholders of the template, in order.
    pub placeholders: Vec<String>,
}

impl<S: OwnTemplates, C: Clock> TemplateDesk<'_, S, C> {
    /// What a stored template will say.
    ///
    /// # Errors
    /// `NOT_FOUND`; VALIDATION naming every value that is missing.
    pub async fn preview(
        &self,
        principal: &Principal,
        id: TemplateId,
        variables: Option<&Variables>,
    ) -> Result<Previewed, AppFailure> {
        let template = self.read(principal, id).await?;
        previewed(&template.text, variables)
    }
}

impl UnsavedTemplate {
    /// What it will say, once it is stored.
    ///
    /// # Errors
    /// VALIDATION with everything that keeps it from being stored, or every value that is missing.
    pub fn preview(&self, variables: Option<&Variables>) -> Result<Previewed, AppFailure> {
        let text = TemplateText::with_defaults(self.message_type, &self.content, &self.defaults)
            .map_err(invalid)?;
        previewed(&text, variables)
    }
}

/// With the values given; with samples when none are.
fn previewed(text: &TemplateText, variables: Option<&Variables>) -> Result<Previewed, AppFailure> {
    let names = text.slots().iter().map(|slot| slot.name.as_str());
    let sampled;
    let variables = match variables {
        Some(given) => given,
        None => {
            sampled = samples(names.clone());
            &sampled
        }
    };
    let filled = render(text, variables).map_err(|problems| {
        AppFailure::validation("Values are missing; see the fields.", problems)
    })?;
    let mut warnings = filled.warnings;
    let length = filled.text.chars().count();
    if length > LONGEST_TEXT {
        warnings.push(Warning {
            code: "TOO_LONG",
            name: "text".into(),
            message: format!(
                "with these values the text has {length} characters, and a message may have {LONGEST_TEXT}"
            ),
        });
    }
    Ok(Previewed {
        text: filled.text,
        warnings,
        placeholders: names.map(str::to_owned).collect(),
    })
}

/// What a provider's template will say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderPreviewed {
    /// Its parts with their values, flattened as they are sent (X46).
    pub shown: ProviderPreview,
    /// What was left out.
    pub warnings: Vec<Warning>,
}

impl<S: ProviderTemplates, C> TemplateDesk<'_, S, C> {
    /// What a provider's template will say when these variables fill its slots; with samples when no
    /// values are given.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT `NOT_SYNCED` while only webhooks told of it; VALIDATION naming every slot
    /// without a variable and every value that is missing.
    pub async fn preview_provider(
        &self,
        principal: &Principal,
        (account, name, language): (&str, &str, &str),
        names: &SlotNames,
        variables: Option<&Variables>,
    ) -> Result<ProviderPreviewed, AppFailure> {
        let tenant = principal.tenant();
        let known = self.store.template(tenant, account, name, language).await?;
        let shape = known.ok_or_else(not_found)?.shape.ok_or_else(|| {
            AppFailure::conflict(
                "What this template looks like is not known yet. Sync the channel's templates first.",
            )
            .with_detail("reason", "NOT_SYNCED")
        })?;
        let sampled;
        let variables = match variables {
            Some(given) => given,
            None => {
                // Slots with names of their own may go without a list of variables.
                let own = |names: &[String], slots: Vec<&str>| {
                    let owned = slots.into_iter().map(str::to_owned).collect();
                    let bare = names.is_empty() && shape.format == SlotFormat::Named;
                    if bare { owned } else { names.to_vec() }
                };
                let header = own(&names.header, shape.header_slots());
                let body = own(&names.body, shape.body_slots());
                sampled = samples(header.iter().chain(&body).map(String::as_str));
                &sampled
            }
        };
        let filled = fill(&shape, names, variables).map_err(|problems| {
            AppFailure::validation("The template cannot be filled; see the fields.", problems)
        })?;
        Ok(ProviderPreviewed {
            shown: preview(&shape, &filled.header, &filled.body),
            warnings: filled.warnings,
        })
    }
}
