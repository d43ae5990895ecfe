//! Keys of companies' users, of what takes a mail address, and of the list of companies.

use domain::{
    ids::{TenantId, UserId},
    user::Email,
};

use super::{Key, Place, TenantKeys, digest, order, parse};

impl TenantKeys {
    /// A user, or somebody who is being invited. What the identity service calls them holds no `#`:
    /// [`UserId`] takes none.
    pub(crate) fn user(self, id: &UserId) -> Key {
        self.key(&format!("#H#{}", id.as_str()), "H")
    }

    /// A user's place among the tenant's, by address.
    pub(crate) fn users(self, email: &Email, id: &UserId) -> Place {
        Place {
            partition: self.all_users(),
            sort: format!("{}#{}", order::name(email.as_str()), short(id.as_str())),
        }
    }

    /// The tenant's users.
    pub(crate) fn all_users(self) -> String {
        format!("{}#H", self.prefix())
    }

    /// A tenant's place among all, by name.
    pub(crate) fn tenants(self, name: &str) -> Place {
        Place {
            partition: all_tenants(),
            sort: format!("{}#{}", order::name(&name.to_lowercase()), self.0.key()),
        }
    }
}

/// The partition that lists all tenants.
pub(crate) fn all_tenants() -> String {
    "TN".to_owned()
}

/// The item that leads from a mail address to the one user who has it. Its hash stands here, for it is a
/// person's.
pub(crate) fn email_pointer(email: &Email) -> (String, String) {
    (format!("UE#{}", digest(&[email.as_str()])), "UE".to_owned())
}

/// Tenant and id of a user.
pub(crate) fn user_of(pk: &str, sk: &str) -> Option<(TenantId, UserId)> {
    let (tenant, rest) = parse::tenant(pk)?;
    let id = rest.strip_prefix("#H#").filter(|_| sk == "H")?;
    let user = UserId::new(id);
    (!id.is_empty() && user.as_str() == id).then_some((tenant, user))
}

/// The tenant whose own item has this key.
pub(crate) fn tenant_of(pk: &str, sk: &str) -> Option<TenantId> {
    let (tenant, rest) = parse::tenant(pk)?;
    (rest.is_empty() && sk == "T").then_some(tenant)
}

fn short(text: &str) -> String {
    let mut hash = digest(&[text]);
    hash.truncate(32);
    hash
}
