//! Changes of accounts and their numbers, and errors that belong to no message.

use domain::provider::{AccountItem, Item};

use super::{
    super::errors::{Class, Said},
    Read,
};
use crate::{lenient::Fields, scrub};

/// `account_update`.
pub(super) fn update(value: Fields<'_>) -> Read {
    let event = value.text("event").ok_or("it has no event")?;
    let event = scrub::word(event.trim()).to_ascii_uppercase();
    let (detail, stops) = match event.as_str() {
        "ACCOUNT_RESTRICTION" => restriction(value),
        "ACCOUNT_VIOLATION" => {
            let what = value.at("violation_info").text("violation_type");
            let what = scrub::word(what.unwrap_or("unnamed"));
            (
                format!("Meta says the account breaks its policies: {what}."),
                true,
            )
        }
        "DISABLED_UPDATE" => disabled(value),
        "ACCOUNT_DELETED" => ("The account was deleted at Meta.".into(), true),
        "ACCOUNT_OFFBOARDED" => (
            "The account was taken off the Cloud API: connect it again.".into(),
            true,
        ),
        "PARTNER_REMOVED" | "PARTNER_APP_UNINSTALLED" => (
            "The account no longer lets this app send: connect it again.".into(),
            true,
        ),
        other => (format!("Meta says of the account: {other}."), false),
    };
    account(event, detail, stops)
}

/// A restriction may concern other things than messages.
fn restriction(value: Fields<'_>) -> (String, bool) {
    let mut named = Vec::new();
    for restriction in value.items("restriction_info").take(8) {
        let Some(what) = restriction.text("restriction_type") else {
            continue;
        };
        let until = restriction.moment("expiration").ok();
        let until = until.map(|at| format!(" until {at}")).unwrap_or_default();
        named.push((scrub::word(what), until));
    }
    let stops = named.is_empty() || named.iter().any(|(what, _)| what.contains("MESSAGING"));
    let named: Vec<_> = named
        .into_iter()
        .map(|(what, until)| format!("{what}{until}"))
        .collect();
    let named = if named.is_empty() {
        "nothing named".to_owned()
    } else {
        named.join(", ")
    };
    (format!("Meta restricts the account: {named}."), stops)
}

/// A ban may also be lifted, or only be announced.
fn disabled(value: Fields<'_>) -> (String, bool) {
    let state = value.at("ban_info").text("waba_ban_state");
    let state = scrub::word(state.unwrap_or("DISABLE")).to_ascii_uppercase();
    match state.as_str() {
        "REINSTATE" => ("Meta lets the account send again.".into(), false),
        "SCHEDULE_FOR_DISABLE" => (
            "Meta is going to disable the account: see its page there.".into(),
            false,
        ),
        _ => (
            "Meta disabled the account: see its page there.".into(),
            true,
        ),
    }
}

/// `account_review_update`.
pub(super) fn review(value: Fields<'_>) -> Read {
    let decision = value.text("decision").ok_or("it has no decision")?;
    let decision = scrub::word(decision.trim()).to_ascii_uppercase();
    let stops = decision == "REJECTED";
    let detail = format!("Meta reviewed the account: {decision}.");
    account(format!("REVIEW {decision}"), detail, stops)
}

/// `phone_number_quality_update`: another rating, limit or throughput.
pub(super) fn quality(value: Fields<'_>) -> Read {
    let event = value.text("event").ok_or("it has no event")?;
    let event = scrub::word(event.trim()).to_ascii_uppercase();
    let limit = value
        .text("current_limit")
        .or_else(|| value.text("max_daily_conversations_per_business"))
        .map(|limit| format!(", its limit is {}", scrub::word(limit)));
    let detail = format!(
        "Meta says of the number: {event}{}.",
        limit.unwrap_or_default()
    );
    account(event, detail, false)
}

/// Other news of an account that people may want to read.
pub(super) fn news(field: &str, value: Fields<'_>) -> Read {
    let alert = value.at("alert_info");
    let said = ["event", "decision", "status", "type"]
        .into_iter()
        .find_map(|name| value.text(name))
        .or_else(|| alert.text("alert_type"))
        .map(|said| scrub::word(said.trim()));
    let explained = alert
        .text("alert_description")
        .or_else(|| value.text("rejection_reason"))
        .and_then(scrub::sentence);
    let detail = match (&said, explained) {
        (Some(said), Some(explained)) => format!("Meta says: {said}. {explained}"),
        (Some(said), None) => format!("Meta says: {said}."),
        (None, Some(explained)) => format!("Meta says: {explained}"),
        (None, None) => "Meta gives no details.".into(),
    };
    account(field.to_owned(), detail, false)
}

/// `errors` beside messages: of the account or number as a whole.
pub(super) fn error(value: Fields<'_>) -> Read {
    let said = Said::read(value);
    let name = match said.number {
        Some(number) => format!("error {number}"),
        None => "error".into(),
    };
    match said.row() {
        Some(row) if row.class == Class::Account => {
            account(name, said.explained(row.sentence), true)
        }
        Some(_) | None => Ok(vec![Item::Ignored {
            name: scrub::word(&name),
        }]),
    }
}

fn account(word: String, detail: String, stops: bool) -> Read {
    Ok(vec![Item::Account(AccountItem {
        word,
        detail,
        stops,
    })])
}
