//! What somebody wants to change about a contact, checked before anything is read.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::{ContactEdit, LONGEST_NAME};
use crate::{
    contact::{Consent, MOST_TAGS, tag},
    failure::{AppFailure, FieldProblem},
    phone::PhoneNumber,
};

/// A change whose every part can be.
pub(super) struct Checked {
    pub(super) consent: Option<Consent>,
    pub(super) phone: Option<PhoneNumber>,
    /// The zone, or that there is none any more.
    pub(super) zone: Option<Option<String>>,
    pub(super) tags: Option<BTreeSet<String>>,
}

impl ContactEdit {
    /// Reads every part; all that are wrong are named at once.
    pub(super) fn checked(&self) -> Result<Checked, AppFailure> {
        let mut problems = Vec::new();
        if self
            .name
            .as_ref()
            .is_some_and(|n| n.chars().count() > LONGEST_NAME)
        {
            let message = format!("shorten it to {LONGEST_NAME} characters");
            problems.push(FieldProblem::new("name", "TOO_LONG", message));
        }
        let consent = self.consent.as_deref().map(Consent::parse);
        if consent == Some(None) {
            problems.push(FieldProblem::new(
                "consent",
                "UNKNOWN_VALUE",
                "use one of unasked, given, no_marketing, stopped",
            ));
        }
        let phone = self.add_phone.as_deref().map(PhoneNumber::parse);
        if let Some(Err(problem)) = &phone {
            problems.push(FieldProblem::new("add_phone", "PHONE", problem.to_string()));
        }
        let zone = self.zone.as_deref().map(str::trim);
        if zone.is_some_and(|zone| !zone.is_empty() && TimeZone::get(zone).is_err()) {
            problems.push(FieldProblem::new(
                "zone",
                "ZONE",
                "give an IANA time zone, for example Asia/Bahrain, or an empty text for none",
            ));
        }
        let tags = self.tags.as_ref().map(|tags| tagged(tags, &mut problems));
        if !problems.is_empty() {
            return Err(AppFailure::validation(
                "The contact cannot be changed like this; see the fields.",
                problems,
            ));
        }
        Ok(Checked {
            consent: consent.flatten(),
            phone: phone.and_then(Result::ok),
            zone: zone.map(|zone| (!zone.is_empty()).then(|| zone.to_owned())),
            tags,
        })
    }
}

fn tagged(given: &[String], problems: &mut Vec<FieldProblem>) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    for (index, text) in given.iter().enumerate() {
        match tag(text) {
            Some(tag) => {
                tags.insert(tag);
            }
            None => problems.push(FieldProblem::new(
                format!("tags[{index}]"),
                "FORMAT",
                "use 1 to 40 characters without commas, for example wholesale",
            )),
        }
    }
    if tags.len() > MOST_TAGS {
        problems.push(FieldProblem::new(
            "tags",
            "COUNT",
            format!("give at most {MOST_TAGS} tags"),
        ));
    }
    tags
}
