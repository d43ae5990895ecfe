//! What a message is about in the tenant's own system: an order, an inquiry, a booking.

use crate::failure::FieldProblem;

/// A thing of the tenant's own system, by its type and id there (S2.29).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Context {
    /// `order`, `inquiry`, `booking`: 1 to 40 characters of A–Z, a–z, 0–9, `_`, `.` and `-`.
    pub kind: String,
    /// Its id: 1 to 128 visible characters.
    pub id: String,
}

impl Context {
    /// Reads a context as a caller gives it.
    ///
    /// # Errors
    /// Every part that is wrong, with what to do.
    pub fn parse(kind: &str, id: &str) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        if !(1..=40).contains(&kind.len()) || !kind.bytes().all(word) {
            problems.push(FieldProblem::new(
                "context.type",
                "FORMAT",
                "use 1 to 40 characters of A–Z, a–z, 0–9, `_`, `.` and `-`, for example order",
            ));
        }
        let visible = id.chars().all(|c| !c.is_control() && !c.is_whitespace());
        if !(1..=128).contains(&id.chars().count()) || !visible {
            problems.push(FieldProblem::new(
                "context.id",
                "FORMAT",
                "use 1 to 128 visible characters, for example A-1001",
            ));
        }
        if problems.is_empty() {
            return Ok(Self {
                kind: kind.to_owned(),
                id: id.to_owned(),
            });
        }
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S2.29: any type and id of the tenant's own; nothing that could be taken for a key's separator.
    #[test]
    fn a_context_is_a_word_and_an_id() {
        assert!(Context::parse("tourPackageQuery", "TPQ-17/ä").is_ok());
        for (kind, id, wrong) in [
            ("", "1", "context.type"),
            ("a#b", "1", "context.type"),
            ("order", "", "context.id"),
            ("order", "a b", "context.id"),
            ("order", "a\u{0}", "context.id"),
        ] {
            let problems = Context::parse(kind, id).unwrap_err();
            assert_eq!(problems[0].field, wrong, "{kind} {id:?}");
        }
        assert_eq!(
            Context::parse(&"k".repeat(41), &"i".repeat(129))
                .unwrap_err()
                .len(),
            2
        );
    }
}
