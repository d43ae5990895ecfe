//! The body of a request. What cannot be read is 400 with its place; what is read and is wrong is 422
//! with its field and what to do.

use domain::failure::{AppFailure, FieldProblem};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::http::strict;

/// The largest body that is read: 1,000 inline recipients with their parameters fit.
pub const MAX_BODY: usize = 256 * 1024;

/// Reads a body; also for bodies that came another way (a bus event, a queue). There is no extractor for
/// it: a handler asks first whether the caller may, and reads then. The content type is not asked: many
/// senders do not set it. Shapes use `deny_unknown_fields`, so that a typing error is told instead of
/// ignored.
///
/// # Errors
/// VALIDATION: unreadable (400) or wrong in a named field (422).
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, AppFailure> {
    if body.trim_ascii().is_empty() {
        return Err(AppFailure::unreadable(
            "The request has no body; JSON is expected.",
        ));
    }
    let text = std::str::from_utf8(body).map_err(|bad| {
        AppFailure::unreadable(format!(
            "The body is not UTF-8: byte {} is wrong.",
            bad.valid_up_to() + 1
        ))
    })?;
    strict::check(text)
        .map_err(|bad| AppFailure::unreadable(format!("The body is not readable JSON: {bad}.")))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|bad| {
        let path = path(bad.path());
        let cause = bad.into_inner();
        match cause.classify() {
            Category::Data => wrong(&path, &without_place(&cause)),
            Category::Syntax | Category::Eof | Category::Io => {
                AppFailure::unreadable(format!("The body is not readable JSON: {cause}."))
            }
        }
    })
}

/// One wrong field in the words of serde, told in ours and without repeating the value.
pub(crate) fn wrong(path: &str, said: &str) -> AppFailure {
    let named = said.split('`').nth(1).unwrap_or_default();
    let expected = said
        .rsplit_once("expected ")
        .map_or("", |(_, expected)| expected);
    let problem = if said.starts_with("missing field") {
        FieldProblem::new(
            joined(path, named),
            "REQUIRED",
            format!("`{named}` is required."),
        )
    } else if said.starts_with("unknown field") {
        let known = if expected.is_empty() {
            "no field is expected here".to_owned()
        } else {
            format!("known here: {expected}")
        };
        FieldProblem::new(
            joined(path, named),
            "UNKNOWN_FIELD",
            format!("`{named}` is not known; {known}. Correct or remove it."),
        )
    } else if said.starts_with("duplicate field") {
        FieldProblem::new(
            joined(path, named),
            "DUPLICATE",
            format!("`{named}` occurs twice; give it once."),
        )
    } else if said.starts_with("unknown variant") {
        FieldProblem::new(path, "UNKNOWN_VALUE", format!("Use {expected}."))
    } else if said.starts_with("invalid ") {
        FieldProblem::new(path, "WRONG_TYPE", format!("Expected {expected}."))
    } else {
        // A sentence of our own types, which never repeat the value either.
        FieldProblem::new(path, "INVALID", said.to_owned())
    };
    let at = if problem.field.is_empty() {
        "The body".to_owned()
    } else {
        format!("`{}`", problem.field)
    };
    AppFailure::validation(format!("{at} is wrong. {}", problem.message), vec![problem])
}

/// `buttons[1].title`, as a caller writes it.
pub(crate) fn path(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("[{index}]")),
            Segment::Map { key } => text = joined(&text, key),
            Segment::Enum { variant } => text = joined(&text, variant),
            Segment::Unknown => {}
        }
    }
    text
}

fn joined(path: &str, name: &str) -> String {
    let at_it = path == name || path.ends_with(&format!(".{name}"));
    match path {
        _ if name.is_empty() || at_it => path.to_owned(),
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

fn without_place(cause: &serde_json::Error) -> String {
    let said = cause.to_string();
    let place = format!(" at line {} column {}", cause.line(), cause.column());
    said.strip_suffix(&place).unwrap_or(&said).to_owned()
}

#[cfg(test)]
mod tests {
    use domain::{failure::Code, phone::PhoneNumber};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read by serde")]
    struct Draft {
        to: PhoneNumber,
        #[serde(default)]
        buttons: Vec<Button>,
        urgent: Option<bool>,
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read by serde")]
    struct Button {
        title: String,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Invoice,
        Notice,
    }

    fn check(body: impl AsRef<[u8]>) -> AppFailure {
        parse::<Draft>(body.as_ref()).unwrap_err()
    }

    #[test]
    fn unreadable_bodies_are_400_with_their_place() {
        let deep = format!(r#"{{"to":{}1{}}}"#, "[".repeat(50), "]".repeat(50));
        let cases: [(&[u8], &str); 11] = [
            (b"", "no body"),
            (b"  \n", "no body"),
            (b"{\"to\":\"\xff\"}", "byte 8"),
            (b"{\"to\":", "line 1 column 6"),
            (br#"{"to":"\ud800"}"#, "hex escape"),
            (br#"{"to":1e400}"#, "out of range"),
            (br#"{"to":"1","to":"2"}"#, "`to` occurs twice"),
            (
                br#"{"buttons":[{"title":"a","title":"b"}]}"#,
                "`title` occurs twice",
            ),
            (deep.as_bytes(), "deeper than 24"),
            (br#"{"to":"1"} {}"#, "trailing characters"),
            (b"\x1f\x8b\x08\x00", "UTF-8"),
        ];
        for (body, said) in cases {
            let failure = check(body);
            assert!(
                failure.is_unreadable() && failure.message().contains(said),
                "{failure}"
            );
        }
    }

    #[test]
    fn wrong_fields_are_422_with_their_path_and_a_remedy() {
        let cases = [
            ("{}", "to", "REQUIRED", "required"),
            (
                r#"{"to":"+97339000001","urgnt":true}"#,
                "urgnt",
                "UNKNOWN_FIELD",
                "`urgent`",
            ),
            (
                r#"{"to":"+97339000001","buttons":[{"title":"a"},{"title":5}]}"#,
                "buttons[1].title",
                "WRONG_TYPE",
                "a string",
            ),
            (
                r#"{"to":"+97339000001","buttons":[{}]}"#,
                "buttons[0].title",
                "REQUIRED",
                "required",
            ),
            (
                r#"{"to":"+97339000001","kind":"bill"}"#,
                "kind",
                "UNKNOWN_VALUE",
                "`notice`",
            ),
            (
                r#"{"to":"+97339000001","urgent":"yes"}"#,
                "urgent",
                "WRONG_TYPE",
                "a boolean",
            ),
            (r#"{"to":"039000001"}"#, "to", "INVALID", "country code"),
            ("[]", "", "WRONG_TYPE", "struct"),
        ];
        for (body, field, code, remedy) in cases {
            let failure = check(body);
            assert_eq!(failure.code(), Code::Validation);
            assert!(!failure.is_unreadable(), "{failure}");
            let problem = &failure.fields()[0];
            assert_eq!(
                (problem.field.as_str(), problem.code),
                (field, code),
                "{failure}"
            );
            assert!(problem.message.contains(remedy), "{failure}");
        }
    }

    #[test]
    fn the_value_is_not_repeated() {
        for body in [
            r#"{"to":"+97339000001","urgent":"secret"}"#,
            r#"{"to":"97339000001x"}"#,
            r#"{"to":"+97339000001","kind":"secret"}"#,
        ] {
            let failure = check(body);
            assert!(
                !failure.message().contains("secret") && !failure.message().contains("39000001"),
                "{failure}"
            );
        }
    }
}
