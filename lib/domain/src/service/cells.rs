//! Cells of the tables that people open with their spreadsheet.

/// A text that somebody else wrote, as a cell that no spreadsheet takes for a formula.
pub(super) fn harmless(text: &str) -> String {
    let begins = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n'
        )
    };
    // Some skip white space first.
    let first = text.chars().find(|c| *c != ' ' && *c != '\u{a0}');
    match first {
        Some(c) if begins(c) => format!("'{text}"),
        Some(_) | None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn what_a_spreadsheet_would_run_is_quoted() {
        for formula in [
            "=1+1", "+1", "-2", "@SUM(A1)", " =1", "\t=1", "\r\n=1", "＝1", "\u{a0}=1",
        ] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        for text in ["", " ", "Ada", "a=b", "1-2"] {
            assert_eq!(harmless(text), text);
        }
    }
}
