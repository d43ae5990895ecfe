//! A channel as the manager shows it: times in milliseconds, the number and the token not everywhere.

use domain::{channel::Secret, managed::PartnerChannel, phone::PhoneNumber};
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    lenient::{Fields, NAME},
    scrub,
};

/// Longest token that is taken: one that a header can still hold.
const LONGEST_TOKEN: usize = 1_024;

/// The channel in an answer, bare or in an object of its own; none when it has no id.
pub(super) fn read(answer: &Value) -> Option<PartnerChannel> {
    let fields = inner(answer);
    let provider_ref = fields.id("id").ok()?;
    let token = fields.text("token").map(str::trim);
    let token = token.filter(|token| (1..=LONGEST_TOKEN).contains(&token.len()));
    let said = |name| fields.text(name).map(scrub::word).unwrap_or_default();
    Some(PartnerChannel {
        provider_ref,
        name: fields.some("name", NAME).unwrap_or_default(),
        token: token.map(Secret::from),
        phone: fields.text_or_number("phone").as_deref().and_then(phone),
        active_till: moment(fields, "activeTill"),
        created_at: moment(fields, "creationTS"),
        trial: said("mode").eq_ignore_ascii_case("trial"),
        stopped: fields.flag("stopped").unwrap_or(false),
        status: said("status"),
    })
}

/// Until when the channel of an answer is active.
pub(super) fn active_till(answer: &Value) -> Option<Timestamp> {
    moment(inner(answer), "activeTill")
}

fn inner(answer: &Value) -> Fields<'_> {
    let fields = Fields::of(answer);
    ["channel", "data"]
        .into_iter()
        .map(|name| fields.at(name))
        .find(|inner| inner.is_object())
        .unwrap_or(fields)
}

fn moment(fields: Fields<'_>, name: &str) -> Option<Timestamp> {
    Some(fields.written_moment(name)?.at())
}

/// A number with or without its plus.
fn phone(text: &str) -> Option<PhoneNumber> {
    let digits = text.trim().trim_start_matches('+');
    PhoneNumber::parse(&format!("+{digits}")).ok()
}
