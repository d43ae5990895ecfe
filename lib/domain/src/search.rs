//! Words by which contacts are found: what people type is folded the same way as what is stored.

use crate::contact::Contact;

/// Most words of one name that are indexed.
const MOST_WORDS: usize = 6;

/// Longest word that is indexed; the rest of a longer one is not looked at.
const LONGEST: usize = 32;

/// Lower case, without the marks around letters that people leave out when typing.
#[must_use]
pub fn fold(text: &str) -> String {
    text.trim().to_lowercase().chars().take(LONGEST).collect()
}

/// The words of a name that it is found by, folded, each once.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in name.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word = fold(word.trim_matches(|c: char| !c.is_alphanumeric()));
        if !word.is_empty() && !words.contains(&word) && words.len() < MOST_WORDS {
            words.push(word);
        }
    }
    words
}

/// What somebody typed into a search field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// The beginning of a number, digits only.
    Number(String),
    /// The beginning of words of a name, folded.
    Name(Vec<String>),
}

impl Sought {
    /// Reads a search; none when nothing searchable was typed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bare: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '+'))
            .collect();
        if !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit()) {
            let digits = bare.strip_prefix("00").unwrap_or(&bare);
            let digits: String = digits.chars().take(15).collect();
            return (!digits.is_empty()).then_some(Self::Number(digits));
        }
        let words = words(text);
        (!words.is_empty()).then_some(Self::Name(words))
    }

    /// The prefix to look up: the number, or the longest word.
    #[must_use]
    pub fn prefix(&self) -> &str {
        match self {
            Self::Number(digits) => digits,
            Self::Name(words) => words
                .iter()
                .max_by_key(|word| word.chars().count())
                .map_or("", String::as_str),
        }
    }

    /// Whether a contact is what was sought. The index may lag: the contact itself decides.
    #[must_use]
    pub fn matches(&self, contact: &Contact) -> bool {
        match self {
            Self::Number(digits) => contact
                .phone
                .as_ref()
                .is_some_and(|phone| phone.digits().starts_with(digits.as_str())),
            Self::Name(sought) => {
                let own = contact.name.as_deref().map(words).unwrap_or_default();
                sought
                    .iter()
                    .all(|word| own.iter().any(|o| o.starts_with(word.as_str())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::TenantId, phone::PhoneNumber};

    fn contact(name: &str) -> Contact {
        let phone = PhoneNumber::parse("+97333000017").unwrap();
        Contact::met(TenantId::fresh(), &phone, Some(name.into()))
    }

    /// S4.38: by phone or name.
    #[test]
    fn people_are_found_by_the_beginning_of_names_and_numbers() {
        let amal = contact("Amal  (Blue) Heron");
        for hit in [
            "ama",
            "HERON",
            "blue her",
            "heron amal",
            "+973 3300",
            "0097333",
            "97333000017",
        ] {
            assert!(Sought::parse(hit).unwrap().matches(&amal), "{hit}");
        }
        for miss in ["eron", "amal crane", "33000017", "9743"] {
            assert!(!Sought::parse(miss).unwrap().matches(&amal), "{miss}");
        }
        for nothing in ["", "  ", "()", "+", "00", "\u{0}"] {
            assert_eq!(Sought::parse(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_name_has_a_bounded_number_of_bounded_words() {
        let long = "x".repeat(500);
        let many = words(&format!("{long} a b c d e f g a"));
        assert_eq!(many.len(), 6);
        assert!(many.iter().all(|word| word.chars().count() <= 32));
    }
}
