//! Telephone numbers: one rule for the whole system (X11, X12). Stored as E.164 with its plus;
//! every adapter renders the form its provider wants.

mod zones;

use std::fmt;

use serde::{Deserialize, Serialize};

/// A canonical E.164 number: `+`, then 8 to 15 digits of which the first is 1–9.
/// `Debug` and `Display` mask it, because numbers never belong into logs; [`PhoneNumber::as_str`] is exact.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// Why a text is not a telephone number. The sentence is for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPhone {
    /// Nothing but spaces.
    #[error("a phone number is required, for example +97339000000")]
    Empty,
    /// A character that no written telephone number has.
    #[error("only digits are allowed (spaces, dots, dashes and brackets are ignored)")]
    Character,
    /// Fewer than eight or more than fifteen digits.
    #[error("a number has 8 to 15 digits in total, country code included")]
    Length,
    /// No country code starts with zero.
    #[error("write the country code first, without a leading 0 or 00")]
    LeadingZero,
}

impl PhoneNumber {
    /// The time zones of the number's country, the outermost ones where there are several; none for
    /// numbers without a country.
    #[must_use]
    pub fn zones(&self) -> &'static [&'static str] {
        zones::of(self.digits())
    }

    /// Reads a number as people and systems write it: `+973 3900-0000`, `whatsapp:+97339000000`,
    /// `97339000000`. Only ASCII digits count: look-alikes from other scripts are refused, so that one
    /// person has one spelling.
    ///
    /// # Errors
    /// [`BadPhone`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, BadPhone> {
        let text = text.trim();
        let text = text.strip_prefix("whatsapp:").unwrap_or(text).trim();
        if text.is_empty() {
            return Err(BadPhone::Empty);
        }
        let mut canonical = String::with_capacity(16);
        canonical.push('+');
        for (index, c) in text.chars().enumerate() {
            match c {
                '0'..='9' => canonical.push(c),
                '+' if index == 0 => {}
                ' ' | '-' | '.' | '(' | ')' | '/' => {}
                _ => return Err(BadPhone::Character),
            }
            if canonical.len() > 16 {
                return Err(BadPhone::Length);
            }
        }
        if canonical.as_bytes().get(1) == Some(&b'0') {
            return Err(BadPhone::LeadingZero);
        }
        if canonical.len() < 9 {
            return Err(BadPhone::Length);
        }
        Ok(Self(canonical))
    }

    /// The exact number with its plus.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The exact number without its plus, as WHAPI and 360Messenger want it.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.strip_prefix('+').unwrap_or(&self.0)
    }

    /// `+973…01`: enough for a person to recognise it, too little to be dialled.
    #[must_use]
    pub fn masked(&self) -> String {
        let digits = self.digits();
        let head: String = digits.chars().take(3).collect();
        let tail: String = digits
            .chars()
            .skip(digits.len().saturating_sub(2))
            .collect();
        format!("+{head}…{tail}")
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({})", self.masked())
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = BadPhone;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// S1.138, S2.117, S0.12, S0.21, S2.66, X11, X12: source 0's own example has eight digits after its
    /// country code.
    #[test]
    fn numbers_people_write_become_one_spelling() {
        for written in [
            "97339116526",
            "+97339116526",
            " +973 3911-6526 ",
            "(973) 3911.6526",
            "whatsapp:+97339116526",
        ] {
            let number = PhoneNumber::parse(written).unwrap();
            assert_eq!(number.as_str(), "+97339116526", "{written}");
            assert_eq!(number.digits(), "97339116526");
        }
    }

    /// S1.139, X12: the bounds of E.164, and the hostile spellings of hazards.md.
    #[test]
    fn what_is_no_number_is_refused_with_its_reason() {
        let cases = [
            ("", BadPhone::Empty),
            ("   ", BadPhone::Empty),
            ("1234567", BadPhone::Length),
            ("1234567890123456", BadPhone::Length),
            ("12345678901234567890", BadPhone::Length),
            ("0097339116526", BadPhone::LeadingZero),
            ("039116526", BadPhone::LeadingZero),
            ("+973x9116526", BadPhone::Character),
            ("973+39116526", BadPhone::Character),
            ("\u{202e}97339116526", BadPhone::Character),
            ("97339116526@s.whatsapp.net", BadPhone::Character),
            ("\u{ff19}\u{ff17}\u{ff13}39116526", BadPhone::Character),
        ];
        for (text, reason) in cases {
            assert_eq!(PhoneNumber::parse(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn a_number_is_masked_wherever_it_is_printed() {
        let number = PhoneNumber::parse("+97339116526").unwrap();
        for printed in [format!("{number:?}"), format!("{number}")] {
            assert!(!printed.contains("9116526"), "{printed}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]

        #[test]
        fn parsing_never_panics_and_is_idempotent(
            text in prop_oneof![".{0,40}", "[+0-9 ().-]{0,24}", "(whatsapp:)?[+]?[0-9]{6,18}"],
        ) {
            if let Ok(number) = PhoneNumber::parse(&text) {
                prop_assert_eq!(PhoneNumber::parse(number.as_str()), Ok(number.clone()));
                prop_assert!((9..=16).contains(&number.as_str().len()));
            }
        }
    }
}
