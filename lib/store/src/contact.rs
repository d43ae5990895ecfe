//! Contacts. The id follows from the first alias, so looking an alias up is one read.

use domain::{
    contact::{Alias, Consent, Contact},
    failure::StoreFailure,
    ids::{ContactId, TenantId},
    phone::PhoneNumber,
    ports::Contacts,
};
use serde::{Deserialize, Serialize};

use crate::{Store, keys::TenantKeys, shape::text, table::Read, write::Write};

#[derive(Serialize, Deserialize)]
struct ContactItem {
    #[serde(default)]
    phone: Option<PhoneNumber>,
    #[serde(default)]
    shown: Option<String>,
    #[serde(default)]
    consent: Consent,
}

/// Writes what is not known yet of a contact: a race, or somebody who is there already, loses nothing.
pub(crate) fn meet(contact: &Contact) -> Write {
    let consent = match contact.consent {
        Consent::Unasked => "unasked",
        Consent::Given => "given",
        Consent::Stopped => "stopped",
    };
    let mut set = String::from("SET consent = if_not_exists(consent, :consent)");
    if contact.phone.is_some() {
        set.push_str(", phone = if_not_exists(phone, :phone)");
    }
    if contact.name.is_some() {
        set.push_str(", shown = if_not_exists(shown, :shown)");
    }
    let key = TenantKeys::new(contact.tenant).contact(contact.id);
    let mut write = Write::update(key, set).value(":consent", text(consent));
    if let Some(phone) = &contact.phone {
        write = write.value(":phone", text(phone.as_str()));
    }
    if let Some(name) = &contact.name {
        write = write.value(":shown", text(name));
    }
    write
}

impl Contacts for Store {
    async fn contact(
        &self,
        tenant: TenantId,
        alias: &Alias,
    ) -> Result<Option<Contact>, StoreFailure> {
        let table = self.tenant(tenant);
        let id = ContactId::of_alias(tenant, alias.as_str());
        let item: Option<ContactItem> = table
            .get("contact.read", &table.keys().contact(id), Read::Eventual)
            .await?;
        Ok(item.map(|item| Contact {
            id,
            tenant,
            phone: item.phone,
            name: item.shown,
            consent: item.consent,
        }))
    }
}
