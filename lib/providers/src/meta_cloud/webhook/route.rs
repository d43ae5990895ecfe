//! Whom a change is for. One change is for one address, so a body can be divided by its changes.

use std::borrow::Cow;

use domain::provider::Address;
use serde_json::value::RawValue;

use super::super::is_number;
use crate::lenient::{self, Envelope, Fields};

/// What changed at one account.
pub(super) struct Entry<'a> {
    account: Option<String>,
    /// Its changes, unread.
    pub(super) changes: Vec<&'a RawValue>,
    /// When Meta noticed.
    pub(super) time: Option<&'a RawValue>,
    /// Keys nobody knows.
    pub(super) unknown: Vec<Cow<'a, str>>,
}

impl<'a> Entry<'a> {
    /// Splits an entry into its changes; otherwise whom it is for and why it has none.
    pub(super) fn open(entry: &'a RawValue) -> Result<Self, (Address, &'static str)> {
        let Some(envelope) = Envelope::open(entry.get()) else {
            return Err((Address::Here, "it is no object"));
        };
        let account = one_number(&envelope, "id");
        let mut entry = Self {
            account,
            changes: Vec::new(),
            time: envelope.all("time").next(),
            unknown: Vec::new(),
        };
        let mut listed = false;
        for (key, value) in envelope.0 {
            match key.as_ref() {
                "id" | "time" => {}
                "changes" => {
                    let list = serde_json::from_str::<Vec<&RawValue>>(value.get());
                    let list =
                        list.map_err(|_other| (entry.address(), "its changes are no list"))?;
                    entry.changes.extend(list);
                    listed = true;
                }
                _ => entry.unknown.push(key),
            }
        }
        if listed {
            Ok(entry)
        } else {
            Err((entry.address(), "it has no changes"))
        }
    }

    /// The account's id, if it is one.
    pub(super) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Whom the entry as a whole is for.
    pub(super) fn address(&self) -> Address {
        self.of_account(None)
    }

    /// Whom a change is for, and the change, if it can be read.
    pub(super) fn route(&self, change: &'a RawValue) -> Routed<'a> {
        match Change::open(change) {
            Ok(change) => match self.address_of(&change) {
                Ok(address) => Routed {
                    address,
                    change: Ok(change),
                },
                Err(why) => Routed {
                    address: self.address(),
                    change: Err(why),
                },
            },
            Err(why) => Routed {
                address: self.address(),
                change: Err(why),
            },
        }
    }

    fn address_of(&self, change: &Change<'_>) -> Result<Address, &'static str> {
        match &change.field {
            Field::Messages | Field::Echoes => number_id(change.value)
                .map(Address::Number)
                .ok_or("it does not say which number it is for"),
            Field::Preferences | Field::UserIds => {
                Ok(number_id(change.value).map_or(self.address(), Address::Number))
            }
            Field::TemplateStatus
            | Field::TemplateCategory
            | Field::TemplateQuality
            | Field::NumberQuality
            | Field::Account
            | Field::AccountReview
            | Field::AccountNews(_) => {
                if self.account.is_none() {
                    return Err("its entry names no account");
                }
                let value = lenient::object(change.value).ok();
                let number = value.and_then(|value| {
                    let value = Fields::of(&value);
                    let shown = value.text_or_number("display_phone_number");
                    shown.or_else(|| value.text_or_number("phone_number"))
                });
                Ok(self.of_account(number.as_deref()))
            }
            Field::Ignored(_) | Field::Unknown(_) => Ok(self.address()),
        }
    }

    /// The account, and one number of it where that is said; without an account, the URL it came to.
    fn of_account(&self, number: Option<&str>) -> Address {
        match &self.account {
            Some(account) => Address::Account {
                account: account.clone(),
                // As Meta writes it, with or without spaces and a plus.
                number: number
                    .map(|number| number.chars().filter(char::is_ascii_digit).collect())
                    .filter(|digits: &String| (7..=15).contains(&digits.len())),
            },
            None => Address::Here,
        }
    }
}

/// A change with whom it is for.
pub(super) struct Routed<'a> {
    pub(super) address: Address,
    pub(super) change: Result<Change<'a>, &'static str>,
}

/// One change.
pub(super) struct Change<'a> {
    pub(super) field: Field,
    pub(super) value: &'a RawValue,
}

impl<'a> Change<'a> {
    fn open(change: &'a RawValue) -> Result<Self, &'static str> {
        let envelope = Envelope::open(change.get()).ok_or("it is no object")?;
        let field = only(&envelope, "field").ok_or("it names no field")?;
        let field = serde_json::from_str::<String>(field.get());
        Ok(Self {
            field: field
                .map(Field::read)
                .map_err(|_no_text| "it names no field")?,
            value: only(&envelope, "value").ok_or("it has no value")?,
        })
    }
}

/// What a change is of.
pub(super) enum Field {
    /// `messages`: with their statuses.
    Messages,
    /// `smb_message_echoes`.
    Echoes,
    /// `user_preferences`.
    Preferences,
    /// `user_id_update`.
    UserIds,
    /// `message_template_status_update`.
    TemplateStatus,
    /// `template_category_update`.
    TemplateCategory,
    /// `message_template_quality_update`.
    TemplateQuality,
    /// `phone_number_quality_update`.
    NumberQuality,
    /// `account_update`.
    Account,
    /// `account_review_update`.
    AccountReview,
    /// Other news of an account that people may want to read.
    AccountNews(String),
    /// One whose changes mean nothing here.
    Ignored(String),
    /// One never seen.
    Unknown(String),
}

impl Field {
    fn read(name: String) -> Self {
        match name.as_str() {
            "messages" => Self::Messages,
            "smb_message_echoes" | "message_echoes" => Self::Echoes,
            "user_preferences" => Self::Preferences,
            "user_id_update" => Self::UserIds,
            "message_template_status_update" => Self::TemplateStatus,
            "template_category_update" => Self::TemplateCategory,
            "message_template_quality_update" => Self::TemplateQuality,
            "phone_number_quality_update" => Self::NumberQuality,
            "account_update" => Self::Account,
            "account_review_update" => Self::AccountReview,
            "account_alerts"
            | "account_settings_update"
            | "business_capability_update"
            | "business_status_update"
            | "phone_number_name_update" => Self::AccountNews(name),
            "automatic_events"
            | "business_username_update"
            | "calls"
            | "flows"
            | "group_lifecycle_update"
            | "group_participants_update"
            | "group_settings_update"
            | "group_status_update"
            | "history"
            | "message_template_components_update"
            | "messaging_handovers"
            | "partner_solutions"
            | "payment_configuration_update"
            | "security"
            | "smb_app_state_sync"
            | "standby"
            | "tracking_events" => Self::Ignored(name),
            _ => Self::Unknown(name),
        }
    }
}

/// The only value of a key. Said twice, nobody knows which one Meta means.
fn only<'a>(envelope: &Envelope<'a>, name: &str) -> Option<&'a RawValue> {
    let mut values = envelope.all(name);
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// An id of Meta's: a text without escapes, or a number.
fn one_number(envelope: &Envelope<'_>, name: &str) -> Option<String> {
    let raw = only(envelope, name)?.get();
    let text = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
    match text {
        Some(id) => is_name(id).then(|| id.to_owned()),
        None => is_number(raw).then(|| raw.to_owned()),
    }
}

/// What Meta calls the number of ours that a value is for.
fn number_id(value: &RawValue) -> Option<String> {
    let value = Envelope::open(value.get())?;
    let metadata = Envelope::open(only(&value, "metadata")?.get())?;
    one_number(&metadata, "phone_number_id")
}

/// What an id in a webhook may look like. It is only ever looked up, as a hash, among the channels; so it
/// need not be the digits that a request's path takes.
fn is_name(id: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=64).contains(&id.len()) && id.bytes().all(fits)
}
