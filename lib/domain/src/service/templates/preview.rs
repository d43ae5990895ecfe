//! What a template will say: with sample data, or with the values of one message (S1.123).

use std::collections::BTreeMap;

use super::{TemplateDesk, invalid};
use crate::{
    failure::AppFailure,
    ids::TemplateId,
    message::MessageType,
    ports::{Clock, OwnTemplates},
    principal::Principal,
    template::{LONGEST_TEXT, TemplateText, Variables, Warning, render, samples},
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
