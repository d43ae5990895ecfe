//! Contacts from a file, stored.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::{
    contact::Consent,
    failure::{AppFailure, Code, StoreFailureKind},
    ports::Clock,
    principal::Role,
    service::{
        contacts::ContactDesk,
        import::{Manner, Outcome, Report, import},
    },
};
use jiff::{SignedDuration, Timestamp};
use testkit::memory::FailWhen;

use crate::{desks::AMAL, world::World};

async fn imported(world: &World, file: &str, manner: Manner) -> Result<Report, AppFailure> {
    let manager = world.acme.user(Role::Manager);
    import(&world.contacts(), &manager, file.as_bytes(), manner).await
}

fn counts(report: &Report) -> [u32; 5] {
    let Report {
        rows,
        new,
        changed,
        same,
        failed,
        ..
    } = *report;
    assert_eq!(
        failed as usize,
        report.problems.chunk_by(|a, b| a.line == b.line).count()
    );
    [rows, new, changed, same, failed]
}

const GOOD: &str = "phone;name;consent\r\n\
    +97333000017;Amal Heron;given\r\n\
    +97333000018;Basil Crane;\r\n";

/// Two good rows, and one of each kind of bad ones.
const MIXED: &str = "phone,name,consent\n\
    +97333000017,Amal Heron,given\n\
    12,Basil Crane,\n\
    +97333000017,Amal again,\n\
    +97333000019,Clea Stork,perhaps\n\
    +97333000020,Dara Ibis,\n";

#[tokio::test]
async fn a_good_file_is_stored_and_each_row_audited() {
    let world = World::new();
    let report = imported(&world, GOOD, Manner::Whole).await.unwrap();
    assert_eq!(
        (report.outcome, counts(&report)),
        (Outcome::Stored, [2, 2, 0, 0, 0])
    );
    let amal = world.person(AMAL);
    assert_eq!(
        (amal.name.as_deref(), amal.consent),
        (Some("Amal Heron"), Consent::Given)
    );
    assert_eq!(world.actions("contacts"), ["enter"; 2]);

    let again = imported(&world, GOOD, Manner::Whole).await.unwrap();
    assert_eq!(
        (again.outcome, counts(&again)),
        (Outcome::Stored, [2, 0, 0, 2, 0])
    );
    world.clock.advance(SignedDuration::from_mins(1));
    let renamed = GOOD.replace("Amal Heron", "Amal A. Heron");
    let again = imported(&world, &renamed, Manner::Whole).await.unwrap();
    assert_eq!(counts(&again), [2, 0, 1, 1, 0]);
    assert_eq!(world.actions("contacts"), ["enter"; 3]);
}

#[tokio::test]
async fn a_bad_row_keeps_a_file_out_unless_the_caller_says_otherwise() {
    let world = World::new();
    for (manner, outcome) in [
        (Manner::Check, Outcome::Checked),
        (Manner::Whole, Outcome::Refused),
    ] {
        let report = imported(&world, MIXED, manner).await.unwrap();
        assert_eq!(
            (report.outcome, counts(&report)),
            (outcome, [5, 0, 0, 0, 3])
        );
        assert!(report.message().starts_with("Nothing was stored"));
        assert!(world.store.state().contacts.is_empty() && world.store.state().audit.is_empty());
    }
    let report = imported(&world, MIXED, Manner::Part).await.unwrap();
    assert_eq!(
        (report.outcome, counts(&report)),
        (Outcome::StoredInPart, [5, 2, 0, 0, 3])
    );
    let told: Vec<_> = report.problems.iter().map(|p| (p.line, p.code)).collect();
    assert_eq!(told, [(3, "PHONE"), (4, "DUPLICATE"), (5, "UNKNOWN_VALUE")]);
    assert_eq!(world.store.state().contacts.len(), 2);
    assert_eq!(world.person(AMAL).name.as_deref(), Some("Amal Heron"));
    let good = imported(&world, GOOD, Manner::Check).await.unwrap();
    assert_eq!(
        (good.outcome, counts(&good)),
        (Outcome::Checked, [2, 0, 0, 0, 0])
    );
    assert_eq!(world.store.state().contacts.len(), 2);
}

#[tokio::test]
async fn an_import_never_lifts_a_stop() {
    let world = World::new();
    world.hears(AMAL, "Amal", 1, "STOP").await;
    world.clock.advance(SignedDuration::from_hours(24));
    let report = imported(&world, GOOD, Manner::Whole).await.unwrap();
    assert_eq!(counts(&report), [2, 1, 1, 0, 0]);
    let amal = world.person(AMAL);
    assert_eq!(
        (amal.name.as_deref(), amal.consent),
        (Some("Amal Heron"), Consent::Stopped)
    );
}

fn many(rows: usize) -> String {
    let rows = (0..rows).map(|n| format!("+9733311{n:04}\n"));
    format!("phone\n{}", rows.collect::<String>())
}

/// hazards.md: the store fails in the middle. What is stored is counted, the rest is told, and the same
/// file makes up for it.
#[tokio::test]
async fn rows_that_storage_failed_are_told_and_imported_again() {
    let world = World::new();
    let file = many(100);
    world.store.fail_after(
        "contacts.save",
        40,
        1,
        FailWhen::Before,
        StoreFailureKind::Throttled,
    );
    let report = imported(&world, &file, Manner::Whole).await.unwrap();
    let stored = world.store.state().contacts.len();
    assert_eq!(report.outcome, Outcome::StoredInPart);
    assert_eq!(report.new as usize, stored);
    assert_eq!(counts(&report)[4] as usize, 100 - stored);
    assert!(
        (40..=56).contains(&stored),
        "it goes on after a failure: {stored}"
    );
    assert!(report.problems.iter().all(|p| p.code == "NOT_STORED"));
    let again = imported(&world, &file, Manner::Whole).await.unwrap();
    assert_eq!(again.outcome, Outcome::Stored);
    assert_eq!(world.store.state().contacts.len(), 100);

    let world = World::new();
    world
        .store
        .fail("contacts.contact", 1_000, FailWhen::Before);
    let failure = imported(&world, &file, Manner::Part).await.unwrap_err();
    assert_eq!((failure.code(), failure.retryable()), (Code::DbError, true));
    assert!(world.store.state().contacts.is_empty());
}

/// A contact that others keep changing is left out; its neighbours are not.
#[tokio::test]
async fn a_row_whose_contact_is_busy_stops_nobody_else() {
    let world = World::new();
    world.hears(AMAL, "Amal", 1, "Hello").await;
    let key = (world.acme.tenant.id, world.contact_id(AMAL));
    for _ in 0..6 {
        world.store.meanwhile("contacts.save", move |state| {
            state.contacts.get_mut(&key).unwrap().version += 1;
        });
    }
    let file = format!(
        "phone,consent\n{AMAL},given\n{}",
        many(40).replace("phone\n", "")
    );
    let report = imported(&world, &file, Manner::Whole).await.unwrap();
    assert_eq!(report.outcome, Outcome::StoredInPart);
    assert_eq!(report.problems.len(), 1);
    assert_eq!(
        (report.problems[0].line, report.problems[0].code),
        (2, "NOT_STORED")
    );
    assert_eq!(counts(&report), [41, 40, 0, 0, 1]);
}

/// A clock that runs: half a second goes by between two looks at it.
struct Running(AtomicI64);

impl Clock for Running {
    fn now(&self) -> Timestamp {
        let millis = self.0.fetch_add(500, Ordering::Relaxed);
        Timestamp::from_millisecond(1_795_170_600_000 + millis).unwrap()
    }
}

/// The gateway gives up after thirty seconds, so an import ends before and says what is left.
#[tokio::test]
async fn an_import_that_takes_too_long_ends_and_tells_what_is_left() {
    let world = World::new();
    let clock = Running(AtomicI64::new(0));
    let desk = ContactDesk {
        store: &world.store,
        clock: &clock,
    };
    let manager = world.acme.user(Role::Manager);
    let file = many(100);
    let report = import(&desk, &manager, file.as_bytes(), Manner::Whole).await;
    let report = report.unwrap();
    let [rows, new, _, _, failed] = counts(&report);
    assert_eq!((report.outcome, rows), (Outcome::StoredInPart, 100));
    assert!((20..60).contains(&new) && new + failed == 100, "{new}");
    assert_eq!(world.store.state().contacts.len(), new as usize);
    let rest = imported(&world, &file, Manner::Whole).await.unwrap();
    assert_eq!(counts(&rest), [100, failed, 0, new, 0]);
}

#[tokio::test]
async fn a_file_is_imported_into_ones_own_company() {
    let world = World::new();
    imported(&world, GOOD, Manner::Whole).await.unwrap();
    let state = world.store.state();
    assert!(
        state
            .contacts
            .keys()
            .all(|(tenant, _)| *tenant == world.acme.tenant.id)
    );
    assert_eq!((state.contacts.len(), world.sends()), (2, 0));
}
