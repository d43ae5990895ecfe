//! Reading the outbox.

use domain::{
    failure::Code,
    ids::{JobId, MessageId},
    job::{BOARD_ROWS, Job},
    message::{Kind, Message, MessageType, Status, Trigger},
    principal::Role,
    service::{outbox, send::FirstAttempt},
};
use testkit::builders::{RECIPIENT, interactive_draft, text_draft};

use crate::world::{World, provider_id};

/// S0.31, S0.32, S0.40: a job shows its counts, which always sum to its size.
#[tokio::test]
async fn a_job_counts_each_message_once_by_its_shown_status() {
    let world = World::new();
    let job = world
        .send(interactive_draft(RECIPIENT))
        .await
        .unwrap()
        .message
        .job;
    for (status, count) in [
        ("sent", |t: domain::job::Totals| t.sent),
        ("delivered", |t| t.delivered),
        ("read", |t| t.read),
    ] as [(&str, fn(domain::job::Totals) -> u32); 3]
    {
        world.status(&provider_id(1), status).await;
        let totals = world.totals(job).await;
        assert_eq!((count(totals), totals.sum()), (1, 1), "{status}");
    }
}

/// A job of many rows, without an index: pages in row order, and pages of one status by the boards.
#[tokio::test]
async fn pages_of_a_large_job_are_complete_and_without_repeats() {
    let world = World::new();
    let template = world
        .send_with(text_draft(RECIPIENT, "Hello"), None, FirstAttempt::InLane)
        .await
        .unwrap()
        .message;
    let size = BOARD_ROWS * 2 + 17;
    let job = Job {
        id: JobId::fresh(),
        tenant: world.acme.tenant.id,
        channel: world.acme.channel.id,
        size,
        bulk: false,
        kind: Kind::Text,
        message_type: MessageType::Other,
        trigger: Trigger::Manual,
        created_at: template.created_at,
        created_by: domain::ids::UserId::new("u"),
    };
    for row in 0..size {
        let id = MessageId::of_row(job.id, row);
        let mut message = Message {
            id,
            job: job.id,
            row,
            version: 1,
            ..template.clone()
        };
        if row % 7 == 0 {
            message.cancel(template.created_at).unwrap();
            message.version = 2;
        }
        let mut state = world.store.state();
        state
            .stream
            .push(domain::service::projections::MessageChange {
                tenant: message.tenant,
                job: job.id,
                row: domain::job::RowChange {
                    row,
                    version: message.version,
                    status: message.status(),
                },
            });
        state.messages.insert((message.tenant, id), message);
    }
    world
        .store
        .state()
        .jobs
        .insert((job.tenant, job.id), job.clone());
    let totals = world.totals(job.id).await;
    assert_eq!((totals.cancelled, totals.sum()), (size.div_ceil(7), size));

    let viewer = world.acme.user(Role::Viewer);
    for (status, expected) in [(None, size), (Some(Status::Cancelled), size.div_ceil(7))] {
        let mut rows = Vec::new();
        let mut from = 0;
        loop {
            let page = outbox::job_messages(&world.store, &viewer, job.id, status, from, 20)
                .await
                .unwrap();
            assert!(page.items.len() <= 20);
            rows.extend(page.items.iter().map(|m| m.row));
            match page.next {
                Some(next) => from = next.parse().unwrap(),
                None => break,
            }
        }
        assert_eq!(rows.len(), expected as usize);
        assert!(rows.is_sorted() && rows.iter().all(|row| status.is_none() || row % 7 == 0));
    }
}

#[tokio::test]
async fn another_companys_things_do_not_exist() {
    let world = World::new();
    let sent = world
        .send(interactive_draft(RECIPIENT))
        .await
        .unwrap()
        .message;
    let stranger = world.other.user(Role::Manager);
    let store = &world.store;
    assert_eq!(
        outbox::job(store, &stranger, sent.job)
            .await
            .unwrap_err()
            .code(),
        Code::NotFound
    );
    assert_eq!(
        outbox::message(store, &stranger, sent.id)
            .await
            .unwrap_err()
            .code(),
        Code::NotFound
    );
    assert_eq!(
        outbox::payload(store, providers::adapter, &stranger, sent.id)
            .await
            .unwrap_err()
            .code(),
        Code::NotFound
    );
    let listed = outbox::job_messages(store, &stranger, sent.job, None, 0, 20).await;
    assert_eq!(listed.unwrap_err().code(), Code::NotFound);
    assert!(
        outbox::jobs(store, &stranger, None, 20)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn a_timeline_tells_everything_in_the_order_of_time() {
    let world = World::new();
    let id = world
        .send(interactive_draft(RECIPIENT))
        .await
        .unwrap()
        .message
        .id;
    world.status(&provider_id(1), "delivered").await;
    let message = outbox::message(&world.store, &world.acme.user(Role::Viewer), id)
        .await
        .unwrap();
    let moments = outbox::timeline(&message);
    assert!(moments.is_sorted_by_key(|m| m.at));
    let events: Vec<_> = moments.iter().map(|m| m.event).collect();
    assert_eq!(events.first(), Some(&"queued"));
    for event in ["accepted", "delivered"] {
        assert!(events.contains(&event), "{events:?}");
    }
}
