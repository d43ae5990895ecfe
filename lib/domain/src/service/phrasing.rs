//! What messages of a company's calendar say: a text of their own, a template, or the usual words; read
//! once, filled for each customer.

use crate::{
    business::Choice,
    channel::Channel,
    failure::{AppFailure, StoreFailure},
    festival::Words,
    ids::TenantId,
    message::{HeaderValue, MessageType, Parameters, TemplateUse},
    ports::{OwnTemplates, ProviderTemplates},
    service::{draft::DraftContent, templates},
    template::{SlotNames, TemplateShape, TemplateText, Value, Variables, fill, render},
};

/// What stands for a name that nobody knows, unless the text declares something else (S2.80).
const NAMELESS: &str = "Customer";

/// Words with places for the values of each customer.
#[derive(Debug)]
pub(super) enum Phrasing {
    /// A text.
    Text(TemplateText),
    /// A template of the provider.
    Provider {
        name: String,
        language: String,
        shape: Box<TemplateShape>,
        slots: SlotNames,
    },
}

/// Why there are no words: a machine code, or a store that does not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Wordless {
    #[error("{0}")]
    Reason(&'static str),
    #[error(transparent)]
    Store(#[from] StoreFailure),
}

/// How a workflow's choice is written here.
pub(super) fn words_of(choice: &Choice) -> Words {
    match choice {
        Choice::Standard => Words::Standard,
        Choice::Own(id) => Words::Own(*id),
        Choice::Provider {
            name,
            language,
            header,
            body,
            defaults,
        } => Words::Provider {
            name: name.clone(),
            language: language.clone(),
            slots: SlotNames {
                header: header.clone(),
                body: body.clone(),
                defaults: defaults.clone(),
            },
        },
    }
}

/// These words, for messages of a type, read once for many customers.
pub(super) async fn of<S: OwnTemplates + ProviderTemplates>(
    store: &S,
    tenant: TenantId,
    message_type: MessageType,
    words: &Words,
    channel: &Channel,
) -> Result<Phrasing, Wordless> {
    match words {
        Words::Text(text) => Ok(Phrasing::Text(text.clone())),
        Words::Standard => {
            let chosen = templates::template_for(store, tenant, message_type).await?;
            let chosen = chosen.ok_or(Wordless::Reason("NO_TEMPLATE"))?;
            Ok(Phrasing::Text(chosen.text().clone()))
        }
        Words::Own(id) => {
            let found = store.own_template(tenant, *id).await?;
            match found {
                None => Err(Wordless::Reason("TEMPLATE_GONE")),
                Some(template) if !template.active => Err(Wordless::Reason("TEMPLATE_OFF")),
                Some(template) => Ok(Phrasing::Text(template.text)),
            }
        }
        Words::Provider {
            name,
            language,
            slots,
        } => {
            let account = channel.account.as_deref().unwrap_or(&channel.provider_ref);
            let known = store.template(tenant, account, name, language).await?;
            let shape = known.and_then(|known| known.shape);
            Ok(Phrasing::Provider {
                name: name.clone(),
                language: language.clone(),
                shape: Box::new(shape.ok_or(Wordless::Reason("TEMPLATE_UNKNOWN"))?),
                slots: slots.clone(),
            })
        }
    }
}

impl Phrasing {
    /// What one customer is told.
    ///
    /// # Errors
    /// VALIDATION for every value that is missing.
    pub(super) fn told(
        &self,
        mut variables: Variables,
        customer: Option<&str>,
    ) -> Result<DraftContent, AppFailure> {
        if let Some(name) = customer.or_else(|| self.nameless()) {
            variables.insert("customerName".into(), Value::from(name));
        }
        let missing = |problems| {
            AppFailure::validation(
                "Values of the message are missing; see the fields.",
                problems,
            )
        };
        match self {
            Self::Text(text) => {
                let filled = render(text, &variables).map_err(missing)?;
                Ok(DraftContent::Text { body: filled.text })
            }
            Self::Provider {
                name,
                language,
                shape,
                slots,
            } => {
                let filled = fill(shape, slots, &variables).map_err(missing)?;
                let header = (filled.header != Parameters::default()).then_some(filled.header);
                Ok(DraftContent::Template(TemplateUse {
                    name: name.clone(),
                    language: language.clone(),
                    header: header.map(|values| HeaderValue::Text { values }),
                    body: filled.body,
                    buttons: Vec::new(),
                }))
            }
        }
    }

    /// Whether there is a place for this value.
    pub(super) fn holds(&self, name: &str) -> bool {
        match self {
            Self::Text(text) => text.slots().iter().any(|slot| slot.name == name),
            Self::Provider { .. } => false,
        }
    }

    /// What a customer without a name is called, unless the words say it themselves.
    fn nameless(&self) -> Option<&'static str> {
        let declared = match self {
            Self::Text(text) => text.defaults().contains_key("customerName"),
            Self::Provider { slots, .. } => slots.defaults.contains_key("customerName"),
        };
        (!declared).then_some(NAMELESS)
    }
}
