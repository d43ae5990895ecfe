//! The whole life of the messages of a bulk job: accepted, made, sent, delivered, read.

use domain::{
    job::RowChange,
    message::{Message, MessageType},
    ports::Outbox,
    service::{
        accept::DraftContent,
        bulk::{AcceptBulk, BulkDraft, Expand, NewRow, Recipients},
        projections::{MessageChange, project},
    },
};
use jiff::SignedDuration;

use crate::{World, life::status};

/// Rows of the job: what its channel sends in one pass.
pub const ROWS: u32 = 120;

/// Changes of one status that come in one batch of the stream: what a channel of two messages a second
/// fills in some seconds. Faster channels fill batches of a hundred.
const BATCH: usize = 8;

const STEPS: [&str; 7] = [
    "bulk: accept the job",
    "bulk: pass over the job",
    "bulk: attempts",
    "bulk: sent",
    "bulk: delivered",
    "bulk: read",
    "bulk: projector",
];

/// Write units of all of it, and those that are the journal's.
pub async fn bulk(world: &World) -> (u32, u32) {
    let meter = &world.meter;
    let row = |n: u32| NewRow {
        to: format!("+9733300{n:04}"),
        name: Some(format!("Person {n}")),
        parameters: [("city".to_owned(), format!("Town {n}"))].into(),
    };
    let draft = BulkDraft {
        channel: None,
        message_type: MessageType::Other,
        content: DraftContent::Text {
            body: "Dear {name}, we open in {city}.".into(),
        },
        recipients: Recipients::Inline((0..ROWS).map(row).collect()),
        priority: 0,
        scheduled_for: None,
        keep_good_rows: false,
        context: None,
    };
    meter.step("bulk: accept the job");
    let accept = AcceptBulk {
        store: &world.store,
        files: &world.files,
        lanes: &world.lanes,
        clock: &world.clock,
        adapters: providers::adapter,
    };
    let run = accept.run(&world.manager(), draft, None).await.unwrap().run;
    meter.step("bulk: pass over the job");
    let expand = Expand {
        store: &world.store,
        lanes: &world.lanes,
        clock: &world.clock,
    };
    expand.run(run.tenant, run.job).await.unwrap();
    let ids: Vec<_> = (0..ROWS)
        .map(|row| domain::ids::MessageId::of_row(run.job, row))
        .collect();
    let read = async || {
        meter.step("reading for the measurement");
        world.store.messages(run.tenant, &ids).await.unwrap()
    };
    let made = read().await;
    meter.step("bulk: attempts");
    for message in &made {
        world.attempt(message).await;
    }
    tell(world, &read().await, 2).await;
    for word in ["sent", "delivered", "read"] {
        let sent = read().await;
        meter.step(&format!("bulk: {word}"));
        for message in &sent {
            let accepted = message.facts.accepted.values().next().unwrap();
            let id = accepted.provider_id.clone().unwrap();
            world.webhook(&status(&id, word)).await;
        }
        if word != "sent" {
            tell(world, &read().await, 1).await;
        }
    }
    // The last pass, which finds everything settled.
    world.clock.advance(SignedDuration::from_mins(1));
    meter.step("bulk: pass over the job");
    let passed = expand.run(run.tenant, run.job).await.unwrap();
    assert_eq!(passed.made, 0);
    let whole = STEPS.map(|step| world.units(step)).iter().sum();
    // One entry for each of the three webhooks.
    (whole, 3 * ROWS)
}

/// The projector hears of every message, in batches; of a new status and, before it, of `pending` too.
async fn tell(world: &World, messages: &[Message], times: u32) {
    world.meter.step("bulk: projector");
    for some in messages.chunks(BATCH) {
        for time in (0..times).rev() {
            let changes: Vec<_> = some
                .iter()
                .map(|message| MessageChange {
                    tenant: message.tenant,
                    job: message.job,
                    row: RowChange {
                        row: message.row,
                        version: message.version - time,
                        status: message.status(),
                    },
                })
                .collect();
            project(&world.store, &changes).await.unwrap();
        }
    }
}
