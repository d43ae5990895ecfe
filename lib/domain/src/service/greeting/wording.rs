//! What a festival's greeting says: its own text, a template, or the usual words.

use crate::{
    channel::Channel,
    failure::{AppFailure, StoreFailure},
    festival::{Festival, Words},
    message::{HeaderValue, MessageType, Parameters, TemplateUse},
    ports::{OwnTemplates, ProviderTemplates},
    service::{draft::DraftContent, templates},
    template::{SlotNames, TemplateShape, TemplateText, Value, Variables, fill, render},
};

/// What stands for a name that nobody knows, unless the text declares something else (S2.80).
const NAMELESS: &str = "Customer";

/// Words with places for the values of each customer.
#[derive(Debug)]
pub(super) enum Wording {
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

/// The words of a festival, read once for many customers.
pub(super) async fn of<S: OwnTemplates + ProviderTemplates>(
    store: &S,
    festival: &Festival,
    channel: &Channel,
) -> Result<Wording, Wordless> {
    let tenant = festival.tenant;
    match &festival.words {
        Words::Text(text) => Ok(Wording::Text(text.clone())),
        Words::Standard => {
            let chosen = templates::template_for(store, tenant, MessageType::Festival).await?;
            let chosen = chosen.ok_or(Wordless::Reason("NO_TEMPLATE"))?;
            Ok(Wording::Text(chosen.text().clone()))
        }
        Words::Own(id) => {
            let found = store.own_template(tenant, *id).await?;
            match found {
                None => Err(Wordless::Reason("TEMPLATE_GONE")),
                Some(template) if !template.active => Err(Wordless::Reason("TEMPLATE_OFF")),
                Some(template) => Ok(Wording::Text(template.text)),
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
            Ok(Wording::Provider {
                name: name.clone(),
                language: language.clone(),
                shape: Box::new(shape.ok_or(Wordless::Reason("TEMPLATE_UNKNOWN"))?),
                slots: slots.clone(),
            })
        }
    }
}

impl Wording {
    /// The greeting of one customer.
    ///
    /// # Errors
    /// VALIDATION for every value that is missing.
    pub(super) fn greeting(
        &self,
        festival: &str,
        customer: Option<&str>,
    ) -> Result<DraftContent, AppFailure> {
        let mut variables = Variables::new();
        variables.insert("festivalName".into(), Value::from(festival));
        if let Some(name) = customer.or_else(|| self.nameless()) {
            variables.insert("customerName".into(), Value::from(name));
        }
        let missing = |problems| {
            AppFailure::validation(
                "Values of the greeting are missing; see the fields.",
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

    /// What a customer without a name is called, unless the words say it themselves.
    fn nameless(&self) -> Option<&'static str> {
        let declared = match self {
            Self::Text(text) => text.defaults().contains_key("customerName"),
            Self::Provider { slots, .. } => slots.defaults.contains_key("customerName"),
        };
        (!declared).then_some(NAMELESS)
    }
}
