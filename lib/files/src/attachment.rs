//! Names of downloads. A customer's file name reaches a header and somebody's folder: it is made harmless
//! here, and stays readable.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The longest name, in characters; file systems take 255 bytes.
const LONGEST: usize = 80;

/// What an extension may be long.
const LONGEST_EXTENSION: usize = 10;

/// RFC 8187 leaves these as they are, among others.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The value of `Content-Disposition` that saves a file under this name, or the nearest harmless one.
pub(crate) fn disposition(filename: &str) -> String {
    named("attachment", filename)
}

/// The same for a file that a browser shows. Only for types that were found in the content and run nothing.
pub(crate) fn shown(filename: &str) -> String {
    named("inline", filename)
}

fn named(how: &str, filename: &str) -> String {
    let name = harmless(filename);
    if name.is_ascii() {
        return format!("{how}; filename=\"{name}\"");
    }
    let ascii: String = name
        .chars()
        .map(|c| if c.is_ascii() { c } else { '_' })
        .collect();
    let encoded = utf8_percent_encode(&name, ENCODED);
    format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

fn harmless(filename: &str) -> String {
    // The last part of a path of either kind.
    let last = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_unseen(*c))
        .map(|c| if is_special(c) { '_' } else { c })
        .collect();
    // A dot first hides a file, one last is dropped by Windows.
    let plain = plain.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if plain.is_empty() {
        return "file".into();
    }
    shortened(plain)
}

/// Characters that end a quoted header value, or that some file system or shell takes for its own.
const fn is_special(c: char) -> bool {
    matches!(
        c,
        '"' | '<' | '>' | ':' | '|' | '?' | '*' | ';' | '%' | '$' | '`'
    )
}

/// Characters that show nothing or turn the text around, so that `fdp.exe` reads as `exe.pdf`.
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.into();
    }
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension)
        .filter(|extension| extension.chars().count() <= LONGEST_EXTENSION);
    match extension {
        Some(extension) => {
            let room = LONGEST.saturating_sub(extension.chars().count() + 1);
            let stem: String = name.chars().take(room).collect();
            format!("{stem}.{extension}")
        }
        None => name.chars().take(LONGEST).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_when_it_is_harmless_and_made_so_when_it_is_not() {
        for (given, kept) in [
            ("Invoice 2026-11.pdf", "Invoice 2026-11.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\a.pdf", "a.pdf"),
            ("a\"; filename=\"b.exe", "a__ filename=_b.exe"),
            ("a\r\nx-header: 1\0.pdf", "ax-header_ 1.pdf"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            (".htaccess", "htaccess"),
            ("name.pdf. . ", "name.pdf"),
            ("", "file"),
            ("...", "file"),
            ("a/", "file"),
        ] {
            let expected = format!("attachment; filename=\"{kept}\"");
            assert_eq!(disposition(given), expected, "{given:?}");
        }
    }

    #[test]
    fn other_scripts_are_kept_beside_an_ascii_name() {
        assert_eq!(
            disposition("Übersicht (1).pdf"),
            "attachment; filename=\"_bersicht (1).pdf\"; filename*=UTF-8''%C3%9Cbersicht%20%281%29.pdf"
        );
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let long = format!("{}.pdf", "ق".repeat(300));
        let kept = harmless(&long);
        assert_eq!(kept.chars().count(), LONGEST);
        assert!(kept.ends_with("ق.pdf"), "{kept}");
        let bare = harmless(&format!("a.{}", "b".repeat(300)));
        assert_eq!(bare.chars().count(), LONGEST);
    }
}
