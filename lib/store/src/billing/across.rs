//! Lists that the platform's people read across companies, and what leads to one thing of a company. The
//! index names items with their tenants.

use domain::{failure::StoreFailure, ids::TenantId, ports::Page};
use futures::future::try_join_all;
use serde::Deserialize;

use crate::{
    CrossTenant,
    keys::{Form, Position},
    schema::LOG,
    shape::{Id, Item, id, read},
    table::{Read, key_of},
    write::Write,
};

/// Whose something is.
#[derive(Deserialize)]
struct PointerItem {
    t: Id,
}

/// What this key stands for leads to the tenant from now on.
pub(super) fn pointer(key: (String, String), tenant: TenantId) -> Write {
    let item = Item::from([("t".into(), id(tenant.uuid()))]);
    Write::put_shared(key, item)
}

impl CrossTenant<'_> {
    /// Whose the thing is that this key leads to.
    pub(super) async fn led_to_tenant(
        &self,
        operation: &'static str,
        (pk, sk): (String, String),
    ) -> Result<Option<TenantId>, StoreFailure> {
        let item = self.store().item(operation, &pk, &sk, Read::Strong).await?;
        let Some(item) = item else {
            return Ok(None);
        };
        let PointerItem { t } = read(operation, item)?;
        Ok(Some(TenantId::from_uuid(t.0)))
    }

    /// The items of a page of one partition of the log index, and where the next begins.
    pub(super) async fn page_of(
        &self,
        operation: &'static str,
        partition: &str,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Item>, StoreFailure> {
        let after = after
            .map(|after| Position::read(operation, TenantId::PLATFORM, Form::Newest, after))
            .transpose()?;
        let after = after.as_ref().map(Position::sort);
        let page = self
            .entries(operation, LOG, partition, after, limit)
            .await?;
        let next = page.next;
        let items = page.items.iter().map(async |entry| {
            let (pk, sk) = key_of(operation, entry)?;
            self.store().item(operation, &pk, &sk, Read::Strong).await
        });
        let items = try_join_all(items).await?;
        Ok(Page {
            items: items.into_iter().flatten().collect(),
            next: next.map(|sort| Position::write(TenantId::PLATFORM, &sort)),
        })
    }
}
