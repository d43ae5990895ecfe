//! A template of the company's own in the body of `POST /v1/messages`.

use std::collections::BTreeMap;

use domain::{
    message::MessageType,
    service::{accept::Draft, from_template::FromTemplate},
    template::{Value, Variables},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// One of the company's own templates, and the values of its placeholders. Every placeholder without a
/// default needs one; what the template has no place for comes back as a warning.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnTemplateUse {
    /// Which; when left out, the active one of `message_type`.
    #[schema(format = Uuid)]
    id: Option<String>,
    /// Values by placeholder, texts or lists.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>, example = json!({"customerName": "Ada Example"}))]
    variables: BTreeMap<String, VariableValue>,
}

/// A value: a text, a number as it is written, or a list of texts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum VariableValue {
    Text(String),
    Number(serde_json::Number),
    List(Vec<String>),
}

impl From<VariableValue> for Value {
    fn from(value: VariableValue) -> Self {
        match value {
            VariableValue::Text(text) => Self::Text(text),
            VariableValue::Number(number) => Self::Text(number.to_string()),
            VariableValue::List(items) => Self::List(items),
        }
    }
}

impl OwnTemplateUse {
    /// As the service takes it, with everything else that the body says.
    pub fn wanted(self, draft: Draft, message_type: Option<MessageType>) -> FromTemplate {
        let values = self.variables.into_iter();
        let variables: Variables = values.map(|(name, value)| (name, value.into())).collect();
        FromTemplate {
            draft,
            id: self.id,
            message_type,
            variables,
        }
    }
}
