//! Whether the values of a message fit a provider's template, asked before anything is sent (S2.11).

use super::{ButtonShape, HeaderShape, SlotFormat, TemplateShape, fill::put};
use crate::{
    failure::FieldProblem,
    message::{ButtonAction, ButtonValue, HeaderValue, Parameters, TemplateUse},
};

/// The longest text of a template with its values, in characters (Meta's 132005).
const LONGEST_BODY: usize = 1_024;

impl TemplateShape {
    /// Everything that the provider would refuse about these values.
    #[must_use]
    pub fn problems(&self, given: &TemplateUse) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        self.header_problems(given.header.as_ref(), &mut problems);
        let slots = self.body_slots();
        values(
            self.format,
            "template.body",
            &slots,
            &given.body,
            &mut problems,
        );
        let body = self.body.as_deref().unwrap_or_default();
        let length = put(body, &slots, &given.body).chars().count();
        if problems.is_empty() && length > LONGEST_BODY {
            problems.push(FieldProblem::new(
                "template.body",
                "TOO_LONG",
                format!(
                    "with its values the template has {length} characters; shorten them to {LONGEST_BODY} in all"
                ),
            ));
        }
        self.button_problems(&given.buttons, &mut problems);
        problems
    }

    fn header_problems(&self, given: Option<&HeaderValue>, problems: &mut Vec<FieldProblem>) {
        let mut wrong = |code, message: String| {
            problems.push(FieldProblem::new("template.header", code, message));
        };
        let kind = |value: &HeaderValue| match value {
            HeaderValue::Text { .. } => "text",
            HeaderValue::Image(_) => "image",
            HeaderValue::Document(_) => "document",
            HeaderValue::Video(_) => "video",
        };
        let empty = Parameters::default();
        match (&self.header, given) {
            (None, None) => {}
            (None, Some(_)) => wrong(
                "UNEXPECTED",
                "the template has no header; leave it out".into(),
            ),
            (Some(HeaderShape::Other { kind }), _) => wrong(
                "UNSUPPORTED",
                format!(
                    "the template's header is {kind}, which Waypost cannot send; use another template"
                ),
            ),
            (Some(HeaderShape::Text { .. }), Some(HeaderValue::Text { values: given })) => {
                let slots = self.header_slots();
                values(
                    self.format,
                    "template.header.values",
                    &slots,
                    given,
                    problems,
                );
            }
            (Some(HeaderShape::Text { .. }), None) => {
                let slots = self.header_slots();
                values(
                    self.format,
                    "template.header.values",
                    &slots,
                    &empty,
                    problems,
                );
            }
            (Some(HeaderShape::Image), Some(HeaderValue::Image(_)))
            | (Some(HeaderShape::Video), Some(HeaderValue::Video(_)))
            | (Some(HeaderShape::Document), Some(HeaderValue::Document(_))) => {}
            (Some(wanted), Some(given)) => wrong(
                "KIND",
                format!(
                    "the template's header takes {}, not {}",
                    article(wanted.as_str()),
                    article(kind(given))
                ),
            ),
            (Some(wanted), None) => wrong(
                "REQUIRED",
                format!(
                    "the template's header needs {}; give its link or id",
                    article(wanted.as_str())
                ),
            ),
        }
    }

    fn button_problems(&self, given: &[ButtonValue], problems: &mut Vec<FieldProblem>) {
        for (n, value) in given.iter().enumerate() {
            let field = format!("template.buttons[{n}]");
            let repeated = given.iter().take(n).any(|other| other.index == value.index);
            if repeated {
                let what = format!("button {} has a value already", value.index);
                problems.push(FieldProblem::new(field, "REPEATED", what));
                continue;
            }
            match self.buttons.get(usize::from(value.index)) {
                None => problems.push(FieldProblem::new(
                    field,
                    "UNKNOWN",
                    format!(
                        "the template has {} buttons, counted from 0",
                        self.buttons.len()
                    ),
                )),
                Some(button) if !takes(button, &value.value) => problems.push(FieldProblem::new(
                    field,
                    "KIND",
                    format!(
                        "button {} is of the kind {} and takes no such value",
                        value.index, button.kind
                    ),
                )),
                Some(_) => {}
            }
        }
        for (index, button) in self.buttons.iter().enumerate() {
            let is_given = given.iter().any(|value| usize::from(value.index) == index);
            if button.needs_value() && !is_given {
                problems.push(FieldProblem::new(
                    "template.buttons",
                    "REQUIRED",
                    format!("give a value for button {index} ({})", button.kind),
                ));
            }
        }
    }
}

fn takes(button: &ButtonShape, value: &ButtonAction) -> bool {
    match value {
        ButtonAction::QuickReply { .. } => button.kind == "QUICK_REPLY",
        ButtonAction::Url { .. } => button.kind == "URL" && button.needs_value(),
        ButtonAction::CopyCode { .. } => button.kind == "COPY_CODE",
    }
}

fn article(kind: &str) -> String {
    let word = match kind {
        "document" => "file",
        other => other,
    };
    let vowel = word.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {word}", if vowel { "an" } else { "a" })
}

/// Whether values fit the slots of one part.
fn values(
    format: SlotFormat,
    field: &str,
    slots: &[&str],
    given: &Parameters,
    problems: &mut Vec<FieldProblem>,
) {
    let count = |given: usize| {
        FieldProblem::new(
            field,
            "COUNT",
            format!(
                "the template has {} slots here, and {given} values were given",
                slots.len()
            ),
        )
    };
    match (format, given) {
        (SlotFormat::Positional, Parameters::Positional(given)) => {
            if given.len() != slots.len() {
                problems.push(count(given.len()));
            }
        }
        (SlotFormat::Named, Parameters::Named(given)) => {
            for slot in slots.iter().filter(|slot| !given.contains_key(**slot)) {
                let field = format!("{field}.{slot}");
                let what = "the template needs a value for this slot";
                problems.push(FieldProblem::new(field, "REQUIRED", what));
            }
            for name in given.keys().filter(|name| !slots.contains(&name.as_str())) {
                let field = format!("{field}.{name}");
                let what = format!("the template has no such slot; it has {}", listed(slots));
                problems.push(FieldProblem::new(field, "UNKNOWN", what));
            }
        }
        (SlotFormat::Positional, Parameters::Named(given)) => {
            if !given.is_empty() {
                problems.push(FieldProblem::new(
                    field,
                    "FORMAT",
                    format!(
                        "the template's slots are numbered; give {} values in order",
                        slots.len()
                    ),
                ));
            } else if !slots.is_empty() {
                problems.push(count(0));
            }
        }
        (SlotFormat::Named, Parameters::Positional(given)) => {
            if !given.is_empty() {
                problems.push(FieldProblem::new(
                    field,
                    "FORMAT",
                    format!(
                        "the template's slots have names; give values for {}",
                        listed(slots)
                    ),
                ));
            } else if !slots.is_empty() {
                let what = format!("give values for {}", listed(slots));
                problems.push(FieldProblem::new(field, "REQUIRED", what));
            }
        }
    }
}

fn listed(slots: &[&str]) -> String {
    if slots.is_empty() {
        return "none".to_owned();
    }
    slots.join(", ")
}

#[cfg(test)]
mod tests;
