//! An identity service that remembers whom it knows, and loses requests and answers when told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard},
};

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::{InvitationId, TenantId, UserId},
    ports::{Created, Identities, Invited, Known, NewIdentity},
    principal::Role,
};
use uuid::Uuid;

use crate::memory::FailWhen;

/// Somebody the service knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What it calls them.
    pub id: UserId,
    /// Whose they are.
    pub tenant: TenantId,
    /// The invitation they came by; none for somebody an operator made.
    pub invitation: Option<InvitationId>,
    /// What they may do.
    pub roles: BTreeSet<Role>,
    /// Whether they may sign in.
    pub enabled: bool,
    /// How often their sessions were ended.
    pub sign_outs: u32,
    /// Whether they have signed in.
    pub used: bool,
}

impl Identity {
    fn made_by(&self, new: &NewIdentity) -> bool {
        self.invitation == Some(new.invitation) && self.tenant == new.tenant
    }

    /// Left behind by an invitation that is over.
    fn makes_way(&self) -> bool {
        self.invitation.is_some() && !self.used
    }
}

#[derive(Debug, Default)]
struct Kept {
    people: BTreeMap<String, Identity>,
    mailed: Vec<String>,
    calls: u32,
    fails: Option<(u32, FailWhen)>,
}

/// The service.
#[derive(Debug, Default)]
pub struct FakeIdentities(Mutex<Kept>);

impl FakeIdentities {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    /// Who has an address.
    pub fn who(&self, email: &str) -> Option<Identity> {
        self.kept().people.get(email).cloned()
    }

    /// Somebody an operator made by hand.
    pub fn made_by_hand(&self, email: &str, tenant: TenantId, role: Role) -> UserId {
        let id = fresh();
        let person = Identity {
            id: id.clone(),
            tenant,
            invitation: None,
            roles: [role].into(),
            enabled: true,
            sign_outs: 0,
            used: true,
        };
        self.kept().people.insert(email.to_owned(), person);
        id
    }

    /// Takes somebody away, as an operator would.
    pub fn forget(&self, email: &str) {
        self.kept().people.remove(email);
    }

    /// Somebody who was invited signs in for the first time.
    pub fn sign_in(&self, email: &str) {
        self.change(email, |one| one.used = true);
    }

    /// Lets somebody in or out behind Waypost's back.
    pub fn change(&self, email: &str, change: impl FnOnce(&mut Identity)) {
        change(self.kept().people.get_mut(email).unwrap());
    }

    /// How many people it knows.
    pub fn people(&self) -> usize {
        self.kept().people.len()
    }

    /// Whom it invited by mail, in order.
    pub fn mailed(&self) -> Vec<String> {
        self.kept().mailed.clone()
    }

    /// How often it was called.
    pub fn calls(&self) -> u32 {
        self.kept().calls
    }

    /// The call after so many more fails.
    pub fn fail_after(&self, calls: u32, when: FailWhen) {
        let mut kept = self.kept();
        kept.fails = Some((kept.calls + calls, when));
    }

    fn run<T>(
        &self,
        operation: &'static str,
        f: impl FnOnce(&mut Kept) -> T,
    ) -> Result<T, StoreFailure> {
        let mut kept = self.kept();
        let now = kept.calls;
        kept.calls += 1;
        let lost = || StoreFailure::new(operation, StoreFailureKind::Unavailable);
        match kept.fails {
            Some((at, FailWhen::Before)) if at == now => Err(lost()),
            Some((at, FailWhen::After)) if at == now => {
                f(&mut kept);
                Err(lost())
            }
            Some(_) | None => Ok(f(&mut kept)),
        }
    }

    fn of(
        &self,
        operation: &'static str,
        user: &UserId,
        f: impl FnOnce(&mut Identity),
    ) -> Result<Known, StoreFailure> {
        self.run(operation, |kept| {
            match kept.people.values_mut().find(|one| one.id == *user) {
                Some(one) => {
                    f(one);
                    Known::Done
                }
                None => Known::Gone,
            }
        })
    }
}

fn stands(kept: &Kept, by: &NewIdentity) -> Invited {
    let known = kept.people.get(by.email.as_str());
    match known.filter(|known| known.made_by(by)) {
        Some(known) if known.used => Invited::Used,
        Some(_) => Invited::Open,
        None => Invited::Gone,
    }
}

fn fresh() -> UserId {
    UserId::new(&Uuid::now_v7().to_string())
}

impl Identities for FakeIdentities {
    async fn create(&self, new: &NewIdentity) -> Result<Created, StoreFailure> {
        self.run("identities.create", |kept| {
            let email = new.email.as_str().to_owned();
            if let Some(known) = kept.people.get(&email) {
                if known.made_by(new) {
                    return Created::Done(known.id.clone());
                }
                if !known.makes_way() {
                    return Created::Taken;
                }
            }
            let id = fresh();
            let person = Identity {
                id: id.clone(),
                tenant: new.tenant,
                invitation: Some(new.invitation),
                roles: BTreeSet::new(),
                enabled: true,
                sign_outs: 0,
                used: false,
            };
            kept.people.insert(email.clone(), person);
            kept.mailed.push(email);
            Created::Done(id)
        })
    }

    async fn invited(&self, by: &NewIdentity) -> Result<Invited, StoreFailure> {
        self.run("identities.invited", |kept| stands(kept, by))
    }

    async fn mail_again(&self, by: &NewIdentity) -> Result<Invited, StoreFailure> {
        self.run("identities.mail_again", |kept| {
            let stands = stands(kept, by);
            if stands == Invited::Open {
                kept.mailed.push(by.email.as_str().to_owned());
            }
            stands
        })
    }

    async fn remove(&self, by: &NewIdentity) -> Result<(), StoreFailure> {
        self.run("identities.remove", |kept| {
            kept.people.retain(|_, one| !one.made_by(by));
        })
    }

    async fn set_role(&self, user: &UserId, role: Role) -> Result<Known, StoreFailure> {
        self.of("identities.set_role", user, |one| {
            one.roles.retain(|role| *role == Role::PlatformAdmin);
            one.roles.insert(role);
        })
    }

    async fn disable(&self, user: &UserId) -> Result<Known, StoreFailure> {
        self.of("identities.disable", user, |one| one.enabled = false)
    }

    async fn enable(&self, user: &UserId) -> Result<Known, StoreFailure> {
        self.of("identities.enable", user, |one| one.enabled = true)
    }

    async fn sign_out(&self, user: &UserId) -> Result<Known, StoreFailure> {
        self.of("identities.sign_out", user, |one| one.sign_outs += 1)
    }
}
