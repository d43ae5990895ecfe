use std::cell::RefCell;

use domain::failure::{ProviderFailure, StoreFailure, StoreFailureKind};
use futures::executor::block_on;

use super::*;
use crate::tracing::tests::Captured;

const TWO_LANES: &str = include_str!("../../../../events/sqs/two-lanes.json");
const POISONED: &str = include_str!("../../../../events/sqs/poisoned-body.json");

#[derive(Deserialize)]
struct Body {
    n: u8,
}

/// Fails where it is told to, and keeps what it did.
#[derive(Default)]
struct Probe {
    fails: Vec<(u8, fn() -> AppFailure)>,
    panics: Vec<u8>,
    parking_fails: bool,
    narrow: bool,
    done: RefCell<Vec<u8>>,
    parked: RefCell<Vec<(String, Code)>>,
}

impl Work for Probe {
    async fn handle(&self, record: &Record) -> Result<(), AppFailure> {
        let Body { n } = record.json()?;
        if self.panics.contains(&n) {
            panic!("to {}", record.body);
        }
        if let Some((_, failure)) = self.fails.iter().find(|(at, _)| *at == n) {
            return Err(failure());
        }
        self.done.borrow_mut().push(n);
        Ok(())
    }

    async fn park(&self, record: &Record, failure: &AppFailure) -> Result<(), AppFailure> {
        if self.parking_fails {
            return Err(throttled());
        }
        self.parked
            .borrow_mut()
            .push((record.message_id.clone(), failure.code()));
        Ok(())
    }

    fn lane(&self, record: &Record) -> String {
        if self.narrow {
            record.message_id.clone()
        } else {
            record.group().to_owned()
        }
    }
}

fn throttled() -> AppFailure {
    StoreFailure::new("t", StoreFailureKind::Throttled).into()
}

fn in_doubt() -> AppFailure {
    ProviderFailure::OutcomeUnknown {
        what: "timeout".into(),
    }
    .into()
}

/// The last digits of the ids that come again.
fn check(event: &str, probe: &Probe) -> Vec<u8> {
    let answer = block_on(run_fifo(records(event).unwrap(), probe));
    answer
        .failures()
        .map(|id| id[id.len() - 2..].parse().unwrap())
        .collect()
}

#[test]
fn after_a_record_that_comes_again_its_lane_waits_and_others_go_on() {
    let probe = Probe {
        fails: vec![(3, throttled)],
        ..Probe::default()
    };
    assert_eq!(check(TWO_LANES, &probe), [3, 5]);
    let mut done = probe.done.take();
    done.sort_unstable();
    assert_eq!(done, [1, 2, 4]);
}

#[test]
fn a_narrower_lane_holds_up_only_itself() {
    let probe = Probe {
        fails: vec![(3, throttled)],
        narrow: true,
        ..Probe::default()
    };
    assert_eq!(check(TWO_LANES, &probe), [3]);
}

#[test]
fn a_panic_in_one_record_is_parked_and_its_neighbours_survive() {
    let log = Captured::start();
    let probe = Probe {
        panics: vec![1, 4],
        ..Probe::default()
    };
    assert_eq!(check(TWO_LANES, &probe), [0_u8; 0]);
    let mut done = probe.done.take();
    done.sort_unstable();
    assert_eq!(done, [2, 3, 5]);
    assert!(
        probe
            .parked
            .take()
            .iter()
            .all(|(_, code)| *code == Code::Unknown)
    );
    assert!(!log.text().contains("{\\\"n"), "{}", log.text());
    assert!(
        log.text()
            .contains("\"record_id\":\"00000000-0000-4000-8000-000000000001\""),
        "{}",
        log.text()
    );
}

#[test]
fn a_poisoned_body_is_one_records_failure() {
    let probe = Probe::default();
    assert_eq!(check(POISONED, &probe), [0_u8; 0]);
    assert_eq!(probe.done.take(), [1, 3]);
    assert_eq!(probe.parked.take()[0].1, Code::Validation);
}

#[test]
fn doubt_is_parked_for_reconciliation_and_a_parking_that_fails_comes_again() {
    let probe = Probe {
        fails: vec![(1, in_doubt)],
        ..Probe::default()
    };
    assert_eq!(check(TWO_LANES, &probe), [0_u8; 0]);
    assert_eq!(probe.parked.take()[0].1, Code::ProviderError);
    let probe = Probe {
        fails: vec![(1, in_doubt)],
        parking_fails: true,
        ..Probe::default()
    };
    assert_eq!(check(TWO_LANES, &probe), [1, 3, 5]);
}

#[test]
fn the_table_of_decisions() {
    let park: [AppFailure; 8] = [
        AppFailure::unauthorized("x"),
        AppFailure::forbidden("x"),
        AppFailure::not_found("x"),
        AppFailure::unreadable("x"),
        AppFailure::conflict("x"),
        StoreFailure::new("t", StoreFailureKind::Corrupt).into(),
        in_doubt(),
        AppFailure::unknown("x"),
    ];
    for failure in park {
        assert_eq!(decide(&failure), Decision::Park, "{failure}");
    }
    assert_eq!(decide(&throttled()), Decision::Retry);
    assert_eq!(
        decide(&ProviderFailure::NotSent { what: "dns" }.into()),
        Decision::Retry
    );
}

#[test]
fn the_answer_is_what_sqs_reads() {
    let answer = BatchAnswer::failed(["a".to_owned()]);
    let json = serde_json::to_string(&answer).unwrap();
    assert_eq!(json, r#"{"batchItemFailures":[{"itemIdentifier":"a"}]}"#);
    assert_eq!(
        serde_json::to_string(&BatchAnswer::default()).unwrap(),
        r#"{"batchItemFailures":[]}"#
    );
}
