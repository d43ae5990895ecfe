use domain::provider::ProviderStatus;

use super::*;

fn of_statuses(items: &str) -> String {
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"201700000000001","changes":[{{"field":"messages","value":{{"metadata":{{"phone_number_id":"301700000000001"}},"statuses":[{items}]}}}}]}}]}}"#
    )
}

/// S2.58: every entry and every change of it counts, each for its own number.
#[test]
fn a_batch_is_read_whole_and_each_item_is_for_its_own_number() {
    let items = of_body(fixture("batch")).items;
    let number = |number: &str| Address::Number(number.into());
    let other = Address::Account {
        account: "201700000000002".into(),
        number: None,
    };
    let addresses: Vec<_> = items.iter().map(|(address, _)| address.clone()).collect();
    assert_eq!(
        addresses,
        [
            ours(),
            ours(),
            ours(),
            ours(),
            ours(),
            number("301700000000002"),
            other
        ]
    );
    let texts: Vec<_> = items
        .into_iter()
        .filter_map(|(_, item)| match item {
            Item::Inbound(item) => Some((item.name.unwrap(), item.content.preview())),
            _ => None,
        })
        .collect();
    let expected = [
        ("Person 1", "First"),
        ("Person 2", "Second"),
        ("Mona Example", "Third"),
        ("Sami Example", "Fourth"),
        ("Person 3", "Fifth"),
    ];
    assert_eq!(
        texts,
        expected.map(|(name, body)| (name.to_owned(), body.to_owned()))
    );
}

/// S2.106: the console's test is accepted, and holds nothing.
#[test]
fn an_empty_webhook_holds_nothing() {
    let body = r#"{"object":"whatsapp_business_account","entry":[]}"#;
    assert_eq!(of_body(body), Delivery::default());
    assert_eq!(of_body(format!("\u{feff}{body}")), Delivery::default());
}

#[test]
fn a_body_that_is_not_ours_is_one_unreadable_item() {
    for body in [
        "",
        "null",
        "[]",
        "\"x\"",
        "{",
        "{}",
        "{}x",
        "\u{0}",
        r#"{"a":}"#,
        r#"{"entry":[]}"#,
        r#"{"object":"page","entry":[]}"#,
        r#"{"object":7,"entry":[]}"#,
        r#"{"object":"whatsapp_business_account","object":"page","entry":[]}"#,
    ] {
        let items = of_body(body).items;
        assert!(
            matches!(items.as_slice(), [(Address::Here, Item::Unreadable { .. })]),
            "{body:?}: {items:?}"
        );
    }
}

/// hazards.md, "Bad inputs": each is one unreadable item, and the good one after it is read.
#[test]
fn one_bad_item_never_costs_its_neighbour() {
    let good = r#"{"id":"wamid.good","status":"delivered","timestamp":"1764000000"}"#;
    let nest = "[".repeat(50_000) + &"]".repeat(50_000);
    let long = "x".repeat(10_240);
    let bad = [
        "7".to_owned(),
        "null".into(),
        "[]".into(),
        "{}".into(),
        r#"{"id":"a-b","status":"read","timestamp":1e400}"#.into(),
        r#"{"id":"a-b","status":"read","timestamp":"1e400"}"#.into(),
        r#"{"id":"a-b","status":"read","timestamp":0}"#.into(),
        r#"{"id":"a-b","status":"read","timestamp":-5}"#.into(),
        r#"{"id":"a-b","status":"read","timestamp":253402300799}"#.into(),
        r#"{"id":"a-b","status":"read","timestamp":true}"#.into(),
        r#"{"id":"a-b","status":"read"}"#.into(),
        r#"{"id":"a-b","timestamp":"1764000000"}"#.into(),
        r#"{"id":"a-b","status":7,"timestamp":"1764000000"}"#.into(),
        r#"{"id":"\ud800","status":"read","timestamp":"1764000000"}"#.into(),
        r#"{"id":"","status":"read","timestamp":"1764000000"}"#.into(),
        format!(r#"{{"id":"{long}","status":"read","timestamp":"1764000000"}}"#),
        format!(r#"{{"id":"a-b","status":"read","timestamp":"1764000000","x":{nest}}}"#),
    ];
    for bad in bad {
        let items = of_body(of_statuses(&format!("{bad},{good}"))).items;
        assert!(
            matches!(
                items.as_slice(),
                [(_, Item::Unreadable { .. }), (_, Item::Status(_))]
            ),
            "{bad:.80}: {items:?}"
        );
    }
}

/// The same one level up: a bad change or entry costs nobody else's.
#[test]
fn one_bad_change_or_entry_never_costs_its_neighbour() {
    let good = r#"{"field":"calls","value":{}}"#;
    let entry = |changes: &str| format!(r#"{{"id":"201700000000001","changes":{changes}}}"#);
    let body =
        |entries: &str| format!(r#"{{"object":"whatsapp_business_account","entry":[{entries}]}}"#);
    let nest = "[".repeat(50_000) + &"]".repeat(50_000);
    let nested = format!(r#"{{"field":"messages","value":{nest}}}"#);
    for bad in [
        "7",
        "{}",
        r#"{"field":"messages"}"#,
        r#"{"value":{}}"#,
        r#"{"field":7,"value":{}}"#,
        r#"{"field":"\ud800","value":{}}"#,
        r#"{"field":"calls","field":"messages","value":{}}"#,
        r#"{"field":"calls","value":{},"value":{}}"#,
        r#"{"field":"messages","value":7}"#,
        r#"{"field":"messages","value":{}}"#,
        r#"{"field":"messages","value":{"metadata":7}}"#,
        r#"{"field":"messages","value":{"metadata":{"phone_number_id":"3/../1"}}}"#,
        r#"{"field":"messages","value":{"metadata":{"phone_number_id":"1","phone_number_id":"2"}}}"#,
        r#"{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"metadata":{"phone_number_id":"2"}}}"#,
        r#"{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"messages":{}}}"#,
        r#"{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"contacts":7}}"#,
        r#"{"field":"account_update","value":[]}"#,
        &nested,
    ] {
        let read = of_body(body(&entry(&format!("[{bad},{good}]"))));
        let items: Vec<_> = read.items.iter().map(|(_, item)| item).collect();
        assert!(
            matches!(
                items.as_slice(),
                [Item::Unreadable { .. }, Item::Ignored { .. }]
            ),
            "{bad:.90}: {items:?}"
        );
    }
    for bad in [
        "7",
        "{}",
        "[]",
        &entry("7"),
        &entry("{}"),
        r#"{"id":"1"}"#,
        &nest,
    ] {
        let read = of_body(body(&format!("{bad},{}", entry(&format!("[{good}]")))));
        let items: Vec<_> = read.items.iter().map(|(_, item)| item).collect();
        assert!(
            matches!(
                items.as_slice(),
                [Item::Unreadable { .. }, Item::Ignored { .. }]
            ),
            "{bad:.90}: {items:?}"
        );
    }
    assert_eq!(
        reasons(of_body(
            r#"{"object":"whatsapp_business_account","entry":{}}"#
        )),
        ["entry: it is no list"]
    );
}

#[test]
fn what_is_unreadable_is_said_without_its_content() {
    let bad = json!([{"id": "wamid.a", "type": "text", "text": {"body": "private"},
        "from": "97333000001"}]);
    assert_eq!(
        reasons(of_body(of_messages(&bad))),
        ["entry[0].changes[0].messages[0]: it has no timestamp"]
    );
    let contact = r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"contacts":[{"wa_id":1e400},7]}}]}]}"#;
    assert_eq!(
        reasons(of_body(contact)),
        [
            "entry[0].changes[0].contacts[0]: it is no usable JSON",
            "entry[0].changes[0].contacts[1]: it is no object",
        ]
    );
}

#[test]
fn keys_nobody_knows_are_counted() {
    let body = r#"{"object":"whatsapp_business_account","hologram":1,"entry":[{"id":"1","time":7,"97333000001":1,
        "changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"hologram":[],"errors":[]}}]}]}"#;
    let delivery = of_body(body);
    assert_eq!(delivery.items, []);
    assert_eq!(
        delivery.unknown,
        [("hologram".to_owned(), 2), ("unnamed".to_owned(), 1)].into()
    );
}

#[test]
fn repeated_lists_are_all_read() {
    let status = r#"[{"id":"a-b","status":"read","timestamp":1764000000}]"#;
    let body = format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{{"field":"messages","value":{{"metadata":{{"phone_number_id":"1"}},"statuses":{status},"statuses":{status}}}}}]}}]}}"#
    );
    assert_eq!(of_body(body).items.len(), 2);
}

#[test]
fn invalid_utf8_spoils_one_text_and_nothing_else() {
    let mut body = fixture("text");
    let place = body.windows(4).position(|w| w == b"Good").unwrap();
    body[place] = 0xff;
    let items = of_body(body).items;
    assert!(
        matches!(items.as_slice(), [(_, Item::Inbound(_))]),
        "{items:?}"
    );
}

/// hazards.md: three megabytes with 1,000 statuses are read to the last.
#[test]
fn three_megabytes_of_statuses_are_read_whole() {
    let padding = "x".repeat(2_900);
    let statuses: Vec<_> = (0..1_000)
        .map(|n| {
            format!(
                r#"{{"id":"wamid.{n}","status":"delivered","timestamp":"1764000000","pricing":"{padding}"}}"#
            )
        })
        .collect();
    let body = of_statuses(&statuses.join(","));
    assert!(body.len() > 2_900_000);
    let items = of_body(body).items;
    assert_eq!(items.len(), 1_000);
    for (n, (_, item)) in items.iter().enumerate() {
        let Item::Status(item) = item else {
            panic!("{item:?}");
        };
        assert_eq!(item.provider_id, format!("wamid.{n}"));
        assert_eq!(item.status, ProviderStatus::Delivered);
    }
}

#[test]
fn a_million_braces_are_bounded() {
    let braces = "{},".repeat(1_000_000) + "{}";
    let object = "whatsapp_business_account";
    let entries = format!(r#"{{"object":"{object}","entry":[{braces}]}}"#);
    let changes = format!(r#"{{"object":"{object}","entry":[{{"changes":[{braces}]}}]}}"#);
    for body in [entries, changes, of_statuses(&braces)] {
        let items = of_body(body).items;
        assert_eq!(items.len(), 5_001);
        let Item::Unreadable { why } = &items[5_000].1 else {
            panic!("{:?}", items[5_000]);
        };
        assert!(
            why.ends_with("too many items; the rest is left out"),
            "{why}"
        );
    }
}
