//! Due work and notices.

use domain::{
    failure::StoreFailure,
    ids::{MessageId, TenantId},
    notice::{Notice, NoticeKey, NoticeState},
    ports::{DUE_SHARDS, Due, DueThing, Notices, Saved},
};
use jiff::Timestamp;

use super::MemoryStore;

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
            for ((tenant, id), at) in &s.copies_due {
                if *at <= now && shard_of(*id) == shard {
                    due.push((*at, DueThing::Media(*tenant, *id)));
                }
            }
            for run in s.runs.values() {
                let id = MessageId::from_uuid(run.job.uuid());
                if let Some(at) = run.due.filter(|at| *at <= now && shard_of(id) == shard) {
                    due.push((at, DueThing::Job(run.tenant, run.job)));
                }
            }
            for one in s.festivals.values() {
                let id = MessageId::from_uuid(one.id.uuid());
                if let Some(at) = one.due.filter(|at| *at <= now && shard_of(id) == shard) {
                    due.push((at, DueThing::Festival(one.tenant, one.id)));
                }
            }
            for one in s.days.values() {
                let id = MessageId::from_uuid(one.tenant.uuid());
                if let Some(at) = one.due.filter(|at| *at <= now && shard_of(id) == shard) {
                    due.push((at, DueThing::Day(one.tenant)));
                }
            }
            for record in s.events.values() {
                let waits = record.due.filter(|at| *at <= now);
                let id = record.id();
                let here = (id.uuid().as_u64_pair().1 % u64::from(DUE_SHARDS)) as u8 == shard;
                if let Some(at) = waits.filter(|_| here) {
                    due.push((at, DueThing::Event(record.tenant, id)));
                }
            }
            for one in s.subscriptions.values() {
                let id = MessageId::from_uuid(one.id.uuid());
                if let Some(at) = one.due().filter(|at| *at <= now && shard_of(id) == shard) {
                    due.push((at, DueThing::Subscription(one.tenant, one.id)));
                }
            }
            for one in s.notifications.values() {
                let id = MessageId::from_uuid(one.id.uuid());
                if let Some(at) = one.due.filter(|at| *at <= now && shard_of(id) == shard) {
                    due.push((at, DueThing::Notification(one.tenant, one.id)));
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
