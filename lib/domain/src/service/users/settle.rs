//! Telling the identity service what a user is by now, until nobody changed them meanwhile.

use super::{TRIES, busy, taken_back};
use crate::{
    failure::AppFailure,
    ports::{Clock, Identities, Known, Saved, UserBook},
    user::{User, UserState},
};

/// Tells the identity service role and state of a user, then writes that it knows. When somebody else wrote
/// the user meanwhile, their word may have come there before ours: what stands by now is told again.
pub(super) async fn settle<S: UserBook, I: Identities, C: Clock>(
    store: &S,
    identities: &I,
    clock: &C,
    mut user: User,
) -> Result<User, AppFailure> {
    let (tenant, id) = (user.tenant, user.id.clone());
    for _ in 0..TRIES {
        if user.state == UserState::Withdrawing {
            return Err(taken_back());
        }
        tell(identities, &user).await?;
        if user.settled {
            return Ok(user);
        }
        user.settled = true;
        // What was issued while the service did not know yet says what was before.
        user.since = user.since.map(|_| clock.now());
        if store.save_user(&mut user).await? == Saved::Done {
            return Ok(user);
        }
        let Some(found) = store.user(tenant, &id).await? else {
            return Err(busy(tenant));
        };
        user = found;
    }
    Err(busy(tenant))
}

async fn tell<I: Identities>(identities: &I, user: &User) -> Result<(), AppFailure> {
    let id = &user.id;
    match user.state {
        UserState::Inviting | UserState::Withdrawing => Ok(()),
        UserState::Active => {
            // Who was just invited is let in and has no session.
            if user.since.is_none() {
                return known(identities.set_role(id, user.role).await?);
            }
            // The role first: nobody is let in with one they have no more.
            known(identities.set_role(id, user.role).await?)?;
            known(identities.enable(id).await?)?;
            known(identities.sign_out(id).await?)
        }
        // Whom the service does not know does not sign in.
        UserState::Inactive => {
            if identities.disable(id).await? == Known::Done {
                identities.sign_out(id).await?;
            }
            Ok(())
        }
    }
}

fn known(known: Known) -> Result<(), AppFailure> {
    match known {
        Known::Done => Ok(()),
        Known::Gone => Err(AppFailure::conflict(
            "This user cannot sign in any more: their sign-in was taken away. Ask the operator of Waypost.",
        )
        .with_detail("reason", "GONE")),
    }
}
