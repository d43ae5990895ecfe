//! The named values that fill templates of either kind.

use std::collections::BTreeMap;

/// A value: one text, or several that stand in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One text.
    Text(String),
    /// Several, in order: the items of an order.
    List(Vec<String>),
}

impl Value {
    /// Whether there is nothing to read in it. A hole in a sentence is worse than no message.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::List(items) => items.iter().all(|item| item.trim().is_empty()),
        }
    }

    /// As it stands in a text of our own: each item of a list on a line of its own.
    #[must_use]
    pub fn lines(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(items) => told(items).collect::<Vec<_>>().join("\n"),
        }
    }

    /// As it stands in a provider's template: one line, lists as `A, B, C` (X46).
    #[must_use]
    pub fn flat(&self) -> String {
        match self {
            Self::Text(text) => flat(text),
            Self::List(items) => told(items).map(flat).collect::<Vec<_>>().join(", "),
        }
    }
}

fn told(items: &[String]) -> impl Iterator<Item = &str> {
    items
        .iter()
        .map(String::as_str)
        .filter(|item| !item.trim().is_empty())
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Values by name.
pub type Variables = BTreeMap<String, Value>;

/// A text as Meta takes it in a slot (X46): it refuses line breaks, tabs and more than four spaces in a
/// row. Lines become parts of a list, further white space one space.
#[must_use]
pub fn flat(text: &str) -> String {
    let lines = text.split([
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ]);
    let lines = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    let mut flat = String::new();
    for line in lines {
        if !flat.is_empty() {
            // After a comma or a colon another one would be one too many.
            let ended = flat.ends_with([',', ':', ';', '.', '!', '?']);
            flat.push_str(if ended { " " } else { ", " });
        }
        flat.push_str(&line);
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X46, S1.24: lists and lines are one line for a provider, and lines in a text of our own.
    #[test]
    fn lists_and_lines_are_flattened_for_providers_alone() {
        let list = Value::List(vec!["2 × Tea".into(), " ".into(), "Rice\n5 kg".into()]);
        assert_eq!(list.flat(), "2 × Tea, Rice, 5 kg");
        assert_eq!(list.lines(), "2 × Tea\nRice\n5 kg");
        for (text, expected) in [
            ("", ""),
            ("Ada", "Ada"),
            ("Items:\n- tea\n\n- rice\r\n", "Items: - tea, - rice"),
            ("a\tb      c", "a b c"),
            ("one,\ntwo", "one, two"),
            ("a\u{2028}b\u{85}c", "a, b, c"),
        ] {
            assert_eq!(flat(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_holds_nothing_to_read_is_blank() {
        assert!(Value::from(" \n").is_blank());
        assert!(Value::List(Vec::new()).is_blank());
        assert!(Value::List(vec![" ".into()]).is_blank());
        assert!(!Value::List(vec![" ".into(), "a".into()]).is_blank());
    }
}
