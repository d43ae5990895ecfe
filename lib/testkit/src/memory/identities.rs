//! Who is who: contacts, the slots of their further aliases, and two that turn out to be one.

use domain::{
    contact::{Alias, Contact},
    conversation::Conversation,
    failure::{StoreFailure, StoreFailureKind},
    ids::{ContactId, TenantId},
    ports::{AuditEntry, Merger, Saved},
};

use super::State;

impl State {
    /// The contact a slot leads to: another's, or the one whose own it is.
    pub(super) fn leads_to(&self, tenant: TenantId, slot: ContactId) -> ContactId {
        self.slots.get(&(tenant, slot)).copied().unwrap_or(slot)
    }

    /// The contact behind a slot.
    pub(super) fn known(&self, tenant: TenantId, slot: ContactId) -> Option<&Contact> {
        self.contacts.get(&(tenant, self.leads_to(tenant, slot)))
    }

    /// Whether a contact may have these aliases: none is somebody else's.
    fn may_claim(&self, contact: &Contact, claimed: &[Alias]) -> bool {
        claimed.iter().all(|alias| {
            let slot = ContactId::of_alias(contact.tenant, alias.as_str());
            let owner = self.known(contact.tenant, slot);
            owner.is_none_or(|owner| owner.id == contact.id)
        })
    }

    fn claim(&mut self, contact: &Contact, claimed: &[Alias]) {
        for alias in claimed {
            let slot = ContactId::of_alias(contact.tenant, alias.as_str());
            if slot != contact.id {
                self.slots.insert((contact.tenant, slot), contact.id);
            }
        }
    }

    /// Whether a writer can be met: their own slot leads to nobody else, and if they are new, neither
    /// do the claimed ones.
    pub(super) fn may_meet(
        &self,
        operation: &'static str,
        contact: &Contact,
        claimed: &[Alias],
    ) -> Result<(), StoreFailure> {
        let merged = self.slots.contains_key(&(contact.tenant, contact.id));
        let new = !self.contacts.contains_key(&(contact.tenant, contact.id));
        if merged || new && !self.may_claim(contact, claimed) {
            return Err(StoreFailure::new(operation, StoreFailureKind::Conflict)
                .because("the alias belongs to another contact by now"));
        }
        Ok(())
    }

    /// Makes a contact with its slots, or adds what is not known yet of one that is there: a race loses
    /// nothing and overwrites nothing.
    pub(super) fn meet(&mut self, contact: &Contact, claimed: &[Alias]) {
        let key = (contact.tenant, contact.id);
        if let Some(known) = self.contacts.get_mut(&key) {
            known.name = known.name.take().or_else(|| contact.name.clone());
            known.phone = known.phone.take().or_else(|| contact.phone.clone());
            return;
        }
        let version = 1;
        let met = contact.clone();
        self.contacts.insert(key, Contact { version, ..met });
        self.claim(contact, claimed);
    }

    pub(super) fn save_contact(
        &mut self,
        contact: &mut Contact,
        claimed: &[Alias],
        audit: Option<&AuditEntry>,
    ) -> Saved {
        let key = (contact.tenant, contact.id);
        // One that was merged into another is nobody's any more, not even a new one's.
        let stands = self.contacts.get(&key).map_or(0, |known| known.version);
        let moved = self.slots.contains_key(&key) || stands != contact.version;
        if moved || !self.may_claim(contact, claimed) {
            return Saved::Stale;
        }
        contact.version += 1;
        self.contacts.insert(key, contact.clone());
        self.claim(contact, claimed);
        if let Some(audit) = audit {
            self.audit.push((contact.tenant, audit.clone()));
        }
        Saved::Done
    }

    pub(super) fn merge(&mut self, merger: &Merger) -> Result<Saved, StoreFailure> {
        let (survivor, other) = (&merger.survivor, &merger.other);
        let tenant = survivor.tenant;
        if survivor.id == other.id || tenant != other.tenant {
            let refused = StoreFailure::new("contacts.merge", StoreFailureKind::Refused);
            return Err(refused.because("not two contacts of one tenant"));
        }
        let stands = |contact: &Contact| {
            let stored = self.contacts.get(&(tenant, contact.id));
            stored.is_some_and(|stored| stored.version == contact.version)
        };
        let still = |(joint, joined): &(Conversation, Conversation)| {
            let there = self.conversations.get(&(tenant, joint.id));
            let newer = there.is_some_and(|there| there.last_message_at > joint.last_message_at);
            !newer && self.conversations.get(&(tenant, joined.id)) == Some(joined)
        };
        if !stands(survivor) || !stands(other) || !merger.threads.iter().all(still) {
            return Ok(Saved::Stale);
        }
        for (joint, joined) in &merger.threads {
            let mut joined = joined.clone();
            joined.joined = Some(joint.id);
            self.conversations.insert((tenant, joined.id), joined);
            self.conversations.insert((tenant, joint.id), joint.clone());
        }
        let mut merged = survivor.clone();
        merged.version += 1;
        self.contacts.insert((tenant, merged.id), merged);
        self.contacts.remove(&(tenant, other.id));
        for slot in self.slots.values_mut().filter(|slot| **slot == other.id) {
            *slot = survivor.id;
        }
        self.slots.insert((tenant, other.id), survivor.id);
        if let Some(audit) = &merger.audit {
            self.audit.push((tenant, audit.clone()));
        }
        Ok(Saved::Done)
    }
}
