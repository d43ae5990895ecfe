//! Failure notices, a window's together with the counter that decides between mails and a digest.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::TenantId,
    notice::{Notice, NoticeKey, NoticeState},
    ports::{DueThing, Notices, Saved},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    keys::{Key, due, due_thing},
    schema::TTL,
    shape::{Blob, Item, Row, When, corrupt, days_after, number, read, text, time},
    table::{Range, Read, key_of},
    write::{Write, Written, nonce},
};

const DAYS: i64 = 90;

#[derive(Serialize, Deserialize)]
struct NoticeItem {
    s: NoticeState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    du: Option<When>,
    /// Nonce of the last write.
    n: Blob,
    ttl: i64,
}

#[derive(Deserialize)]
struct CounterItem {
    n: u32,
}

impl NoticeItem {
    fn notice(self, key: NoticeKey) -> Notice {
        Notice {
            key,
            state: self.s,
            due: self.du.map(|When(at)| at),
        }
    }
}

fn notice_row(operation: &'static str, notice: &Notice, nonce: &[u8]) -> Result<Row, StoreFailure> {
    let item = NoticeItem {
        s: notice.state,
        du: notice.due.map(When),
        n: Blob(nonce.to_vec()),
        ttl: days_after(notice.key.window, DAYS),
    };
    let due = notice.due.map(|at| due(at, notice.key.message));
    Ok(Row::new(operation, Key::from(&notice.key), &item)?.due(due.as_ref()))
}

/// The write of a new notice, beside the message whose failure calls for it.
pub(crate) fn first(operation: &'static str, notice: &Notice) -> Result<Write, StoreFailure> {
    Ok(Write::put(notice_row(operation, notice, &nonce())?).when_new())
}

fn state_name(state: NoticeState) -> &'static str {
    match state {
        NoticeState::Waiting => "waiting",
        NoticeState::Digest => "digest",
        NoticeState::Claimed => "claimed",
        NoticeState::Mailed => "mailed",
        NoticeState::Unconfirmed => "unconfirmed",
        NoticeState::Dropped => "dropped",
    }
}

fn wrote(item: &Item, nonce: &[u8]) -> bool {
    item.get("n")
        .and_then(|n| n.as_b().ok())
        .is_some_and(|stored| stored.as_ref() == nonce)
}

impl Notices for Store {
    async fn notice(&self, key: &NoticeKey) -> Result<Option<Notice>, StoreFailure> {
        let item: Option<NoticeItem> = self
            .tenant(key.tenant)
            .get("notice.read", &Key::from(key), Read::Strong)
            .await?;
        Ok(item.map(|item| item.notice(key.clone())))
    }

    async fn move_notice(&self, from: &Notice, to: &Notice) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "notice.move";
        if from.key != to.key {
            return Err(
                StoreFailure::new(OPERATION, StoreFailureKind::Refused).because("two notices")
            );
        }
        let nonce = nonce();
        let mut write = Write::put(notice_row(OPERATION, to, &nonce)?)
            .value(":s", text(state_name(from.state)));
        write = match from.due {
            Some(at) => write.when("s = :s AND du = :du").value(":du", time(at)),
            None => write.when("s = :s AND attribute_not_exists(du)"),
        };
        Ok(
            match self.tenant(to.key.tenant).write(OPERATION, &write).await? {
                Written::Applied(_) => Saved::Done,
                // Our own write, whose answer was lost: a claim that nobody else has.
                Written::Held(Some(item)) if wrote(&item, &nonce) => Saved::Done,
                Written::Held(_) => Saved::Stale,
            },
        )
    }

    async fn count_failure(
        &self,
        tenant: TenantId,
        window: Timestamp,
    ) -> Result<u32, StoreFailure> {
        const OPERATION: &str = "notice.count";
        let table = self.tenant(tenant);
        let write = Write::update(table.keys().failures(window), "SET #ttl = :ttl ADD n :one")
            .name("#ttl", TTL)
            .value(":one", number(1))
            .value(":ttl", number(days_after(window, DAYS)));
        match table.write(OPERATION, &write).await? {
            Written::Applied(Some(item)) => Ok(read::<CounterItem>(OPERATION, item)?.n),
            Written::Applied(None) | Written::Held(_) => Err(corrupt(OPERATION)),
        }
    }

    async fn digest(
        &self,
        tenant: TenantId,
        window: Timestamp,
        limit: u16,
    ) -> Result<Vec<Notice>, StoreFailure> {
        const OPERATION: &str = "notice.digest";
        let table = self.tenant(tenant);
        let prefix = table.keys().notices_prefix(window);
        let range = Range {
            index: None,
            partition: &prefix.pk,
            sort: Some("begins_with(#s, :prefix)"),
            filter: Some("s = :digest"),
            values: vec![
                (":prefix", text(&prefix.sk)),
                (":digest", text(state_name(NoticeState::Digest))),
            ],
            read: Read::Strong,
            limit: usize::from(limit),
        };
        let mut notices = Vec::new();
        for item in table.query(OPERATION, &range).await? {
            let (pk, sk) = key_of(OPERATION, &item)?;
            let Some(DueThing::Notice(key)) = due_thing(&pk, &sk) else {
                return Err(corrupt(OPERATION));
            };
            notices.push(read::<NoticeItem>(OPERATION, item)?.notice(key));
        }
        Ok(notices)
    }
}
