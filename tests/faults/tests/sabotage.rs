//! The checks can fail: with a broken store the program finds what is broken, and says so by its exit
//! code.

use std::process::Command;

/// Every kind of sabotage, and what must be found.
const KINDS: [(&str, &str); 15] = [
    ("claim", "second calls of one attempt"),
    ("pointer", "wrong final status"),
    ("message", "messages lost"),
    ("usage", "usage drift"),
    ("board", "counter drift"),
    ("inbound", "inbound doubled or lost"),
    ("mail", "mails lost or doubled"),
    ("making", "channels created twice"),
    ("spending", "days spent twice"),
    ("entry", "ledger drift"),
    ("deletion", "channels left wrong"),
    ("paid-until", "channels left wrong"),
    ("approval", "days credited wrongly"),
    ("sale", "payments counted wrongly"),
    ("telling", "companies told twice or never"),
];

#[test]
fn every_sabotage_is_detected() {
    for (kind, check) in KINDS {
        let output = Command::new(env!("CARGO_BIN_EXE_faults"))
            .args(["--seed", "1", "--distinct", "--sabotage", kind])
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{kind}: {told}");
        let found = told
            .lines()
            .find_map(|line| line.strip_prefix(check))
            .and_then(|count| count.trim().parse::<u32>().ok());
        assert!(found.is_some_and(|found| found > 0), "{kind}: {told}");
    }
}

/// The campaign's checks too: an attempt that is not claimed sends twice when it is broken off, and what
/// no board counts is missing in the totals.
#[test]
fn a_campaign_over_a_broken_store_is_wrong() {
    for kind in ["claim", "board"] {
        let output = Command::new(env!("CARGO_BIN_EXE_faults"))
            .args(["campaign", "--rows", "60", "--bad", "3", "--sabotage", kind])
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{kind}: {told}");
        let wrong = told.lines().find_map(|line| line.strip_prefix("wrong "));
        let wrong: usize = wrong.unwrap().parse().unwrap();
        assert!(wrong > 0, "{kind}: {told}");
    }
}
