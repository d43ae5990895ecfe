//! Templates and values as callers write them.

use std::collections::BTreeMap;

use domain::{
    failure::{AppFailure, FieldProblem},
    message::MessageType,
    service::templates::{NewTemplate, TemplateEdit, UnsavedTemplate},
    template::{SlotNames, Value, Variables},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A template to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOwnTemplate)]
pub struct PostedTemplate {
    /// Its name; no other template of the company has it, in capitals or not.
    #[schema(max_length = 100, example = "Invoice, short")]
    name: String,
    /// What messages it is for: `stock_delivered`, `invoice`, `payment_reminder`, `festival`,
    /// `booking_confirmation`, `inquiry_acknowledgement`, `follow_up`, `tour_details`, `welcome`,
    /// `promotion`, `other`.
    #[schema(example = "invoice")]
    message_type: String,
    /// Its text, with placeholders of the type in braces.
    #[schema(
        max_length = 4096,
        example = "Dear {customerName}, invoice {invoiceNumber} is here: {invoiceLink}"
    )]
    content: String,
    /// What stands for a placeholder that a message has no value for.
    #[serde(default)]
    #[schema(example = json!({"customerName": "customer"}))]
    defaults: BTreeMap<String, String>,
    /// Whether it is used.
    #[serde(default = "yes")]
    #[schema(default = true)]
    active: bool,
}

/// What is to change about a template; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OwnTemplateChange)]
pub struct PutTemplate {
    /// The version that was read: the change is refused if there is another one by now.
    version: u32,
    #[schema(max_length = 100)]
    name: Option<String>,
    message_type: Option<String>,
    #[schema(max_length = 4096)]
    content: Option<String>,
    /// All defaults by placeholder.
    defaults: Option<BTreeMap<String, String>>,
    active: Option<bool>,
}

/// Values to preview a template with.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OwnTemplateValues)]
pub struct GivenValues {
    /// Values by placeholder, texts or lists; sample data when left out.
    #[schema(value_type = Option<BTreeMap<String, String>>, example = json!({"customerName": "Amal Heron", "items": ["Tea", "Rice"]}))]
    variables: Option<BTreeMap<String, GivenValue>>,
}

/// A template that is not stored yet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OwnTemplateDraft)]
pub struct DraftTemplate {
    #[schema(example = "welcome")]
    message_type: String,
    #[schema(max_length = 4096, example = "Welcome, {customerName}!")]
    content: String,
    #[serde(default)]
    defaults: BTreeMap<String, String>,
    /// Values by placeholder, texts or lists; sample data when left out.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    variables: Option<BTreeMap<String, GivenValue>>,
}

/// A provider's template, and which variables fill its slots.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProviderTemplateValues)]
pub struct GivenUse {
    /// The provider's account, as `GET /v1/provider-templates` shows it.
    pub account_id: String,
    pub name: String,
    /// The exact language.
    #[schema(example = "en_US")]
    pub language: String,
    /// The variables of the header's slots, in order. Slots with names of their own may go without.
    #[serde(default)]
    header: Vec<String>,
    /// The variables of the body's slots, in order.
    #[serde(default)]
    #[schema(example = json!(["customerName", "items"]))]
    body: Vec<String>,
    /// What stands for a variable without a value.
    #[serde(default)]
    defaults: BTreeMap<String, String>,
    /// Values by variable, texts or lists; sample data when left out.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    variables: Option<BTreeMap<String, GivenValue>>,
}

impl GivenUse {
    /// The variables of the slots, and the values if there are any.
    pub fn take(&mut self) -> (SlotNames, Option<Variables>) {
        let names = SlotNames {
            header: std::mem::take(&mut self.header),
            body: std::mem::take(&mut self.body),
            defaults: std::mem::take(&mut self.defaults),
        };
        (names, self.variables.take().map(variables))
    }
}

/// A value: a text, a number as it is written, or a list of texts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum GivenValue {
    Text(String),
    Number(serde_json::Number),
    List(Vec<String>),
}

const fn yes() -> bool {
    true
}

/// The type of this name.
///
/// # Errors
/// The problem of the field `message_type`.
pub fn message_type(name: &str) -> Result<MessageType, FieldProblem> {
    MessageType::parse(name).ok_or_else(|| {
        FieldProblem::new(
            "message_type",
            "UNKNOWN_VALUE",
            format!(
                "use one of {}",
                MessageType::ALL.map(MessageType::as_str).join(", ")
            ),
        )
    })
}

fn checked(name: &str) -> Result<MessageType, AppFailure> {
    message_type(name).map_err(|problem| {
        AppFailure::validation("The template cannot be so; see the fields.", vec![problem])
    })
}

fn variables(given: BTreeMap<String, GivenValue>) -> Variables {
    let given = given.into_iter();
    given
        .map(|(name, value)| {
            let value = match value {
                GivenValue::Text(text) => Value::Text(text),
                GivenValue::Number(number) => Value::Text(number.to_string()),
                GivenValue::List(items) => Value::List(items),
            };
            (name, value)
        })
        .collect()
}

impl PostedTemplate {
    /// As the service takes it.
    ///
    /// # Errors
    /// VALIDATION for a type that is none.
    pub fn read(self) -> Result<NewTemplate, AppFailure> {
        Ok(NewTemplate {
            message_type: checked(&self.message_type)?,
            name: self.name,
            content: self.content,
            defaults: self.defaults,
            active: self.active,
        })
    }
}

impl PutTemplate {
    /// As the service takes it.
    ///
    /// # Errors
    /// VALIDATION for a type that is none.
    pub fn read(self) -> Result<TemplateEdit, AppFailure> {
        let message_type = self.message_type.as_deref().map(checked);
        Ok(TemplateEdit {
            version: self.version,
            message_type: message_type.transpose()?,
            name: self.name,
            content: self.content,
            defaults: self.defaults,
            active: self.active,
        })
    }
}

impl GivenValues {
    /// The values, if there are any.
    pub fn read(self) -> Option<Variables> {
        self.variables.map(variables)
    }
}

impl DraftTemplate {
    /// The template, and the values if there are any.
    ///
    /// # Errors
    /// VALIDATION for a type that is none.
    pub fn read(self) -> Result<(UnsavedTemplate, Option<Variables>), AppFailure> {
        let template = UnsavedTemplate {
            message_type: checked(&self.message_type)?,
            content: self.content,
            defaults: self.defaults,
        };
        Ok((template, self.variables.map(variables)))
    }
}
