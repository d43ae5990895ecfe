//! Who wrote: one person under any of the names that providers use for them, and what they said about
//! being written to.

use jiff::Timestamp;
use tracing::info;

use super::{
    contacts,
    ingest::{Ingest, IngestStore},
};
use crate::{
    channel::Channel,
    contact::{Alias, Consent, Contact, MOST_ALIASES},
    failure::{StoreFailure, StoreFailureKind},
    message::{InboundContent, InboundMessage},
    phone::PhoneNumber,
    ports::{Clock, Files, Lanes, Saved},
    provider::{IdentityItem, PreferenceItem},
};

/// How often a contact is read again when others keep being first.
const TRIES: u8 = 6;

/// Whoever sends one of these words alone wants no more messages (S2.48 and the providers' own rules).
const STOP: [&str; 14] = [
    "stop",
    "stop all",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "optout",
    "opt out",
    "opt-out",
    "إيقاف",
    "ايقاف",
    "توقف",
    "إلغاء الاشتراك",
];

/// Meta's own button; it is about marketing alone.
const STOP_MARKETING: [&str; 2] = ["stop promotions", "stop promotion"];

/// Whoever sends one of these wants messages again.
const START: [&str; 7] = [
    "start",
    "subscribe",
    "unstop",
    "resume",
    "opt in",
    "اشتراك",
    "ابدأ",
];

/// Somebody who wrote, or was written to.
pub(super) struct Writer {
    /// The contact, known or new.
    pub(super) contact: Contact,
    /// Further aliases that a new contact claims.
    pub(super) claimed: Vec<Alias>,
}

/// What a text alone says about being written to.
#[must_use]
pub fn consent_of(text: &str) -> Option<Consent> {
    let word = text
        .trim()
        .trim_matches(|c: char| matches!(c, '.' | '!' | '"' | '\''))
        .to_lowercase();
    let word = word.as_str();
    if STOP.contains(&word) {
        Some(Consent::Stopped)
    } else if STOP_MARKETING.contains(&word) {
        Some(Consent::NoMarketing)
    } else if START.contains(&word) {
        Some(Consent::Given)
    } else {
        None
    }
}

impl<S, F, L, C> Ingest<'_, S, F, L, C>
where
    S: IngestStore,
    F: Files,
    L: Lanes,
    C: Clock,
{
    /// The contact that is known by any of these names; a new one when none is. Names that belonged to
    /// two contacts prove them one person: they are merged, and the one with the number stays.
    pub(super) async fn writer(
        &self,
        channel: &Channel,
        phone: Option<&PhoneNumber>,
        user: Option<&str>,
        name: Option<String>,
    ) -> Result<Option<Writer>, StoreFailure> {
        let tenant = channel.tenant;
        let user = user.map(Alias::provider_user);
        let (first, second) = match (phone.map(Alias::phone), user) {
            (Some(phone), user) => (phone, user),
            (None, Some(user)) => (user, None),
            (None, None) => return Ok(None),
        };
        let known = self.store.contact(tenant, &first).await?;
        let Some(second) = second else {
            let contact = known.unwrap_or_else(|| Contact::met_as(tenant, &first, name));
            return Ok(Some(Writer {
                contact,
                claimed: Vec::new(),
            }));
        };
        let other = self.store.contact(tenant, &second).await?;
        let contact = match (known, other) {
            (None, None) => {
                let mut contact = Contact::met_as(tenant, &first, name);
                contact.aliases.push(second.clone());
                return Ok(Some(Writer {
                    contact,
                    claimed: vec![second],
                }));
            }
            (Some(one), Some(same)) if one.id == same.id => one,
            (Some(one), None) => self.also_known_as(one, &second).await?,
            (None, Some(other)) => self.also_known_as(other, &first).await?,
            (Some(one), Some(other)) => {
                let merged =
                    contacts::merge_known(self.store, tenant, one.id, other.id, None).await?;
                merged.unwrap_or(one)
            }
        };
        Ok(Some(Writer {
            contact,
            claimed: Vec::new(),
        }))
    }

    /// Adds a name to a known contact; its number, if it had none.
    async fn also_known_as(
        &self,
        mut contact: Contact,
        alias: &Alias,
    ) -> Result<Contact, StoreFailure> {
        for _ in 0..TRIES {
            if contact.aliases.contains(alias) || contact.aliases.len() >= MOST_ALIASES {
                return Ok(contact);
            }
            contact.aliases.push(alias.clone());
            if contact.phone.is_none() {
                contact.phone = alias.recipient().phone().cloned();
            }
            let claimed = [alias.clone()];
            if self
                .store
                .save_contact(&mut contact, &claimed, None)
                .await?
                == Saved::Done
            {
                info!(tenant.id = %contact.tenant, contact.id = %contact.id, "contact `{}` is known by another name too", contact.id);
                return Ok(contact);
            }
            let again = self.store.contact_by_id(contact.tenant, contact.id).await?;
            contact = again.ok_or_else(|| conflict("contacts.alias"))?;
        }
        Err(conflict("contacts.alias"))
    }

    /// Words that change whether the writer may be written to.
    pub(super) async fn consent_words(
        &self,
        channel: &Channel,
        message: &InboundMessage,
    ) -> Result<(), StoreFailure> {
        let InboundContent::Text { body } = &message.content else {
            return Ok(());
        };
        let Some(consent) = consent_of(body) else {
            return Ok(());
        };
        let contact = self
            .store
            .contact_by_id(channel.tenant, message.contact)
            .await?;
        self.consents(contact, consent, message.at).await
    }

    async fn consents(
        &self,
        contact: Option<Contact>,
        consent: Consent,
        at: Timestamp,
    ) -> Result<(), StoreFailure> {
        let Some(mut contact) = contact else {
            return Ok(());
        };
        for _ in 0..TRIES {
            if !contact.consents(consent, at) {
                return Ok(());
            }
            if self.store.save_contact(&mut contact, &[], None).await? == Saved::Done {
                info!(
                    tenant.id = %contact.tenant, contact.id = %contact.id, consent = consent.as_str(),
                    "contact `{}` said whether they want messages", contact.id
                );
                return Ok(());
            }
            let again = self.store.contact_by_id(contact.tenant, contact.id).await?;
            contact = again.ok_or_else(|| conflict("contacts.consent"))?;
        }
        Err(conflict("contacts.consent"))
    }

    /// What somebody told the provider about marketing.
    pub(super) async fn preference(
        &self,
        channel: &Channel,
        item: PreferenceItem,
    ) -> Result<String, StoreFailure> {
        let writer = self
            .writer(channel, item.phone.as_ref(), item.user.as_deref(), None)
            .await?;
        let Some(mut writer) = writer else {
            return Ok("unreadable:person".into());
        };
        let contact = &mut writer.contact;
        // They speak of marketing alone: a person who stopped everything has not started again by it.
        let consent = match (item.marketing, contact.consent) {
            (true, Consent::Stopped) => return Ok("preference:stopped".into()),
            (true, Consent::Unasked | Consent::Given | Consent::NoMarketing) => Consent::Given,
            (false, _) => Consent::NoMarketing,
        };
        if contact.version == 0 {
            contact.consents(consent, item.at);
            let claimed = writer.claimed.clone();
            if self.store.save_contact(contact, &claimed, None).await? == Saved::Done {
                return Ok(format!("preference:{}", consent.as_str()));
            }
        }
        let known = self
            .store
            .contact_by_id(channel.tenant, writer.contact.id)
            .await?;
        self.consents(known, consent, item.at).await?;
        Ok(format!("preference:{}", consent.as_str()))
    }

    /// Somebody goes by another name now.
    pub(super) async fn identity(
        &self,
        channel: &Channel,
        item: IdentityItem,
    ) -> Result<String, StoreFailure> {
        let old = self
            .writer(channel, item.phone.as_ref(), item.user.as_deref(), None)
            .await?;
        let Some(old) = old.filter(|writer| writer.contact.version > 0) else {
            // Nobody we know: they are met when they write.
            return Ok("identity:unknown person".into());
        };
        let mut contact = old.contact;
        let names = [
            item.new_phone.as_ref().map(Alias::phone),
            item.new_user.as_deref().map(Alias::provider_user),
        ];
        for alias in names.into_iter().flatten() {
            contact = match self.store.contact(contact.tenant, &alias).await? {
                Some(other) if other.id != contact.id => {
                    let tenant = contact.tenant;
                    let merged =
                        contacts::merge_known(self.store, tenant, contact.id, other.id, None)
                            .await?;
                    merged.unwrap_or(contact)
                }
                Some(same) => same,
                None => self.also_known_as(contact, &alias).await?,
            };
        }
        let before = item.phone.is_none() || contact.phone.is_none() || contact.phone == item.phone;
        if let Some(phone) = item.new_phone
            && contact.phone.as_ref() != Some(&phone)
            && before
        {
            // From now on they are written to under the new number; unless they changed it once more
            // since, and this comes late or again.
            contact.phone = Some(phone);
            if self.store.save_contact(&mut contact, &[], None).await? == Saved::Stale {
                return Err(conflict("contacts.identity"));
            }
        }
        Ok("identity:linked".into())
    }
}

fn conflict(operation: &'static str) -> StoreFailure {
    StoreFailure::new(operation, StoreFailureKind::Conflict)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S2.48, providers.md 2.9: the word alone counts, in any case, with a full stop or not.
    #[test]
    fn only_the_word_alone_is_a_wish() {
        for stop in ["STOP", " stop. ", "Unsubscribe!", "توقف", "\"Stop\""] {
            assert_eq!(consent_of(stop), Some(Consent::Stopped), "{stop}");
        }
        assert_eq!(consent_of("Stop promotions"), Some(Consent::NoMarketing));
        assert_eq!(consent_of("START"), Some(Consent::Given));
        for none in ["", "stop it please", "do not stop", "started", "the end"] {
            assert_eq!(consent_of(none), None, "{none}");
        }
    }
}
