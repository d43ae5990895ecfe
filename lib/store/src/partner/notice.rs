//! The notices of the partner's days, each kept once by its name.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::BalanceNoticeId,
    partner::{BalanceNotice, NoticeName},
    ports::{BalanceNotices, Page, Saved},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    compress::{pack, unpack},
    keys::{partner_notice, partner_notice_name, partner_notice_position, partner_notices},
    list::page,
    shape::{Blob, Id, Item, When, corrupt, days_after, read, text, time, to_item},
    table::{Range, Read, key_of},
    write::{Write, Written},
};

#[derive(Serialize, Deserialize)]
struct NoticeItem {
    id: Id,
    at: When,
    /// Since when it counts, where that is another time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<i64>,
    /// The body, packed.
    raw: Blob,
}

fn notice(operation: &'static str, item: Item) -> Result<BalanceNotice, StoreFailure> {
    let item: NoticeItem = read(operation, item)?;
    let as_of = item.of.unwrap_or(item.at);
    let raw = unpack(&item.raw.0).ok_or_else(|| corrupt(operation))?;
    Ok(BalanceNotice {
        id: BalanceNoticeId::from_uuid(item.id.0),
        current_days: item.days,
        days_limit: item.limit,
        received_at: item.at.0,
        as_of: as_of.0,
        raw: String::from_utf8(raw).map_err(|_| corrupt(operation))?,
    })
}

/// Which notice has a name. It holds what the notice's own key is made of, so that whoever finds it can
/// keep the notice where it belongs.
#[derive(Serialize, Deserialize)]
struct NameItem {
    id: Id,
    at: When,
    of: When,
    ttl: i64,
}

/// Nobody repeats a notice for so many days.
const REMEMBERED_DAYS: i64 = 90;

impl NameItem {
    /// Claims a name; the notice that has it already, when another one does.
    async fn claim(self, store: &Store, name: &NoticeName) -> Result<(Self, Saved), StoreFailure> {
        let write = Write::put_shared(partner_notice_name(&name.digest), to_item(KEEP, &self)?);
        let write = match name.since {
            None => write.when_new(),
            Some(since) => write
                .when("attribute_not_exists(pk) OR #at < :since")
                .name("#at", "at")
                .value(":since", time(since)),
        };
        match store.cross_tenant().write(KEEP, &write).await? {
            Written::Applied(_) => Ok((self, Saved::Done)),
            Written::Held(Some(item)) => {
                let first: Self = read(KEEP, item)?;
                // Our own try whose answer was lost.
                let own = first.id == self.id;
                let saved = if own { Saved::Done } else { Saved::Stale };
                Ok((first, saved))
            }
            Written::Held(None) => Err(corrupt(KEEP)),
        }
    }
}

const KEEP: &str = "partner.keep_notice";

impl BalanceNotices for Store {
    async fn keep_notice(
        &self,
        notice: &BalanceNotice,
        name: &NoticeName,
    ) -> Result<Saved, StoreFailure> {
        let raw = pack(notice.raw.as_bytes())
            .map_err(|cause| StoreFailure::new(KEEP, StoreFailureKind::Refused).because(cause))?;
        let claim = NameItem {
            id: Id(notice.id.uuid()),
            at: When(notice.received_at),
            of: When(notice.as_of),
            ttl: days_after(notice.received_at, REMEMBERED_DAYS),
        };
        let (first, saved) = claim.claim(self, name).await?;
        let item = NoticeItem {
            id: first.id,
            at: first.at,
            of: Some(first.of).filter(|of| *of != first.at),
            days: notice.current_days,
            limit: notice.days_limit,
            raw: Blob(raw),
        };
        // Also of one that came before: whoever took it may have died before they kept it.
        let key = partner_notice(first.of.0, first.id.0);
        let write = Write::put_shared(key, to_item(KEEP, &item)?).when_new();
        self.cross_tenant().write(KEEP, &write).await?;
        Ok(saved)
    }

    async fn balance_notices(
        &self,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<BalanceNotice>, StoreFailure> {
        const OPERATION: &str = "partner.notices";
        let limit = page(limit);
        let foreign = || {
            StoreFailure::new(OPERATION, StoreFailureKind::Refused)
                .because("not a position in this list")
        };
        let after = after
            .map(|after| partner_notice_position(after).ok_or_else(foreign))
            .transpose()?;
        let range = Range {
            index: None,
            partition: &partner_notices(),
            sort: after.map(|_| "#s > :after"),
            filter: None,
            values: after
                .map(|after| (":after", text(after)))
                .into_iter()
                .collect(),
            read: Read::Strong,
            limit: limit + 1,
        };
        let mut items = self.query(OPERATION, &range).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|item| key_of(OPERATION, item)).transpose()?;
        let items: Result<_, _> = items
            .into_iter()
            .map(|item| notice(OPERATION, item))
            .collect();
        Ok(Page {
            items: items?,
            next: next.map(|(_, sk)| sk),
        })
    }
}
