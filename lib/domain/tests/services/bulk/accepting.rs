//! What is accepted as a bulk job, and what is refused with its rows.

use domain::{
    failure::Code,
    message::MessageType,
    ports::Files,
    service::{
        accept::{DraftContent, IdempotencyKey},
        bulk::{BulkDraft, NewRow, Recipients, upload_key},
    },
};
use uuid::Uuid;

use super::{draft, number, of, row, world};

/// S0.45, S2.39, S2.75, S2.114: one job, its rows frozen and none sent yet; both limits are reserved once.
#[tokio::test]
async fn a_job_is_accepted_whole() {
    let world = world();
    let accepted = world.open(of(150)).await.unwrap();
    let (run, job) = (accepted.run, accepted.job);
    assert_eq!((run.size, run.priority, run.shown()), (150, 0, "running"));
    assert_eq!((job.size, job.bulk), (150, true));
    assert_eq!(world.used(&run), (150, 150));
    assert_eq!(world.summed(run.job).await.queued, 150);
    assert_eq!(world.sends(), 0);
    let state = world.store.state();
    assert!(state.messages.is_empty() && state.contacts.is_empty());
    assert!(state.conversations.is_empty());
    let chunks: Vec<_> = state.rows.values().map(|(rows, _)| rows.len()).collect();
    assert_eq!(chunks, [100, 50]);
    let (_, line) = state.audit.last().unwrap();
    assert_eq!((line.entity_type, line.action), ("jobs", "accept"));
}

/// hazards.md on hostile files: every wrong row is told with line, column and reason; nothing is accepted.
#[tokio::test]
async fn wrong_rows_refuse_the_job_unless_good_ones_are_kept() {
    let world = world();
    let mut rows: Vec<NewRow> = (0..5).map(row).collect();
    rows[1].to = "12".into();
    rows[2].parameters.clear();
    rows[4].to = number(0);
    let failure = world.open(draft(rows.clone())).await.unwrap_err();
    assert_eq!(failure.code(), Code::Validation);
    assert_eq!(failure.details()["bad_rows"], "3");
    let told: Vec<_> = failure
        .fields()
        .iter()
        .map(|field| (field.field.as_str(), field.code))
        .collect();
    assert_eq!(
        told,
        [
            ("line 2: to", "PHONE"),
            ("line 3: city", "MISSING"),
            ("line 5: to", "DUPLICATE")
        ]
    );
    assert!(world.store.state().rows.is_empty(), "nothing is kept");
    assert!(world.store.state().usage.is_empty());

    let kept = BulkDraft {
        keep_good_rows: true,
        ..draft(rows)
    };
    let accepted = world.open(kept).await.unwrap();
    assert_eq!((accepted.run.size, accepted.run.left_out), (2, 3));
    let report = accepted.run.report.clone().unwrap();
    let report = world.store.get(&report).await.unwrap().unwrap();
    let report = String::from_utf8(report).unwrap();
    assert_eq!(report.lines().count(), 4, "{report}");
    assert!(report.contains("\n3,city,MISSING,"), "{report}");
    assert_eq!(world.used(&accepted.run), (2, 2));
}

#[tokio::test]
async fn what_a_job_cannot_be_is_told_at_once() {
    let world = world();
    let wrong = BulkDraft {
        priority: 11,
        scheduled_for: Some("tomorrow".into()),
        context: Some(("two words".into(), String::new())),
        ..draft(Vec::new())
    };
    let failure = world.open(wrong).await.unwrap_err();
    let fields: Vec<_> = failure.fields().iter().map(|f| f.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "context.type",
            "context.id",
            "scheduled_for",
            "priority",
            "recipients"
        ]
    );
    assert!(world.open(of(1_001)).await.is_err(), "more come as a file");
}

/// S0.43, S3.34, X25: the whole job counts on its day and in its cycle, or nothing of it does.
#[tokio::test]
async fn a_job_that_does_not_fit_is_refused_whole() {
    for (daily, bulk, reason) in [(9, 100, "DAILY_LIMIT"), (100, 9, "BULK_LIMIT")] {
        let world = world();
        {
            let mut state = world.store.state();
            let tenant = state.tenants.get_mut(&world.acme.tenant.id).unwrap();
            let plan = tenant.plan.as_mut().unwrap();
            (plan.daily_messages, plan.bulk_per_cycle) = (daily, bulk);
        }
        let failure = world.open(of(10)).await.unwrap_err();
        assert_eq!(failure.code(), Code::Forbidden);
        assert_eq!(failure.details()["reason"], reason);
        assert_eq!(failure.message(), domain::copy::LIMIT_NOTE);
        assert!(world.store.state().runs.is_empty());
        assert!(world.open(of(9)).await.is_ok());
        assert!(world.open(draft(vec![row(77)])).await.is_err());
    }
}

/// S2.49: a campaign of a company that switched marketing off is refused before a row is read.
#[tokio::test]
async fn switches_hold_for_jobs() {
    let world = world();
    let tenant = world.acme.tenant.id;
    world
        .store
        .state()
        .tenants
        .get_mut(&tenant)
        .unwrap()
        .settings
        .marketing = false;
    let failure = world.open(of(2)).await.unwrap_err();
    assert_eq!(failure.details()["reason"], "MARKETING_OFF");
    let other = BulkDraft {
        message_type: MessageType::Other,
        ..of(2)
    };
    assert!(world.open(other).await.is_ok());
}

#[tokio::test]
async fn a_repeated_key_answers_the_same_job() {
    let world = world();
    let key = IdempotencyKey::parse("POST /v1/jobs", "spring", b"one").unwrap();
    let first = world.open_with(of(3), &key).await.unwrap();
    let again = world.open_with(of(3), &key).await.unwrap();
    assert!(again.repeated && !first.repeated);
    assert_eq!(again.run, first.run);
    let other = IdempotencyKey::parse("POST /v1/jobs", "spring", b"two").unwrap();
    let failure = world.open_with(of(3), &other).await.unwrap_err();
    assert_eq!(failure.details()["reason"], "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(world.used(&first.run), (3, 3));
}

/// Rows are kept before their job is: what no job took up expires and nobody sees it.
#[tokio::test]
async fn a_crash_before_the_transaction_leaves_rows_that_expire() {
    let world = world();
    world
        .store
        .fail("runs.open", 1, testkit::memory::FailWhen::Before);
    assert!(world.open(of(3)).await.is_err());
    let state = world.store.state();
    assert!(state.runs.is_empty() && state.jobs.is_empty() && state.usage.is_empty());
    assert!(state.rows.values().all(|(_, expires)| expires.is_some()));
}

/// A file of a hundred thousand rows at most; another company's upload is not there.
#[tokio::test]
async fn recipients_come_from_an_uploaded_file() {
    let world = world();
    let upload = Uuid::now_v7();
    let file = "Mobile;Name;city\n+97333000001;Amal;Riffa\n+97333000002;;Isa\n";
    let own = upload_key(world.acme.tenant.id, upload);
    world.store.put(&own, file.into()).await.unwrap();
    let draft = BulkDraft {
        recipients: Recipients::Upload(upload),
        keep_good_rows: true,
        ..of(0)
    };
    let accepted = world.open(draft.clone()).await.unwrap();
    assert_eq!((accepted.run.size, accepted.run.left_out), (1, 1));
    assert_eq!(accepted.problems[0].line, 3);
    assert_eq!(accepted.problems[0].column, "name");

    let foreign = Uuid::now_v7();
    let place = upload_key(world.other.tenant.id, foreign);
    world.store.put(&place, file.into()).await.unwrap();
    let draft = BulkDraft {
        recipients: Recipients::Upload(foreign),
        ..draft
    };
    let failure = world.open(draft).await.unwrap_err();
    assert_eq!(failure.code(), Code::NotFound);
}

#[tokio::test]
async fn content_that_the_provider_would_refuse_refuses_its_rows() {
    let world = world();
    let mut long = row(2);
    long.parameters.insert("city".into(), "x".repeat(5_000));
    let failure = world.open(draft(vec![row(1), long])).await.unwrap_err();
    assert_eq!(failure.details()["bad_rows"], "1");
    let buttons = BulkDraft {
        content: DraftContent::Interactive {
            header: None,
            body: "{name}?".into(),
            footer: None,
            buttons: vec!["{city}".into(), "{city}".into()],
        },
        ..of(1)
    };
    let failure = world.open(buttons).await.unwrap_err();
    assert_eq!(failure.fields()[0].code, "REPEATED");
}
