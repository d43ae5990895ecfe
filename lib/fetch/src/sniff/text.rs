//! Plain text and CSV: whole UTF-8 without control characters that no browser could take for a page and
//! no shell for a program.

use super::MediaType;

/// How far browsers look for markup (<https://mimesniff.spec.whatwg.org/#reading-the-resource-header>).
const LOOKED_AT: usize = 1445;

/// Markup wherever it begins within that.
const MARKUP: [&str; 8] = [
    "<!doctype",
    "<html",
    "<head",
    "<body",
    "<script",
    "<iframe",
    "<svg",
    "<?xml",
];

/// What a script, a PostScript program or a document with objects begins with.
const PROGRAMS: [&str; 4] = ["#!", "%!", "@echo off", "{\\rtf"];

/// Parts of declared types that are refused whatever stands in the file.
const DECLARED: [&str; 5] = ["html", "xml", "svg", "script", "x-sh"];

pub(super) fn of(bytes: &[u8], declared: &str) -> Option<MediaType> {
    let text = str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    if text.contains(control) || DECLARED.iter().any(|part| declared.contains(part)) {
        return None;
    }
    if is_markup(text) || PROGRAMS.iter().any(|first| begins_with(text, first)) {
        return None;
    }
    // Browsers on Windows call CSV what Excel opens.
    let csv = declared.ends_with("/csv")
        || declared == "text/comma-separated-values"
        || declared == "application/vnd.ms-excel";
    Some(if csv {
        MediaType::new("text/csv", "csv")
    } else {
        MediaType::new("text/plain", "txt")
    })
}

fn is_markup(text: &str) -> bool {
    let mut first = text.trim_start().chars();
    let tag = |c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?' | '/');
    if first.next() == Some('<') && first.next().is_some_and(tag) {
        return true;
    }
    text.match_indices('<')
        .take_while(|(at, _)| *at < LOOKED_AT)
        .filter_map(|(at, _)| text.get(at..))
        .any(|rest| MARKUP.iter().any(|tag| begins_with(rest, tag)))
}

fn begins_with(text: &str, first: &str) -> bool {
    text.get(..first.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(first))
}
