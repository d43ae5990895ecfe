//! Companies and their users, in the table and in memory alike: one address one user, all or nothing.

use domain::{
    failure::StoreFailureKind,
    ids::{InvitationId, TenantId, UserId},
    ports::{
        AuditEntry, Audits, Begun, Changed, Directory, Saved, Standings, TenantBook, UserBook,
    },
    principal::Role,
    tenant::Tenant,
    user::{Email, Standing, User, UserState},
};
use testkit::{
    builders::Company,
    faults::{Fault, Faults},
    memory::MemoryStore,
};

use crate::world::{World, later};

/// Somebody who is being invited.
pub fn invited(tenant: TenantId, email: &str) -> User {
    let invitation = InvitationId::fresh();
    User {
        tenant,
        id: UserId::new(&invitation.to_string()),
        invitation,
        email: Email::parse(email).unwrap(),
        name: Some("منى Example".into()),
        role: Role::Agent,
        state: UserState::Inviting,
        settled: false,
        founder: false,
        since: None,
        request: Some("0123456789abcdef0123456789abcdef".into()),
        invited_at: later(1),
        invited_by: UserId::new("user-1"),
        mailed_at: None,
        changed_at: later(1),
        version: 1,
    }
}

/// The same, as the identity service knows them.
pub fn known(invited: &User) -> User {
    User {
        id: UserId::new(&format!(
            "sub-of-{}",
            invited.email.as_str().replace('@', ".")
        )),
        state: UserState::Active,
        version: invited.version + 1,
        ..invited.clone()
    }
}

pub fn line(user: &User) -> AuditEntry {
    let by = UserId::new("user-1");
    AuditEntry::new(&by, "users", "change", user.id.as_str(), later(1))
}

/// An active user.
pub async fn active<S: UserBook>(store: &S, tenant: TenantId, email: &str, role: Role) -> User {
    let mut invited = invited(tenant, email);
    invited.role = role;
    assert_eq!(
        store.begin_invitation(&invited, None).await.unwrap(),
        Begun::Done
    );
    let mut user = known(&invited);
    let adopted = store.adopt_user(&invited, &user, &line(&user)).await;
    assert_eq!(adopted.unwrap(), Saved::Done);
    user.settled = true;
    assert_eq!(store.save_user(&mut user).await.unwrap(), Saved::Done);
    user
}

async fn emails<S: UserBook>(store: &S, tenant: TenantId) -> Vec<String> {
    let (mut emails, mut after) = (Vec::new(), None);
    loop {
        let page = store.users(tenant, after.as_deref(), 2).await.unwrap();
        emails.extend(page.items.iter().map(|one| one.email.as_str().to_owned()));
        after = page.next;
        if after.is_none() {
            return emails;
        }
    }
}

async fn a_life<S: UserBook + Standings + Audits>(store: &S) {
    let (ours, theirs) = (TenantId::fresh(), TenantId::fresh());
    let first = invited(ours, "mona@acme.example");
    assert_eq!(
        store.begin_invitation(&first, None).await.unwrap(),
        Begun::Done
    );
    let again = invited(ours, "mona@acme.example");
    let begun = store.begin_invitation(&again, None).await.unwrap();
    assert_eq!(begun, Begun::Known(Box::new(first.clone())));
    let stranger = invited(theirs, "mona@acme.example");
    let begun = store.begin_invitation(&stranger, None).await.unwrap();
    assert_eq!(begun, Begun::Taken);
    assert_eq!(store.user(theirs, &stranger.id).await.unwrap(), None);
    assert_eq!(emails(store, theirs).await, Vec::<String>::new());

    let mut user = known(&first);
    assert_eq!(
        store.standing(ours, &user.id).await.unwrap(),
        Standing::Unknown
    );
    let adopt = async || store.adopt_user(&first, &user, &line(&user)).await.unwrap();
    assert_eq!(adopt().await, Saved::Done);
    assert_eq!(adopt().await, Saved::Stale, "the invitation is gone");
    assert_eq!(store.user(ours, &first.id).await.unwrap(), None);
    assert_eq!(
        store.user(ours, &user.id).await.unwrap().as_ref(),
        Some(&user)
    );
    assert_eq!(store.standing(ours, &user.id).await.unwrap(), Standing::Out);
    let withdrawn = store.withdraw_invitation(&first).await.unwrap();
    assert_eq!(withdrawn, Saved::Stale);
    let begun = store.begin_invitation(&again, None).await.unwrap();
    assert_eq!(begun, Begun::Known(Box::new(user.clone())));

    let mut old = user.clone();
    user.settled = true;
    assert_eq!(store.save_user(&mut user).await.unwrap(), Saved::Done);
    assert_eq!(user.version, 3);
    assert_eq!(store.save_user(&mut old).await.unwrap(), Saved::Stale);
    let good = Standing::Known {
        role: Role::Agent,
        since: None,
    };
    assert_eq!(store.standing(ours, &user.id).await.unwrap(), good);
    assert_eq!(
        store.standing(theirs, &user.id).await.unwrap(),
        Standing::Unknown,
        "a user is one company's"
    );
    let lines = store.audits(ours, later(9), None, 9).await.unwrap().items;
    assert_eq!(lines.len(), 1, "only what was adopted is noted");
}

#[tokio::test]
async fn a_user_is_invited_adopted_and_settled() {
    a_life(&World::start().await.store).await;
    a_life(&MemoryStore::new()).await;
}

/// Who asks for a change is asked about in the very write.
async fn changes<S: UserBook>(store: &S) {
    let tenant = TenantId::fresh();
    let mut mona = active(store, tenant, "mona@acme.example", Role::Manager).await;
    let mut noor = active(store, tenant, "noor@acme.example", Role::Manager).await;
    let out = async |by: &UserId, user: &mut User| {
        let entry = line(user);
        user.state = UserState::Inactive;
        user.since = Some(later(5));
        store.change_user(by, user, &entry).await.unwrap()
    };
    let mut stale = mona.clone();
    assert_eq!(out(&noor.id, &mut mona).await, Changed::Done);
    assert_eq!(mona.version, 4);
    let stored = store.user(tenant, &mona.id).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&mona));
    assert_eq!(out(&noor.id, &mut stale).await, Changed::Stale);
    let before = noor.clone();
    assert_eq!(out(&mona.id, &mut noor).await, Changed::NotByThem);
    assert_eq!(
        store.user(tenant, &noor.id).await.unwrap(),
        Some(before.clone())
    );
    // An agent never was one, and an operator's own has no record.
    let agent = active(store, tenant, "ada@acme.example", Role::Agent).await;
    noor = before;
    assert_eq!(out(&agent.id, &mut noor.clone()).await, Changed::NotByThem);
    assert_eq!(out(&UserId::new("by-hand"), &mut noor).await, Changed::Done);
    assert_eq!(
        emails(store, tenant).await,
        ["ada@acme.example", "mona@acme.example", "noor@acme.example"]
    );
}

#[tokio::test]
async fn of_two_managers_one_stays() {
    changes(&World::start().await.store).await;
    changes(&MemoryStore::new()).await;
}

async fn free_again<S: UserBook>(store: &S) {
    let (ours, theirs) = (TenantId::fresh(), TenantId::fresh());
    let first = invited(ours, "mona@acme.example");
    store.begin_invitation(&first, None).await.unwrap();
    let withdrawn = store.withdraw_invitation(&first).await.unwrap();
    assert_eq!(withdrawn, Saved::Done);
    assert_eq!(store.user(ours, &first.id).await.unwrap(), None);
    let stranger = invited(theirs, "mona@acme.example");
    let begun = store.begin_invitation(&stranger, None).await.unwrap();
    assert_eq!(begun, Begun::Done);
}

#[tokio::test]
async fn a_withdrawn_invitation_frees_its_address() {
    free_again(&World::start().await.store).await;
    free_again(&MemoryStore::new()).await;
}

fn company(name: &str) -> (Tenant, User, AuditEntry) {
    let tenant = Company::named(name).tenant;
    let tenant = Tenant {
        plan: None,
        ..tenant
    };
    let founder = User {
        founder: true,
        role: Role::Manager,
        ..invited(tenant.id, &format!("noor@{name}.example"))
    };
    let by = UserId::new("operator-1");
    let entry = AuditEntry::new(&by, "tenants", "create", tenant.id, later(1));
    (tenant, founder, entry)
}

async fn companies<S>(store: &S)
where
    S: UserBook + TenantBook + Directory + Standings + Audits,
{
    for name in ["heron", "Acme", "kite"] {
        let (tenant, founder, entry) = company(name);
        let begun = store.found_tenant(&tenant, &founder, &entry).await.unwrap();
        assert_eq!(begun, Begun::Done);
        assert_eq!(store.tenant(tenant.id).await.unwrap(), Some(tenant.clone()));
        let stored = store.user(tenant.id, &founder.id).await.unwrap();
        assert_eq!(stored.as_ref(), Some(&founder));
        let (twin, mut second, entry) = company(name);
        second.email = founder.email.clone();
        let begun = store.found_tenant(&twin, &second, &entry).await.unwrap();
        assert_eq!(begun, Begun::Known(Box::new(founder)));
        assert_eq!(store.tenant(twin.id).await.unwrap(), None);
        let lines = store.audits(tenant.id, later(9), None, 9).await.unwrap();
        assert_eq!(lines.items.len(), 1);
    }
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.tenants(after.as_deref(), 2).await.unwrap();
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Acme", "heron", "kite"]);

    let (id, other) = (all.first().unwrap().id, all.last().unwrap().id);
    let user = active(store, id, "mona@acme.example", Role::Agent).await;
    let by = UserId::new("operator-1");
    for (active, done, standing) in [
        (true, Saved::Stale, user.standing()),
        (false, Saved::Done, Standing::CompanyOff),
        (false, Saved::Stale, Standing::CompanyOff),
        (true, Saved::Done, user.standing()),
    ] {
        let entry = AuditEntry::new(&by, "tenants", "switch", id, later(2));
        let switched = store.switch_tenant(id, active, &entry).await.unwrap();
        assert_eq!(switched, done);
        assert_eq!(store.standing(id, &user.id).await.unwrap(), standing);
        let theirs = store.standing(other, &user.id).await.unwrap();
        assert_eq!(theirs, Standing::Unknown);
    }
    let nobody = TenantId::fresh();
    let entry = AuditEntry::new(&by, "tenants", "switch", nobody, later(2));
    let switched = store.switch_tenant(nobody, false, &entry).await.unwrap();
    assert_eq!(switched, Saved::Stale);
    assert_eq!(store.tenant(nobody).await.unwrap(), None);
}

#[tokio::test]
async fn companies_are_made_listed_and_switched() {
    companies(&World::start().await.store).await;
    companies(&MemoryStore::new()).await;
}

/// hazards.md, failure point 11.
#[tokio::test]
async fn a_write_whose_answer_is_lost_is_done_once() {
    let world = World::start().await;
    let lossy = |operation| {
        let fault = Faults::of(operation, Fault::LostAnswer, 1);
        world.database.store_through(fault)
    };
    let first = invited(world.tenant, "mona@acme.example");
    let begun = lossy("TransactWriteItems")
        .begin_invitation(&first, None)
        .await;
    assert_eq!(begun.unwrap(), Begun::Done);
    let mut user = known(&first);
    let store = lossy("TransactWriteItems");
    let adopted = store.adopt_user(&first, &user, &line(&user)).await;
    assert_eq!(adopted.unwrap(), Saved::Done);
    user.settled = true;
    let saved = lossy("PutItem").save_user(&mut user).await.unwrap();
    assert_eq!((saved, user.version), (Saved::Done, 3));
}

/// Nobody is let in by a table that does not answer, or answers with something else.
#[tokio::test]
async fn a_standing_that_cannot_be_read_is_a_failure() {
    let world = World::start().await;
    let user = active(&world.store, world.tenant, "mona@acme.example", Role::Agent).await;
    for (fault, kind) in [
        (Fault::Denied, StoreFailureKind::Refused),
        (Fault::Throttled, StoreFailureKind::Throttled),
    ] {
        let faults = Faults::of("BatchGetItem", fault, 99);
        let store = world.database.store_through(faults);
        let failure = store.standing(world.tenant, &user.id).await.unwrap_err();
        assert_eq!(failure.kind(), kind);
    }
}
