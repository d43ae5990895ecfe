//! A company's own templates: texts with `{name}` placeholders, checked before they are stored.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Piece, allowed, is_placeholder, pieces};
use crate::{
    failure::FieldProblem,
    ids::{TemplateId, TenantId, UserId},
    message::MessageType,
};

/// The longest name of a template, in characters (S1.64).
pub const LONGEST_NAME: usize = 100;
/// The longest text of a template, in characters: that of a message.
pub const LONGEST_TEXT: usize = 4_096;
/// The longest default of a placeholder, in characters.
const LONGEST_DEFAULT: usize = 1_024;

/// A template of a company's own (S1.63–S1.69).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTemplate {
    /// Its id.
    pub id: TemplateId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its name; no other template of the company has it, in capitals or not.
    pub name: String,
    /// What messages it is for.
    pub message_type: MessageType,
    /// Its text.
    pub text: TemplateText,
    /// Whether it is used. One switched off stays, and is not chosen by itself.
    pub active: bool,
    /// Raised at every change; a change of an older version is refused.
    pub version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who made it.
    pub created_by: UserId,
    /// Who last changed it.
    pub updated_by: UserId,
}

impl OwnTemplate {
    /// The name by which it is unique.
    #[must_use]
    pub fn unique_name(&self) -> String {
        self.name.to_lowercase()
    }
}

/// A placeholder of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// What stands there when a message has no value for it; without one, such a message is refused (X15).
    pub default: Option<String>,
}

/// A text with its placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateText {
    content: String,
    slots: Vec<Slot>,
}

impl TemplateText {
    /// Takes a text for a type of message (S1.121, S1.122).
    ///
    /// # Errors
    /// Everything that is wrong with it, as problems of the field `content`.
    pub fn check(message_type: MessageType, content: &str) -> Result<Self, Vec<FieldProblem>> {
        Self::with_defaults(message_type, content, &BTreeMap::new())
    }

    /// The same with declared defaults by placeholder.
    ///
    /// # Errors
    /// Everything that is wrong, as problems of the fields `content` and `defaults.…`.
    pub fn with_defaults(
        message_type: MessageType,
        content: &str,
        defaults: &BTreeMap<String, String>,
    ) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let names = names(message_type, content, &mut problems);
        for (name, default) in defaults {
            let field = format!("defaults.{name}");
            let length = default.chars().count();
            if !names.contains(&name.as_str()) {
                let what =
                    format!("the text has no placeholder {{{name}}}; take this default away");
                problems.push(FieldProblem::new(field, "UNUSED", what));
            } else if default.trim().is_empty() || length > LONGEST_DEFAULT {
                let what = format!("give 1 to {LONGEST_DEFAULT} characters, or no default");
                problems.push(FieldProblem::new(field, "LENGTH", what));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let slots = names.into_iter().map(|name| Slot {
            name: name.to_owned(),
            default: defaults.get(name).cloned(),
        });
        Ok(Self {
            slots: slots.collect(),
            content: content.to_owned(),
        })
    }

    /// A text as a store kept it.
    #[must_use]
    pub const fn stored(content: String, slots: Vec<Slot>) -> Self {
        Self { content, slots }
    }

    /// The text.
    #[must_use]
    pub fn content(&self) -> &str {
        &self.content
    }

    /// Its placeholders, in the order they first stand in it.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Defaults by placeholder.
    #[must_use]
    pub fn defaults(&self) -> BTreeMap<&str, &str> {
        let slots = self.slots.iter();
        slots
            .filter_map(|slot| Some((slot.name.as_str(), slot.default.as_deref()?)))
            .collect()
    }
}

/// The placeholders of a text, each once, and what is wrong with the text.
fn names<'t>(
    message_type: MessageType,
    content: &'t str,
    problems: &mut Vec<FieldProblem>,
) -> Vec<&'t str> {
    let mut wrong = |code, message: String| {
        let problem = FieldProblem::new("content", code, message);
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    };
    let length = content.chars().count();
    if content.trim().is_empty() {
        wrong("REQUIRED", "write at least one character".into());
    }
    if length > LONGEST_TEXT {
        let what = format!("shorten it to {LONGEST_TEXT} characters (it has {length})");
        wrong("TOO_LONG", what);
    }
    let allowed = allowed(message_type);
    let mut names = Vec::new();
    for piece in pieces(content) {
        match piece {
            Piece::Text(_) => {}
            Piece::Slot(name) if !allowed.holds(name) => wrong(
                "UNKNOWN_PLACEHOLDER",
                format!(
                    "{{{name}}} is no placeholder of the type {}; it has {}",
                    message_type.as_str(),
                    allowed.listed()
                ),
            ),
            Piece::Slot(name) => {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            Piece::Odd(whole) => {
                let shown: String = whole.chars().take(40).collect();
                let what = format!("{shown} is no placeholder; write one as {{customerName}}");
                wrong("PLACEHOLDER", what);
            }
            Piece::Brace(brace) => {
                let what = format!(
                    "a {brace} has no other half; write placeholders as {{customerName}}, with one brace on each side"
                );
                wrong("BRACE", what);
            }
        }
    }
    names
}

/// Takes the name of a template.
///
/// # Errors
/// The problem of the field `name`.
pub fn own_name(name: &str) -> Result<String, FieldProblem> {
    let name = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(FieldProblem::new(
        "name",
        "LENGTH",
        format!("give a name of 1 to {LONGEST_NAME} characters in one line"),
    ))
}

impl Slot {
    /// Whether the name is one that can stand in a text.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        is_placeholder(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message_type: MessageType, content: &str, expected: &[&str]) {
        let checked = TemplateText::check(message_type, content);
        let problems = checked.err().unwrap_or_default();
        let found: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(found, expected, "{content}");
    }

    /// S1.121, S1.122: every problem of a text is named at once, each once.
    #[test]
    fn a_text_is_checked_before_it_is_kept() {
        let invoice = MessageType::Invoice;
        check(invoice, "Dear {customerName}, {amount} {amount}", &[]);
        check(invoice, "No placeholder at all", &[]);
        check(invoice, " \n", &["REQUIRED"]);
        check(invoice, &"\u{1f600}".repeat(4_096), &[]);
        check(invoice, &"a".repeat(4_097), &["TOO_LONG"]);
        check(
            invoice,
            "{orderNumber} {orderNumber}",
            &["UNKNOWN_PLACEHOLDER"],
        );
        check(invoice, "{CustomerName}", &["UNKNOWN_PLACEHOLDER"]);
        check(invoice, "{customerName", &["BRACE"]);
        check(
            invoice,
            "{{1}} } {a b}",
            &["BRACE", "PLACEHOLDER", "BRACE", "PLACEHOLDER"],
        );
        check(MessageType::Other, "{anything}", &[]);
        check(MessageType::Promotion, "{discount} for {customerName}", &[]);
    }

    /// X15: a default stands on a placeholder that is there.
    #[test]
    fn defaults_belong_to_placeholders() {
        let with = |defaults: &[(&str, &str)]| {
            let defaults = defaults
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            let text = "Hello {customerName}";
            TemplateText::with_defaults(MessageType::Welcome, text, &defaults.collect())
        };
        let text = with(&[("customerName", "friend")]).unwrap();
        assert_eq!(text.slots()[0].default.as_deref(), Some("friend"));
        for wrong in [("name", "friend"), ("customerName", " ")] {
            let problems = with(&[wrong]).unwrap_err();
            assert_eq!(problems[0].field, format!("defaults.{}", wrong.0));
        }
    }

    /// S1.64.
    #[test]
    fn a_name_has_one_to_a_hundred_characters() {
        assert_eq!(own_name(" Invoice ").as_deref(), Ok("Invoice"));
        assert!(own_name(&"ä".repeat(100)).is_ok());
        for odd in ["", "  ", "a\nb", &"a".repeat(101)] {
            assert_eq!(own_name(odd).unwrap_err().field, "name", "{odd:?}");
        }
    }
}
