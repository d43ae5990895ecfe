//! The template a message was made from: what the use of templates is counted by.

use serde::{Deserialize, Serialize};

use super::Content;
use crate::ids::TemplateId;

/// The longest name of a provider's template that is kept with a message, in bytes: a message's item
/// stays small.
const LONGEST: usize = 80;

/// The template a message was made from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MadeFrom {
    /// One of the company's own.
    Own(TemplateId),
    /// A provider's: name and language. Of a very long name the beginning.
    Provider(String),
}

impl MadeFrom {
    /// What a content is made from by itself, if it is a template of the provider.
    #[must_use]
    pub fn of(content: &Content) -> Option<Self> {
        let Content::Template(template) = content else {
            return None;
        };
        let name = &template.name;
        let (name, _rest) = name.split_at(name.floor_char_boundary(LONGEST));
        Some(Self::Provider(format!("{name} {}", template.language)))
    }

    /// As it is kept: one line.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Own(id) => format!("o{}", id.key()),
            Self::Provider(name) => format!("p{name}"),
        }
    }

    /// Reads it as it was kept; none when it is no such line.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut letters = word.chars();
        match letters.next() {
            Some('o') => TemplateId::parse(letters.as_str()).ok().map(Self::Own),
            Some('p') => Some(Self::Provider(letters.as_str().to_owned())),
            Some(_) | None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Parameters, TemplateUse};

    #[test]
    fn a_word_is_read_back_and_stays_short() {
        let template = |name: &str| {
            MadeFrom::of(&Content::Template(TemplateUse {
                name: name.into(),
                language: "en_US".into(),
                header: None,
                body: Parameters::default(),
                buttons: Vec::new(),
            }))
        };
        let own = MadeFrom::Own(TemplateId::fresh());
        let provider = template("order_ready").unwrap();
        assert_eq!(provider.word(), "porder_ready en_US");
        for one in [own, provider, template(&"é".repeat(500)).unwrap()] {
            let word = one.word();
            assert!(word.len() <= 100, "{word}");
            assert_eq!(MadeFrom::parse(&word), Some(one));
        }
        assert_eq!(MadeFrom::parse("x"), None);
        assert_eq!(MadeFrom::parse("o12"), None);
        let text = Content::Text { body: "Hi".into() };
        assert_eq!(MadeFrom::of(&text), None);
    }
}
