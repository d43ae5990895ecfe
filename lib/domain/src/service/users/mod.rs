//! A company's users: invited, listed, given another role, shut out and let in again.
//!
//! What is to be is written first, and from then on no token counts that says otherwise; then the identity
//! service is told; then it is written that it knows. Whatever is cut off between the steps leaves somebody
//! outside, never inside, and the same request again goes on where it stopped.

mod invite;
mod mail_again;
mod settle;
mod take_back;

use tracing::info;

pub use self::invite::Invitation;
pub(super) use self::invite::{finish, invited, resumed, taken};
use self::{settle::settle, take_back::taken_back};
use crate::{
    failure::{AppFailure, FieldProblem},
    ids::{TenantId, UserId},
    ports::{AuditEntry, Changed, Clock, Identities, NewIdentity, Page, UserBook},
    principal::{Principal, Role},
    user::{User, UserState},
};

/// How often a write is tried when others keep being first.
const TRIES: u8 = 6;

/// What working with users needs.
#[derive(Debug)]
pub struct UserDesk<'a, S, I, C> {
    /// Storage.
    pub store: &'a S,
    /// The identity service.
    pub identities: &'a I,
    /// The time.
    pub clock: &'a C,
}

/// What is to change of a user; what is missing stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UserEdit {
    /// The version the caller saw; the change is refused when there is another one by now.
    pub version: Option<u32>,
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they may sign in.
    pub active: Option<bool>,
}

impl UserEdit {
    fn applied(self, before: &User) -> User {
        let mut after = before.clone();
        after.role = self.role.unwrap_or(before.role);
        after.state = match self.active {
            None => before.state,
            Some(true) => UserState::Active,
            Some(false) => UserState::Inactive,
        };
        after
    }
}

impl<S: UserBook, I: Identities, C: Clock> UserDesk<'_, S, I, C> {
    /// Users by address, those being invited among them. Who was made directly in the identity service is
    /// not.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn list(
        &self,
        principal: &Principal,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<User>, AppFailure> {
        let tenant = principal.tenant();
        Ok(self.store.users(tenant, after, limit).await?)
    }

    /// A user.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for another company's.
    pub async fn read(&self, principal: &Principal, id: &UserId) -> Result<User, AppFailure> {
        let found = self.store.user(principal.tenant(), id).await?;
        found.ok_or_else(|| AppFailure::not_found("There is no such user."))
    }

    /// Gives a user another role, shuts them out or lets them in again. Their tokens of before count no more
    /// from the first write on. What is so already is told to the identity service once more.
    ///
    /// # Errors
    /// VALIDATION for a role that no manager gives, or no change at all; FORBIDDEN for oneself; `NOT_FOUND`;
    /// CONFLICT for somebody still being invited, when the caller saw another version, when the user keeps
    /// changing, or when the identity service does not know them; storage failures, after which the same
    /// request again finishes what was begun.
    pub async fn edit(
        &self,
        principal: &Principal,
        id: &UserId,
        edit: UserEdit,
    ) -> Result<User, AppFailure> {
        checked(edit)?;
        if id == principal.user() {
            return Err(AppFailure::forbidden(
                "You cannot change your own role or shut yourself out. Ask another manager of your company.",
            )
            .with_detail("reason", "SELF"));
        }
        for _ in 0..TRIES {
            let before = self.read(principal, id).await?;
            if before.is_being_invited() {
                return Err(still_invited());
            }
            if before.state == UserState::Withdrawing {
                return Err(taken_back());
            }
            if edit.version.is_some_and(|seen| seen != before.version) {
                return Err(changed_meanwhile());
            }
            let mut after = edit.applied(&before);
            if after == before {
                return settle(self.store, self.identities, self.clock, before).await;
            }
            let now = self.clock.now();
            after.settled = false;
            after.since = Some(now);
            after.changed_at = now;
            let audit = entry(principal, &before, &after);
            let written = self.store.change_user(principal.user(), &mut after, &audit);
            match written.await? {
                Changed::Done => {
                    info!(tenant.id = %after.tenant, user.of = %after.id, role = after.role.as_str(), state = after.state.as_str(), "changed user `{id}`");
                    return settle(self.store, self.identities, self.clock, after).await;
                }
                Changed::Stale => {}
                Changed::NotByThem => return Err(no_manager()),
            }
        }
        Err(changed_meanwhile())
    }
}

fn checked(edit: UserEdit) -> Result<(), AppFailure> {
    let mut problems = Vec::new();
    if edit.role.is_none() && edit.active.is_none() {
        problems.push(FieldProblem::new(
            "active",
            "MISSING",
            "give a role, or whether the user is active",
        ));
    }
    problems.extend(edit.role.and_then(not_given));
    if problems.is_empty() {
        return Ok(());
    }
    Err(AppFailure::validation(
        "The user cannot be changed so; see the fields.",
        problems,
    ))
}

/// The problem of a role that nobody is given by a company.
fn not_given(role: Role) -> Option<FieldProblem> {
    match role {
        Role::Viewer | Role::Agent | Role::Manager => None,
        Role::PlatformAdmin => Some(FieldProblem::new(
            "role",
            "UNKNOWN_VALUE",
            "use one of manager, agent, viewer",
        )),
    }
}

fn entry(principal: &Principal, before: &User, after: &User) -> AuditEntry {
    let action = match (before.state == after.state, after.state) {
        (true, _) => "change_role",
        (false, UserState::Active | UserState::Inviting) => "reactivate",
        (false, UserState::Inactive) => "deactivate",
        (false, UserState::Withdrawing) => "take_back",
    };
    let (user, at) = (principal.user(), after.changed_at);
    let mut entry = AuditEntry::new(user, "users", action, after.id.as_str(), at);
    if before.role != after.role {
        entry = entry.changed("role", before.role.as_str(), after.role.as_str());
    }
    if before.state != after.state {
        entry = entry.changed("state", before.state.as_str(), after.state.as_str());
    }
    entry
}

/// Whom the identity service knows by a user's invitation.
fn identity(user: &User) -> NewIdentity {
    NewIdentity {
        tenant: user.tenant,
        invitation: user.invitation,
        email: user.email.clone(),
        name: user.name.clone(),
    }
}

fn no_manager() -> AppFailure {
    AppFailure::forbidden("You are no manager of this company any more.")
        .with_detail("reason", "ROLE")
}

fn still_invited() -> AppFailure {
    AppFailure::conflict(
        "This user is still being invited. Send the same invitation again to finish it, then change them.",
    )
    .with_detail("reason", "INVITING")
}

fn changed_meanwhile() -> AppFailure {
    AppFailure::conflict(
        "Somebody changed this user meanwhile. Read them again, then repeat your change.",
    )
    .with_detail("reason", "USER_CHANGED")
}

fn busy(tenant: TenantId) -> AppFailure {
    info!(tenant.id = %tenant, "a user kept changing");
    AppFailure::conflict("This user is being changed right now. Please try again in a moment.")
        .with_detail("reason", "BUSY")
}
