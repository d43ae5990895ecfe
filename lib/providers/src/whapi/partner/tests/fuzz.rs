//! No answer makes the translation panic: noise, and the sample with any value anywhere.

use proptest::prelude::*;

use super::*;

/// Every reader at once.
fn survive(status: u16, body: &[u8]) {
    let response = WireResponse {
        status,
        retry_after_seconds: Some(u64::MAX),
        body: body.to_vec(),
    };
    let _projects = read_projects(&response);
    if let Ok(channel) = read_channel(&response) {
        assert!((1..=512).contains(&channel.provider_ref.len()));
        assert!(channel.name.chars().count() <= 256 && channel.status.len() <= 64);
        assert!(
            !format!("{channel:?}").contains("invented-token"),
            "a token is printed"
        );
    }
    let _found = read_list(&response, "Pearl Shop 0192f0c1");
    let _shown = read_shown(&response, "HERON-7TEST");
    let _till = read_extend(&response);
    let _gone = read_delete(&response);
    if let Ok(domain::managed::LoginCode::Code { image, expires_in }) = read_login(&response) {
        assert!(image.starts_with("data:image/") && (1..=600).contains(&expires_in));
    }
    let _set = read_webhooks(&response);
    let _set = read_notices(&response);
    let _notice = notice(body);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("data:image/png;base64,AAAA")),
    ];
    let key = prop::sample::select(vec![
        "id",
        "name",
        "token",
        "phone",
        "activeTill",
        "creationTS",
        "mode",
        "stopped",
        "status",
        "channels",
        "projects",
        "data",
        "channel",
        "total",
        "base64",
        "qr",
        "expire",
        "error",
        "code",
        "message",
        "current_days",
        "days_limit",
        "days",
    ]);
    leaf.prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|fields| {
                let named = fields
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(named.collect())
            }),
        ]
    })
}

fn status() -> impl Strategy<Value = u16> {
    prop::sample::select(vec![200, 201, 204, 302, 400, 401, 404, 409, 422, 429, 500])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn any_bytes_are_survived(status in status(), body in prop::collection::vec(any::<u8>(), 0..200)) {
        survive(status, &body);
    }

    #[test]
    fn any_json_is_survived(status in status(), body in value()) {
        survive(status, body.to_string().as_bytes());
    }

    #[test]
    fn a_spoiled_sample_is_survived(
        status in status(),
        field in prop::sample::select(vec!["id", "name", "token", "activeTill", "creationTS", "mode", "stopped"]),
        spoiled in value(),
    ) {
        let mut channel: Value = CHANNEL.parse().unwrap();
        channel[field] = spoiled;
        survive(status, json!([channel]).to_string().as_bytes());
        survive(status, channel.to_string().as_bytes());
    }
}
