//! The renderer of our own texts: named values into `{name}`. A text is gone through once, so a value
//! that looks like a placeholder stays what it is.

use std::collections::BTreeSet;

use super::{Piece, TemplateText, Value, Variables, allowed, pieces};
use crate::{failure::FieldProblem, message::MessageType};

/// Something odd that keeps nothing from being sent (S1.142).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Machine code: `UNUSED_VARIABLE`, `UNKNOWN_PLACEHOLDER`.
    pub code: &'static str,
    /// Which variable or placeholder.
    pub name: String,
    /// What was done about it.
    pub message: String,
}

/// A text with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub text: String,
    /// What was left out.
    pub warnings: Vec<Warning>,
}

/// Fills a template of our own. Lists have each item on a line of its own.
///
/// # Errors
/// Every placeholder that has neither a value nor a declared default, as a problem of
/// `variables.<name>` (S1.141, X15).
pub fn render(text: &TemplateText, variables: &Variables) -> Result<Filled, Vec<FieldProblem>> {
    let defaults = text.defaults();
    let known = |name: &str| text.slots().iter().any(|slot| slot.name == name);
    filled(text.content(), variables, known, |name| {
        defaults.get(name).copied()
    })
}

/// Fills a text that somebody typed for one message: placeholders of the type get their values, whatever
/// else stands in braces stays as it was typed.
///
/// # Errors
/// As for [`render`].
pub fn render_free(
    message_type: MessageType,
    text: &str,
    variables: &Variables,
) -> Result<Filled, Vec<FieldProblem>> {
    let names = allowed(message_type).names;
    let known = |name: &str| names.contains(&name) || variables.contains_key(name);
    filled(text, variables, known, |_| None)
}

fn filled<'d>(
    text: &str,
    variables: &Variables,
    known: impl Fn(&str) -> bool,
    default: impl Fn(&str) -> Option<&'d str>,
) -> Result<Filled, Vec<FieldProblem>> {
    let mut told = Told::default();
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(words) | Piece::Odd(words) | Piece::Brace(words) => filled.push_str(words),
            Piece::Slot(name) if known(name) => match told.value(variables, name) {
                Some(value) => filled.push_str(&value.lines()),
                None => match default(name) {
                    Some(default) => filled.push_str(default),
                    None => told.missing(name),
                },
            },
            Piece::Slot(name) => {
                told.unknown(name);
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
    }
    let warnings = told.finish(variables)?;
    Ok(Filled {
        text: filled,
        warnings,
    })
}

/// What is told of a text while it is filled.
#[derive(Debug, Default)]
pub(super) struct Told {
    used: BTreeSet<String>,
    pub(super) problems: Vec<FieldProblem>,
    warnings: Vec<Warning>,
}

impl Told {
    /// The value of a name, which counts as used; a blank one is none.
    pub(super) fn value<'v>(&mut self, variables: &'v Variables, name: &str) -> Option<&'v Value> {
        self.used.insert(name.to_owned());
        variables.get(name).filter(|value| !value.is_blank())
    }

    pub(super) fn missing(&mut self, name: &str) {
        let problem = FieldProblem::new(
            format!("variables.{name}"),
            "REQUIRED",
            format!("give a value for {name}, or declare a default for it on the template"),
        );
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn unknown(&mut self, name: &str) {
        let warning = Warning {
            code: "UNKNOWN_PLACEHOLDER",
            name: name.to_owned(),
            message: format!("{{{name}}} is no placeholder here; it stays in the text as it is"),
        };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// The warnings, also of variables that nothing used.
    pub(super) fn finish(
        mut self,
        variables: &Variables,
    ) -> Result<Vec<Warning>, Vec<FieldProblem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let unused = variables.keys().filter(|name| !self.used.contains(*name));
        self.warnings.extend(unused.map(|name| Warning {
            code: "UNUSED_VARIABLE",
            name: name.clone(),
            message: format!("the template has no place for {name}; it was left out"),
        }));
        Ok(self.warnings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(given: &[(&str, &str)]) -> Variables {
        let given = given.iter();
        given
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
            .collect()
    }

    fn codes(warnings: &[Warning]) -> Vec<(&str, &str)> {
        warnings
            .iter()
            .map(|one| (one.code, one.name.as_str()))
            .collect()
    }

    /// S1.100, S1.120: every placeholder has its value, wherever and however often it stands.
    #[test]
    fn placeholders_become_their_values() {
        let text = "{customerName}: {items}\n{customerName}";
        let text = TemplateText::check(MessageType::StockDelivered, text).unwrap();
        let mut given = values(&[("customerName", "Ada {items}")]);
        given.insert(
            "items".into(),
            Value::List(vec!["Tea".into(), "Rice".into()]),
        );
        let filled = render(&text, &given).unwrap();
        assert_eq!(filled.text, "Ada {items}: Tea\nRice\nAda {items}");
        assert_eq!(filled.warnings, []);
    }

    /// S1.141, X15: all that is missing is told at once, unless a default was declared.
    #[test]
    fn what_is_missing_is_an_error_unless_a_default_was_declared() {
        let defaults = [("daysOverdue".to_owned(), "some".to_owned())].into();
        let text = "{customerName} {amount} {daysOverdue} {amount}";
        let kind = MessageType::PaymentReminder;
        let text = TemplateText::with_defaults(kind, text, &defaults).unwrap();
        let problems = render(&text, &values(&[("amount", "  ")])).unwrap_err();
        let fields: Vec<_> = problems
            .iter()
            .map(|p| (p.field.as_str(), p.code))
            .collect();
        let expected = [
            ("variables.customerName", "REQUIRED"),
            ("variables.amount", "REQUIRED"),
        ];
        assert_eq!(fields, expected);
        let given = values(&[("customerName", "Ada"), ("amount", "7")]);
        assert_eq!(render(&text, &given).unwrap().text, "Ada 7 some 7");
    }

    /// S1.142: what the template does not use is told and left out.
    #[test]
    fn a_variable_without_a_place_is_a_warning() {
        let text = TemplateText::check(MessageType::Welcome, "Hi {customerName}").unwrap();
        let given = values(&[("customerName", "Ada"), ("colour", "red")]);
        let filled = render(&text, &given).unwrap();
        assert_eq!(filled.text, "Hi Ada");
        assert_eq!(codes(&filled.warnings), [("UNUSED_VARIABLE", "colour")]);
    }

    /// S1.142, S1.5: in free text an unknown placeholder is told and stays; a known one needs its value.
    #[test]
    fn free_text_keeps_what_is_no_placeholder() {
        let free = |text: &str, given: &Variables| render_free(MessageType::Festival, text, given);
        let given = values(&[("customerName", "Ada"), ("gift", "tea")]);
        let filled = free("{customerName}, {gift} {orderNumber} {x y} }", &given).unwrap();
        assert_eq!(filled.text, "Ada, tea {orderNumber} {x y} }");
        assert_eq!(
            codes(&filled.warnings),
            [("UNKNOWN_PLACEHOLDER", "orderNumber")]
        );
        let problems = free("Happy {festivalName}!", &given).unwrap_err();
        assert_eq!(problems[0].field, "variables.festivalName");
    }
}
