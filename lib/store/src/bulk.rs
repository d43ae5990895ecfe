//! Bulk jobs: how far each is, rewritten by every pass over it; what it says and its rows, written once
//! beside it.

mod opening;
mod rows;

use domain::{
    bulk::{Frozen, FrozenRow, Run, RunState},
    failure::StoreFailure,
    ids::{ChannelId, JobId, MessageId, TenantId},
    message::{Context, Kind, Message, RetryPolicy, Trigger},
    ports::{AuditEntry, Opened, Opening, Rows, Runs, Saved},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    Store, audit,
    keys::{TenantKeys, due, run_of},
    message::{letter, type_of},
    schema::LIST,
    shape::{Blob, Id, Item, Row, When, corrupt, number, read},
    table::{Range, Read, TenantTable, key_of},
    usage,
    write::{Held, Transacted, Write, Written, nonce},
};

#[derive(Serialize, Deserialize)]
struct RunItem {
    /// Version, and nonce of the last write.
    v: u32,
    n: Blob,
    /// Channel.
    c: Id,
    s: RunState,
    /// Size, priority.
    z: u32,
    o: u8,
    ca: When,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sf: Option<When>,
    /// Whether the rows are kept for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    k: bool,
    /// Rows claimed, rows settled.
    nx: u32,
    se: u32,
    ud: Date,
    cy: Date,
    y: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<char>,
    g: Trigger,
    p: RetryPolicy,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    po: bool,
    /// What it is about: type and id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    xt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    xi: Option<String>,
    /// Rows left out, and where the reasons are.
    #[serde(default)]
    lo: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    du: Option<When>,
}

/// The item of a run at this version: in the due index while something is open, in its channel's queue
/// while it has rows to claim.
fn run_row(
    operation: &'static str,
    run: &Run,
    version: u32,
    nonce: &[u8],
) -> Result<Row, StoreFailure> {
    let keys = TenantKeys::new(run.tenant);
    let item = RunItem {
        v: version,
        n: Blob(nonce.to_vec()),
        c: Id(run.channel.uuid()),
        s: run.state,
        z: run.size,
        o: run.priority,
        ca: When(run.created_at),
        sf: run.scheduled_for.map(When),
        k: run.adopted,
        nx: run.next,
        se: run.settled,
        ud: run.usage_day,
        cy: run.cycle,
        y: run.kind,
        t: letter(run.message_type),
        g: run.trigger,
        p: run.policy,
        po: run.polled,
        xt: run.context.as_ref().map(|context| context.kind.clone()),
        xi: run.context.as_ref().map(|context| context.id.clone()),
        lo: run.left_out,
        rp: run.report.clone(),
        du: run.due.map(When),
    };
    let at = run.due;
    let place = at.map(|at| due(at, MessageId::from_uuid(run.job.uuid())));
    let row = Row::new(operation, keys.run(run.job), &item)?.due(place.as_ref());
    Ok(if run.is_open() {
        let place = keys.queue(run.channel, run.priority, run.created_at, run.job);
        row.listed(LIST, &place)
    } else {
        row
    })
}

impl RunItem {
    fn run(self, tenant: TenantId, job: JobId) -> Option<Run> {
        Some(Run {
            job,
            tenant,
            channel: ChannelId::from_uuid(self.c.0),
            state: self.s,
            size: self.z,
            priority: self.o,
            created_at: self.ca.0,
            scheduled_for: self.sf.map(|When(at)| at),
            adopted: self.k,
            next: self.nx,
            settled: self.se,
            usage_day: self.ud,
            cycle: self.cy,
            kind: self.y,
            message_type: type_of(self.t)?,
            trigger: self.g,
            policy: self.p,
            polled: self.po,
            context: self.xt.zip(self.xi).map(|(kind, id)| Context { kind, id }),
            left_out: self.lo,
            report: self.rp,
            due: self.du.map(|When(at)| at),
            version: self.v,
        })
        .filter(|run| run.next <= run.size && run.settled <= run.next)
    }
}

fn run(operation: &'static str, item: Item) -> Result<Run, StoreFailure> {
    let (pk, sk) = key_of(operation, &item)?;
    let (tenant, job) = run_of(&pk, &sk).ok_or_else(|| corrupt(operation))?;
    let item: RunItem = read(operation, item)?;
    item.run(tenant, job).ok_or_else(|| corrupt(operation))
}

/// The write that replaces a run, if nobody did since it was read.
struct Replacement {
    write: Write,
    version: u32,
    nonce: Vec<u8>,
}

impl Replacement {
    fn of(operation: &'static str, run: &Run) -> Result<Self, StoreFailure> {
        let nonce = nonce();
        let version = run.version.saturating_add(1);
        let write = Write::put(run_row(operation, run, version, &nonce)?)
            .when("v = :v")
            .value(":v", number(run.version));
        Ok(Self {
            write,
            version,
            nonce,
        })
    }

    /// Our own write whose answer was lost is done; any other that stands there makes this one stale.
    fn finish(&self, operation: &'static str, run: &mut Run, stands: Option<Item>) -> Saved {
        let stands = stands.and_then(|item| read::<RunItem>(operation, item).ok());
        let ours = |item: &RunItem| item.v == self.version && item.n.0 == self.nonce;
        if stands.as_ref().is_some_and(ours) {
            run.version = self.version;
            return Saved::Done;
        }
        Saved::Stale
    }
}

impl TenantTable<'_> {
    async fn run(&self, operation: &'static str, job: JobId) -> Result<Option<Run>, StoreFailure> {
        let item = self
            .item(operation, &self.keys().run(job), Read::Strong)
            .await?;
        item.map(|item| run(operation, item)).transpose()
    }

    async fn open_runs(&self, channel: ChannelId, limit: u16) -> Result<Vec<Run>, StoreFailure> {
        const OPERATION: &str = "runs.queue";
        let range = Range {
            index: Some(LIST),
            partition: &self.keys().queue_of(channel),
            sort: None,
            filter: None,
            values: Vec::new(),
            read: Read::Eventual,
            limit: usize::from(limit),
        };
        let mut keys = Vec::new();
        for item in self.query(OPERATION, &range).await? {
            let (pk, sk) = key_of(OPERATION, &item)?;
            keys.extend(self.keys().stored(pk, sk));
        }
        let items = self.get_all(OPERATION, &keys, Read::Strong).await?;
        let runs = items.into_iter().map(|item| run(OPERATION, item));
        let mut runs: Vec<Run> = runs.collect::<Result<_, _>>()?;
        // The index may lag: the run itself says whether it still queues.
        runs.retain(Run::is_open);
        Ok(runs)
    }
}

impl Runs for Store {
    async fn keep_rows(
        &self,
        tenant: TenantId,
        job: JobId,
        chunk: u32,
        rows: &[FrozenRow],
        expires_at: Timestamp,
    ) -> Result<(), StoreFailure> {
        let table = self.tenant(tenant);
        table.keep_rows(job, chunk, rows, expires_at).await
    }

    async fn adopt_rows(
        &self,
        tenant: TenantId,
        job: JobId,
        chunk: u32,
    ) -> Result<(), StoreFailure> {
        self.tenant(tenant).adopt_rows(job, chunk).await
    }

    async fn rows(
        &self,
        tenant: TenantId,
        job: JobId,
        chunk: u32,
    ) -> Result<Vec<FrozenRow>, StoreFailure> {
        self.tenant(tenant).rows(job, chunk).await
    }

    async fn open(&self, opening: &Opening) -> Result<Opened, StoreFailure> {
        self.tenant(opening.run.tenant).open(opening).await
    }

    async fn used_bulk(&self, tenant: TenantId, cycle: Date) -> Result<u32, StoreFailure> {
        self.tenant(tenant).used_bulk(cycle).await
    }

    async fn save_run(&self, run: &mut Run) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "run.save";
        let replacement = Replacement::of(OPERATION, run)?;
        let table = self.tenant(run.tenant);
        Ok(match table.write(OPERATION, &replacement.write).await? {
            Written::Applied(_) => {
                run.version = replacement.version;
                Saved::Done
            }
            Written::Held(stands) => replacement.finish(OPERATION, run, stands),
        })
    }

    async fn change_run(
        &self,
        run: &mut Run,
        give_back: u32,
        audit: &AuditEntry,
    ) -> Result<Saved, StoreFailure> {
        const OPERATION: &str = "run.change";
        let table = self.tenant(run.tenant);
        let replacement = Replacement::of(OPERATION, run)?;
        let note = audit::note(OPERATION, run.tenant, audit)?;
        let mut whole = vec![replacement.write.clone(), note.clone()];
        if give_back > 0 {
            whole.push(usage::give_back(run.tenant, run.usage_day, give_back));
            whole.push(usage::give_back_bulk(run.tenant, run.cycle, give_back));
        }
        // A counter that is gone or too low has no places to give back.
        let bare = vec![replacement.write.clone(), note];
        for writes in [whole, bare] {
            match table.transact(OPERATION, &writes).await? {
                Transacted::Applied => {
                    run.version = replacement.version;
                    return Ok(Saved::Done);
                }
                Transacted::Held(mut reasons) => {
                    if let Some(stands) = Held::item(&mut reasons, 0) {
                        return Ok(replacement.finish(OPERATION, run, stands));
                    }
                }
            }
        }
        Ok(Saved::Stale)
    }

    async fn open_runs(
        &self,
        tenant: TenantId,
        channel: ChannelId,
        limit: u16,
    ) -> Result<Vec<Run>, StoreFailure> {
        self.tenant(tenant).open_runs(channel, limit).await
    }

    async fn add_row(&self, message: &Message) -> Result<Saved, StoreFailure> {
        self.tenant(message.tenant).add_row(message).await
    }

    async fn withdraw_row(
        &self,
        message: &mut Message,
        cycle: Date,
    ) -> Result<Saved, StoreFailure> {
        self.tenant(message.tenant)
            .withdraw_row(message, cycle)
            .await
    }
}

impl Rows for Store {
    async fn frozen(
        &self,
        tenant: TenantId,
        job: JobId,
        row: u32,
    ) -> Result<Option<Frozen>, StoreFailure> {
        const OPERATION: &str = "rows.frozen";
        let table = self.tenant(tenant);
        let Some(run) = table.run(OPERATION, job).await? else {
            return Ok(None);
        };
        let frozen = table.frozen_row(OPERATION, job, row).await?;
        Ok(frozen.map(|(content, row)| Frozen { run, content, row }))
    }

    async fn run(&self, tenant: TenantId, job: JobId) -> Result<Option<Run>, StoreFailure> {
        self.tenant(tenant).run("run.read", job).await
    }
}
