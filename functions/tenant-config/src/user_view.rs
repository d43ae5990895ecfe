//! Users on the wire.

use domain::{
    failure::{AppFailure, FieldProblem},
    principal::Role,
    service::users::{Invitation, UserEdit},
    user::User,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user of the company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserShown {
    /// The `sub` of their tokens, by which conversations are assigned too; while they are being invited, the
    /// invitation.
    id: String,
    /// The address they sign in with.
    #[schema(format = Email)]
    email: String,
    /// Their name.
    name: Option<String>,
    /// `manager`, `agent` or `viewer`.
    role: &'static str,
    /// `inviting`, `active`, `inactive`, or `withdrawing` while their invitation is being taken back.
    status: &'static str,
    /// Whether sign-in knows it too. While it does not, the user is let in nowhere: repeat what was asked.
    settled: bool,
    /// Whether they came with the company: its first manager.
    first: bool,
    /// When they were invited.
    invited_at: Timestamp,
    /// By whom.
    invited_by: String,
    /// When their invitation was mailed again last.
    mailed_at: Option<Timestamp>,
    /// When role or status was changed last.
    changed_at: Timestamp,
    /// Raised by every change.
    version: u32,
}

impl From<User> for UserShown {
    fn from(user: User) -> Self {
        Self {
            status: if user.is_being_invited() {
                "inviting"
            } else {
                user.state.as_str()
            },
            id: user.id.to_string(),
            email: user.email.as_str().to_owned(),
            name: user.name,
            role: user.role.as_str(),
            settled: user.settled,
            first: user.founder,
            invited_at: user.invited_at,
            invited_by: user.invited_by.to_string(),
            mailed_at: user.mailed_at,
            changed_at: user.changed_at,
            version: user.version,
        }
    }
}

/// A page of users.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserList {
    /// The users.
    pub items: Vec<UserShown>,
    /// Where the next page begins; `null` at the end.
    pub next_cursor: Option<String>,
}

/// An invitation that was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationTakenBack {
    /// Whose it was.
    pub id: String,
    /// Always true.
    pub taken_back: bool,
}

/// Somebody to be invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUser)]
pub struct PostedUser {
    /// Where the invitation goes; they sign in with it.
    #[schema(format = Email)]
    email: String,
    /// Their name.
    #[serde(default)]
    #[schema(max_length = 100)]
    name: String,
    /// `manager`, `agent` or `viewer`.
    role: String,
}

impl PostedUser {
    /// As the service takes it.
    ///
    /// # Errors
    /// VALIDATION for a role that is none.
    pub fn invitation(self) -> Result<Invitation, AppFailure> {
        Ok(Invitation {
            role: role(&self.role)?,
            email: self.email,
            name: self.name,
        })
    }
}

/// What is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserChange)]
pub struct PatchedUser {
    /// The version that was read: the change is refused if there is another one by now.
    version: Option<u32>,
    /// `manager`, `agent` or `viewer`.
    role: Option<String>,
    /// Whether they may sign in.
    active: Option<bool>,
}

impl PatchedUser {
    /// As the service takes it.
    ///
    /// # Errors
    /// VALIDATION for a role that is none.
    pub fn edit(self) -> Result<UserEdit, AppFailure> {
        Ok(UserEdit {
            version: self.version,
            role: self.role.as_deref().map(role).transpose()?,
            active: self.active,
        })
    }
}

/// Only the names that are shown: an alias of a token's groups is none of them.
fn role(name: &str) -> Result<Role, AppFailure> {
    let known = Role::from_group(name).filter(|role| role.as_str() == name);
    known.ok_or_else(|| {
        AppFailure::validation(
            "There is no such role.",
            vec![FieldProblem::new(
                "role",
                "UNKNOWN_VALUE",
                "use one of manager, agent, viewer",
            )],
        )
    })
}
