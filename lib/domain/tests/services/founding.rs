//! Companies: made with their first manager, once, and switched off and on.

use domain::{
    failure::{AppFailure, Code},
    ids::{TenantId, UserId},
    ports::{Directory, Standings, TenantBook},
    principal::{Principal, Role},
    service::{
        accept::IdempotencyKey,
        tenants::{NewTenant, TenantDesk},
    },
    tenant::Tenant,
    user::{Standing, User, UserState},
};
use testkit::{
    fakes::{FakeClock, FakeIdentities},
    memory::{FailWhen, MemoryStore},
};

use crate::inviting::{MONA, Office, mona, reason};

fn desk(office: &Office) -> TenantDesk<'_, MemoryStore, FakeIdentities, FakeClock> {
    TenantDesk {
        store: &office.store,
        identities: &office.identities,
        clock: &office.clock,
    }
}

fn operator() -> Principal {
    let user = UserId::new("operator-1");
    Principal::verified(TenantId::fresh(), user, Role::PlatformAdmin)
}

fn heron() -> NewTenant {
    NewTenant {
        name: " Heron Travel".into(),
        zone: "Asia/Bahrain".into(),
        manager: mona(Role::Manager),
    }
}

async fn make(office: &Office, key: Option<&str>) -> Result<(Tenant, User), AppFailure> {
    let key = key.map(|key| IdempotencyKey::parse("POST /v1/platform/tenants", key, b"{}"));
    let key = key.map(Result::unwrap);
    desk(office).make(&operator(), &heron(), key.as_ref()).await
}

/// There is one such company, and Mona is its manager.
fn assert_one(office: &Office) {
    let state = office.store.state();
    let named = state
        .tenants
        .values()
        .filter(|one| one.name == "Heron Travel");
    let named: Vec<&Tenant> = named.collect();
    assert_eq!(named.len(), 1, "{named:?}");
    let tenant = named[0];
    assert_eq!(tenant.settings.zone, "Asia/Bahrain");
    assert!(tenant.active && tenant.plan.is_none());
    assert_eq!(state.users.len(), 1, "{:?}", state.users);
    let user = state.users.values().next().unwrap();
    assert!(user.founder && user.settled);
    assert_eq!(
        (user.tenant, user.role, user.state),
        (tenant.id, Role::Manager, UserState::Active)
    );
    let known = office.identities.who(MONA).unwrap();
    assert_eq!((&known.id, known.tenant), (&user.id, tenant.id));
    assert_eq!(known.roles, [Role::Manager].into());
    assert_eq!(office.identities.mailed(), [MONA]);
    let lines = state.audit.iter().filter(|(of, _)| *of == tenant.id);
    let lines: Vec<_> = lines
        .map(|(_, line)| (line.entity_type, line.action))
        .collect();
    assert_eq!(lines, [("tenants", "create"), ("users", "invite")]);
}

/// S2.5, S2.112: the platform makes a company with its first manager.
#[tokio::test]
async fn a_company_comes_with_its_first_manager() {
    let office = Office::new();
    let (tenant, manager) = make(&office, None).await.unwrap();
    assert_one(&office);
    assert_eq!(tenant.name, "Heron Travel");
    assert_eq!(manager.tenant, tenant.id);
    assert_eq!(desk(&office).read(tenant.id).await.unwrap(), tenant);
    let missing = desk(&office).read(TenantId::fresh()).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
}

/// Every step fails once, before its effect and after it; the same request again makes one company.
#[tokio::test]
async fn whatever_is_cut_off_is_finished_by_the_same_request() {
    for when in [FailWhen::Before, FailWhen::After] {
        for step in ["tenants.found", "users.adopt", "users.save"] {
            let office = Office::new();
            office.store.fail(step, 1, when);
            make(&office, Some("key-1")).await.unwrap_err();
            let (tenant, _) = make(&office, Some("key-1")).await.unwrap();
            assert_one(&office);
            let stored = office.store.tenant(tenant.id).await.unwrap();
            assert_eq!(stored, Some(tenant), "{step} {when:?}");
        }
        for call in 0..2 {
            let office = Office::new();
            office.identities.fail_after(call, when);
            make(&office, None).await.unwrap_err();
            make(&office, None).await.unwrap();
            assert_one(&office);
        }
    }
}

#[tokio::test]
async fn a_made_company_is_not_made_again() {
    let office = Office::new();
    let first = make(&office, Some("key-1")).await.unwrap();
    assert_eq!(make(&office, Some("key-1")).await.unwrap(), first);
    for key in [None, Some("key-2")] {
        let refused = make(&office, key).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::Conflict, "EMAIL_TAKEN"));
    }
    assert_one(&office);
}

/// An invitation of a company that is under way is not the platform's to finish, whatever it names.
#[tokio::test]
async fn an_invitation_of_a_company_is_not_turned_into_another_company() {
    let office = Office::new();
    office.identities.fail_after(0, FailWhen::Before);
    office.invite(Role::Manager, None).await.unwrap_err();
    let mut twin = heron();
    twin.name.clone_from(&office.acme.tenant.name);
    let refused = desk(&office).make(&operator(), &twin, None).await;
    assert_eq!(
        reason(&refused.unwrap_err()),
        (Code::Conflict, "EMAIL_TAKEN")
    );
    office.invite(Role::Manager, None).await.unwrap();
    office.assert_one(Role::Manager).await;
}

#[tokio::test]
async fn everything_wrong_is_told_at_once() {
    let office = Office::new();
    let mut wrong = heron();
    wrong.name = "  ".into();
    wrong.zone = "Bahrain/Asia".into();
    wrong.manager.email = "mona".into();
    let refused = desk(&office).make(&operator(), &wrong, None).await;
    let refused = refused.unwrap_err();
    let fields: Vec<&str> = refused.fields().iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["name", "zone", "manager.email"]);
    assert_eq!(office.identities.calls(), 0);
}

/// A company that is off lets none of its people in; on again, it does.
#[tokio::test]
async fn a_company_that_is_off_lets_nobody_in() {
    let office = Office::new();
    let user = office.invite(Role::Agent, None).await.unwrap();
    let by_hand = UserId::new("made-by-hand");
    let id = office.acme.tenant.id;
    let standing = async |user: &UserId| office.store.standing(id, user).await.unwrap();
    for (active, known, unknown) in [
        (false, Standing::CompanyOff, Standing::CompanyOff),
        (false, Standing::CompanyOff, Standing::CompanyOff),
        (true, user.standing(), Standing::Unknown),
        (true, user.standing(), Standing::Unknown),
    ] {
        let switched = desk(&office).switch(&operator(), id, active).await;
        assert_eq!(switched.unwrap().active, active);
        assert_eq!(standing(&user.id).await, known);
        assert_eq!(standing(&by_hand).await, unknown);
    }
    let lines: Vec<&str> = office.lines().into_iter().map(|(one, _)| one).collect();
    assert_eq!(lines, ["invite", "switch_off", "switch_on"]);
    let other = office
        .store
        .standing(office.other.tenant.id, &by_hand)
        .await;
    assert_eq!(other.unwrap(), Standing::Unknown);

    let missing = desk(&office)
        .switch(&operator(), TenantId::fresh(), false)
        .await;
    assert_eq!(missing.unwrap_err().code(), Code::NotFound);
    let own = operator();
    let refused = desk(&office).switch(&own, own.tenant(), false).await;
    assert_eq!(reason(&refused.unwrap_err()), (Code::Forbidden, "SELF"));
}

#[tokio::test]
async fn companies_are_listed_by_name() {
    let office = Office::new();
    make(&office, None).await.unwrap();
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = desk(&office).list(after.as_deref(), 1).await.unwrap();
        names.extend(page.items.into_iter().map(|one| one.name));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(names, ["acme", "Heron Travel", "other"]);
    let page = office.store.tenants(None, 100).await.unwrap();
    assert_eq!((page.items.len(), page.next), (3, None));
}
