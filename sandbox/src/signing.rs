//! JSON as Meta writes it, and the signature over its bytes.

use std::fmt::Write;

use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

/// The header that carries the signature.
pub(crate) const SIGNATURE: &str = "x-hub-signature-256";

/// `body` with `/` and everything outside ASCII escaped, as Meta's own encoder has it:
/// whoever serialises the parsed body again gets other bytes.
pub(crate) fn escaped(body: &Value) -> String {
    let plain = body.to_string();
    let mut text = String::with_capacity(plain.len());
    for character in plain.chars() {
        match character {
            // Outside strings JSON has no slash, so this one is inside.
            '/' => text.push_str("\\/"),
            character if character.is_ascii() => text.push(character),
            character => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
        }
    }
    text
}

/// `sha256=<hex>` over the bytes of `body`.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", digest(secret, body))
}

/// HMAC-SHA256 in lower-case hex.
pub(crate) fn digest(secret: &str, body: &[u8]) -> String {
    // HMAC takes keys of any length; this error cannot happen.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{escaped, signature};

    #[test]
    fn everything_outside_ascii_is_escaped_and_reads_back() {
        let body = json!({"text": "été / 🎉 \"شكرا\"", "é": ["\\", 1.5, null]});
        let text = escaped(&body);
        assert!(text.is_ascii(), "{text}");
        assert!(
            text.contains("\\u00e9t\\u00e9 \\/ \\ud83c\\udf89"),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), body);
    }

    /// RFC 4231, test case 2.
    #[test]
    fn the_signature_is_hmac_sha256_in_lower_case_hex() {
        assert_eq!(
            signature("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
