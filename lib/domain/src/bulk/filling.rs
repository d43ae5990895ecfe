//! Placeholders of a bulk job's content: `{name}` stands for a value of the row. The one place that
//! knows their form.

use std::collections::BTreeSet;

use super::FrozenRow;
use crate::message::Content;

/// The longest name of a placeholder, in characters.
const LONGEST: usize = 40;

/// A part of a text.
enum Part<'t> {
    Text(&'t str),
    Slot(&'t str),
}

/// The names that a content wants values for. `{name}` is the row's name.
#[must_use]
pub fn placeholders(content: &Content) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    content.clone().texts(&mut |text| {
        names.extend(parts(text).into_iter().filter_map(|part| match part {
            Part::Slot(name) => Some(name.to_owned()),
            Part::Text(_) => None,
        }));
    });
    names
}

/// What a content says to the person of a row.
///
/// # Errors
/// The names of all placeholders without a value.
pub fn fill(content: &Content, row: &FrozenRow) -> Result<Content, Vec<String>> {
    let mut missing = BTreeSet::new();
    let mut filled = content.clone();
    filled.texts(&mut |text| *text = text_filled(text, row, &mut missing));
    if missing.is_empty() {
        Ok(filled)
    } else {
        Err(missing.into_iter().collect())
    }
}

fn text_filled(text: &str, row: &FrozenRow, missing: &mut BTreeSet<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(text) => filled.push_str(text),
            Part::Slot(name) => match value(row, name) {
                Some(value) => filled.push_str(value),
                None => {
                    missing.insert(name.to_owned());
                }
            },
        }
    }
    filled
}

/// A row's value; an empty one is none.
fn value<'r>(row: &'r FrozenRow, name: &str) -> Option<&'r str> {
    let named = (name == "name").then_some(row.name.as_deref()).flatten();
    let value = row.parameters.get(name).map(String::as_str).or(named)?;
    (!value.trim().is_empty()).then_some(value)
}

/// Takes a text apart. Braces that hold no name, and doubled ones (the provider's own slots), are text.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        parts.push(Part::Text(before));
        rest = match slot(from) {
            Some((name, after)) => {
                parts.push(Part::Slot(name));
                after
            }
            None => {
                let braces = from.len() - from.trim_start_matches('{').len();
                let (braces, after) = from.split_at(braces);
                parts.push(Part::Text(braces));
                after
            }
        };
    }
    parts.push(Part::Text(rest));
    parts
}

fn slot(from: &str) -> Option<(&str, &str)> {
    let (name, after) = from.strip_prefix('{')?.split_once('}')?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && (1..=LONGEST).contains(&name.chars().count());
    is_name.then_some((name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(parameters: &[(&str, &str)]) -> FrozenRow {
        FrozenRow {
            to: "+97333000001".into(),
            name: Some("Amal".into()),
            parameters: parameters
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    fn said(body: &str, parameters: &[(&str, &str)]) -> Result<String, Vec<String>> {
        let content = Content::Text { body: body.into() };
        match fill(&content, &row(parameters))? {
            Content::Text { body } => Ok(body),
            other => panic!("{other:?}"),
        }
    }

    /// S2.39: each row's own values; a value is text whatever stands in it.
    #[test]
    fn values_are_filled_in_once() {
        let told = said("Dear {name}, {city}!", &[("city", "{name} \"Muharraq\"")]);
        assert_eq!(told.unwrap(), "Dear Amal, {name} \"Muharraq\"!");
        assert_eq!(said("{name}", &[("name", "Dr Amal")]).unwrap(), "Dr Amal");
        assert_eq!(said("{الاسم}", &[("الاسم", "أمل")]).unwrap(), "أمل");
    }

    #[test]
    fn every_missing_value_is_named() {
        let missing = said("{a} {b} {a} {c}", &[("b", "1"), ("c", " ")]);
        assert_eq!(missing, Err(vec!["a".to_owned(), "c".to_owned()]));
    }

    #[test]
    fn braces_without_a_name_are_text() {
        for text in [
            "{", "}", "{}", "{ name }", "{{1}}", "{{name}}", "a {b", "{a b}",
        ] {
            assert_eq!(said(text, &[]).unwrap(), text);
        }
        let content = Content::Text {
            body: "{{1}} {b} {a} {b}".into(),
        };
        let names: Vec<_> = placeholders(&content).into_iter().collect();
        assert_eq!(names, ["a", "b"]);
    }
}
