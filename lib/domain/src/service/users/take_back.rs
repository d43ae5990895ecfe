//! Taking an invitation back: claimed, taken away at the identity service, ended.
//!
//! From the claim on the invitation is over: none of its user's tokens counts, and whoever signs in that very
//! moment goes with it. Cut off in between, the same request again, or another invitation of the address, ends
//! it.

use tracing::info;

use super::{TRIES, UserDesk, busy, entry, identity, no_manager};
use crate::{
    failure::{AppFailure, Code},
    ids::UserId,
    ports::{Changed, Clock, Identities, Invited, Saved, UserBook},
    principal::Principal,
    user::{User, UserState},
};

impl<S: UserBook, I: Identities, C: Clock> UserDesk<'_, S, I, C> {
    /// Takes back the invitation of somebody who has not signed in yet: their record ends, they sign in no
    /// more, and their address may be invited again.
    ///
    /// # Errors
    /// `NOT_FOUND`, also when it is taken back already; FORBIDDEN for oneself; CONFLICT `INVITATION_USED` for
    /// somebody who has signed in; storage failures, after which the same request again ends it.
    pub async fn take_back(&self, principal: &Principal, id: &UserId) -> Result<(), AppFailure> {
        if id == principal.user() {
            return Err(AppFailure::forbidden(
                "You cannot take back your own invitation. Ask another manager of your company.",
            )
            .with_detail("reason", "SELF"));
        }
        let mut claimed = false;
        for _ in 0..TRIES {
            let before = match self.read(principal, id).await {
                // Somebody who asked for the same was faster with its end.
                Err(failure) if claimed && failure.code() == Code::NotFound => return Ok(()),
                found => found?,
            };
            let user = match before.state {
                UserState::Withdrawing => before,
                UserState::Inviting | UserState::Active | UserState::Inactive => {
                    match self.claim(principal, before).await? {
                        Some(user) => user,
                        None => continue,
                    }
                }
            };
            claimed = true;
            if end(self.store, self.identities, &user).await? == Saved::Done {
                info!(tenant.id = %user.tenant, user.of = %user.id, "took back the invitation of user `{id}`");
                return Ok(());
            }
        }
        Err(busy(principal.tenant()))
    }

    /// The user whose invitation is over from now on; none when somebody else changed them meanwhile.
    async fn claim(&self, principal: &Principal, before: User) -> Result<Option<User>, AppFailure> {
        match self.identities.invited(&identity(&before)).await? {
            Invited::Used => return Err(used()),
            Invited::Open | Invited::Gone => {}
        }
        let now = self.clock.now();
        let mut after = User {
            state: UserState::Withdrawing,
            settled: false,
            since: Some(now),
            changed_at: now,
            ..before.clone()
        };
        let audit = entry(principal, &before, &after);
        let written = self.store.change_user(principal.user(), &mut after, &audit);
        match written.await? {
            Changed::Done => Ok(Some(after)),
            Changed::Stale => Ok(None),
            Changed::NotByThem => Err(no_manager()),
        }
    }
}

/// Ends a user whose invitation was claimed. Their address is free only when nobody signs in with it.
pub(super) async fn end<S: UserBook, I: Identities>(
    store: &S,
    identities: &I,
    user: &User,
) -> Result<Saved, AppFailure> {
    identities.remove(&identity(user)).await?;
    Ok(store.withdraw_invitation(user).await?)
}

pub(super) fn used() -> AppFailure {
    AppFailure::conflict(
        "This person has signed in already, so their invitation is over. To keep them out, set `active` to false.",
    )
    .with_detail("reason", "INVITATION_USED")
}

pub(super) fn taken_back() -> AppFailure {
    AppFailure::conflict(
        "This invitation is being taken back. Take it back again to end it, then invite this person anew.",
    )
    .with_detail("reason", "INVITATION_TAKEN_BACK")
}
