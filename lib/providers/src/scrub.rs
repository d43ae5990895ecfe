//! Makes a provider's own words fit to be stored and shown: they are written by others, and may quote
//! a number, a link or a token back at us.

/// Longest text kept of what a provider said.
const MOST: usize = 160;

/// Shortest run of digits that is taken for a telephone number.
const NUMBER: usize = 7;

/// Shortest word that is taken for a token: no word of an error sentence is as long.
const TOKEN: usize = 24;

/// The text on one line, without numbers, links and tokens, cut to 160 characters; none when nothing
/// is left.
pub(crate) fn sentence(text: &str) -> Option<String> {
    // Longer than anything shown, so that what is cut off later never uncovers half a number.
    let text: String = text.chars().take(MOST * 8).collect();
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let mut kept = String::new();
    let mut rest = words.as_slice();
    while let Some((word, after)) = rest.split_first() {
        let run = rest
            .iter()
            .take_while(|word| word.chars().all(|c| c.is_numeric() || "+-().".contains(c)))
            .count();
        let digits: usize = rest.iter().take(run).map(|word| digits(word)).sum();
        let (shown, taken) = if run > 0 && digits >= NUMBER {
            ("[number]", run)
        } else {
            (hide(word), 1)
        };
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(shown);
        rest = rest.get(taken..).unwrap_or(after);
    }
    let cut: String = kept.chars().take(MOST).collect();
    (!cut.is_empty()).then_some(cut)
}

fn digits(word: &str) -> usize {
    word.chars().filter(|c| c.is_numeric()).count()
}

fn hide(word: &str) -> &str {
    if word.contains("://") {
        "[link]"
    } else if digits(word) >= NUMBER {
        "[number]"
    } else if word.chars().count() >= TOKEN {
        "[hidden]"
    } else {
        word
    }
}

/// A provider's word for something (a type, a status, a key), fit for logs and the journal: 48
/// characters of letters, digits and a few marks.
pub(crate) fn word(text: &str) -> String {
    let word: String = text
        .chars()
        .take(48)
        .map(|c| {
            if c.is_ascii_alphanumeric() || "_-. ".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    if word.trim().is_empty() || digits(&word) >= NUMBER {
        return "unnamed".into();
    }
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(said: &str, shown: &str) {
        assert_eq!(sentence(said).unwrap_or_default(), shown, "{said:?}");
    }

    /// The reason of a failure is shown and mailed: it must hold no number and no token.
    #[test]
    fn numbers_links_and_tokens_are_taken_out_of_what_a_provider_said() {
        check("wrong  parameters\n", "wrong parameters");
        check(
            "recipient 97339116526@s.whatsapp.net not found",
            "recipient [number] not found",
        );
        check(
            "number +973 3911 6526 is blocked",
            "number [number] is blocked",
        );
        check("code 401: no access", "code 401: no access");
        check("bad token AbCdEfGhIjKlMnOpQrStUvWxYz", "bad token [hidden]");
        check("see https://gate.whapi.cloud/?token=x", "see [link]");
        check("", "");
        check("\u{0}\u{7}", "");
        check("٩٧٣٣٩١١٦٥٢٦ is blocked", "[number] is blocked");
    }

    #[test]
    fn a_long_answer_is_cut() {
        assert_eq!(
            sentence(&"word ".repeat(10_000)).unwrap().chars().count(),
            160
        );
    }

    #[test]
    fn a_providers_word_holds_no_content() {
        assert_eq!(word("buttons_reply"), "buttons_reply");
        assert_eq!(word("a\u{0}<b>"), "a__b_");
        assert_eq!(word(""), "unnamed");
        assert_eq!(word("97339116526"), "unnamed");
        assert_eq!(word(&"x".repeat(10_000)).len(), 48);
    }

    proptest! {
        #[test]
        fn no_number_survives(text in ".{0,40}", number in "[1-9][0-9]{7,14}") {
            let shown = sentence(&format!("{text} {number} {text}")).unwrap_or_default();
            prop_assert!(!shown.contains(&number));
        }
    }
}
