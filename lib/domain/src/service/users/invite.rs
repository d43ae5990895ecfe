//! Inviting somebody: written down, made known to the identity service (which mails them), adopted.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tracing::{info, warn};

use super::{TRIES, UserDesk, busy, identity, not_given, settle, take_back::end, taken_back};
use crate::{
    failure::{AppFailure, FieldProblem},
    ids::{InvitationId, TenantId, UserId},
    ports::{AuditEntry, Begun, Clock, Created, Identities, InvitationKey, Saved, UserBook},
    principal::{Principal, Role},
    service::accept::IdempotencyKey,
    user::{Email, User, UserState, person_name},
};

/// Somebody to be invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Their address.
    pub email: String,
    /// Their name; empty means none.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl<S: UserBook, I: Identities, C: Clock> UserDesk<'_, S, I, C> {
    /// Invites somebody. Asked for again, what was cut off goes on, the end of an earlier invitation too;
    /// under the same idempotency key it is the same user.
    ///
    /// # Errors
    /// VALIDATION with every wrong field; CONFLICT when the address is somebody's already, of whatever
    /// company, or the key came with another request, or its invitation was taken back; storage failures,
    /// after which the same request again finishes what was begun.
    pub async fn invite(
        &self,
        principal: &Principal,
        invitation: &Invitation,
        key: Option<&IdempotencyKey>,
    ) -> Result<User, AppFailure> {
        let now = self.clock.now();
        let wanted = invited(principal.tenant(), principal.user(), invitation, key, now)?;
        let kept = key.map(|key| kept(key, now));
        for _ in 0..TRIES {
            let begun = self.store.begin_invitation(&wanted, kept.as_ref()).await?;
            let user = match begun {
                Begun::Done => wanted,
                Begun::Known(known) if known.state == UserState::Withdrawing => {
                    end(self.store, self.identities, &known).await?;
                    continue;
                }
                Begun::Known(known) if known.is_being_invited() => {
                    resumed(self.store, *known, &wanted).await?
                }
                Begun::Known(known)
                    if known.request.is_some() && known.request == wanted.request =>
                {
                    return Ok(*known);
                }
                Begun::Known(_) | Begun::Taken => return Err(taken()),
                Begun::KeyReused => return Err(reused()),
                Begun::Over => return Err(over()),
            };
            let user = finish(self.store, self.identities, self.clock, principal, user).await?;
            info!(tenant.id = %user.tenant, user.of = %user.id, role = user.role.as_str(), "invited user `{}`", user.id);
            return Ok(user);
        }
        Err(busy(wanted.tenant))
    }
}

fn kept(key: &IdempotencyKey, now: Timestamp) -> InvitationKey {
    InvitationKey {
        key: key.key.clone(),
        request: key.request.clone(),
        expires_at: now.saturating_add(key.lifetime).unwrap_or(now),
    }
}

/// The record an invitation begins with.
///
/// # Errors
/// VALIDATION with every wrong field.
pub(in crate::service) fn invited(
    tenant: TenantId,
    by: &UserId,
    invitation: &Invitation,
    key: Option<&IdempotencyKey>,
    now: Timestamp,
) -> Result<User, AppFailure> {
    let email = Email::parse(&invitation.email);
    let name = person_name(&invitation.name);
    let role = not_given(invitation.role);
    let (email, name) = match (email, name, role) {
        (Ok(email), Ok(name), None) => (email, name),
        (email, name, role) => {
            let problems: Vec<FieldProblem> = [email.err(), name.err(), role]
                .into_iter()
                .flatten()
                .collect();
            return Err(AppFailure::validation(
                "Nobody can be invited so; see the fields.",
                problems,
            ));
        }
    };
    let id = InvitationId::fresh();
    Ok(User {
        tenant,
        id: UserId::new(&id.to_string()),
        invitation: id,
        email,
        name,
        role: invitation.role,
        state: UserState::Inviting,
        settled: false,
        founder: false,
        since: None,
        request: key.map(request),
        invited_at: now,
        invited_by: by.clone(),
        mailed_at: None,
        changed_at: now,
        version: 1,
    })
}

/// One name for a key and the body it came with.
fn request(key: &IdempotencyKey) -> String {
    let mut hash = Sha256::new();
    hash.update(&key.key);
    hash.update(&key.request);
    let mut name = hex::encode(hash.finalize());
    name.truncate(32);
    name
}

/// An invitation that was cut off, with what is wanted of it by now.
pub(in crate::service) async fn resumed<S: UserBook>(
    store: &S,
    mut known: User,
    wanted: &User,
) -> Result<User, AppFailure> {
    let same =
        known.role == wanted.role && known.name == wanted.name && known.request == wanted.request;
    if same {
        return Ok(known);
    }
    known.role = wanted.role;
    known.name.clone_from(&wanted.name);
    known.request.clone_from(&wanted.request);
    match store.save_user(&mut known).await? {
        Saved::Done => Ok(known),
        Saved::Stale => Err(busy(known.tenant)),
    }
}

/// Goes on with an invitation from wherever it stands.
///
/// # Errors
/// CONFLICT when somebody else has the address at the identity service; the invitation is taken back then. So
/// it is when a manager took it back meanwhile: whoever it made goes with it.
pub(in crate::service) async fn finish<S: UserBook, I: Identities, C: Clock>(
    store: &S,
    identities: &I,
    clock: &C,
    principal: &Principal,
    mut user: User,
) -> Result<User, AppFailure> {
    for _ in 0..TRIES {
        match user.state {
            UserState::Active | UserState::Inactive => {
                return settle(store, identities, clock, user).await;
            }
            UserState::Inviting => {}
            UserState::Withdrawing => {
                identities.remove(&identity(&user)).await?;
                return Err(taken_back());
            }
        }
        let new = identity(&user);
        let id = match identities.create(&new).await? {
            Created::Done(id) => id,
            Created::Taken => {
                if store.withdraw_invitation(&user).await? == Saved::Stale {
                    warn!(tenant.id = %user.tenant, "an invitation changed while it was taken back");
                }
                return Err(taken());
            }
        };
        let adopted = User {
            id: id.clone(),
            state: UserState::Active,
            version: user.version.saturating_add(1),
            ..user.clone()
        };
        let (by, now) = (principal.user(), clock.now());
        let audit = AuditEntry::new(by, "users", "invite", id.as_str(), now)
            .with("role", adopted.role.as_str());
        user = match store.adopt_user(&user, &adopted, &audit).await? {
            Saved::Done => adopted,
            // The same request, asked for twice at once: the other may have come further already.
            Saved::Stale => match store.user(user.tenant, &id).await? {
                Some(found) => found,
                None => match store.user(user.tenant, &user.id).await? {
                    Some(found) => found,
                    None => {
                        identities.remove(&new).await?;
                        return Err(taken_back());
                    }
                },
            },
        };
    }
    Err(busy(user.tenant))
}

fn reused() -> AppFailure {
    AppFailure::conflict(
        "This Idempotency-Key came with another invitation. Use a new key for a new invitation.",
    )
    .with_detail("reason", "IDEMPOTENCY_KEY_REUSED")
}

fn over() -> AppFailure {
    AppFailure::conflict(
        "The invitation of this Idempotency-Key was taken back. Use a new key to invite this person again.",
    )
    .with_detail("reason", "INVITATION_TAKEN_BACK")
}

/// The answer is the same whoever has the address: it tells nobody who is whose.
pub(in crate::service) fn taken() -> AppFailure {
    AppFailure::conflict(
        "Somebody signs in with this address already. Use another address for this person.",
    )
    .with_detail("reason", "EMAIL_TAKEN")
}
