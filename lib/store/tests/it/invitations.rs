//! Invitations that end, and their idempotency keys, in the table and in memory alike.

use domain::{
    ids::TenantId,
    ports::{Begun, Changed, InvitationKey, Saved, Standings, UserBook},
    principal::Role,
    user::{Standing, User, UserState},
};
use testkit::memory::MemoryStore;

use crate::{
    users::{active, invited, known, line},
    world::{World, later},
};

/// A key that is good for a minute more than the invitations of these tests are old.
pub fn key(name: &str, request: &str) -> InvitationKey {
    InvitationKey {
        key: name.into(),
        request: request.into(),
        expires_at: later(60),
    }
}

async fn taken_back<S: UserBook + Standings>(store: &S) {
    let tenant = TenantId::fresh();
    let manager = active(store, tenant, "noor@acme.example", Role::Manager).await;
    let mut user = active(store, tenant, "mona@acme.example", Role::Agent).await;
    let before = user.clone();
    user.state = UserState::Withdrawing;
    user.settled = false;
    user.mailed_at = Some(later(2));
    let entry = line(&user);
    let changed = store.change_user(&manager.id, &mut user, &entry).await;
    assert_eq!(changed.unwrap(), Changed::Done);
    let stored = store.user(tenant, &user.id).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&user));
    assert_eq!(
        store.withdraw_invitation(&before).await.unwrap(),
        Saved::Stale
    );
    assert_eq!(store.withdraw_invitation(&user).await.unwrap(), Saved::Done);
    assert_eq!(
        store.withdraw_invitation(&user).await.unwrap(),
        Saved::Stale
    );
    assert_eq!(store.user(tenant, &user.id).await.unwrap(), None);
    let listed = store.users(tenant, None, 9).await.unwrap().items;
    assert_eq!(listed, [manager]);
    let standing = store.standing(tenant, &user.id).await.unwrap();
    assert_eq!(standing, Standing::Out, "a token of the very moment");

    // The address is free; the same `sub` is nobody's any more.
    let anew = invited(TenantId::fresh(), "mona@acme.example");
    assert_eq!(
        store.begin_invitation(&anew, None).await.unwrap(),
        Begun::Done
    );
    let ours = invited(tenant, "ada@acme.example");
    assert_eq!(
        store.begin_invitation(&ours, None).await.unwrap(),
        Begun::Done
    );
    let twin = User {
        id: user.id.clone(),
        ..known(&ours)
    };
    let adopted = store.adopt_user(&ours, &twin, &line(&twin)).await.unwrap();
    assert_eq!(adopted, Saved::Stale);
}

#[tokio::test]
async fn whose_invitation_was_taken_back_is_out() {
    taken_back(&World::start().await.store).await;
    taken_back(&MemoryStore::new()).await;
}

async fn keys<S: UserBook>(store: &S) {
    let tenant = TenantId::fresh();
    let begin = async |user: &User, key: &InvitationKey| {
        store.begin_invitation(user, Some(key)).await.unwrap()
    };
    let mona = invited(tenant, "mona@acme.example");
    let one = key("key-1", "request-1");
    assert_eq!(begin(&mona, &one).await, Begun::Done);
    let again = invited(tenant, "mona@acme.example");
    let stands = Begun::Known(Box::new(mona.clone()));
    assert_eq!(begin(&again, &one).await, stands);
    let ada = invited(tenant, "ada@acme.example");
    let other = key("key-1", "request-2");
    assert_eq!(begin(&ada, &other).await, Begun::KeyReused);
    assert_eq!(begin(&again, &other).await, Begun::KeyReused);
    assert_eq!(store.user(tenant, &ada.id).await.unwrap(), None);
    // Nothing came of this one, so its key is kept with nothing.
    assert_eq!(begin(&again, &key("key-2", "request-1")).await, stands);
    assert_eq!(begin(&ada, &key("key-2", "request-2")).await, Begun::Done);
    // Another company's key of the same words.
    let theirs = invited(TenantId::fresh(), "zoe@heron.example");
    assert_eq!(begin(&theirs, &other).await, Begun::Done);

    assert_eq!(store.withdraw_invitation(&mona).await.unwrap(), Saved::Done);
    assert_eq!(begin(&again, &one).await, Begun::Over);
    let mut late = invited(tenant, "mona@acme.example");
    late.invited_at = one.expires_at;
    assert_eq!(begin(&late, &other).await, Begun::Done, "its time is over");
}

#[tokio::test]
async fn a_key_is_one_invitations() {
    keys(&World::start().await.store).await;
    keys(&MemoryStore::new()).await;
}
