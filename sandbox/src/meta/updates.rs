//! Webhooks that are about no message of ours: templates, quality, accounts, preferences,
//! what the owner typed on the phone, and any field at all.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    business::Business,
    specs::{NumberSpec, TemplateSpec},
    wire,
};
use crate::{
    deliver::Hook,
    orders::{Caused, change, set},
    provider::Party,
    state::{Handle, Refusal},
};

/// Which template.
#[derive(Clone, Debug, Deserialize)]
pub struct TemplateRef {
    /// The account.
    pub waba_id: String,
    /// The template's name.
    pub name: String,
    /// Its language.
    pub language: String,
}

/// An update to post. `change` sets keys in the value as it goes out; `null` removes one.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MetaUpdate {
    /// `message_template_status_update`; the registered template takes the status.
    TemplateStatus {
        /// Which template.
        #[serde(flatten)]
        template: TemplateRef,
        /// `APPROVED`, `REJECTED`, `PAUSED`, `DISABLED`, ...
        event: String,
        /// Changes of the value.
        #[serde(default)]
        change: Map<String, Value>,
    },
    /// `template_category_update`; the registered template takes the category.
    TemplateCategory {
        /// Which template.
        #[serde(flatten)]
        template: TemplateRef,
        /// The new category.
        category: String,
        /// Changes of the value.
        #[serde(default)]
        change: Map<String, Value>,
    },
    /// `message_template_quality_update`.
    TemplateQuality {
        /// Which template.
        #[serde(flatten)]
        template: TemplateRef,
        /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
        score: String,
        /// Changes of the value.
        #[serde(default)]
        change: Map<String, Value>,
    },
    /// `phone_number_quality_update`, which names no `phone_number_id`.
    PhoneQuality {
        /// The number.
        phone_number_id: String,
        /// `THROUGHPUT_UPGRADE`, `ONBOARDING`, ...
        event: String,
        /// Changes of the value.
        #[serde(default)]
        change: Map<String, Value>,
    },
    /// `account_update`.
    Account {
        /// The account.
        waba_id: String,
        /// `ACCOUNT_RESTRICTION`, `DISABLED_UPDATE`, `ACCOUNT_DELETED`, ...
        event: String,
        /// Changes of the value.
        #[serde(default)]
        change: Map<String, Value>,
    },
    /// `user_preferences` about marketing messages.
    Preference {
        /// The number.
        phone_number_id: String,
        /// Whose preference.
        from: String,
        /// `stop` or `resume`.
        value: String,
        /// Changes of the preference.
        #[serde(default)]
        change: Map<String, Value>,
    },
    /// `smb_message_echoes`: typed by the owner in the app.
    Echo {
        /// The number.
        phone_number_id: String,
        /// The customer.
        to: String,
        /// The words.
        text: String,
        /// Changes of the echo.
        #[serde(default)]
        change: Map<String, Value>,
    },
    /// Any field with any value.
    Other {
        /// A number or an account.
        id: String,
        /// The field.
        field: String,
        /// Its value.
        value: Value,
    },
}

impl Handle {
    /// Posts an update.
    ///
    /// # Errors
    /// When the number, account or template does not exist.
    pub fn meta_update(&self, update: &MetaUpdate) -> Result<Caused, Refusal> {
        let mut memory = self.memory();
        let (id, field, value) = write(&mut memory.business, update)?;
        let waba = memory.business.waba_of(&id).ok_or_else(Refusal::channel)?;
        let changes = vec![wire::change(&field, value)];
        let body = wire::envelope(&waba.spec.waba_id, changes);
        drop(memory);
        let posted = self.post(&Party::meta(&id), &Hook::escaped(&field, None, &body));
        Ok(Caused::by(None, &posted))
    }
}

/// Whom it concerns, its field and its value; a registered template is changed with it.
fn write(business: &mut Business, update: &MetaUpdate) -> Result<(String, String, Value), Refusal> {
    let (id, field, mut value, changes) = match update {
        MetaUpdate::TemplateStatus {
            template,
            event,
            change,
        } => {
            let known = template_of(business, template)?;
            known.status.clone_from(event);
            let mut value = named(known);
            set(&mut value, "event", event.clone());
            set(&mut value, "reason", "NONE");
            set(
                &mut value,
                "message_template_category",
                known.category.clone(),
            );
            let field = "message_template_status_update";
            (&template.waba_id, field, value, change)
        }
        MetaUpdate::TemplateCategory {
            template,
            category,
            change,
        } => {
            let known = template_of(business, template)?;
            let previous = std::mem::replace(&mut known.category, category.clone());
            let mut value = named(known);
            set(&mut value, "previous_category", previous);
            set(&mut value, "new_category", category.clone());
            (&template.waba_id, "template_category_update", value, change)
        }
        MetaUpdate::TemplateQuality {
            template,
            score,
            change,
        } => {
            let mut value = named(template_of(business, template)?);
            set(&mut value, "previous_quality_score", "GREEN");
            set(&mut value, "new_quality_score", score.clone());
            let field = "message_template_quality_update";
            (&template.waba_id, field, value, change)
        }
        MetaUpdate::PhoneQuality {
            phone_number_id,
            event,
            change,
        } => {
            let number = number(business, phone_number_id)?;
            let shown = wire::digits(number);
            let value = json!({"display_phone_number": shown, "event": event});
            (
                phone_number_id,
                "phone_number_quality_update",
                value,
                change,
            )
        }
        MetaUpdate::Account {
            waba_id,
            event,
            change,
        } => (waba_id, "account_update", json!({"event": event}), change),
        MetaUpdate::Preference {
            phone_number_id,
            from,
            value: wish,
            change: changes,
        } => {
            let mut item = json!({
                "wa_id": from, "category": "marketing_messages", "value": wish,
                "detail": format!("The customer asked to {wish} marketing messages"),
                "timestamp": Timestamp::now().as_second(),
            });
            change(&mut item, changes);
            let contact = wire::contact(Some("Test Customer"), Some(from), None, None);
            let parts = [
                ("contacts", json!([contact])),
                ("user_preferences", json!([item])),
            ];
            let value = wire::value(number(business, phone_number_id)?, &parts);
            return Ok((phone_number_id.clone(), "user_preferences".into(), value));
        }
        MetaUpdate::Echo {
            phone_number_id,
            to,
            text,
            change: changes,
        } => {
            let number = number(business, phone_number_id)?;
            let mut item = json!({
                "from": wire::digits(number), "to": to, "id": wire::new_message_id(to),
                "timestamp": Timestamp::now().as_second().to_string(),
                "type": "text", "text": {"body": text},
            });
            change(&mut item, changes);
            let value = wire::value(number, &[("message_echoes", json!([item]))]);
            return Ok((phone_number_id.clone(), "smb_message_echoes".into(), value));
        }
        MetaUpdate::Other { id, field, value } => {
            return Ok((id.clone(), field.clone(), value.clone()));
        }
    };
    change(&mut value, changes);
    Ok((id.clone(), field.into(), value))
}

fn number<'a>(business: &'a Business, id: &str) -> Result<&'a NumberSpec, Refusal> {
    business.numbers.get(id).ok_or_else(Refusal::channel)
}

fn template_of<'a>(
    business: &'a mut Business,
    named: &TemplateRef,
) -> Result<&'a mut TemplateSpec, Refusal> {
    let waba = business.wabas.get_mut(&named.waba_id);
    let key = (named.name.clone(), named.language.clone());
    let template = waba.and_then(|waba| waba.templates.get_mut(&key));
    template.ok_or_else(|| Refusal::Unknown("template".into()))
}

/// What every update about a template says; the id is a number here and a text in lists.
fn named(template: &TemplateSpec) -> Value {
    json!({
        "message_template_id": template.id,
        "message_template_name": template.name,
        "message_template_language": template.language,
    })
}
