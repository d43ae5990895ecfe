//! Texts with placeholders in braces: `{name}` in our own, `{{1}}` and `{{name}}` in providers'.

/// Longest name of a placeholder.
const LONGEST: usize = 64;

/// A part of a text of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Words.
    Text(&'t str),
    /// A placeholder, by its name.
    Slot(&'t str),
    /// Braces around something that is no name, braces included.
    Odd(&'t str),
    /// A brace without its other half.
    Brace(&'t str),
}

/// Whether a text is the name of a placeholder: letters, digits and `_`, a letter first.
#[must_use]
pub fn is_placeholder(name: &str) -> bool {
    name.len() <= LONGEST
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The parts of a text of our own, in order. Together they are the whole text.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((words, brace)) = rest
        .find(['{', '}'])
        .and_then(|at| rest.split_at_checked(at))
    {
        if !words.is_empty() {
            pieces.push(Piece::Text(words));
        }
        let (piece, after) = braced(brace);
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// What begins with this brace, and what comes after it.
fn braced(text: &str) -> (Piece<'_>, &str) {
    let (brace, after) = text.split_at_checked(1).unwrap_or((text, ""));
    if brace == "}" {
        return (Piece::Brace(brace), after);
    }
    let end = after.find(['{', '}']);
    let closed = end.and_then(|end| {
        let inside = after.get(..end)?;
        let after = after.get(end..)?.strip_prefix('}')?;
        let whole = text.get(..end + 2)?;
        Some((inside, whole, after))
    });
    match closed {
        Some((name, _, after)) if is_placeholder(name) => (Piece::Slot(name), after),
        Some((_, whole, after)) => (Piece::Odd(whole), after),
        None => (Piece::Brace(brace), after),
    }
}

/// The distinct slots of a provider's text, in the order they first stand in it: `1`, `first_name`.
#[must_use]
pub fn slots(text: &str) -> Vec<&str> {
    let mut slots = Vec::new();
    for piece in doubled(text) {
        if let Doubled::Slot(name) = piece
            && !slots.contains(&name)
        {
            slots.push(name);
        }
    }
    slots
}

/// A part of a provider's text.
pub(super) enum Doubled<'t> {
    Text(&'t str),
    Slot(&'t str),
}

/// The parts of a provider's text. Whatever is no slot is words: the provider approved them.
pub(super) fn doubled(text: &str) -> Vec<Doubled<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    // Where the words that are not yet a piece begin is `rest`; where to look next is `from`.
    let mut from = 0;
    while let Some(open) = rest.get(from..).and_then(|text| text.find("{{")) {
        let open = from + open;
        let inside = rest.get(open + 2..).unwrap_or_default();
        // Up to the next brace alone, so that a text of nothing but braces is read once.
        let end = inside.find(['{', '}']).unwrap_or(inside.len());
        let name = inside.split_at_checked(end).and_then(|(name, rest)| {
            let after = rest.strip_prefix("}}")?;
            Some((name.trim(), after))
        });
        match name {
            Some((name, after)) if is_slot(name) => {
                pieces.push(Doubled::Text(rest.get(..open).unwrap_or_default()));
                pieces.push(Doubled::Slot(name));
                (rest, from) = (after, 0);
            }
            // One brace on, so that `{{{1}}` is a brace and a slot.
            Some(_) | None => from = open + 1,
        }
    }
    pieces.push(Doubled::Text(rest));
    pieces
}

fn is_slot(name: &str) -> bool {
    let number = (1..=3).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit());
    number || is_placeholder(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S1.120: `{placeholderName}`; everything else in braces is told apart.
    #[test]
    fn a_text_falls_into_words_placeholders_and_odd_braces() {
        let check = |text: &str, expected: &[Piece<'_>]| assert_eq!(pieces(text), expected);
        check("", &[]);
        check("Hi", &[Piece::Text("Hi")]);
        check(
            "Hi {name}, {a b}!",
            &[
                Piece::Text("Hi "),
                Piece::Slot("name"),
                Piece::Text(", "),
                Piece::Odd("{a b}"),
                Piece::Text("!"),
            ],
        );
        check("{}", &[Piece::Odd("{}")]);
        check("{1}", &[Piece::Odd("{1}")]);
        check("{a", &[Piece::Brace("{"), Piece::Text("a")]);
        check(
            "a}{{b}}",
            &[
                Piece::Text("a"),
                Piece::Brace("}"),
                Piece::Brace("{"),
                Piece::Slot("b"),
                Piece::Brace("}"),
            ],
        );
        check("{é}", &[Piece::Odd("{é}")]);
    }

    /// S2.71, X14: numbered and named slots, each once, in their order.
    #[test]
    fn the_slots_of_a_providers_text_are_found() {
        for (text, expected) in [
            ("", &[][..]),
            ("{1} {a}", &[]),
            ("Hi {{1}}, {{2}} and {{1}}", &["1", "2"]),
            ("{{ first_name }} {{last}}", &["first_name", "last"]),
            ("{{{1}}}", &["1"]),
            ("{{a b}} {{}} {{1", &[]),
            ("{{1234}}", &[]),
            ("{{x {{2}}", &["2"]),
        ] {
            assert_eq!(slots(text), expected, "{text}");
        }
    }
}
