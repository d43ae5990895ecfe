//! Due work, notices, boards and the outbox.

use super::*;

impl Due for MemoryStore {
    async fn due(
        &self,
        shard: u8,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<DueThing>, StoreFailure> {
        self.run("due.due", |s| {
            let shard_of =
                |id: MessageId| (id.uuid().as_u64_pair().1 % u64::from(DUE_SHARDS)) as u8;
            let mut due: Vec<(Timestamp, DueThing)> = Vec::new();
            for message in s.messages.values() {
                if let Some(at) = message
                    .sending
                    .due
                    .filter(|at| *at <= now && shard_of(message.id) == shard)
                {
                    due.push((at, DueThing::Message(message.tenant, message.id)));
                }
            }
            for entry in s.journal.values() {
                if let Some(at) = entry
                    .retry_at
                    .filter(|at| *at <= now && shard_of(entry.key.id) == shard)
                {
                    due.push((at, DueThing::Journal(entry.key.clone())));
                }
            }
            for notice in s.notices.values() {
                if let Some(at) = notice
                    .due
                    .filter(|at| *at <= now && shard_of(notice.key.message) == shard)
                {
                    due.push((at, DueThing::Notice(notice.key.clone())));
                }
            }
            due.sort_by_key(|(at, _)| *at);
            if shard == 0 {
                due.extend(s.lagging.iter().map(|thing| (now, thing.clone())));
            }
            due.into_iter()
                .take(usize::from(limit))
                .map(|(_, thing)| thing)
                .collect()
        })
    }
}

impl Notices for MemoryStore {
    async fn notice(&self, key: &NoticeKey) -> Result<Option<Notice>, StoreFailure> {
        self.run("notices.notice", |s| s.notices.get(key).cloned())
    }

    async fn move_notice(&self, from: &Notice, to: &Notice) -> Result<Saved, StoreFailure> {
        self.run("notices.move", |s| match s.notices.get_mut(&from.key) {
            Some(stored) if stored == from => {
                *stored = to.clone();
                Saved::Done
            }
            _ => Saved::Stale,
        })
    }

    async fn count_failure(
        &self,
        tenant: TenantId,
        window: Timestamp,
    ) -> Result<u32, StoreFailure> {
        self.run("notices.count", |s| {
            let count = s.failures.entry((tenant, window)).or_default();
            *count += 1;
            *count
        })
    }

    async fn digest(
        &self,
        tenant: TenantId,
        window: Timestamp,
        limit: u16,
    ) -> Result<Vec<Notice>, StoreFailure> {
        self.run("notices.digest", |s| {
            s.notices
                .values()
                .filter(|n| {
                    n.key.tenant == tenant
                        && n.key.window == window
                        && n.state == NoticeState::Digest
                })
                .take(usize::from(limit))
                .cloned()
                .collect()
        })
    }
}

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
