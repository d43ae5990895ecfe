#![doc = include_str!("../README.md")]

mod failure;
mod found;
#[cfg(test)]
mod tests;

use aws_sdk_cognitoidentityprovider::{
    Client,
    error::{BuildError, SdkError},
    operation::admin_create_user::AdminCreateUserError,
    types::{AttributeType, DeliveryMediumType, MessageActionType},
};
use aws_types::SdkConfig;
use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::UserId,
    ports::{Created, Identities, Invited, Known, NewIdentity},
    principal::Role,
};

use self::{
    failure::{code, failure, known},
    found::{Found, subject},
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
        let create = async || {
            self.client
                .admin_create_user()
                .user_pool_id(&self.pool)
                .username(new.email.as_str())
                .set_user_attributes(Some(attributes.clone()))
                .desired_delivery_mediums(DeliveryMediumType::Email)
                .send()
                .await
        };
        let mut answer = create().await;
        if answer.as_ref().is_err_and(exists) {
            match self.found(OPERATION, new).await? {
                Found::Own(own) => return Ok(Created::Done(own.id)),
                Found::Left(left) => {
                    self.delete(&left).await?;
                    answer = create().await;
                }
                // They were taken away meanwhile.
                Found::Nobody => answer = create().await,
                Found::Other => {}
            }
        }
        match answer {
            Ok(made) => {
                let attributes = made.user().map_or(&[][..], |user| user.attributes());
                subject(OPERATION, attributes).map(Created::Done)
            }
            Err(cause) if exists(&cause) => Ok(Created::Taken),
            Err(cause) => Err(failure(OPERATION, &cause)),
        }
    }

    async fn invited(&self, by: &NewIdentity) -> Result<Invited, StoreFailure> {
        Ok(match self.found("identities.invited", by).await? {
            Found::Own(own) if own.waits => Invited::Open,
            Found::Own(_) => Invited::Used,
            Found::Nobody | Found::Left(_) | Found::Other => Invited::Gone,
        })
    }

    async fn mail_again(&self, by: &NewIdentity) -> Result<Invited, StoreFailure> {
        let mailed = self
            .client
            .admin_create_user()
            .user_pool_id(&self.pool)
            .username(by.email.as_str())
            .message_action(MessageActionType::Resend)
            .desired_delivery_mediums(DeliveryMediumType::Email)
            .send()
            .await;
        match mailed {
            Ok(_) => Ok(Invited::Open),
            Err(cause) => match code(&cause) {
                Some("UnsupportedUserStateException") => Ok(Invited::Used),
                Some("UserNotFoundException") => Ok(Invited::Gone),
                Some(_) | None => Err(failure("identities.mail_again", &cause)),
            },
        }
    }

    async fn remove(&self, by: &NewIdentity) -> Result<(), StoreFailure> {
        match self.found("identities.remove", by).await? {
            Found::Own(own) => self.delete(&own.id).await,
            Found::Nobody | Found::Left(_) | Found::Other => Ok(()),
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

fn exists<R>(cause: &SdkError<AdminCreateUserError, R>) -> bool {
    let refused = cause.as_service_error();
    refused.is_some_and(AdminCreateUserError::is_username_exists_exception)
}
