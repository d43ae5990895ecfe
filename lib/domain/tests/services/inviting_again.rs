//! Invitations that stand: mailed again, taken back, and asked for again under a key of before.

use domain::{
    failure::{AppFailure, Code},
    ids::UserId,
    ports::{Standings, UserBook},
    principal::Role,
    service::{accept::IdempotencyKey, users::UserEdit},
    user::{Standing, User, UserState},
};
use jiff::SignedDuration;
use testkit::memory::FailWhen;

use crate::inviting::{MONA, Office, mona, reason};

impl Office {
    fn minutes(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    async fn again(&self, id: &UserId) -> Result<User, AppFailure> {
        self.desk().mail_again(&self.manager(), id).await
    }

    async fn take_back(&self, id: &UserId) -> Result<(), AppFailure> {
        self.desk().take_back(&self.manager(), id).await
    }

    /// Nobody is left of Mona, here or at the identity service.
    fn assert_gone(&self) {
        assert!(self.store.state().users.is_empty());
        assert_eq!(self.identities.who(MONA), None);
    }

    fn actions(&self) -> Vec<&'static str> {
        self.lines().into_iter().map(|(action, _)| action).collect()
    }
}

fn conflict<T: std::fmt::Debug>(answer: Result<T, AppFailure>) -> String {
    let refused = answer.unwrap_err();
    let (code, why) = reason(&refused);
    assert_eq!(code, Code::Conflict, "{refused:?}");
    why.to_owned()
}

/// X37: who lost the first mail gets another one, and not one every second.
#[tokio::test]
async fn an_open_invitation_is_mailed_again() {
    let office = Office::new();
    let user = office.invite(Role::Agent, None).await.unwrap();
    assert_eq!(conflict(office.again(&user.id).await), "MAILED_JUST_NOW");
    office.minutes(10);
    let mailed = office.again(&user.id).await.unwrap();
    assert_eq!(office.identities.mailed(), [MONA, MONA]);
    let standing = office.store.standing(user.tenant, &user.id).await.unwrap();
    assert_eq!(standing, user.standing(), "nothing else changed");
    let stored = office.store.user(user.tenant, &user.id).await.unwrap();
    assert_eq!(stored, Some(mailed.clone()));
    office.minutes(9);
    let refused = office.again(&user.id).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::Conflict, "MAILED_JUST_NOW"));
    assert_eq!(refused.details()["next_at"], "2026-11-20T10:50:00Z");
    assert_eq!(office.identities.mailed().len(), 2);
    assert_eq!(office.actions(), ["invite", "mail_again"]);
}

/// Whoever is in already, is shut out, or is not there at all, is mailed nothing; every reason is told.
#[tokio::test]
async fn what_is_over_is_not_mailed_again() {
    let office = Office::new();
    let user = office.invite(Role::Agent, None).await.unwrap();
    office.minutes(10);
    let stranger = office.other.user(Role::Manager);
    let theirs = office.desk().mail_again(&stranger, &user.id).await;
    assert_eq!(theirs.unwrap_err().code(), Code::NotFound);
    let out = UserEdit {
        active: Some(false),
        ..UserEdit::default()
    };
    let desk = office.desk();
    desk.edit(&office.manager(), &user.id, out).await.unwrap();
    assert_eq!(conflict(office.again(&user.id).await), "INACTIVE");
    let back = UserEdit {
        active: Some(true),
        ..out
    };
    desk.edit(&office.manager(), &user.id, back).await.unwrap();
    office.identities.sign_in(MONA);
    assert_eq!(conflict(office.again(&user.id).await), "INVITATION_USED");
    office.identities.forget(MONA);
    assert_eq!(conflict(office.again(&user.id).await), "GONE");
    assert_eq!(office.identities.mailed(), [MONA]);
    assert!(!office.actions().contains(&"mail_again"));

    let office = Office::new();
    office.identities.fail_after(1, FailWhen::Before);
    office.invite(Role::Agent, None).await.unwrap_err();
    let half = office.store.state().users.values().next().cloned().unwrap();
    assert_eq!(conflict(office.again(&half.id).await), "INVITING");
}

/// Of two who ask at once one mails; and what was not mailed may be asked for again.
#[tokio::test]
async fn a_mail_is_written_before_it_is_sent() {
    let office = Office::new();
    let user = office.invite(Role::Agent, None).await.unwrap();
    office.minutes(10);
    let mut other = user.clone();
    other.mailed_at = Some("2026-11-20T10:40:00Z".parse().unwrap());
    other.version += 1;
    office.store.meanwhile("users.change", move |state| {
        state.users.insert((other.tenant, other.id.clone()), other);
    });
    assert_eq!(conflict(office.again(&user.id).await), "MAILED_JUST_NOW");
    assert_eq!(office.identities.mailed(), [MONA]);

    for (when, mails) in [(FailWhen::Before, 2), (FailWhen::After, 3)] {
        let office = Office::new();
        let user = office.invite(Role::Agent, None).await.unwrap();
        office.minutes(10);
        office.identities.fail_after(1, when);
        assert!(office.again(&user.id).await.unwrap_err().retryable());
        office.again(&user.id).await.unwrap();
        assert_eq!(office.identities.mailed().len(), mails, "{when:?}");
    }
}

/// X37: what was sent by mistake is undone: nobody signs in by it, and the address is free for anybody.
#[tokio::test]
async fn an_invitation_is_taken_back() {
    let office = Office::new();
    let user = office.invite(Role::Manager, None).await.unwrap();
    let theirs = office.other.user(Role::Manager);
    let refused = office.desk().take_back(&theirs, &user.id).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
    office.take_back(&user.id).await.unwrap();
    office.assert_gone();
    assert_eq!(office.lines()[1], ("take_back", user.id.to_string()));
    // A token of the very moment counts no more than any other.
    let standing = office.store.standing(user.tenant, &user.id).await.unwrap();
    assert_eq!(standing, Standing::Out);
    let again = office.take_back(&user.id).await.unwrap_err();
    assert_eq!(again.code(), Code::NotFound);
    let (desk, invitation) = (office.desk(), mona(Role::Agent));
    let anew = desk.invite(&theirs, &invitation, None).await.unwrap();
    assert_eq!(anew.tenant, office.other.tenant.id);
    assert_ne!(anew.id, user.id);
    assert_eq!(office.identities.mailed(), [MONA, MONA]);
}

/// Who has signed in is shut out, not undone; nobody undoes themselves.
#[tokio::test]
async fn who_is_in_is_not_taken_back() {
    let office = Office::new();
    let user = office.invite(Role::Manager, None).await.unwrap();
    office.identities.sign_in(MONA);
    assert_eq!(
        conflict(office.take_back(&user.id).await),
        "INVITATION_USED"
    );
    let own = office.manager();
    let refused = office.desk().take_back(&own, own.user()).await;
    assert_eq!(reason(&refused.unwrap_err()), (Code::Forbidden, "SELF"));
    office.assert_one(Role::Manager).await;
}

/// Every step fails once, before its effect and after it: from the claim on nobody is inside, and the same
/// request again, or another invitation of the address, ends it.
#[tokio::test]
async fn whatever_is_cut_off_is_taken_back_in_the_end() {
    for when in [FailWhen::Before, FailWhen::After] {
        for invites in [false, true] {
            for step in ["users.change", "users.withdraw", "remove"] {
                let office = Office::new();
                let user = office.invite(Role::Agent, Some("key-1")).await.unwrap();
                match step {
                    "remove" => office.identities.fail_after(1, when),
                    step => office.store.fail(step, 1, when),
                }
                let case = format!("{step} {when:?} {invites}");
                let failed = office.take_back(&user.id).await.unwrap_err();
                assert!(failed.retryable(), "{case}");
                let standing = office.store.standing(user.tenant, &user.id).await;
                let standing = standing.unwrap();
                let claimed = (step, when) != ("users.change", FailWhen::Before);
                let ended = (step, when) == ("users.withdraw", FailWhen::After);
                assert_eq!(standing == Standing::Out, claimed, "{case}");
                if invites && claimed {
                    office.invite(Role::Viewer, Some("key-2")).await.unwrap();
                    office.assert_one_of(Role::Viewer).await;
                } else if !ended {
                    office.take_back(&user.id).await.unwrap();
                    office.assert_gone();
                }
                let undone = office
                    .actions()
                    .iter()
                    .filter(|a| **a == "take_back")
                    .count();
                assert_eq!(undone, 1, "{case}");
            }
        }
    }
}

impl Office {
    /// One user, invited for the second time.
    async fn assert_one_of(&self, role: Role) {
        let page = self
            .store
            .users(self.acme.tenant.id, None, 9)
            .await
            .unwrap();
        assert_eq!(page.items.len(), 1, "{:?}", page.items);
        let user = &page.items[0];
        let known = self.identities.who(MONA).unwrap();
        assert_eq!((&known.id, known.roles), (&user.id, [role].into()));
        assert_eq!((user.role, user.state), (role, UserState::Active));
    }
}

/// An invitation that was never finished is taken back too; whom it made on the way goes with it, also when
/// its own request is still under way.
#[tokio::test]
async fn what_was_never_finished_is_taken_back() {
    for (call, when) in [
        (0, FailWhen::Before),
        (0, FailWhen::After),
        (1, FailWhen::After),
    ] {
        let office = Office::new();
        office.identities.fail_after(call, when);
        office.invite(Role::Agent, None).await.unwrap_err();
        let half = office.store.state().users.values().next().cloned().unwrap();
        office.take_back(&half.id).await.unwrap();
        office.assert_gone();
    }
    let office = Office::new();
    // Taken back between its two steps: what it made is nobody's.
    office
        .store
        .meanwhile("users.adopt", |state| state.users.clear());
    let late = office.invite(Role::Agent, None).await;
    assert_eq!(conflict(late), "INVITATION_TAKEN_BACK");
    office.assert_gone();
    let office = Office::new();
    office.store.meanwhile("users.adopt", |state| {
        let half = state.users.values_mut().next().unwrap();
        half.state = UserState::Withdrawing;
        half.version += 1;
    });
    let late = office.invite(Role::Agent, None).await;
    assert_eq!(conflict(late), "INVITATION_TAKEN_BACK");
    assert_eq!(office.identities.who(MONA), None);
    office.invite(Role::Agent, None).await.unwrap();
    office.assert_one_of(Role::Agent).await;
}

/// Whom an invitation left behind makes way for the next one, unless they have signed in.
#[tokio::test]
async fn who_was_left_behind_makes_way() {
    for used in [false, true] {
        let office = Office::new();
        let left = office.invite(Role::Agent, None).await.unwrap();
        office.store.state().users.clear();
        if used {
            office.identities.sign_in(MONA);
            let refused = office.invite(Role::Viewer, None).await;
            assert_eq!(conflict(refused), "EMAIL_TAKEN");
            assert_eq!(office.identities.who(MONA).unwrap().id, left.id);
        } else {
            office.invite(Role::Viewer, None).await.unwrap();
            office.assert_one_of(Role::Viewer).await;
        }
    }
}

/// Of two managers who shut one another out one stays, and the other undoes nothing.
#[tokio::test]
async fn only_a_manager_undoes() {
    let office = Office::new();
    let user = office.invite(Role::Agent, None).await.unwrap();
    let own = office.manager();
    let mut shut_out = user.clone();
    shut_out.id = own.user().clone();
    shut_out.state = UserState::Inactive;
    let key = (shut_out.tenant, shut_out.id.clone());
    office.store.state().users.insert(key, shut_out);
    office.minutes(10);
    for refused in [
        office.take_back(&user.id).await.unwrap_err(),
        office.again(&user.id).await.unwrap_err(),
    ] {
        assert_eq!(reason(&refused), (Code::Forbidden, "ROLE"));
    }
    assert_eq!(office.identities.mailed(), [MONA]);
    assert!(office.identities.who(MONA).is_some());
}

/// A key is one invitation's, for two days: with another address it is refused, and makes nobody.
#[tokio::test]
async fn a_key_is_for_one_invitation() {
    let office = Office::new();
    let user = office.invite(Role::Agent, Some("key-1")).await.unwrap();
    let key = |body: &[u8]| IdempotencyKey::parse("POST /v1/users", "key-1", body).unwrap();
    let mut ada = mona(Role::Agent);
    ada.email = "ada@acme.example".into();
    let manager = office.manager();
    let other = key(b"{\"email\":\"ada@acme.example\"}");
    for wanted in [&ada, &mona(Role::Agent)] {
        let refused = office.desk().invite(&manager, wanted, Some(&other)).await;
        assert_eq!(conflict(refused), "IDEMPOTENCY_KEY_REUSED");
    }
    office.assert_one(Role::Agent).await;
    // Another company's key of the same words is another key.
    let theirs = office.other.user(Role::Manager);
    let made = office.desk().invite(&theirs, &ada, Some(&other)).await;
    assert_eq!(made.unwrap().tenant, office.other.tenant.id);

    office.take_back(&user.id).await.unwrap();
    let late = office.invite(Role::Agent, Some("key-1")).await;
    assert_eq!(conflict(late), "INVITATION_TAKEN_BACK");
    assert_eq!(office.identities.who(MONA), None);
    office.minutes(48 * 60);
    office.invite(Role::Agent, Some("key-1")).await.unwrap();
}
