//! What a bulk job says and its rows, in packed chunks of their own partitions: a hundred thousand rows
//! are written and read at once without meeting one partition's limit. And the messages of rows.

use domain::{
    bulk::{CHUNK_ROWS, FrozenRow},
    failure::{StoreFailure, StoreFailureKind},
    ids::JobId,
    message::{Content, Message},
    ports::Saved,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    compress::{pack, unpack},
    context,
    schema::TTL,
    shape::{Blob, Item, Row, corrupt, read},
    table::{Read, TenantTable},
    usage,
    write::Write,
};

#[derive(Serialize, Deserialize)]
struct Packed {
    /// JSON, packed.
    z: Blob,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
}

impl Packed {
    fn of<T: Serialize>(
        operation: &'static str,
        value: &T,
        ttl: Option<i64>,
    ) -> Result<Self, StoreFailure> {
        let refused = || StoreFailure::new(operation, StoreFailureKind::Refused);
        let json = serde_json::to_vec(value).map_err(|_| refused().because("no JSON"))?;
        let packed = pack(&json).map_err(|cause| refused().because(cause))?;
        Ok(Self {
            z: Blob(packed),
            ttl,
        })
    }
}

fn unpacked<T: for<'a> Deserialize<'a>>(
    operation: &'static str,
    item: Item,
) -> Result<T, StoreFailure> {
    let packed: Packed = read(operation, item)?;
    let json = unpack(&packed.z.0).ok_or_else(|| corrupt(operation))?;
    serde_json::from_slice(&json).map_err(|_| corrupt(operation))
}

/// What a job says, packed.
pub(super) fn content_row(
    operation: &'static str,
    key: crate::keys::Key,
    content: &Content,
) -> Result<Row, StoreFailure> {
    Row::new(operation, key, &Packed::of(operation, content, None)?)
}

impl TenantTable<'_> {
    pub(super) async fn keep_rows(
        &self,
        job: JobId,
        chunk: u32,
        rows: &[FrozenRow],
        expires_at: Timestamp,
    ) -> Result<(), StoreFailure> {
        const OPERATION: &str = "rows.keep";
        let packed = Packed::of(OPERATION, &rows, Some(expires_at.as_second()))?;
        let row = Row::new(OPERATION, self.keys().rows(job, chunk), &packed)?;
        self.write(OPERATION, &Write::put(row)).await.map(|_| ())
    }

    pub(super) async fn adopt_rows(&self, job: JobId, chunk: u32) -> Result<(), StoreFailure> {
        const OPERATION: &str = "rows.adopt";
        let write = Write::update(self.keys().rows(job, chunk), "REMOVE #ttl")
            .name("#ttl", TTL)
            // What expired is not made again without its rows.
            .when("attribute_exists(pk)");
        self.write(OPERATION, &write).await.map(|_| ())
    }

    pub(super) async fn rows(
        &self,
        job: JobId,
        chunk: u32,
    ) -> Result<Vec<FrozenRow>, StoreFailure> {
        const OPERATION: &str = "rows.read";
        let keys = [self.keys().rows(job, chunk)];
        let item = self.get_surely(OPERATION, &keys).await?.pop();
        item.map_or_else(|| Ok(Vec::new()), |item| unpacked(OPERATION, item))
    }

    /// What a job says, and one of its rows; none when there is no such row.
    pub(crate) async fn frozen_row(
        &self,
        operation: &'static str,
        job: JobId,
        row: u32,
    ) -> Result<Option<(Content, FrozenRow)>, StoreFailure> {
        let keys = [
            self.keys().job_content(job),
            self.keys().rows(job, row / CHUNK_ROWS),
        ];
        let mut items = self.get_surely(operation, &keys).await?.into_iter();
        let (Some(content), Some(rows)) = (items.next(), items.next()) else {
            return Ok(None);
        };
        let rows: Vec<FrozenRow> = unpacked(operation, rows)?;
        let row = rows.into_iter().nth((row % CHUNK_ROWS) as usize);
        let content = unpacked(operation, content)?;
        Ok(row.map(|row| (content, row)))
    }

    pub(super) async fn add_row(&self, message: &Message) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "row.add";
        let mut message = message.clone();
        let listed = context::list(OPERATION, &message)?;
        let Some(listed) = listed else {
            return self.replace(OPERATION, &mut message).await;
        };
        self.replace_beside(OPERATION, &mut message, vec![listed], Vec::new())
            .await
    }

    pub(super) async fn withdraw_row(
        &self,
        message: &mut Message,
        cycle: Date,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "row.withdraw";
        let places = vec![
            usage::give_back(message.tenant, message.usage_day, 1),
            usage::give_back_bulk(message.tenant, cycle, 1),
        ];
        // A counter that is gone or at nothing has no place to give back.
        self.replace_beside(OPERATION, message, places, Vec::new())
            .await
    }

    pub(super) async fn used_bulk(&self, cycle: Date) -> Result<u32, StoreFailure> {
        let key = self.keys().bulk_usage(cycle);
        let item: Option<usage::UsageItem> =
            self.get("usage.read_bulk", &key, Read::Strong).await?;
        Ok(item.map_or(0, |item| item.n))
    }
}
