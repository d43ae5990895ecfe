//! Jobs, with board 0 inside, and the outbox's reads.

use std::ops::Range as Numbers;

use domain::{
    failure::StoreFailure,
    ids::{ChannelId, JobId, MessageId, TenantId, UserId},
    job::{Board, Job},
    message::{Kind, Message, Trigger},
    ports::{Outbox, Page},
};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    keys::{JOB_SHARDS, Key, Position, TenantKeys},
    schema::LIST,
    shape::{Id, Item, Row, When, corrupt, read, text},
    table::{Range, Read, TenantTable, key_of},
};

/// The most that one page holds.
const PAGE: u16 = 100;

#[derive(Serialize, Deserialize)]
pub(crate) struct JobItem {
    c: Id,
    z: u32,
    y: Kind,
    g: Trigger,
    ca: When,
    #[serde(rename = "w")]
    who: String,
}

/// The item of a new job. Its board is not written: one that nobody wrote is empty.
pub(crate) fn job_row(operation: &'static str, job: &Job) -> Result<Row, StoreFailure> {
    let keys = TenantKeys::new(job.tenant);
    let item = JobItem {
        c: Id(job.channel.uuid()),
        z: job.size,
        y: job.kind,
        g: job.trigger,
        ca: When(job.created_at),
        who: job.created_by.as_str().to_owned(),
    };
    Ok(Row::new(operation, keys.job(job.id), &item)?
        .listed(LIST, &keys.jobs(job.created_at, job.id)))
}

impl JobItem {
    fn job(self, tenant: TenantId, id: JobId) -> Job {
        Job {
            id,
            tenant,
            channel: ChannelId::from_uuid(self.c.0),
            size: self.z,
            kind: self.y,
            trigger: self.g,
            created_at: self.ca.0,
            created_by: UserId::new(&self.who),
        }
    }
}

/// An entry of the job list: where it stands, and its job's key.
struct Listed {
    sort: String,
    key: Key,
    id: JobId,
}

impl TenantTable<'_> {
    async fn jobs(&self, after: Option<&str>, limit: u16) -> Result<Page<Job>, StoreFailure> {
        const OPERATION: &str = "jobs.list";
        let after = after
            .map(|text| Position::read(OPERATION, self.id(), text))
            .transpose()?;
        let limit = usize::from(limit.clamp(1, PAGE));
        let shards =
            try_join_all((0..JOB_SHARDS).map(|shard| self.jobs_of(shard, after, limit + 1)));
        let mut listed: Vec<Listed> = shards.await?.into_iter().flatten().collect();
        listed.sort_by(|one, other| one.sort.cmp(&other.sort));
        let more = listed.len() > limit;
        listed.truncate(limit);
        let next = listed
            .last()
            .filter(|_| more)
            .map(|last| Position::write(self.id(), &last.sort));
        let keys: Vec<Key> = listed.iter().map(|entry| entry.key.clone()).collect();
        let mut items = Vec::with_capacity(keys.len());
        for item in self.get_all(OPERATION, &keys, Read::Eventual).await? {
            let (pk, _) = key_of(OPERATION, &item)?;
            let id = listed.iter().find(|entry| entry.key.pk == pk).map(|e| e.id);
            let id = id.ok_or_else(|| corrupt(OPERATION))?;
            items.push(read::<JobItem>(OPERATION, item)?.job(self.id(), id));
        }
        Ok(Page { items, next })
    }

    async fn jobs_of(
        &self,
        shard: u8,
        after: Option<Position<'_>>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreFailure> {
        const OPERATION: &str = "jobs.list";
        let range = Range {
            index: Some(LIST),
            partition: &self.keys().jobs_shard(shard),
            sort: after.map(|_| "#s > :after"),
            filter: None,
            values: after
                .map(|position| (":after", text(position.sort())))
                .into_iter()
                .collect(),
            read: Read::Eventual,
            limit,
        };
        let items = self.query(OPERATION, &range).await?;
        items
            .iter()
            .map(|item| self.listed(item).ok_or_else(|| corrupt(OPERATION)))
            .collect()
    }

    /// The job's id ends the sort key of its place in the list.
    fn listed(&self, item: &Item) -> Option<Listed> {
        let sort = item.get(LIST.sort)?.as_s().ok()?.clone();
        let id = JobId::parse(sort.get(16..)?).ok()?;
        Some(Listed {
            key: self.keys().job(id),
            sort,
            id,
        })
    }
}

impl Outbox for Store {
    async fn job(&self, tenant: TenantId, id: JobId) -> Result<Option<Job>, StoreFailure> {
        let table = self.tenant(tenant);
        let item: Option<JobItem> = table
            .get("job.read", &table.keys().job(id), Read::Strong)
            .await?;
        Ok(item.map(|item| item.job(tenant, id)))
    }

    async fn jobs(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Job>, StoreFailure> {
        self.tenant(tenant).jobs(after, limit).await
    }

    async fn boards(
        &self,
        tenant: TenantId,
        job: JobId,
        numbers: Numbers<u32>,
    ) -> Result<Vec<Board>, StoreFailure> {
        self.tenant(tenant).boards(job, numbers).await
    }

    async fn messages(
        &self,
        tenant: TenantId,
        ids: &[MessageId],
    ) -> Result<Vec<Message>, StoreFailure> {
        self.tenant(tenant).messages("messages.read", ids).await
    }
}
