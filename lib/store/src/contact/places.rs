//! The places of further aliases, which hold nothing but where they lead.

use domain::{
    contact::{Alias, Contact},
    failure::StoreFailure,
    ids::{ContactId, TenantId},
};

use super::Redirect;
use crate::{
    keys::{Key, TenantKeys},
    shape::{Id, Row, id},
    write::Write,
};

/// Makes a place lead to a contact, whatever stood there.
pub(super) fn redirect(
    operation: &'static str,
    key: Key,
    contact: ContactId,
) -> Result<Write, StoreFailure> {
    let item = Redirect {
        to: Id(contact.uuid()),
    };
    Ok(Write::put(Row::new(operation, key, &item)?))
}

/// Gives a contact the places of further aliases, unless they lead to somebody else.
pub(crate) fn claim(
    operation: &'static str,
    contact: &Contact,
    aliases: &[Alias],
) -> Result<Vec<Write>, StoreFailure> {
    further(contact.tenant, aliases, &[contact.id])
        .into_iter()
        .map(|key| {
            Ok(redirect(operation, key, contact.id)?
                .when("attribute_not_exists(pk) OR #to = :to")
                .name("#to", "to")
                .value(":to", id(contact.id.uuid())))
        })
        .collect()
}

/// The places of these aliases, each once, but those of the contacts themselves.
pub(super) fn further(tenant: TenantId, aliases: &[Alias], themselves: &[ContactId]) -> Vec<Key> {
    let keys = TenantKeys::new(tenant);
    let own: Vec<Key> = themselves.iter().map(|id| keys.contact(*id)).collect();
    let mut further: Vec<Key> = Vec::new();
    for key in aliases.iter().map(|alias| keys.alias(alias)) {
        if !own.contains(&key) && !further.contains(&key) {
            further.push(key);
        }
    }
    further
}
