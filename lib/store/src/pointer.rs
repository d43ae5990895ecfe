//! From what a provider calls a message to the message, and the observations that wait for that.

use domain::{
    failure::{StoreFailure, StoreFailureKind},
    ids::{ChannelId, MessageId, TenantId},
    message::AttemptNumber,
    ports::{Pointed, Pointers},
    webhook::{Observed, Pointer},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    shape::{Id, Row, corrupt, days_after, read, text},
    table::{Range, Read},
    write::{Write, Written},
};

/// A provider repeats webhooks for up to seven days.
const PARKED_DAYS: i64 = 8;
/// More than this never waits under one id: an observation's name overwrites itself.
const PARKED_MOST: usize = 500;

#[derive(Serialize, Deserialize)]
struct PointerItem {
    m: Id,
    a: AttemptNumber,
}

impl From<PointerItem> for Pointer {
    fn from(item: PointerItem) -> Self {
        Self {
            message: MessageId::from_uuid(item.m.0),
            attempt: item.a,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct ParkedItem {
    /// The observation as JSON.
    o: String,
    ttl: i64,
}

impl Pointers for Store {
    async fn pointer(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
    ) -> Result<Option<Pointer>, StoreFailure> {
        let table = self.tenant(tenant);
        let key = table.keys().pointer(channel, provider_id);
        let item: Option<PointerItem> = table.get("pointer.read", &key, Read::Strong).await?;
        Ok(item.map(Pointer::from))
    }

    async fn point(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
        to: Pointer,
    ) -> Result<Pointed, StoreFailure> {
        const OPERATION: &str = "pointer.write";
        let table = self.tenant(tenant);
        let item = PointerItem {
            m: Id(to.message.uuid()),
            a: to.attempt,
        };
        let key = table.keys().pointer(channel, provider_id);
        let write = Write::put(Row::new(OPERATION, key, &item)?).when_new();
        let stands = match table.write(OPERATION, &write).await? {
            Written::Applied(_) => return Ok(Pointed::Here),
            Written::Held(stands) => stands.ok_or_else(|| corrupt(OPERATION))?,
        };
        let stands = Pointer::from(read::<PointerItem>(OPERATION, stands)?);
        Ok(if stands == to {
            Pointed::Here
        } else {
            Pointed::Elsewhere(stands)
        })
    }

    async fn park(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
        observed: &Observed,
        now: Timestamp,
    ) -> Result<(), StoreFailure> {
        const OPERATION: &str = "pointer.park";
        let table = self.tenant(tenant);
        let item = ParkedItem {
            o: serde_json::to_string(observed).map_err(|_| {
                StoreFailure::new(OPERATION, StoreFailureKind::Refused).because("no JSON")
            })?,
            ttl: days_after(now, PARKED_DAYS),
        };
        let key = table.keys().parked(channel, provider_id, observed);
        let write = Write::put(Row::new(OPERATION, key, &item)?);
        table.write(OPERATION, &write).await.map(drop)
    }

    async fn parked(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        provider_id: &str,
    ) -> Result<Vec<Observed>, StoreFailure> {
        const OPERATION: &str = "pointer.parked";
        let table = self.tenant(tenant);
        let prefix = table.keys().parked_prefix(channel, provider_id);
        let range = Range {
            index: None,
            partition: &prefix.pk,
            sort: Some("begins_with(#s, :prefix)"),
            filter: None,
            values: vec![(":prefix", text(&prefix.sk))],
            read: Read::Strong,
            limit: PARKED_MOST,
        };
        let items = table.query(OPERATION, &range).await?;
        items
            .into_iter()
            .map(|item| {
                let parked: ParkedItem = read(OPERATION, item)?;
                serde_json::from_str(&parked.o).map_err(|_| corrupt(OPERATION))
            })
            .collect()
    }
}
