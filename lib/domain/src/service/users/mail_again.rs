//! Mailing an invitation again: to somebody who lost the first mail, or let its password run out.

use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use super::{
    TRIES, UserDesk, changed_meanwhile, identity, no_manager, still_invited,
    take_back::{taken_back, used},
};
use crate::{
    failure::AppFailure,
    ids::UserId,
    ports::{AuditEntry, Changed, Clock, Identities, Invited, UserBook},
    principal::Principal,
    user::{User, UserState},
};

/// So long after a mail the next one may follow: the identity service's mails of a day are few, and those of
/// all companies.
const PAUSE: SignedDuration = SignedDuration::from_mins(10);

impl<S: UserBook, I: Identities, C: Clock> UserDesk<'_, S, I, C> {
    /// Mails the invitation of somebody who has not signed in yet once more, with another first password. It
    /// is written before it is mailed, so that two who ask at once mail once; what was not mailed is unwritten.
    ///
    /// # Errors
    /// `NOT_FOUND`; CONFLICT with `INVITATION_USED`, `INVITING`, `INACTIVE`, `INVITATION_TAKEN_BACK`, `GONE`,
    /// or `MAILED_JUST_NOW` with `next_at`; storage failures.
    pub async fn mail_again(&self, principal: &Principal, id: &UserId) -> Result<User, AppFailure> {
        for _ in 0..TRIES {
            let before = self.read(principal, id).await?;
            may_be_mailed(&before)?;
            let now = self.clock.now();
            let last = before.mailed_at.unwrap_or(before.invited_at);
            let next = last.saturating_add(PAUSE).unwrap_or(last);
            if now < next {
                return Err(mailed_just_now(next));
            }
            open(self.identities.invited(&identity(&before)).await?)?;
            let mut claimed = User {
                mailed_at: Some(now),
                ..before.clone()
            };
            let audit = AuditEntry::new(principal.user(), "users", "mail_again", id.as_str(), now);
            let written = self
                .store
                .change_user(principal.user(), &mut claimed, &audit);
            match written.await? {
                Changed::Done => return self.mailed(claimed, before.mailed_at).await,
                Changed::Stale => {}
                Changed::NotByThem => return Err(no_manager()),
            }
        }
        Err(changed_meanwhile())
    }

    async fn mailed(
        &self,
        mut claimed: User,
        before: Option<Timestamp>,
    ) -> Result<User, AppFailure> {
        let mailed = self.identities.mail_again(&identity(&claimed)).await;
        let failure = match mailed.map_err(AppFailure::from).and_then(open) {
            Ok(()) => {
                info!(tenant.id = %claimed.tenant, user.of = %claimed.id, "mailed the invitation of user `{}` again", claimed.id);
                return Ok(claimed);
            }
            Err(failure) => failure,
        };
        claimed.mailed_at = before;
        // If it stays written, the next mail waits for the pause: nothing worse.
        if let Err(kept) = self.store.save_user(&mut claimed).await {
            warn!(tenant.id = %claimed.tenant, user.of = %claimed.id, error = %kept, "a mail that was not sent stays written");
        }
        Err(failure)
    }
}

fn may_be_mailed(user: &User) -> Result<(), AppFailure> {
    if user.is_being_invited() {
        return Err(still_invited());
    }
    match user.state {
        UserState::Inviting | UserState::Active => Ok(()),
        UserState::Inactive => Err(AppFailure::conflict(
            "This user is shut out. Set `active` to true first, then mail the invitation again.",
        )
        .with_detail("reason", "INACTIVE")),
        UserState::Withdrawing => Err(taken_back()),
    }
}

fn open(invited: Invited) -> Result<(), AppFailure> {
    match invited {
        Invited::Open => Ok(()),
        Invited::Used => Err(used()),
        Invited::Gone => Err(AppFailure::conflict(
            "The sign-in of this user was taken away. Take the invitation back, then invite this person anew.",
        )
        .with_detail("reason", "GONE")),
    }
}

fn mailed_just_now(next: Timestamp) -> AppFailure {
    AppFailure::conflict(
        "This invitation was mailed a moment ago. Ask them to look among their unwanted mail, or try again later.",
    )
    .with_detail("reason", "MAILED_JUST_NOW")
    .with_detail("next_at", next.to_string())
}
