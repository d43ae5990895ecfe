//! Lists that the platform's people read across companies. The index names items with their tenants.

use domain::{failure::StoreFailure, ids::TenantId};
use futures::future::try_join_all;

use crate::{
    CrossTenant,
    keys::{Form, Position},
    list::page,
    schema::LOG,
    shape::{Item, text},
    table::{Range, Read, key_of},
};

impl CrossTenant<'_> {
    /// The items of a page of one partition of the log index, and where the next begins.
    pub(super) async fn page_of(
        &self,
        operation: &'static str,
        partition: &str,
        after: Option<&str>,
        limit: u16,
    ) -> Result<(Vec<Item>, Option<String>), StoreFailure> {
        let limit = page(limit);
        let after = after
            .map(|after| Position::read(operation, TenantId::PLATFORM, Form::Newest, after))
            .transpose()?;
        let range = Range {
            index: Some(LOG),
            partition,
            sort: after.map(|_| "#s > :after"),
            filter: None,
            values: after
                .map(|position| (":after", text(position.sort())))
                .into_iter()
                .collect(),
            read: Read::Eventual,
            limit: limit + 1,
        };
        let mut listed = self.store().query(operation, &range).await?;
        let more = listed.len() > limit;
        listed.truncate(limit);
        let last = listed.last().filter(|_| more);
        let sort = last.and_then(|item| item.get(LOG.sort)?.as_s().ok());
        let next = sort.map(|sort| Position::write(TenantId::PLATFORM, sort));
        let items = listed.iter().map(async |entry| {
            let (pk, sk) = key_of(operation, entry)?;
            self.store().item(operation, &pk, &sk, Read::Strong).await
        });
        let items = try_join_all(items).await?;
        Ok((items.into_iter().flatten().collect(), next))
    }
}
