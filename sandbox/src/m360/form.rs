//! Reading forms.

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
};
use bytes::Bytes;
use http::header;
use serde_json::{Map, Value};

use crate::journal::readable;

/// Whether a body of this media type is a form.
pub(super) fn is_form(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    ["application/x-www-form-urlencoded", "multipart/form-data"].contains(&media_type)
}

/// The fields of a form as an object of texts; any other body as it is. Of a field that
/// comes twice the last one counts.
pub(crate) async fn fields(content_type: &str, body: Bytes) -> Value {
    if !is_form(content_type) {
        return readable(&body);
    }
    if content_type.starts_with("multipart/") {
        return multipart(content_type, body.clone())
            .await
            .unwrap_or_else(|| readable(&body));
    }
    let pair = |(name, value): (_, std::borrow::Cow<'_, str>)| {
        (String::from(name), Value::from(value.into_owned()))
    };
    let fields: Map<String, Value> = form_urlencoded::parse(&body).map(pair).collect();
    Value::Object(fields)
}

async fn multipart(content_type: &str, body: Bytes) -> Option<Value> {
    let request = Request::builder()
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(body))
        .ok()?;
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    let mut fields = Map::new();
    while let Some(part) = parts.next_field().await.ok()? {
        let name = part.name().unwrap_or_default().to_owned();
        fields.insert(name, part.text().await.ok()?.into());
    }
    Some(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::fields;

    #[tokio::test]
    async fn both_kinds_of_forms_are_read_and_other_bodies_left() {
        let multipart =
            "--b\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\na b\r\n--b--\r\n";
        for (content_type, body, wanted) in [
            (
                "application/x-www-form-urlencoded; charset=utf-8",
                "phonenumber=97333000001&text=a+%C3%A9&text=b",
                json!({"phonenumber": "97333000001", "text": "b"}),
            ),
            ("application/x-www-form-urlencoded", "", json!({})),
            (
                "multipart/form-data; boundary=b",
                multipart,
                json!({"text": "a b"}),
            ),
            ("multipart/form-data; boundary=b", "--c", json!("--c")),
            ("application/json", "{\"text\":\"x\"}", json!({"text": "x"})),
            ("", "", Value::Null),
        ] {
            let read = fields(content_type, body.into()).await;
            assert_eq!(read, wanted, "{content_type}");
        }
    }
}
