//! Contacts: people as one tenant knows them, found by any of their aliases (X13).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ContactId, TenantId},
    phone::PhoneNumber,
};

/// One name a provider may call a person by. The stored form is prefixed, so a user id that looks
/// like a number never meets one.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Alias(String);

impl Alias {
    /// A telephone number.
    #[must_use]
    pub fn phone(number: &PhoneNumber) -> Self {
        Self(format!("tel:{}", number.as_str()))
    }

    /// A provider's own name for a person who shows no number: BSUID, LID.
    #[must_use]
    pub fn provider_user(name: &str) -> Self {
        Self(format!(
            "uid:{}",
            name.chars().take(128).collect::<String>()
        ))
    }

    /// The stored form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Alias(…)")
    }
}

/// Whether a person may be written to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nothing was said: allowed.
    #[default]
    Unasked,
    /// They asked for messages.
    Given,
    /// They asked to stop: nothing is sent.
    Stopped,
}

/// A person as a tenant knows them. The contact's id follows from its first alias, so (tenant, alias)
/// is unique by key, and looking an alias up is one read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Follows from the first alias.
    pub id: ContactId,
    /// Whose contact it is.
    pub tenant: TenantId,
    /// The number, when one is known.
    pub phone: Option<PhoneNumber>,
    /// The name they show or the tenant gave them.
    pub name: Option<String>,
    /// Whether they may be written to.
    pub consent: Consent,
}

impl Contact {
    /// A contact first met by this number.
    #[must_use]
    pub fn met(tenant: TenantId, phone: &PhoneNumber, name: Option<String>) -> Self {
        Self {
            id: ContactId::of_alias(tenant, Alias::phone(phone).as_str()),
            tenant,
            phone: Some(phone.clone()),
            name,
            consent: Consent::Unasked,
        }
    }
}
