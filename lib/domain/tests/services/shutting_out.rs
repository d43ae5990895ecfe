//! Shutting people out, letting them in again, giving them another role: at once, and never half.

use domain::{
    failure::{AppFailure, Code},
    ids::UserId,
    ports::{Standings, UserBook},
    principal::{Principal, Role},
    service::users::{Invitation, UserEdit},
    user::{Standing, User, UserState},
};
use jiff::SignedDuration;
use testkit::memory::FailWhen;

use crate::inviting::{MONA, Office, reason};

const OUT: UserEdit = UserEdit {
    version: None,
    role: None,
    active: Some(false),
};
const IN: UserEdit = UserEdit {
    active: Some(true),
    ..OUT
};
const VIEWER: UserEdit = UserEdit {
    active: None,
    role: Some(Role::Viewer),
    ..OUT
};

async fn edit(office: &Office, id: &UserId, edit: UserEdit) -> Result<User, AppFailure> {
    office.desk().edit(&office.manager(), id, edit).await
}

async fn counts(office: &Office, id: &UserId, role: Role) -> bool {
    let standing = office.store.standing(office.acme.tenant.id, id).await;
    standing.unwrap().counts(role, second(office))
}

/// A token issued now.
fn second(office: &Office) -> i64 {
    use domain::ports::Clock;
    office.clock.now().as_second()
}

/// S1.154: who is no longer active reads nothing more, from the moment on; let in again, they sign in again.
#[tokio::test]
async fn who_is_shut_out_is_out_until_they_sign_in_again() {
    let office = Office::new();
    let user = office.invite(Role::Agent, None).await.unwrap();
    let before = second(&office);
    assert!(counts(&office, &user.id, Role::Agent).await);
    office.clock.advance(SignedDuration::from_mins(5));
    let out = edit(&office, &user.id, OUT).await.unwrap();
    assert_eq!((out.state, out.settled), (UserState::Inactive, true));
    assert!(!counts(&office, &user.id, Role::Agent).await);
    let known = office.identities.who(MONA).unwrap();
    assert_eq!((known.enabled, known.sign_outs), (false, 1));

    office.clock.advance(SignedDuration::from_mins(5));
    let back = edit(&office, &user.id, IN).await.unwrap();
    assert_eq!(back.state, UserState::Active);
    assert!(office.identities.who(MONA).unwrap().enabled);
    let standing = back.standing();
    assert!(!standing.counts(Role::Agent, before), "a token of before");
    assert!(!standing.counts(Role::Agent, second(&office)));
    assert!(standing.counts(Role::Agent, second(&office) + 1));
    let actions: Vec<&str> = office.lines().into_iter().map(|(one, _)| one).collect();
    assert_eq!(actions, ["invite", "deactivate", "reactivate"]);
}

/// X37: a changed role counts at once; the token that names the old one does not.
#[tokio::test]
async fn another_role_takes_another_token() {
    let office = Office::new();
    let user = office.invite(Role::Manager, None).await.unwrap();
    office.clock.advance(SignedDuration::from_mins(5));
    let changed = edit(&office, &user.id, VIEWER).await.unwrap();
    office.clock.advance(SignedDuration::from_secs(1));
    assert!(!counts(&office, &user.id, Role::Manager).await);
    assert!(counts(&office, &user.id, Role::Viewer).await);
    let known = office.identities.who(MONA).unwrap();
    assert_eq!((known.roles, known.sign_outs), ([Role::Viewer].into(), 1));
    assert_eq!(changed.role, Role::Viewer);
    let state = office.store.state();
    let (_, line) = state.audit.last().unwrap();
    assert_eq!(
        (line.action, &*line.before["role"]),
        ("change_role", "manager")
    );
}

/// Every step fails once, before its effect and after it. Nobody is inside who should be out, or with a role
/// that is theirs no more; the same request again settles it.
#[tokio::test]
async fn whatever_is_cut_off_leaves_somebody_outside() {
    for (what, calls) in [(OUT, 2), (VIEWER, 3)] {
        for when in [FailWhen::Before, FailWhen::After] {
            for call in 0..calls {
                let office = Office::new();
                let user = office.invite(Role::Agent, None).await.unwrap();
                office.identities.fail_after(call, when);
                let failed = edit(&office, &user.id, what).await.unwrap_err();
                assert!(failed.retryable());
                office.clock.advance(SignedDuration::from_mins(1));
                for role in [Role::Agent, Role::Viewer] {
                    assert!(!counts(&office, &user.id, role).await, "{call} {when:?}");
                }
                settles(&office, &user.id, what).await;
            }
            for step in ["users.change", "users.save"] {
                let office = Office::new();
                let user = office.invite(Role::Agent, None).await.unwrap();
                office.store.fail(step, 1, when);
                edit(&office, &user.id, what).await.unwrap_err();
                let began = (step, when) != ("users.change", FailWhen::Before);
                assert_eq!(!counts(&office, &user.id, Role::Agent).await, began);
                settles(&office, &user.id, what).await;
            }
        }
    }
}

async fn settles(office: &Office, id: &UserId, what: UserEdit) {
    let settled = edit(office, id, what).await.unwrap();
    assert!(settled.settled);
    let known = office.identities.who(MONA).unwrap();
    assert_eq!(known.enabled, settled.state == UserState::Active);
    assert_eq!(known.roles, [settled.role].into());
    assert!(known.sign_outs > 0);
    let lines = office.lines();
    assert_eq!(lines.len(), 2, "it was asked for once: {lines:?}");
}

/// What is so already is told once more: sign-in may have heard otherwise behind our back.
#[tokio::test]
async fn asking_again_mends_what_sign_in_knows() {
    let office = Office::new();
    let user = office.invite(Role::Agent, None).await.unwrap();
    let before = edit(&office, &user.id, IN).await.unwrap();
    office.identities.change(MONA, |one| {
        one.roles = [Role::Manager].into();
    });
    let after = edit(&office, &user.id, IN).await.unwrap();
    assert_eq!(after, before, "nothing is written");
    office.assert_one(Role::Agent).await;
}

/// Somebody else's change comes between: what stands at the end is what sign-in heard last.
#[tokio::test]
async fn a_change_that_comes_between_is_told_too() {
    let office = Office::new();
    let user = office.invite(Role::Agent, None).await.unwrap();
    let key = (user.tenant, user.id.clone());
    office.store.meanwhile("users.save", move |state| {
        let stored = state.users.get_mut(&key).unwrap();
        stored.state = UserState::Active;
        stored.settled = false;
        stored.version += 1;
    });
    let ended = edit(&office, &user.id, OUT).await.unwrap();
    assert_eq!(ended.state, UserState::Active);
    assert!(ended.settled);
    office.assert_one(Role::Agent).await;
}

/// Nobody changes themselves, and of two managers who shut one another out one stays.
#[tokio::test]
async fn a_company_keeps_a_manager() {
    let office = Office::new();
    let mona = office.invite(Role::Manager, None).await.unwrap();
    let noor = Invitation {
        email: "noor@acme.example".into(),
        name: String::new(),
        role: Role::Manager,
    };
    let noor = office.desk().invite(&office.manager(), &noor, None).await;
    let noor = noor.unwrap();
    let as_user =
        |user: &User| Principal::verified(office.acme.tenant.id, user.id.clone(), Role::Manager);
    for own in [OUT, VIEWER] {
        let refused = office.desk().edit(&as_user(&mona), &mona.id, own).await;
        assert_eq!(reason(&refused.unwrap_err()), (Code::Forbidden, "SELF"));
    }
    // Noor's request was let in, and then Mona's came first.
    let key = (noor.tenant, noor.id.clone());
    office.store.meanwhile("users.change", move |state| {
        state.users.get_mut(&key).unwrap().state = UserState::Inactive;
    });
    let refused = office.desk().edit(&as_user(&noor), &mona.id, OUT).await;
    assert_eq!(reason(&refused.unwrap_err()), (Code::Forbidden, "ROLE"));
    let stands = office.store.user(mona.tenant, &mona.id).await.unwrap();
    assert_eq!(stands.unwrap(), mona);
}

#[tokio::test]
async fn what_cannot_be_changed_is_told_why() {
    let office = Office::new();
    let user = office.invite(Role::Agent, None).await.unwrap();
    let nothing = UserEdit::default();
    let platform = UserEdit {
        role: Some(Role::PlatformAdmin),
        ..nothing
    };
    for wrong in [nothing, platform] {
        let refused = edit(&office, &user.id, wrong).await.unwrap_err();
        assert_eq!(refused.code(), Code::Validation);
    }
    let stale = UserEdit {
        version: Some(user.version + 1),
        ..OUT
    };
    let refused = edit(&office, &user.id, stale).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::Conflict, "USER_CHANGED"));
    let stranger = office.other.user(Role::Manager);
    let refused = office.desk().edit(&stranger, &user.id, OUT).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    let refused = office.desk().read(&stranger, &user.id).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    office.assert_one(Role::Agent).await;

    office.identities.forget(MONA);
    let refused = edit(&office, &user.id, VIEWER).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::Conflict, "GONE"));
    let out = edit(&office, &user.id, OUT).await.unwrap();
    assert_eq!(
        (out.state, out.standing()),
        (UserState::Inactive, Standing::Out)
    );
}

#[tokio::test]
async fn who_is_still_being_invited_is_not_changed() {
    let office = Office::new();
    office.identities.fail_after(1, FailWhen::Before);
    office.invite(Role::Agent, None).await.unwrap_err();
    let id = office.identities.who(MONA).unwrap().id;
    for what in [OUT, IN, VIEWER] {
        let refused = edit(&office, &id, what).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::Conflict, "INVITING"));
    }
}
