//! Who may sign in: companies, their users, and the identity service that knows their passwords.

use std::future::Future;

use jiff::Timestamp;

use super::{AuditEntry, Page, Saved};
use crate::{
    failure::StoreFailure,
    ids::{InvitationId, TenantId, UserId},
    principal::Role,
    tenant::Tenant,
    user::{Email, Standing, User},
};

/// What came of beginning an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is written, and the address is taken.
    Done,
    /// The address is this user's already.
    Known(Box<User>),
    /// The address is somebody's whose record the caller may not see.
    Taken,
    /// The idempotency key came with another request.
    KeyReused,
    /// The idempotency key made an invitation that is over, and the address is free.
    Over,
}

/// The idempotency key of an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationKey {
    /// Hash of route and key.
    pub key: String,
    /// Hash of the body that came with it.
    pub request: String,
    /// From then on the key is free again, whether the item is still there or not.
    pub expires_at: Timestamp,
}

/// What came of changing a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// It is written.
    Done,
    /// Somebody changed the user since they were read.
    Stale,
    /// Who asked for it is no active manager any more.
    NotByThem,
}

/// Users of a company. An address is one user's in all of Waypost.
pub trait UserBook: Send + Sync {
    /// Writes a user who is being invited, takes their address and keeps the key, if there is one: all or
    /// nothing. [`Begun::Known`] only of the same company.
    fn begin_invitation(
        &self,
        user: &User,
        key: Option<&InvitationKey>,
    ) -> impl Future<Output = Result<Begun, StoreFailure>> + Send;

    /// Puts a user whom the identity service knows in the place of who was being invited, if that is still
    /// what was read, and notes who invited them.
    fn adopt_user(
        &self,
        invited: &User,
        user: &User,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// Ends a user whose invitation does not come to its end, if they are what was read; the address is free
    /// then. Of whom the identity service made, none of the tokens counts ever after.
    fn withdraw_invitation(
        &self,
        user: &User,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;

    /// A user, as of every earlier write.
    fn user(
        &self,
        tenant: TenantId,
        id: &UserId,
    ) -> impl Future<Output = Result<Option<User>, StoreFailure>> + Send;

    /// Users by address.
    fn users(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<User>, StoreFailure>> + Send;

    /// Writes a user if nobody wrote it since it was read and who asks for it is, where they have a record,
    /// an active manager still; notes who did it. So of two managers who shut one another out one stays.
    /// Raises the version.
    fn change_user(
        &self,
        by: &UserId,
        user: &mut User,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Changed, StoreFailure>> + Send;

    /// Writes what became of a user at the identity service, if nobody wrote the user since. Raises the
    /// version.
    fn save_user(
        &self,
        user: &mut User,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Companies, as the platform makes and sees them.
pub trait TenantBook: Send + Sync {
    /// Writes a new company with its first manager, who is being invited, and takes their address; notes in
    /// the company's log who did it. All or nothing. [`Begun::Known`] of any company.
    fn found_tenant(
        &self,
        tenant: &Tenant,
        founder: &User,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Begun, StoreFailure>> + Send;

    /// All companies by name.
    fn tenants(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> impl Future<Output = Result<Page<Tenant>, StoreFailure>> + Send;

    /// Switches a company on or off and notes in its log who did it. [`Saved::Stale`] when it is so already,
    /// or there is no such company.
    fn switch_tenant(
        &self,
        id: TenantId,
        active: bool,
        audit: &AuditEntry,
    ) -> impl Future<Output = Result<Saved, StoreFailure>> + Send;
}

/// Which tokens count, for every request of a signed-in user.
pub trait Standings: Send + Sync {
    /// How a user stands, as of every earlier write.
    fn standing(
        &self,
        tenant: TenantId,
        user: &UserId,
    ) -> impl Future<Output = Result<Standing, StoreFailure>> + Send;
}

/// Somebody to be made known to the identity service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIdentity {
    /// Whose they will be, for good.
    pub tenant: TenantId,
    /// The invitation: by it the same person is found when the first answer was lost.
    pub invitation: InvitationId,
    /// The address they sign in with, to which the invitation is mailed.
    pub email: Email,
    /// Their name.
    pub name: Option<String>,
}

/// What came of making somebody known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// They are known by this id; an earlier try of the same invitation may have done it.
    Done(UserId),
    /// Somebody else has the address.
    Taken,
}

/// How an invitation stands at the identity service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invited {
    /// Whom it made has not signed in yet.
    Open,
    /// They have.
    Used,
    /// It made nobody, or they are known no more.
    Gone,
}

/// Whether the identity service knows somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It does, and did what it was asked.
    Done,
    /// It does not, or no more.
    Gone,
}

/// The identity service. Every call may be repeated: doing it again changes nothing.
pub trait Identities: Send + Sync {
    /// Makes somebody known, without any role yet, and lets the service mail the invitation. Whom an earlier
    /// invitation of the same address left behind, and who never signed in, makes way: that one is over.
    fn create(
        &self,
        new: &NewIdentity,
    ) -> impl Future<Output = Result<Created, StoreFailure>> + Send;

    /// How an invitation stands.
    fn invited(
        &self,
        by: &NewIdentity,
    ) -> impl Future<Output = Result<Invited, StoreFailure>> + Send;

    /// Mails an open invitation again, with another first password; [`Invited::Open`] when it is mailed. The
    /// one call here that, repeated, does something once more.
    fn mail_again(
        &self,
        by: &NewIdentity,
    ) -> impl Future<Output = Result<Invited, StoreFailure>> + Send;

    /// Takes away whom this invitation made, if anybody, and nobody else.
    fn remove(&self, by: &NewIdentity) -> impl Future<Output = Result<(), StoreFailure>> + Send;

    /// Gives somebody this role of a company, and no other of a company.
    fn set_role(
        &self,
        user: &UserId,
        role: Role,
    ) -> impl Future<Output = Result<Known, StoreFailure>> + Send;

    /// Lets somebody sign in no more.
    fn disable(&self, user: &UserId) -> impl Future<Output = Result<Known, StoreFailure>> + Send;

    /// Lets somebody sign in again.
    fn enable(&self, user: &UserId) -> impl Future<Output = Result<Known, StoreFailure>> + Send;

    /// Ends every session of somebody: nothing renews their tokens.
    fn sign_out(&self, user: &UserId) -> impl Future<Output = Result<Known, StoreFailure>> + Send;
}
