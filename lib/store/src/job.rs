//! Jobs, with board 0 inside, and the outbox's reads.

use std::ops::Range as Numbers;

use domain::{
    failure::StoreFailure,
    ids::{ChannelId, JobId, MessageId, TenantId, UserId},
    job::{Board, Job},
    message::{Context, Kind, Message, Trigger},
    ports::{Outbox, Page},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    keys::{Form, JOB_SHARDS, TenantKeys, job_of},
    list::each,
    message::{letter, type_of},
    schema::LIST,
    shape::{Id, Row, When, corrupt, read},
    table::{Read, TenantTable, key_of},
};

#[derive(Serialize, Deserialize)]
pub(crate) struct JobItem {
    c: Id,
    z: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    k: bool,
    y: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<char>,
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
        k: job.bulk,
        y: job.kind,
        t: letter(job.message_type),
        g: job.trigger,
        ca: When(job.created_at),
        who: job.created_by.as_str().to_owned(),
    };
    Ok(Row::new(operation, keys.job(job.id), &item)?
        .listed(LIST, &keys.jobs(job.created_at, job.id)))
}

impl JobItem {
    fn job(self, tenant: TenantId, id: JobId) -> Option<Job> {
        Some(Job {
            id,
            tenant,
            channel: ChannelId::from_uuid(self.c.0),
            size: self.z,
            bulk: self.k,
            kind: self.y,
            message_type: type_of(self.t)?,
            trigger: self.g,
            created_at: self.ca.0,
            created_by: UserId::new(&self.who),
        })
    }
}

impl TenantTable<'_> {
    async fn jobs(&self, after: Option<&str>, limit: u16) -> Result<Page<Job>, StoreFailure> {
        const OPERATION: &str = "jobs.list";
        let shards: Vec<String> = (0..JOB_SHARDS)
            .map(|shard| self.keys().jobs_shard(shard))
            .collect();
        let page = self
            .page_of(OPERATION, Form::Newest, &shards, after, limit)
            .await?;
        each(page, |item| {
            let (pk, sk) = key_of(OPERATION, &item)?;
            let (tenant, id) = job_of(&pk, &sk).ok_or_else(|| corrupt(OPERATION))?;
            read::<JobItem>(OPERATION, item)?
                .job(tenant, id)
                .ok_or_else(|| corrupt(OPERATION))
        })
    }
}

impl Outbox for Store {
    async fn job(&self, tenant: TenantId, id: JobId) -> Result<Option<Job>, StoreFailure> {
        const OPERATION: &str = "job.read";
        let table = self.tenant(tenant);
        let item: Option<JobItem> = table
            .get(OPERATION, &table.keys().job(id), Read::Strong)
            .await?;
        item.map(|item| item.job(tenant, id).ok_or_else(|| corrupt(OPERATION)))
            .transpose()
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

    async fn by_context(
        &self,
        tenant: TenantId,
        context: &Context,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Message>, StoreFailure> {
        self.tenant(tenant).by_context(context, after, limit).await
    }

    async fn messages(
        &self,
        tenant: TenantId,
        ids: &[MessageId],
    ) -> Result<Vec<Message>, StoreFailure> {
        self.tenant(tenant).messages("messages.read", ids).await
    }
}
