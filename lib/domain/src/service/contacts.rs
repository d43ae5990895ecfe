//! Contacts: people change them, and join two that are one person.

mod checking;

use std::collections::BTreeSet;

use jiff::Timestamp;

use self::checking::Checked;

pub(super) use super::merge::merge_known;
use crate::{
    contact::{Alias, Consent, Contact, MOST_ALIASES},
    failure::{AppFailure, FieldProblem, StoreFailure, StoreFailureKind},
    ids::{ContactId, TenantId},
    phone::PhoneNumber,
    ports::{AuditEntry, Clock, ContactBook, Contacts, Conversations, Directory, Page, Saved},
    principal::Principal,
    search::Sought,
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// Longest name of a person.
pub(super) const LONGEST_NAME: usize = 128;

/// Most contacts a search looks at; whoever has more writes a longer beginning.
pub const MOST_FOUND: u16 = 200;

/// What changing contacts needs.
#[derive(Debug)]
pub struct ContactDesk<'a, S, C> {
    /// Storage.
    pub store: &'a S,
    /// The time.
    pub clock: &'a C,
}

/// What is to change about a contact; what is missing stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactEdit {
    /// The name; an empty one takes it away.
    pub name: Option<String>,
    /// Whether they may be written to.
    pub consent: Option<String>,
    /// A further number of theirs.
    pub add_phone: Option<String>,
    /// The IANA zone they live in; an empty one takes it away.
    pub zone: Option<String>,
    /// All of the tenant's words for groups they belong to.
    pub tags: Option<Vec<String>>,
}

/// A contact as somebody enters it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContact {
    /// The number.
    pub phone: PhoneNumber,
    /// The name.
    pub name: Option<String>,
    /// What they said about messages.
    pub consent: Option<Consent>,
}

/// What came of entering a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// It is new.
    New,
    /// It was there, and something of it changed.
    Changed,
    /// It was there just so.
    Same,
}

impl<S, C> ContactDesk<'_, S, C>
where
    S: Directory + Contacts + ContactBook + Conversations,
    C: Clock,
{
    /// A contact.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for another tenant's contact.
    pub async fn contact(
        &self,
        principal: &Principal,
        id: ContactId,
    ) -> Result<Contact, AppFailure> {
        let contact = self.store.contact_by_id(principal.tenant(), id).await?;
        contact.ok_or_else(|| AppFailure::not_found("There is no such contact."))
    }

    /// Contacts by number, or those that a search finds.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn contacts(
        &self,
        principal: &Principal,
        search: Option<&str>,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Contact>, AppFailure> {
        let tenant = principal.tenant();
        let Some(search) = search.filter(|text| !text.trim().is_empty()) else {
            return Ok(self.store.contacts(tenant, after, limit).await?);
        };
        let mut found = found(self.store, tenant, search).await?;
        found.sort_by_cached_key(place);
        // The cursor is the place of the last one shown, so that new contacts shift nothing.
        if let Some(after) = after {
            found.retain(|contact| place(contact).as_str() > after);
        }
        let more = found.len() > usize::from(limit);
        found.truncate(usize::from(limit));
        Ok(Page {
            next: found.last().filter(|_| more).map(place),
            items: found,
        })
    }

    /// Changes a contact.
    ///
    /// # Errors
    /// VALIDATION with every wrong field; `NOT_FOUND`; CONFLICT when the number is another contact's.
    pub async fn edit(
        &self,
        principal: &Principal,
        id: ContactId,
        edit: &ContactEdit,
    ) -> Result<Contact, AppFailure> {
        let Checked {
            consent,
            phone,
            zone,
            tags,
        } = edit.checked()?;
        for _ in 0..TRIES {
            let before = self.contact(principal, id).await?;
            let now = self.clock.now();
            let mut contact = before.clone();
            let mut audit = entry(principal, "edit", contact.id, now);
            if let Some(name) = &edit.name {
                let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
                if name != contact.name {
                    audit = audit.changed("name", shown(&contact.name), shown(&name));
                    contact.name = name;
                }
            }
            if let Some(consent) = consent
                && consent != contact.consent
            {
                contact.noted(consent, now);
                audit = audit.changed("consent", before.consent.as_str(), consent.as_str());
            }
            if let Some(zone) = &zone
                && *zone != contact.zone
            {
                audit = audit.changed("zone", shown(&contact.zone), shown(zone));
                contact.zone.clone_from(zone);
            }
            if let Some(tags) = &tags
                && *tags != contact.tags
            {
                audit = audit.changed("tags", listed(&contact.tags), listed(tags));
                contact.tags.clone_from(tags);
            }
            let mut claimed = Vec::new();
            if let Some(phone) = &phone {
                let alias = Alias::phone(phone);
                if !contact.aliases.contains(&alias) {
                    self.free(principal, &contact, &alias).await?;
                    contact.aliases.push(alias.clone());
                    contact.phone.get_or_insert_with(|| phone.clone());
                    audit = audit.with("phone", phone.masked());
                    claimed.push(alias);
                }
            }
            if contact == before {
                return Ok(contact);
            }
            let saved = self
                .store
                .save_contact(&mut contact, &claimed, Some(&audit))
                .await?;
            if saved == Saved::Done {
                return Ok(contact);
            }
        }
        Err(busy())
    }

    async fn free(
        &self,
        principal: &Principal,
        contact: &Contact,
        alias: &Alias,
    ) -> Result<(), AppFailure> {
        if contact.aliases.len() >= MOST_ALIASES {
            return Err(AppFailure::conflict(format!(
                "A contact has at most {MOST_ALIASES} numbers and names."
            )));
        }
        let holder = self.store.contact(principal.tenant(), alias).await?;
        match holder {
            Some(other) if other.id != contact.id => Err(AppFailure::conflict(
                "This number belongs to another contact. Join the two if they are one person.",
            )
            .with_detail("reason", "ALIAS_TAKEN")
            .with_detail("contact_id", other.id.to_string())),
            Some(_) | None => Ok(()),
        }
    }

    /// Enters a contact by its number: a new one, or what is new about a known one.
    ///
    /// # Errors
    /// Storage failures; CONFLICT when others keep being first.
    pub async fn enter(
        &self,
        principal: &Principal,
        new: &NewContact,
    ) -> Result<(Entered, Contact), AppFailure> {
        let tenant = principal.tenant();
        let alias = Alias::phone(&new.phone);
        for _ in 0..TRIES {
            let now = self.clock.now();
            let known = self.store.contact(tenant, &alias).await?;
            let is_new = known.is_none();
            let mut contact = known.unwrap_or_else(|| Contact::met(tenant, &new.phone, None));
            let before = contact.clone();
            if let Some(name) = &new.name {
                contact.name = Some(name.clone());
            }
            // A list is older than what the person said themselves: it never lifts a stop.
            if let Some(consent) = new.consent
                && consent != contact.consent
                && consent.stricter(contact.consent) == consent
            {
                contact.noted(consent, now);
            }
            if contact == before && !is_new {
                return Ok((Entered::Same, contact));
            }
            let mut audit =
                entry(principal, "enter", contact.id, now).with("phone", new.phone.masked());
            if contact.name != before.name {
                audit = audit.changed("name", shown(&before.name), shown(&contact.name));
            }
            if contact.consent != before.consent {
                let (was, is) = (before.consent.as_str(), contact.consent.as_str());
                audit = audit.changed("consent", was, is);
            }
            if self
                .store
                .save_contact(&mut contact, &[], Some(&audit))
                .await?
                == Saved::Done
            {
                let entered = if is_new {
                    Entered::New
                } else {
                    Entered::Changed
                };
                return Ok((entered, contact));
            }
        }
        Err(busy())
    }

    /// Joins another contact into this one: all its names lead here, and its threads are read here.
    ///
    /// # Errors
    /// `NOT_FOUND` for either; VALIDATION when both are the same.
    pub async fn merge(
        &self,
        principal: &Principal,
        id: ContactId,
        other: ContactId,
    ) -> Result<Contact, AppFailure> {
        let tenant = principal.tenant();
        let survivor = self.contact(principal, id).await?;
        let swallowed = self.contact(principal, other).await?;
        if survivor.id == swallowed.id {
            return Err(AppFailure::validation(
                "Both are one contact already.",
                vec![FieldProblem::new(
                    "contact_id",
                    "SAME",
                    "name another contact to be joined into this one",
                )],
            ));
        }
        let audit =
            entry(principal, "merge", survivor.id, self.clock.now()).with("joined", swallowed.id);
        let merged = merge_known(self.store, tenant, survivor.id, swallowed.id, Some(&audit)).await;
        let merged = match merged {
            Err(failure) if failure.kind() == StoreFailureKind::Conflict => return Err(busy()),
            other => other?,
        };
        Ok(merged.unwrap_or(survivor))
    }
}

/// Where a contact stands among those a search found: by name, then by number.
fn place(contact: &Contact) -> String {
    let name = contact.name.iter().flat_map(|name| name.chars());
    let name: String = name.take(LONGEST_NAME).collect();
    let phone = contact.phone.as_ref().map_or("", |phone| phone.as_str());
    format!("{name}\u{1f}{phone}\u{1f}{}", contact.id.key())
}

/// Contacts that a search finds, each once.
pub(super) async fn found<S: ContactBook>(
    store: &S,
    tenant: TenantId,
    search: &str,
) -> Result<Vec<Contact>, StoreFailure> {
    let Some(sought) = Sought::parse(search) else {
        return Ok(Vec::new());
    };
    let found = store
        .find_contacts(tenant, sought.prefix(), MOST_FOUND)
        .await?;
    let mut found: Vec<_> = found.into_iter().filter(|c| sought.matches(c)).collect();
    found.sort_by_key(|contact| contact.id);
    found.dedup_by_key(|contact| contact.id);
    Ok(found)
}

fn entry(principal: &Principal, action: &'static str, id: ContactId, now: Timestamp) -> AuditEntry {
    AuditEntry::new(principal.user(), "contacts", action, id, now)
}

fn shown(name: &Option<String>) -> &str {
    name.as_deref().unwrap_or_default()
}

fn listed(tags: &BTreeSet<String>) -> String {
    tags.iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(",")
}

fn busy() -> AppFailure {
    AppFailure::conflict("The contact is changing right now. Please try again in a moment.")
        .with_detail("reason", "BUSY")
}
