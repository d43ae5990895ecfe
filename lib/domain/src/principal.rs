//! Who is asking: a verified user of one tenant, and what their role lets them do.

use crate::{
    business::EventRecord,
    channel::Channel,
    failure::AppFailure,
    ids::{TenantId, UserId},
    tenant::Tenant,
};

/// The roles of Waypost, lowest first (X37).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads only.
    Viewer,
    /// Conversations: reads and answers.
    Agent,
    /// Everything of one tenant (`admin` is an alias).
    Manager,
    /// Runs the service.
    PlatformAdmin,
}

impl Role {
    /// Every role, for tables and tests.
    pub const ALL: [Self; 4] = [
        Self::Viewer,
        Self::Agent,
        Self::Manager,
        Self::PlatformAdmin,
    ];

    /// Reads a group name of the token; unknown groups give no role.
    #[must_use]
    pub fn from_group(group: &str) -> Option<Self> {
        match group {
            "viewer" => Some(Self::Viewer),
            "agent" => Some(Self::Agent),
            "manager" | "admin" => Some(Self::Manager),
            "platform_admin" => Some(Self::PlatformAdmin),
            _ => None,
        }
    }

    /// The group name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Agent => "agent",
            Self::Manager => "manager",
            Self::PlatformAdmin => "platform_admin",
        }
    }
}

/// What a request wants to do. The permission matrix is [`Action::allows`], and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Accept messages and jobs, cancel them.
    Send,
    /// Ask for one more attempt of a failed message; agents only of messages that people typed.
    Retry,
    /// Read jobs, messages and their timelines.
    ReadOutbox,
    /// See the exact request stored for a message.
    ReadPayload,
    /// Read conversations, their messages and contacts.
    ReadInbox,
    /// Answer, mark read, assign and put away conversations.
    WorkInbox,
    /// Change one contact: name, consent, another alias.
    EditContact,
    /// Import contacts and join two into one.
    ManageContacts,
    /// See channels with their state.
    ReadChannels,
    /// Make and change channels, give them new secrets.
    ManageChannels,
    /// See who did what, and what webhooks came to.
    ReadAudit,
    /// See settings, templates and workflows.
    ReadSettings,
    /// Change them.
    ManageSettings,
    /// Set up what all tenants share.
    ManagePlatform,
    /// See plans, the subscription, days, payments and notifications; the platform's people see those of
    /// all companies.
    ReadBilling,
    /// Subscribe, pay, ask for quotes and demos.
    ManageBilling,
    /// See who of the company may sign in.
    ReadUsers,
    /// Invite people, change their roles, let them in no more.
    ManageUsers,
}

impl Action {
    /// Every action, for tables and tests.
    pub const ALL: [Self; 18] = [
        Self::Send,
        Self::Retry,
        Self::ReadOutbox,
        Self::ReadPayload,
        Self::ReadInbox,
        Self::WorkInbox,
        Self::EditContact,
        Self::ManageContacts,
        Self::ReadChannels,
        Self::ManageChannels,
        Self::ReadAudit,
        Self::ReadSettings,
        Self::ManageSettings,
        Self::ManagePlatform,
        Self::ReadBilling,
        Self::ManageBilling,
        Self::ReadUsers,
        Self::ManageUsers,
    ];

    /// The name in the API's document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "Send",
            Self::Retry => "Retry",
            Self::ReadOutbox => "ReadOutbox",
            Self::ReadPayload => "ReadPayload",
            Self::ReadInbox => "ReadInbox",
            Self::WorkInbox => "WorkInbox",
            Self::EditContact => "EditContact",
            Self::ManageContacts => "ManageContacts",
            Self::ReadChannels => "ReadChannels",
            Self::ManageChannels => "ManageChannels",
            Self::ReadAudit => "ReadAudit",
            Self::ReadSettings => "ReadSettings",
            Self::ManageSettings => "ManageSettings",
            Self::ManagePlatform => "ManagePlatform",
            Self::ReadBilling => "ReadBilling",
            Self::ManageBilling => "ManageBilling",
            Self::ReadUsers => "ReadUsers",
            Self::ManageUsers => "ManageUsers",
        }
    }

    /// Whether a role may do this inside its own tenant (S1.153, X37).
    #[must_use]
    pub const fn allows(self, role: Role) -> bool {
        match role {
            // The platform's people run the service; a tenant's messages are not theirs to read or send. What
            // companies pay for is: they make the plans and review the payments.
            Role::PlatformAdmin => matches!(self, Self::ManagePlatform | Self::ReadBilling),
            Role::Manager => !matches!(self, Self::ManagePlatform),
            Role::Agent => matches!(
                self,
                Self::Retry
                    | Self::ReadOutbox
                    | Self::ReadInbox
                    | Self::WorkInbox
                    | Self::EditContact
            ),
            Role::Viewer => matches!(
                self,
                Self::ReadOutbox | Self::ReadInbox | Self::ReadChannels | Self::ReadBilling
            ),
        }
    }
}

/// A verified user of one tenant. Services take one, so an unauthorised call does not type-check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    tenant: TenantId,
    user: UserId,
    role: Role,
    email: Option<String>,
}

impl Principal {
    /// A principal whose token was verified. Called by `runtime::auth` and by tests only
    /// (`tests/it/layering.rs` asserts it).
    #[must_use]
    pub const fn verified(tenant: TenantId, user: UserId, role: Role) -> Self {
        Self {
            tenant,
            user,
            role,
            email: None,
        }
    }

    /// The same with the address that the verified token names.
    #[must_use]
    pub fn known_as(mut self, email: &str) -> Self {
        self.email = Some(email.to_owned());
        self
    }

    /// The user's address, where the token names one: for mails about what they asked for, and for what
    /// providers are told (S3.17).
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// Waypost itself, acting for the tenant of a channel whose webhook was verified: automatic answers.
    /// Called by `service::answer` alone (`tests/it/layering.rs` asserts it).
    #[must_use]
    pub fn of_channel(channel: &Channel) -> Self {
        Self {
            tenant: channel.tenant,
            user: UserId::new("waypost"),
            role: Role::Manager,
            email: None,
        }
    }

    /// Waypost itself, acting on a date that a tenant's own calendar names: reminders and greetings.
    /// Called by `service::calendar` alone (`tests/it/layering.rs` asserts it).
    #[must_use]
    pub fn of_calendar(tenant: &Tenant) -> Self {
        Self {
            tenant: tenant.id,
            user: UserId::new("waypost"),
            role: Role::Manager,
            email: None,
        }
    }

    /// A company's own system, whose account may put events of this tenant alone on the bus: the bus
    /// takes a `source` from nobody else. Called by `send::bus` alone (`tests/it/layering.rs` asserts it).
    #[must_use]
    pub fn of_bus(tenant: TenantId) -> Self {
        Self {
            tenant,
            user: UserId::new("bus"),
            role: Role::Manager,
            email: None,
        }
    }

    /// Waypost itself, acting on an event that a verified user of the tenant told. Called by
    /// `service::happening` alone (`tests/it/layering.rs` asserts it).
    #[must_use]
    pub fn of_event(record: &EventRecord) -> Self {
        Self {
            tenant: record.tenant,
            user: record.told_by.clone(),
            role: Role::Manager,
            email: None,
        }
    }

    /// The tenant, from the token alone.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The user, for audit lines.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// The role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Gives the principal back when its role allows the action.
    ///
    /// # Errors
    /// FORBIDDEN otherwise, naming the role and who to ask.
    pub fn may(self, action: Action) -> Result<Self, AppFailure> {
        if action.allows(self.role) {
            return Ok(self);
        }
        Err(AppFailure::forbidden(format!(
            "The role `{}` does not allow this. Ask a manager of your company.",
            self.role.as_str()
        ))
        .with_detail("reason", "ROLE"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;

    /// S1.154, S1.155: managers read logs and write templates, which nobody below them does.
    #[test]
    fn a_role_does_what_the_matrix_says_and_nothing_else() {
        for action in Action::ALL {
            for role in Role::ALL {
                let asked =
                    Principal::verified(TenantId::fresh(), UserId::new("u"), role).may(action);
                match asked {
                    Ok(_) => assert!(action.allows(role)),
                    Err(failure) => {
                        assert!(!action.allows(role));
                        assert_eq!(failure.code(), Code::Forbidden);
                    }
                }
            }
        }
        assert!(!Action::Send.allows(Role::Viewer));
        assert!(Action::ReadOutbox.allows(Role::Viewer));
        for action in [
            Action::ReadOutbox,
            Action::ReadSettings,
            Action::ManageSettings,
        ] {
            assert!(action.allows(Role::Manager));
        }
        assert!(!Action::ManageSettings.allows(Role::Agent));
        assert!(!Action::ManageSettings.allows(Role::Viewer));
    }

    #[test]
    fn unknown_groups_give_no_role() {
        assert_eq!(Role::from_group("root"), None);
        assert_eq!(Role::from_group("Manager"), None);
        assert_eq!(Role::from_group("admin"), Some(Role::Manager));
    }
}
