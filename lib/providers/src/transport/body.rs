//! Bodies as they are written: JSON, or a form where a provider reads nothing else.

use domain::{failure::ProviderFailure, provider::Encoding};
use reqwest::header::HeaderValue;
use serde_json::Value;

use super::judge;

/// What the body is said to be.
pub(super) const fn content_type(encoding: Encoding) -> HeaderValue {
    match encoding {
        Encoding::Json => HeaderValue::from_static("application/json"),
        Encoding::Form => HeaderValue::from_static("application/x-www-form-urlencoded"),
    }
}

/// The bytes of a body. A form is an object of texts; anything else in it is none of ours.
pub(super) fn write(encoding: Encoding, body: &Value) -> Result<String, ProviderFailure> {
    match encoding {
        Encoding::Json => Ok(body.to_string()),
        Encoding::Form => {
            let fields = body.as_object().ok_or(judge::NOT_BUILT)?;
            let mut form = form_urlencoded::Serializer::new(String::new());
            for (name, value) in fields {
                form.append_pair(name, value.as_str().ok_or(judge::NOT_BUILT)?);
            }
            Ok(form.finish())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(body: &Value) -> Result<String, ProviderFailure> {
        write(Encoding::Form, body)
    }

    #[test]
    fn a_form_keeps_every_character_apart() {
        let body = json!({"phonenumber": "97333000001", "text": "a&b=c d+e\nü\u{1f600}"});
        let written = form(&body).unwrap();
        assert_eq!(
            written,
            "phonenumber=97333000001&text=a%26b%3Dc+d%2Be%0A%C3%BC%F0%9F%98%80"
        );
        let read: Value = form_urlencoded::parse(written.as_bytes())
            .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
            .collect::<serde_json::Map<_, _>>()
            .into();
        assert_eq!(read, body);
    }

    #[test]
    fn what_is_no_form_is_not_written() {
        for odd in [
            json!([]),
            json!("a"),
            json!({"a": 1}),
            json!({"a": {"b": "c"}}),
        ] {
            assert_eq!(form(&odd), Err(judge::NOT_BUILT), "{odd}");
        }
    }
}
