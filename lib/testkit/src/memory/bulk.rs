//! Bulk jobs.

use domain::{
    bulk::{CHUNK_ROWS, Frozen, FrozenRow, Run},
    failure::StoreFailure,
    ids::{ChannelId, JobId, TenantId},
    message::{Content, Message},
    ports::{AuditEntry, Opened, Opening, Rows, Runs, Saved},
};
use jiff::{Timestamp, civil::Date};

use super::{MemoryStore, State};

impl Runs for MemoryStore {
    async fn keep_rows(
        &self,
        tenant: TenantId,
        job: JobId,
        chunk: u32,
        rows: &[FrozenRow],
        expires_at: Timestamp,
    ) -> Result<(), StoreFailure> {
        self.run("runs.keep_rows", |s| {
            let kept = (rows.to_vec(), Some(expires_at));
            s.rows.insert((tenant, job, chunk), kept);
        })
    }

    async fn adopt_rows(
        &self,
        tenant: TenantId,
        job: JobId,
        chunk: u32,
    ) -> Result<(), StoreFailure> {
        self.run("runs.adopt_rows", |s| {
            if let Some((_, expires_at)) = s.rows.get_mut(&(tenant, job, chunk)) {
                *expires_at = None;
            }
        })
    }

    async fn rows(
        &self,
        tenant: TenantId,
        job: JobId,
        chunk: u32,
    ) -> Result<Vec<FrozenRow>, StoreFailure> {
        self.run("runs.rows", |s| {
            let kept = s.rows.get(&(tenant, job, chunk));
            kept.map(|(rows, _)| rows.clone()).unwrap_or_default()
        })
    }

    async fn open(&self, opening: &Opening) -> Result<Opened, StoreFailure> {
        self.run("runs.open", |s| s.open_job(opening))
    }

    async fn used_bulk(&self, tenant: TenantId, cycle: Date) -> Result<u32, StoreFailure> {
        self.run("runs.used_bulk", |s| {
            s.bulk_usage.get(&(tenant, cycle)).copied().unwrap_or(0)
        })
    }

    async fn save_run(&self, run: &mut Run) -> Result<Saved, StoreFailure> {
        self.run("runs.save_run", |s| s.save_run(run))
    }

    async fn change_run(
        &self,
        run: &mut Run,
        give_back: u32,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        self.run("runs.change_run", |s| {
            let saved = s.save_run(run);
            if saved == Saved::Done {
                s.give_back(run.tenant, run.usage_day, run.cycle, give_back);
                s.audit.push((run.tenant, audit.clone()));
            }
            saved
        })
    }

    async fn open_runs(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        limit: u16,
    ) -> Result<Vec<Run>, StoreFailure> {
        self.run("runs.open_runs", |s| {
            let of_channel = |run: &&Run| run.tenant == tenant && run.channel == channel;
            let open = s
                .runs
                .values()
                .filter(of_channel)
                .filter(|run| run.is_open());
            let mut open: Vec<Run> = open.cloned().collect();
            open.sort_by_key(|run| (std::cmp::Reverse(run.priority), run.created_at, run.job));
            open.truncate(usize::from(limit));
            open
        })
    }

    async fn add_row(&self, message: &Message) -> Result<Saved, StoreFailure> {
        self.run("runs.add_row", |s| s.add_row(message))
    }

    async fn withdraw_row(
        &self,
        message: &mut Message,
        cycle: Date,
    ) -> Result<Saved, StoreFailure> {
        self.run("runs.withdraw_row", |s| {
            let saved = match message.version {
                0 => s.add_row(message),
                _ => s.save(message, None),
            };
            if saved == Saved::Done {
                message.version = message.version.max(1);
                s.give_back(message.tenant, message.usage_day, cycle, 1);
            }
            saved
        })
    }
}

impl Rows for MemoryStore {
    async fn frozen(
        &self,
        tenant: TenantId,
        job: JobId,
        row: u32,
    ) -> Result<Option<Frozen>, StoreFailure> {
        self.run("rows.frozen", |s| s.frozen(tenant, job, row))
    }

    async fn run(&self, tenant: TenantId, job: JobId) -> Result<Option<Run>, StoreFailure> {
        self.run("rows.run", |s| s.runs.get(&(tenant, job)).cloned())
    }
}

impl State {
    fn open_job(&mut self, o: &Opening) -> Opened {
        let tenant = o.run.tenant;
        if let Some(record) = &o.idempotency {
            let known = self.keys.get(&(tenant, record.key.clone()));
            if let Some(known) = known.filter(|known| known.expires_at > o.run.created_at) {
                return Opened::Repeated(known.clone());
            }
        }
        let day = (tenant, o.run.usage_day);
        let used = self.usage.get(&day).copied().unwrap_or(0) + o.run.size;
        if used > o.daily_limit {
            return Opened::DailyLimit;
        }
        let cycle = (tenant, o.run.cycle);
        let bulk = self.bulk_usage.get(&cycle).copied().unwrap_or(0) + o.run.size;
        if bulk > o.bulk_limit {
            return Opened::BulkLimit;
        }
        self.usage.insert(day, used);
        self.bulk_usage.insert(cycle, bulk);
        if let Some(record) = &o.idempotency {
            self.keys
                .insert((tenant, record.key.clone()), record.clone());
        }
        self.jobs.insert((tenant, o.job.id), o.job.clone());
        let run = Run {
            version: 1,
            ..o.run.clone()
        };
        self.runs.insert((tenant, o.job.id), run);
        self.contents.insert((tenant, o.job.id), o.content.clone());
        self.audit.push((tenant, o.audit.clone()));
        Opened::Done
    }

    fn save_run(&mut self, run: &mut Run) -> Saved {
        let stored = self.runs.get_mut(&(run.tenant, run.job));
        let Some(stored) = stored.filter(|stored| stored.version == run.version) else {
            return Saved::Stale;
        };
        run.version += 1;
        *stored = run.clone();
        Saved::Done
    }

    fn add_row(&mut self, message: &Message) -> Saved {
        let key = (message.tenant, message.id);
        if self.messages.contains_key(&key) {
            return Saved::Stale;
        }
        let message = Message {
            version: 1,
            ..message.clone()
        };
        self.tell(&message);
        self.messages.insert(key, message);
        Saved::Done
    }

    fn give_back(&mut self, tenant: TenantId, day: Date, cycle: Date, count: u32) {
        let used = self.usage.entry((tenant, day)).or_default();
        *used = used.saturating_sub(count);
        let bulk = self.bulk_usage.entry((tenant, cycle)).or_default();
        *bulk = bulk.saturating_sub(count);
    }

    pub(super) fn frozen(&self, tenant: TenantId, job: JobId, row: u32) -> Option<Frozen> {
        let (rows, _) = self.rows.get(&(tenant, job, row / CHUNK_ROWS))?;
        Some(Frozen {
            run: self.runs.get(&(tenant, job))?.clone(),
            content: self.contents.get(&(tenant, job))?.clone(),
            row: rows.get((row % CHUNK_ROWS) as usize)?.clone(),
        })
    }

    /// What a message says, wherever that stands.
    pub(super) fn said(&self, message: &Message) -> Option<Content> {
        let own = self.payloads.get(&(message.tenant, message.id));
        if let Some(own) = own {
            return Some(own.content.clone());
        }
        let frozen = self.frozen(message.tenant, message.job, message.row)?;
        domain::bulk::fill(&frozen.content, &frozen.row).ok()
    }
}
