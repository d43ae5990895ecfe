//! Messages made from a company's own texts: the template that was named, or the one of its type (S1.95,
//! S1.99, S1.100, X43).

use super::{
    draft::{Draft, DraftContent},
    preflight::Reason,
    templates::{Chosen, chosen, template_for},
};
use crate::{
    failure::{AppFailure, FieldProblem},
    ids::{TemplateId, TenantId},
    message::MessageType,
    ports::OwnTemplates,
    template::{Variables, Warning, render},
};

/// What a caller asks to be sent: something of their own, or a template with values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// As it stands.
    Draft(Draft),
    /// A text of the company's own templates.
    Template(FromTemplate),
}

impl From<Draft> for Wanted {
    fn from(draft: Draft) -> Self {
        Self::Draft(draft)
    }
}

/// A template of the company's own with the values of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FromTemplate {
    /// To whom, when and what for; its content and its type are the template's.
    pub draft: Draft,
    /// Which template; the one of the message's type when missing.
    pub id: Option<String>,
    /// What it is for, if the caller said so.
    pub message_type: Option<MessageType>,
    /// Values by placeholder.
    pub variables: Variables,
}

/// A draft that was filled, with all that was found on the way.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) draft: Draft,
    /// Values that are missing.
    pub(super) reasons: Vec<Reason>,
    /// Values that nothing asked for.
    pub(super) warnings: Vec<Warning>,
}

impl Wanted {
    /// The draft of what is wanted.
    pub(super) async fn made<S: OwnTemplates>(
        self,
        store: &S,
        tenant: TenantId,
    ) -> Result<Made, AppFailure> {
        match self {
            Self::Draft(draft) => Ok(Made {
                draft,
                reasons: Vec::new(),
                warnings: Vec::new(),
            }),
            Self::Template(from) => {
                let chosen = from.chosen(store, tenant).await?;
                Ok(from.made(&chosen))
            }
        }
    }
}

impl FromTemplate {
    /// The text it is made from.
    async fn chosen<S: OwnTemplates>(
        &self,
        store: &S,
        tenant: TenantId,
    ) -> Result<Chosen, AppFailure> {
        let Some(id) = &self.id else {
            let Some(message_type) = self.message_type else {
                return Err(wrong(
                    "message_type",
                    "REQUIRED",
                    "name the type whose template is wanted, or the template's id".into(),
                ));
            };
            let found = template_for(store, tenant, message_type).await?;
            return found.ok_or_else(|| {
                wrong(
                    "own_template",
                    "NO_TEMPLATE",
                    format!(
                        "there is no active template of the type {}; make one, or name another by its id",
                        message_type.as_str()
                    ),
                )
            });
        };
        let Ok(id) = TemplateId::parse(id) else {
            return Err(AppFailure::not_found("There is no such template."));
        };
        chosen(store, tenant, id).await
    }

    fn made(self, chosen: &Chosen) -> Made {
        let text = chosen.text();
        let its_own = match chosen {
            Chosen::Own(template) => template.message_type,
            // Waypost's text of the type that was asked for.
            Chosen::Default(_) => self.message_type.unwrap_or(MessageType::Other),
        };
        let mut reasons = Vec::new();
        if self.message_type.is_some_and(|asked| asked != its_own) {
            reasons.push(Reason::Field(FieldProblem::new(
                "message_type",
                "NOT_THE_TEMPLATES",
                format!(
                    "the template is for {}; leave the type out, or choose another template",
                    its_own.as_str()
                ),
            )));
        }
        let (body, warnings) = match render(text, &self.variables) {
            Ok(filled) => (filled.text, filled.warnings),
            Err(missing) => {
                let named = missing.into_iter().map(|mut problem| {
                    problem.field = format!("own_template.{}", problem.field);
                    Reason::Field(problem)
                });
                reasons.extend(named);
                // Whatever else is wrong is found with the template as it stands.
                (text.content().to_owned(), Vec::new())
            }
        };
        Made {
            draft: Draft {
                content: DraftContent::Text { body },
                message_type: its_own,
                template: chosen.id(),
                ..self.draft
            },
            reasons,
            warnings,
        }
    }
}

fn wrong(field: &str, code: &'static str, message: String) -> AppFailure {
    AppFailure::validation(
        "There is no text to make the message from; see the fields.",
        vec![FieldProblem::new(field, code, message)],
    )
}
