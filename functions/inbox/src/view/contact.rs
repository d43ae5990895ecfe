//! What a caller reads of contacts.

use domain::contact::{Contact, Recipient};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of contacts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContactPage {
    /// The contacts.
    pub items: Vec<ContactShown>,
    /// Where the next page begins; `null` on the last.
    pub next_cursor: Option<String>,
}

/// A person as the company knows them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Contact)]
pub struct ContactShown {
    #[schema(format = Uuid)]
    id: String,
    name: Option<String>,
    /// The number messages go to; `null` for a person who shows none.
    #[schema(example = "+97333000017")]
    phone: Option<String>,
    /// What to call them: the name, else the number, else the provider's name for them.
    #[schema(example = "Amal Heron")]
    display: String,
    /// All their numbers.
    phones: Vec<String>,
    /// What your own system calls them.
    customer_id: Option<String>,
    /// The IANA time zone they live in, if somebody said so.
    zone: Option<String>,
    /// Your words for groups they belong to.
    tags: Vec<String>,
    /// `unasked`, `given`, `no_marketing` or `stopped`.
    #[schema(example = "given")]
    consent: &'static str,
    /// Since when the consent is so; `null` while nothing was said.
    consent_at: Option<Timestamp>,
}

impl From<&Contact> for ContactShown {
    fn from(contact: &Contact) -> Self {
        let numbers = contact.aliases.iter().filter_map(|alias| {
            let recipient = alias.recipient();
            recipient.phone().map(|phone| phone.as_str().to_owned())
        });
        Self {
            id: contact.id.to_string(),
            name: contact.name.clone(),
            phone: contact.phone.as_ref().map(|p| p.as_str().to_owned()),
            display: display(contact),
            phones: numbers.collect(),
            customer_id: contact.customer_id().map(str::to_owned),
            zone: contact.zone.clone(),
            tags: contact.tags.iter().cloned().collect(),
            consent: contact.consent.as_str(),
            consent_at: contact.consent_at,
        }
    }
}

/// What to call a person.
pub fn display(contact: &Contact) -> String {
    let name = contact.name.as_ref().filter(|name| !name.trim().is_empty());
    name.cloned().unwrap_or_else(|| {
        let recipient = contact.recipient();
        recipient.as_ref().map_or("", Recipient::as_str).to_owned()
    })
}

#[cfg(test)]
mod tests {
    use domain::{contact::Alias, ids::TenantId, phone::PhoneNumber};

    use super::*;

    /// S4.74: whoever has no name is shown by the number.
    #[test]
    fn a_person_is_called_by_name_else_by_number_else_as_the_provider_does() {
        let phone = PhoneNumber::parse("+97333000017").unwrap();
        let mut amal = Contact::met(TenantId::fresh(), &phone, Some("Amal Heron".into()));
        amal.aliases.push(Alias::provider_user("BH.1234567890"));
        let shown = ContactShown::from(&amal);
        assert_eq!(shown.display, "Amal Heron");
        assert_eq!(
            shown.phones,
            ["+97333000017"],
            "a provider's name is no number"
        );
        amal.name = Some(" ".into());
        assert_eq!(ContactShown::from(&amal).display, "+97333000017");
        let hidden = Contact::met_as(TenantId::fresh(), &Alias::provider_user("BH.12"), None);
        let shown = ContactShown::from(&hidden);
        assert_eq!((shown.display.as_str(), shown.phone), ("BH.12", None));
    }
}
