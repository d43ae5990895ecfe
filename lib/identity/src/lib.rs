#![doc = include_str!("../README.md")]

#[cfg(test)]
mod tests;

use aws_sdk_cognitoidentityprovider::{
    Client,
    config::http::HttpResponse,
    error::{BuildError, ProvideErrorMetadata, SdkError},
    types::AttributeType,
};
use aws_types::SdkConfig;
use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::UserId,
    ports::{Created, Identities, Known, NewIdentity},
    principal::Role,
};

const TENANT: &str = "custom:tenant";
const INVITATION: &str = "custom:invitation";
/// The groups that companies give; the platform's own is given by hand.
const ROLES: [Role; 3] = [Role::Manager, Role::Agent, Role::Viewer];

/// A user pool of Cognito.
#[derive(Debug, Clone)]
pub struct CognitoIdentities {
    client: Client,
    pool: String,
}

impl CognitoIdentities {
    /// The pool of this id.
    #[must_use]
    pub fn new(config: &SdkConfig, pool: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            pool: pool.into(),
        }
    }

    /// The user of an address, if this invitation made them.
    async fn made_before(&self, new: &NewIdentity) -> Result<Created, StoreFailure> {
        const OPERATION: &str = "identities.find";
        let found = self
            .client
            .admin_get_user()
            .user_pool_id(&self.pool)
            .username(new.email.as_str())
            .send()
            .await
            .map_err(|cause| failure(OPERATION, &cause))?;
        let attributes = found.user_attributes();
        let is = |name: &str, value: &str| attribute(attributes, name) == Some(value);
        let same =
            is(TENANT, &new.tenant.to_string()) && is(INVITATION, &new.invitation.to_string());
        if !same {
            return Ok(Created::Taken);
        }
        subject(OPERATION, attributes)
    }
}

impl Identities for CognitoIdentities {
    async fn create(&self, new: &NewIdentity) -> Result<Created, StoreFailure> {
        const OPERATION: &str = "identities.create";
        let (tenant, invitation) = (new.tenant.to_string(), new.invitation.to_string());
        let mut attributes = vec![
            ("email", new.email.as_str()),
            // Who reads its mail gets the password; nobody else does.
            ("email_verified", "true"),
            (TENANT, tenant.as_str()),
            (INVITATION, invitation.as_str()),
        ];
        attributes.extend(new.name.as_deref().map(|name| ("name", name)));
        let attributes: Result<Vec<AttributeType>, BuildError> = attributes
            .into_iter()
            .map(|(name, value)| AttributeType::builder().name(name).value(value).build())
            .collect();
        let attributes = attributes.map_err(|cause| {
            StoreFailure::new(OPERATION, StoreFailureKind::Refused).because(cause.to_string())
        })?;
        let answer = self
            .client
            .admin_create_user()
            .user_pool_id(&self.pool)
            .username(new.email.as_str())
            .set_user_attributes(Some(attributes))
            .send()
            .await;
        match answer {
            Ok(made) => subject(
                OPERATION,
                made.user().map_or(&[][..], |user| user.attributes()),
            ),
            Err(cause) if code(&cause) == Some("UsernameExistsException") => {
                self.made_before(new).await
            }
            Err(cause) => Err(failure(OPERATION, &cause)),
        }
    }

    async fn set_role(&self, user: &UserId, role: Role) -> Result<Known, StoreFailure> {
        for other in ROLES.into_iter().filter(|other| *other != role) {
            let left = self
                .client
                .admin_remove_user_from_group()
                .user_pool_id(&self.pool)
                .username(user.as_str())
                .group_name(other.as_str())
                .send()
                .await;
            if known("identities.leave_group", left)? == Known::Gone {
                return Ok(Known::Gone);
            }
        }
        let joined = self
            .client
            .admin_add_user_to_group()
            .user_pool_id(&self.pool)
            .username(user.as_str())
            .group_name(role.as_str())
            .send()
            .await;
        known("identities.join_group", joined)
    }

    async fn disable(&self, user: &UserId) -> Result<Known, StoreFailure> {
        let answer = self
            .client
            .admin_disable_user()
            .user_pool_id(&self.pool)
            .username(user.as_str())
            .send()
            .await;
        known("identities.disable", answer)
    }

    async fn enable(&self, user: &UserId) -> Result<Known, StoreFailure> {
        let answer = self
            .client
            .admin_enable_user()
            .user_pool_id(&self.pool)
            .username(user.as_str())
            .send()
            .await;
        known("identities.enable", answer)
    }

    async fn sign_out(&self, user: &UserId) -> Result<Known, StoreFailure> {
        let answer = self
            .client
            .admin_user_global_sign_out()
            .user_pool_id(&self.pool)
            .username(user.as_str())
            .send()
            .await;
        known("identities.sign_out", answer)
    }
}

fn attribute<'a>(attributes: &'a [AttributeType], name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|one| one.name() == name);
    found.and_then(AttributeType::value)
}

fn subject(operation: &'static str, attributes: &[AttributeType]) -> Result<Created, StoreFailure> {
    let id = attribute(attributes, "sub").filter(|id| !id.is_empty());
    id.map(|id| Created::Done(UserId::new(id))).ok_or_else(|| {
        StoreFailure::new(operation, StoreFailureKind::Corrupt).because("a user without a subject")
    })
}

fn known<T, E>(
    operation: &'static str,
    answer: Result<T, SdkError<E, HttpResponse>>,
) -> Result<Known, StoreFailure>
where
    E: ProvideErrorMetadata,
{
    match answer {
        Ok(_) => Ok(Known::Done),
        Err(cause) if code(&cause) == Some("UserNotFoundException") => Ok(Known::Gone),
        Err(cause) => Err(failure(operation, &cause)),
    }
}

fn code<E: ProvideErrorMetadata>(cause: &SdkError<E, HttpResponse>) -> Option<&str> {
    cause
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}

/// What an SDK error means to us. Nothing here is harmed by a second try, so all doubt is retryable.
fn failure<E>(operation: &'static str, cause: &SdkError<E, HttpResponse>) -> StoreFailure
where
    E: ProvideErrorMetadata,
{
    let (kind, why) = match cause {
        SdkError::ConstructionFailure(_) => (StoreFailureKind::Refused, "request not built"),
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            (StoreFailureKind::Refused, "request not sent")
        }
        SdkError::DispatchFailure(_) => (StoreFailureKind::Unavailable, "connection"),
        SdkError::TimeoutError(_) => (StoreFailureKind::Unavailable, "timeout"),
        SdkError::ResponseError(_) => (StoreFailureKind::Unavailable, "unreadable answer"),
        SdkError::ServiceError(answer) => {
            // The message may quote the address: only the code is kept.
            let kind = match answer.err().code() {
                Some("TooManyRequestsException" | "LimitExceededException") => {
                    StoreFailureKind::Throttled
                }
                // The mail could not be delivered to the mail service; the user may have been made.
                Some("InternalErrorException" | "CodeDeliveryFailureException") => {
                    StoreFailureKind::Unavailable
                }
                _ if answer.raw().status().as_u16() >= 500 => StoreFailureKind::Unavailable,
                _ => StoreFailureKind::Refused,
            };
            (kind, answer.err().code().unwrap_or("unknown"))
        }
        _ => (StoreFailureKind::Unavailable, "unknown"),
    };
    StoreFailure::new(operation, kind).because(why.to_owned())
}
