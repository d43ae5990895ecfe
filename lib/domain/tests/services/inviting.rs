//! Inviting people: once each, whatever is cut off on the way.

use domain::{
    failure::{AppFailure, Code},
    ids::UserId,
    ports::UserBook,
    principal::{Principal, Role},
    service::{
        accept::IdempotencyKey,
        users::{Invitation, UserDesk},
    },
    user::{Standing, User, UserState},
};
use testkit::{
    builders::Company,
    fakes::{FakeClock, FakeIdentities},
    memory::{FailWhen, MemoryStore},
};

pub const MONA: &str = "mona@acme.example";

/// Two companies with a manager each, whom an operator made.
pub struct Office {
    pub store: MemoryStore,
    pub identities: FakeIdentities,
    pub clock: FakeClock,
    pub acme: Company,
    pub other: Company,
}

impl Office {
    pub fn new() -> Self {
        let office = Self {
            store: MemoryStore::new(),
            identities: FakeIdentities::default(),
            clock: FakeClock::at("2026-11-20T10:30:00Z"),
            acme: Company::named("acme"),
            other: Company::named("other"),
        };
        for company in [&office.acme, &office.other] {
            let tenant = company.tenant.clone();
            office.store.state().tenants.insert(tenant.id, tenant);
        }
        office
    }

    pub fn desk(&self) -> UserDesk<'_, MemoryStore, FakeIdentities, FakeClock> {
        UserDesk {
            store: &self.store,
            identities: &self.identities,
            clock: &self.clock,
        }
    }

    pub fn manager(&self) -> Principal {
        self.acme.user(Role::Manager)
    }

    pub async fn invite(&self, role: Role, key: Option<&str>) -> Result<User, AppFailure> {
        let key = key.map(|key| IdempotencyKey::parse("POST /v1/users", key, b"{}").unwrap());
        let invitation = mona(role);
        self.desk()
            .invite(&self.manager(), &invitation, key.as_ref())
            .await
    }

    /// The lines of Acme's log about users.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let state = self.store.state();
        let own = state
            .audit
            .iter()
            .filter(|(t, _)| *t == self.acme.tenant.id);
        own.map(|(_, line)| (line.action, line.entity.clone()))
            .collect()
    }

    /// Mona is one user, known to everybody, invited once.
    pub async fn assert_one(&self, role: Role) -> User {
        let tenant = self.acme.tenant.id;
        let page = self.store.users(tenant, None, 100).await.unwrap();
        assert_eq!(page.items.len(), 1, "{:?}", page.items);
        let user = &page.items[0];
        let known = self.identities.who(MONA).unwrap();
        assert_eq!((&known.id, known.tenant), (&user.id, tenant));
        assert_eq!(known.roles, [role].into());
        assert!(known.enabled);
        assert_eq!(self.identities.people(), 1);
        assert_eq!(self.identities.mailed(), [MONA]);
        assert_eq!((user.role, user.state), (role, UserState::Active));
        assert_eq!(
            user.standing(),
            Standing::Known {
                role,
                since: user.since
            }
        );
        user.clone()
    }
}

pub fn mona(role: Role) -> Invitation {
    Invitation {
        email: " Mona@Acme.Example".into(),
        name: "Mona Example ".into(),
        role,
    }
}

pub fn reason(failure: &AppFailure) -> (Code, &str) {
    let reason = failure.details().get("reason");
    (failure.code(), reason.map_or("", String::as_str))
}

/// S1.12, X37: a manager invites; the address signs in for this company with this role.
#[tokio::test]
async fn who_is_invited_signs_in_with_their_role() {
    for role in [Role::Manager, Role::Agent, Role::Viewer] {
        let office = Office::new();
        let user = office.invite(role, None).await.unwrap();
        assert_eq!(office.assert_one(role).await, user);
        assert_eq!(user.name.as_deref(), Some("Mona Example"));
        assert_eq!((user.since, user.founder), (None, false));
        assert_eq!(&user.invited_by, office.manager().user());
        assert_eq!(office.lines(), [("invite", user.id.to_string())]);
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nobody_is_asked() {
    let office = Office::new();
    let wrong = Invitation {
        email: "mona".into(),
        name: "Mona\u{7}".into(),
        role: Role::PlatformAdmin,
    };
    let refused = office.desk().invite(&office.manager(), &wrong, None).await;
    let refused = refused.unwrap_err();
    let fields: Vec<&str> = refused.fields().iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["email", "name", "role"]);
    assert_eq!(office.identities.calls(), 0);
    assert!(office.store.state().users.is_empty());
}

/// Whoever has an address has it alone, and nobody is told who does.
#[tokio::test]
async fn an_address_is_one_users_in_all_of_waypost() {
    let office = Office::new();
    office.invite(Role::Agent, None).await.unwrap();
    let own = office.invite(Role::Agent, None).await.unwrap_err();
    let stranger = office.other.user(Role::Manager);
    let invitation = mona(Role::Manager);
    let theirs = office.desk().invite(&stranger, &invitation, None).await;
    let theirs = theirs.unwrap_err();
    assert_eq!(reason(&own), (Code::Conflict, "EMAIL_TAKEN"));
    assert_eq!(reason(&theirs), reason(&own));
    assert_eq!(theirs.message(), own.message());
    office.assert_one(Role::Agent).await;
    let found = office.store.users(office.other.tenant.id, None, 10).await;
    assert!(found.unwrap().items.is_empty());
}

/// Who was made by hand is not taken over, not even in the same company; the address stays free here.
#[tokio::test]
async fn somebody_an_operator_made_is_not_taken_over() {
    let office = Office::new();
    let tenant = office.acme.tenant.id;
    office
        .identities
        .made_by_hand(MONA, tenant, Role::PlatformAdmin);
    for _ in 0..2 {
        let refused = office.invite(Role::Viewer, None).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::Conflict, "EMAIL_TAKEN"));
        assert!(office.store.state().users.is_empty());
    }
    let known = office.identities.who(MONA).unwrap();
    assert_eq!(known.roles, [Role::PlatformAdmin].into());
    office.identities.forget(MONA);
    office.invite(Role::Viewer, None).await.unwrap();
    office.assert_one(Role::Viewer).await;
}

/// Every step fails once, before its effect and after it; the same request again makes one user.
#[tokio::test]
async fn whatever_is_cut_off_is_finished_by_the_same_request() {
    for when in [FailWhen::Before, FailWhen::After] {
        for step in ["users.begin", "users.adopt", "users.save"] {
            let office = Office::new();
            office.store.fail(step, 1, when);
            let failed = office.invite(Role::Agent, Some("key-1")).await.unwrap_err();
            assert!(failed.retryable(), "{step} {when:?}");
            office.invite(Role::Agent, Some("key-1")).await.unwrap();
            let user = office.assert_one(Role::Agent).await;
            let lines = [("invite", user.id.to_string())];
            assert_eq!(office.lines(), lines, "{step} {when:?}");
        }
        for call in 0..2 {
            let office = Office::new();
            office.identities.fail_after(call, when);
            let failed = office.invite(Role::Agent, Some("key-1")).await.unwrap_err();
            assert!(failed.retryable(), "{call} {when:?}");
            let stands = office.store.users(office.acme.tenant.id, None, 9).await;
            let stands = stands.unwrap().items;
            assert!(stands[0].is_being_invited(), "{call} {when:?}");
            assert_eq!(stands[0].standing(), Standing::Out);
            office.invite(Role::Agent, Some("key-1")).await.unwrap();
            let user = office.assert_one(Role::Agent).await;
            assert_eq!(office.lines(), [("invite", user.id.to_string())]);
        }
    }
}

/// What is wanted of an invitation that was cut off is what was asked for last.
#[tokio::test]
async fn an_invitation_is_finished_as_it_is_wanted_by_now() {
    for call in 0..2 {
        let office = Office::new();
        office.identities.fail_after(call, FailWhen::After);
        office.invite(Role::Manager, None).await.unwrap_err();
        office.invite(Role::Viewer, None).await.unwrap();
        office.assert_one(Role::Viewer).await;
    }
}

/// The same request under the same key answers the same, also after it was done.
#[tokio::test]
async fn a_repeated_request_answers_with_the_same_user() {
    let office = Office::new();
    let first = office.invite(Role::Agent, Some("key-1")).await.unwrap();
    let calls = office.identities.calls();
    let again = office.invite(Role::Agent, Some("key-1")).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(office.identities.calls(), calls);
    for key in [Some("key-2"), None] {
        let refused = office.invite(Role::Agent, key).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::Conflict, "EMAIL_TAKEN"));
    }
}

/// The same request twice at once: the second finds the first's user adopted under its hands.
#[tokio::test]
async fn two_at_once_make_one_user() {
    let office = Office::new();
    let id = UserId::new("not-yet");
    let stored = office.store.user(office.acme.tenant.id, &id).await;
    assert_eq!(stored.unwrap(), None);
    office.identities.fail_after(0, FailWhen::After);
    office.invite(Role::Agent, None).await.unwrap_err();
    let known = office.identities.who(MONA).unwrap().id;
    office.store.meanwhile("users.adopt", move |state| {
        let invited = state.users.values().next().unwrap().clone();
        let key = (invited.tenant, invited.id.clone());
        state.users.remove(&key);
        let adopted = User {
            id: known.clone(),
            state: UserState::Active,
            version: 2,
            ..invited
        };
        state.users.insert((adopted.tenant, known), adopted);
    });
    office.invite(Role::Agent, None).await.unwrap();
    office.assert_one(Role::Agent).await;
}
