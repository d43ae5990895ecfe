//! Lists that several partitions of the list index hold together, read as one. Each partition is asked
//! for a page of its own, so a page costs the same however much there is.

use std::collections::HashSet;

use domain::{failure::StoreFailure, ports::Page};
use futures::future::try_join_all;

use crate::{
    keys::{Form, Key, Position},
    schema::{Index, LIST},
    shape::{Item, corrupt, text},
    table::{Range, Read, TenantTable, key_of},
};

/// The most that one page holds.
const PAGE: u16 = 100;

/// How many entries a page of this limit holds.
pub(crate) fn page(limit: u16) -> usize {
    usize::from(limit.clamp(1, PAGE))
}

/// An entry of a list: where it stands, and the key of what it stands for.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) sort: String,
    pub(crate) key: Key,
}

/// Which entries of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'a> {
    /// Those after a position, or the first ones.
    After(Option<Position<'a>>),
    /// Those whose sort keys begin so.
    Beginning(&'a str),
}

/// Everything on a page as what its item stands for.
pub(crate) fn each<T>(
    page: Page<Item>,
    read: impl FnMut(Item) -> Result<T, StoreFailure>,
) -> Result<Page<T>, StoreFailure> {
    let items = page.items.into_iter().map(read);
    Ok(Page {
        items: items.collect::<Result<_, _>>()?,
        next: page.next,
    })
}

impl TenantTable<'_> {
    /// The items of a page of the list that these partitions hold together, and where the next begins.
    pub(crate) async fn page_of(
        &self,
        operation: &'static str,
        form: Form,
        partitions: &[String],
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Item>, StoreFailure> {
        let after = self.position(operation, form, after)?;
        let (listed, next) = self
            .merged(operation, partitions, Part::After(after), page(limit))
            .await?;
        let items = self.get_listed(operation, &listed).await?;
        Ok(Page { items, next })
    }

    /// A position in a list of this form.
    pub(crate) fn position<'p>(
        &self,
        operation: &'static str,
        form: Form,
        after: Option<&'p str>,
    ) -> Result<Option<Position<'p>>, StoreFailure> {
        after
            .map(|text| Position::read(operation, self.id(), form, text))
            .transpose()
    }

    /// A page of the list that these partitions hold together, in the order of the sort keys, and
    /// where the next begins.
    pub(crate) async fn merged(
        &self,
        operation: &'static str,
        partitions: &[String],
        part: Part<'_>,
        limit: usize,
    ) -> Result<(Vec<Listed>, Option<String>), StoreFailure> {
        let pages = partitions
            .iter()
            .map(|partition| self.listed(operation, partition, part, limit + 1));
        let mut listed: Vec<Listed> = try_join_all(pages).await?.into_iter().flatten().collect();
        listed.sort_by(|one, other| one.sort.cmp(&other.sort));
        let more = listed.len() > limit;
        listed.truncate(limit);
        let next = listed
            .last()
            .filter(|_| more)
            .map(|last| Position::write(self.id(), &last.sort));
        // What moves while it is read may show in both its places.
        let mut seen = HashSet::new();
        listed.retain(|entry| seen.insert(entry.key.clone()));
        Ok((listed, next))
    }

    /// Entries of one partition of the list index.
    pub(crate) async fn listed(
        &self,
        operation: &'static str,
        partition: &str,
        part: Part<'_>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreFailure> {
        let (sort, values) = match part {
            Part::After(None) => (None, Vec::new()),
            Part::After(Some(position)) => {
                (Some("#s > :after"), vec![(":after", text(position.sort()))])
            }
            Part::Beginning(prefix) => (
                Some("begins_with(#s, :prefix)"),
                vec![(":prefix", text(prefix))],
            ),
        };
        let range = Range {
            index: Some(LIST),
            partition,
            sort,
            filter: None,
            values,
            read: Read::Eventual,
            limit,
        };
        let items = self.query(operation, &range).await?;
        items
            .iter()
            .map(|item| self.entry(operation, LIST, item))
            .collect()
    }

    /// An entry as an index shows it.
    pub(crate) fn entry(
        &self,
        operation: &'static str,
        index: Index,
        item: &Item,
    ) -> Result<Listed, StoreFailure> {
        let damaged = || corrupt(operation);
        let sort = item.get(index.sort).and_then(|sort| sort.as_s().ok());
        let (pk, sk) = key_of(operation, item)?;
        Ok(Listed {
            sort: sort.ok_or_else(damaged)?.clone(),
            key: self.keys().stored(pk, sk).ok_or_else(damaged)?,
        })
    }
}
