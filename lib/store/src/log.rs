//! The message log: the shards of status classes, or threads without what came in, within a stretch of
//! time and from either end.

use std::collections::{HashMap, HashSet};

use domain::{
    failure::StoreFailure,
    ids::{ContactId, TenantId},
    ports::{LogOrder, LogPage, LogPart, LogRange, MessageLog},
};
use futures::future::try_join_all;
use jiff::Timestamp;

use crate::{
    Store,
    keys::{Form, Position, message_of, newest_first},
    list::{Listed, page},
    message::message,
    query::Direction,
    schema::{Index, LIST, LOG},
    shape::{corrupt, text},
    table::{Range, Read, TenantTable, key_of},
};

const OPERATION: &str = "log.read";

/// Sort keys from the first to the last, both included.
struct Bounds {
    first: String,
    last: String,
}

impl Bounds {
    fn of(range: &LogRange, after: Option<&Position<'_>>) -> Self {
        let mut bounds = Self {
            first: newest_first(range.until.unwrap_or(Timestamp::MAX)),
            // Behind every id of this millisecond.
            last: format!("{}~", newest_first(range.from.unwrap_or(Timestamp::MIN))),
        };
        match (after.map(Position::sort), range.order) {
            (None, LogOrder::NewestFirst | LogOrder::OldestFirst) => {}
            // All sort keys have one length, so between the position and this there is none.
            (Some(after), LogOrder::NewestFirst) => {
                bounds.first = bounds.first.max(format!("{after}~"));
            }
            (Some(after), LogOrder::OldestFirst) => {
                bounds.last = bounds.last.min(just_before(after));
            }
        }
        bounds
    }
}

/// A text between a sort key and all those of its length before it.
fn just_before(sort: &str) -> String {
    let mut text = sort.to_owned();
    match text.pop() {
        // Digits and letters are followed by `~` before the next of them begins.
        Some(last) if last > '0' => {
            let before = char::from_u32(u32::from(last) - 1).unwrap_or('/');
            text.push(before);
            text.push('~');
            text
        }
        Some(_) | None => text,
    }
}

fn direction(order: LogOrder) -> Direction {
    match order {
        LogOrder::NewestFirst => Direction::Forward,
        LogOrder::OldestFirst => Direction::Backward,
    }
}

impl TenantTable<'_> {
    async fn log(
        &self,
        range: &LogRange,
        after: Option<&str>,
        limit: u16,
    ) -> Result<LogPage, StoreFailure> {
        let after = self.position(OPERATION, Form::Newest, after)?;
        let bounds = Bounds::of(range, after.as_ref());
        if bounds.first > bounds.last {
            return Ok(LogPage {
                items: Vec::new(),
                next: None,
            });
        }
        let (index, mut partitions): (_, Vec<String>) = match &range.part {
            LogPart::Classes(classes) => {
                let shards = classes.iter().flat_map(|one| self.keys().log_shards(*one));
                (LOG, shards.collect())
            }
            LogPart::Threads(threads) => {
                let threads = threads.iter().map(|one| self.keys().thread_of(*one));
                (LIST, threads.collect())
            }
        };
        partitions.sort();
        partitions.dedup();
        let limit = page(limit);
        let parts = partitions
            .iter()
            .map(|partition| self.stretch(index, partition, &bounds, range.order, limit + 1));
        let mut listed: Vec<Listed> = try_join_all(parts).await?.into_iter().flatten().collect();
        listed.sort_by(|one, other| match range.order {
            LogOrder::NewestFirst => one.sort.cmp(&other.sort),
            LogOrder::OldestFirst => other.sort.cmp(&one.sort),
        });
        // What moves while it is read may show in both its places.
        let mut seen = HashSet::new();
        listed.retain(|entry| seen.insert(entry.key.clone()));
        let more = listed.len() > limit;
        listed.truncate(limit);
        let position = |sort: &str| Position::write(self.id(), sort);
        let next = listed.last().filter(|_| more).map(|l| position(&l.sort));
        listed.retain(|entry| message_of(&entry.key.pk, &entry.key.sk).is_some());
        let places: HashMap<(String, String), String> = listed
            .iter()
            .map(|l| ((l.key.pk.clone(), l.key.sk.clone()), position(&l.sort)))
            .collect();
        let mut items = Vec::with_capacity(listed.len());
        for item in self.get_listed(OPERATION, &listed).await? {
            let place = places.get(&key_of(OPERATION, &item)?);
            let place = place.ok_or_else(|| corrupt(OPERATION))?.clone();
            items.push((message(OPERATION, item)?, place));
        }
        Ok(LogPage { items, next })
    }

    async fn stretch(
        &self,
        index: Index,
        partition: &str,
        bounds: &Bounds,
        order: LogOrder,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreFailure> {
        let range = Range {
            index: Some(index),
            partition,
            sort: Some("#s BETWEEN :first AND :last"),
            filter: None,
            values: vec![
                (":first", text(&bounds.first)),
                (":last", text(&bounds.last)),
            ],
            read: Read::Eventual,
            limit,
        };
        let items = self.query_from(OPERATION, &range, direction(order)).await?;
        items
            .iter()
            .map(|item| self.entry(OPERATION, index, item))
            .collect()
    }
}

impl MessageLog for Store {
    async fn log(
        &self,
        tenant: TenantId,
        range: &LogRange,
        after: Option<&str>,
        limit: u16,
    ) -> Result<LogPage, StoreFailure> {
        self.tenant(tenant).log(range, after, limit).await
    }

    async fn contact_names(
        &self,
        tenant: TenantId,
        contacts: &[ContactId],
    ) -> Result<HashMap<ContactId, String>, StoreFailure> {
        self.tenant(tenant).contact_names(contacts).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn just_before_parts_a_key_from_the_one_before() {
        for (earlier, sort) in [("a8", "a9"), ("a9", "aa"), ("ae", "af"), ("9f", "a0")] {
            let between = just_before(sort);
            assert!(earlier < between.as_str(), "{earlier} {between}");
            assert!(between.as_str() < sort, "{between} {sort}");
        }
        assert!(just_before("00").as_str() < "00");
    }
}
