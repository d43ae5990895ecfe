//! Changes of templates: their status, category and quality.

use domain::provider::{Item, TemplateChange, TemplateItem};

use super::Read;
use crate::{lenient::Fields, scrub};

/// `message_template_status_update`.
pub(super) fn status(value: Fields<'_>) -> Read {
    let event = value.text("event").ok_or("it has no event")?;
    changed(
        value,
        TemplateChange::Status {
            status: word(event),
            reason: reason(value),
        },
    )
}

/// `template_category_update`. Without a new category it announces one that does not count yet.
pub(super) fn category(value: Fields<'_>) -> Read {
    match value.text("new_category") {
        Some(category) => changed(value, TemplateChange::Category(word(category))),
        None if value.text("correct_category").is_some() => Ok(vec![Item::Ignored {
            name: "template_category_update announced".into(),
        }]),
        None => Err("it has no category"),
    }
}

/// `message_template_quality_update`.
pub(super) fn quality(value: Fields<'_>) -> Read {
    let quality = value.text("new_quality_score").ok_or("it has no quality")?;
    changed(value, TemplateChange::Quality(word(quality)))
}

fn changed(value: Fields<'_>, change: TemplateChange) -> Read {
    let name = value
        .some("message_template_name", 512)
        .ok_or("it names no template")?;
    let language = value
        .some("message_template_language", 16)
        .ok_or("it names no language")?;
    Ok(vec![Item::Template(TemplateItem {
        name,
        // Both `en_US` and `en-US` are seen; a template is known by the first.
        language: language.trim().replace('-', "_"),
        change,
    })])
}

fn word(text: &str) -> String {
    scrub::word(text.trim()).to_ascii_uppercase()
}

/// Why, in the words that explain most: what Meta found and recommends, else its title, else its word.
fn reason(value: Fields<'_>) -> Option<String> {
    let both = |part: &str, first: &str, second: &str| {
        let part = value.at(part);
        let said = [first, second].map(|name| part.text(name).and_then(scrub::sentence));
        let said: Vec<_> = said.into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join(" "))
    };
    both("rejection_info", "reason", "recommendation")
        .or_else(|| both("other_info", "title", "description"))
        .or_else(|| {
            let reason = value.text("reason").and_then(scrub::sentence)?;
            (reason != "NONE").then_some(reason)
        })
}
