//! What Meta's errors mean, in answers and in webhooks alike: the number decides, not the HTTP status.

mod table;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, time::Duration};

use domain::{failure::ProviderFailure, provider::WireResponse};
use serde_json::Value;

use crate::{
    lenient::{self, Fields},
    scrub,
};

/// What an error concerns, and with that what may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// The channel or its account: nothing goes out until somebody acts.
    Account,
    /// The recipient: others can be written to.
    Recipient,
    /// The message, its file or its template: it fails however often it is sent.
    Content,
    /// Asked to slow down; known not sent.
    Slow,
    /// Meta could not do it for the moment; known not sent.
    Outage,
    /// It may have been sent.
    Doubt,
}

/// One kind of error.
#[derive(Debug)]
pub(crate) struct Row {
    /// The first of Meta's numbers for it.
    first: u32,
    /// The last one.
    last: u32,
    /// What it concerns.
    pub(crate) class: Class,
    /// How long to wait, in seconds, where the class is [`Class::Slow`] and Meta names no time.
    delay_seconds: u64,
    /// Our code for it.
    pub(crate) code: &'static str,
    /// For people: what is wrong and what to do.
    pub(crate) sentence: &'static str,
}

impl Row {
    /// What Meta means by a number; none for one never heard of.
    pub(crate) fn of(number: u32) -> Option<&'static Self> {
        table::ROWS
            .iter()
            .find(|row| (row.first..=row.last).contains(&number))
    }

    fn failure(&self, said: &Said, wait: Option<Duration>) -> ProviderFailure {
        match self.class {
            Class::Account | Class::Recipient | Class::Content => said.rejected(self),
            Class::Slow => ProviderFailure::RateLimited {
                retry_after: wait.or(Some(Duration::from_secs(self.delay_seconds))),
            },
            Class::Outage => ProviderFailure::NotSent { what: self.code },
            Class::Doubt => ProviderFailure::OutcomeUnknown {
                what: self.code.into(),
            },
        }
    }
}

/// What an `error`, or one of `errors`, says.
pub(crate) struct Said {
    /// Meta's number.
    pub(crate) number: Option<u32>,
    text: Option<String>,
    passing: bool,
}

impl Said {
    /// Reads an error of any shape.
    pub(crate) fn read(error: Fields<'_>) -> Self {
        let number = error.text_or_number("code");
        let text = error
            .at("error_data")
            .text("details")
            .or_else(|| error.text("message"))
            .or_else(|| error.text("title"))
            .and_then(scrub::sentence);
        Self {
            number: number.and_then(|number| number.trim().parse().ok()),
            text,
            passing: error.flag("is_transient").unwrap_or(false),
        }
    }

    /// What Meta means by it.
    pub(crate) fn row(&self) -> Option<&'static Row> {
        Row::of(self.number?)
    }

    /// Our code, and the sentence for people: what a failed status is stored with.
    pub(crate) fn failed(&self) -> (String, String) {
        let row = self.row().unwrap_or(&table::UNDELIVERED);
        (row.code.into(), self.explained(row.sentence))
    }

    fn rejected(&self, row: &Row) -> ProviderFailure {
        ProviderFailure::Rejected {
            code: Cow::Borrowed(row.code),
            reason: self.explained(row.sentence),
        }
    }

    /// Our sentence, then Meta's number and words.
    pub(crate) fn explained(&self, sentence: &str) -> String {
        let number = self.number.map(|number| format!(" {number}"));
        let number = number.unwrap_or_default();
        let text = self.text.as_deref().unwrap_or("no reason given");
        format!("{sentence} (Meta{number}: {text})")
    }
}

/// The failure that an answer stands for which is no success. A number that Meta documents decides,
/// also under a server error; without one, a server error says nothing about what became of the
/// message.
pub(crate) fn failure(response: &WireResponse) -> ProviderFailure {
    let body = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    let said = Said::read(Fields::of(&body).at("error"));
    let wait = lenient::wait(response);
    match said.row() {
        Some(row) if row.class != Class::Doubt || response.status != 429 => {
            row.failure(&said, wait)
        }
        Some(_) | None => unnamed(response.status, &said, wait),
    }
}

/// An error without a number that says anything.
fn unnamed(status: u16, said: &Said, wait: Option<Duration>) -> ProviderFailure {
    match status {
        401 => said.rejected(&table::UNAUTHORIZED),
        429 => ProviderFailure::RateLimited { retry_after: wait },
        // 408: Meta, or something before it, waited for the rest of the request; how much of it
        // arrived is not known.
        200..=299 | 400..=407 | 409..=499 if said.passing => ProviderFailure::NotSent {
            what: "META_UNAVAILABLE",
        },
        200..=299 | 400..=407 | 409..=499 => said.rejected(&table::REFUSED),
        status => ProviderFailure::OutcomeUnknown {
            what: format!("http {status}").into(),
        },
    }
}
