//! Whom Cognito knows by an invitation's address.

use aws_sdk_cognitoidentityprovider::types::{AttributeType, UserStatusType};
use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::UserId,
    ports::{Known, NewIdentity},
};

use crate::{
    CognitoIdentities, INVITATION, TENANT,
    failure::{code, failure, known},
};

/// Whoever has the address.
pub(crate) enum Found {
    /// Nobody.
    Nobody,
    /// Whom this invitation made.
    Own(Own),
    /// Whom another invitation made, and who never signed in. An address is one invitation's at a time, so
    /// that one is over: its end was cut off, or overtaken by its own beginning.
    Left(UserId),
    /// Somebody else.
    Other,
}

/// Whom an invitation made.
pub(crate) struct Own {
    /// The `sub`.
    pub(crate) id: UserId,
    /// Whether they have not signed in yet: their first password was not changed.
    pub(crate) waits: bool,
}

impl CognitoIdentities {
    pub(crate) async fn found(
        &self,
        operation: &'static str,
        by: &NewIdentity,
    ) -> Result<Found, StoreFailure> {
        let answer = self
            .client
            .admin_get_user()
            .user_pool_id(&self.pool)
            .username(by.email.as_str())
            .send()
            .await;
        let found = match answer {
            Ok(found) => found,
            Err(cause) if code(&cause) == Some("UserNotFoundException") => {
                return Ok(Found::Nobody);
            }
            Err(cause) => return Err(failure(operation, &cause)),
        };
        let attributes = found.user_attributes();
        let waits = found.user_status() == Some(&UserStatusType::ForceChangePassword);
        let invitation = attribute(attributes, INVITATION);
        let same = attribute(attributes, TENANT) == Some(by.tenant.to_string().as_str())
            && invitation == Some(by.invitation.to_string().as_str());
        if same {
            let id = subject(operation, attributes)?;
            return Ok(Found::Own(Own { id, waits }));
        }
        if invitation.is_some() && waits {
            return subject(operation, attributes).map(Found::Left);
        }
        Ok(Found::Other)
    }

    /// Takes somebody away, if they are still there.
    pub(crate) async fn delete(&self, user: &UserId) -> Result<(), StoreFailure> {
        let answer = self
            .client
            .admin_delete_user()
            .user_pool_id(&self.pool)
            .username(user.as_str())
            .send()
            .await;
        match known("identities.delete", answer)? {
            Known::Done | Known::Gone => Ok(()),
        }
    }
}

fn attribute<'a>(attributes: &'a [AttributeType], name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|one| one.name() == name);
    found.and_then(AttributeType::value)
}

pub(crate) fn subject(
    operation: &'static str,
    attributes: &[AttributeType],
) -> Result<UserId, StoreFailure> {
    let id = attribute(attributes, "sub").filter(|id| !id.is_empty());
    id.map(UserId::new).ok_or_else(|| {
        StoreFailure::new(operation, StoreFailureKind::Corrupt).because("a user without a subject")
    })
}
