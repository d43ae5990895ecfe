//! Boards of jobs, and the outbox as it is read.

use domain::{
    failure::StoreFailure,
    ids::{JobId, MessageId, TenantId},
    job::{Board, Job},
    message::{Context, Message},
    ports::{Boards, Outbox, Page, Saved},
};

use super::MemoryStore;

impl Boards for MemoryStore {
    async fn board(
        &self,
        tenant: TenantId,
        job: JobId,
        number: u32,
    ) -> Result<Option<(Board, u32)>, StoreFailure> {
        self.run("boards.board", |s| {
            s.jobs.get(&(tenant, job))?;
            Some(
                s.boards
                    .get(&(tenant, job, number))
                    .cloned()
                    .unwrap_or_default(),
            )
        })
    }

    async fn save_board(
        &self,
        tenant: TenantId,
        job: JobId,
        number: u32,
        board: &Board,
        version: u32,
    ) -> Result<Saved, StoreFailure> {
        self.run("boards.save", |s| {
            let stored = s.boards.entry((tenant, job, number)).or_default();
            if stored.1 != version {
                return Saved::Stale;
            }
            *stored = (board.clone(), version + 1);
            Saved::Done
        })
    }
}

impl Outbox for MemoryStore {
    async fn by_context(
        &self,
        tenant: TenantId,
        context: &Context,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Message>, StoreFailure> {
        self.run("outbox.by_context", |s| {
            let about = |message: &&Message| {
                message.tenant == tenant && message.context.as_ref() == Some(context)
            };
            let mut found: Vec<_> = s.messages.values().filter(about).cloned().collect();
            found.sort_by(|a, b| b.created_at.cmp(&a.created_at).then(a.id.cmp(&b.id)));
            let from = after.and_then(|at| at.parse::<usize>().ok()).unwrap_or(0);
            let end = from + usize::from(limit);
            Page {
                next: (end < found.len()).then(|| end.to_string()),
                items: found
                    .into_iter()
                    .skip(from)
                    .take(usize::from(limit))
                    .collect(),
            }
        })
    }

    async fn job(&self, tenant: TenantId, id: JobId) -> Result<Option<Job>, StoreFailure> {
        self.run("outbox.job", |s| s.jobs.get(&(tenant, id)).cloned())
    }

    async fn jobs(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: u16,
    ) -> Result<Page<Job>, StoreFailure> {
        let skip: usize = after.and_then(|a| a.parse().ok()).unwrap_or(0);
        self.run("outbox.jobs", |s| {
            let mut jobs: Vec<Job> = s
                .jobs
                .values()
                .filter(|j| j.tenant == tenant)
                .cloned()
                .collect();
            jobs.sort_by(|a, b| b.created_at.cmp(&a.created_at).then(a.id.cmp(&b.id)));
            let items: Vec<Job> = jobs
                .iter()
                .skip(skip)
                .take(usize::from(limit))
                .cloned()
                .collect();
            let end = skip + items.len();
            Page {
                items,
                next: (end < jobs.len()).then(|| end.to_string()),
            }
        })
    }

    async fn boards(
        &self,
        tenant: TenantId,
        job: JobId,
        numbers: std::ops::Range<u32>,
    ) -> Result<Vec<Board>, StoreFailure> {
        self.run("outbox.boards", |s| {
            numbers
                .map(|n| {
                    s.boards
                        .get(&(tenant, job, n))
                        .map(|(b, _)| b.clone())
                        .unwrap_or_default()
                })
                .collect()
        })
    }

    async fn messages(
        &self,
        tenant: TenantId,
        ids: &[MessageId],
    ) -> Result<Vec<Message>, StoreFailure> {
        self.run("outbox.messages", |s| {
            ids.iter()
                .filter_map(|id| s.messages.get(&(tenant, *id)).cloned())
                .collect()
        })
    }
}
