//! Keys that nothing keeps, and bodies of the wrong shape.

use domain::provider::Item;

use super::{super::without_key, fixture, items, of_body, text};

/// X23: `Hash` may be the API key.
#[test]
fn the_key_is_in_nothing_that_is_kept() {
    let key = "inventedApiKeyOfHeronTrading360";
    let body = String::from_utf8(fixture("text.json")).unwrap();
    assert!(body.contains(key), "the sample has one");
    for spelled in [
        body.clone(),
        body.replace("\"Hash\"", "\"hash\""),
        body.replace("\"dataType\": \"message\"", "\"dataType\": \"other\""),
        body.replace("\"From\": \"97333000001\"", "\"From\": \"\""),
        body.replace("\"ID\": \"830001\"", "\"ID\": \"\""),
    ] {
        let shown = format!("{:?}", of_body(None, spelled));
        assert!(!shown.contains(key), "{shown}");
    }
}

/// hazards.md, "Bad inputs": an odd value costs no more than itself.
#[test]
fn an_odd_value_costs_nothing_beside_it() {
    for odd in [
        r#""x":1e400"#.to_owned(),
        r#""Caption":"\ud800""#.into(),
        format!(r#""MediaName":{}{}"#, "[".repeat(5_000), "]".repeat(5_000)),
        r#""Chat":"","CHAT":"Hello""#.into(),
    ] {
        let body = format!(r#"{{{odd},"Chat":"Hello","From":97333000001,"ID":7}}"#);
        let read = items(of_body(None, body));
        let [Item::Inbound(item)] = read.as_slice() else {
            panic!("{odd:.60}: {read:?}");
        };
        assert_eq!(item.content, text("Hello"), "{odd:.60}");
        assert_eq!(item.provider_id, "7");
    }
}

#[test]
fn one_bad_item_of_a_list_never_costs_its_neighbour() {
    let read = items(of_body(None, fixture("list.json")));
    assert!(
        matches!(read.as_slice(), [Item::Inbound(_), Item::Inbound(_)]),
        "{read:?}"
    );
    for bad in ["7", "null", "[]", "{}", r#"{"x":1}"#, r#"{"Chat":"Hello"}"#] {
        let body = format!(r#"[{bad},{{"ID":"1","Delivery":3}}]"#);
        let read = items(of_body(None, body));
        assert!(
            matches!(read.as_slice(), [Item::Unreadable { .. }, Item::Status(_)]),
            "{bad}: {read:?}"
        );
    }
}

#[test]
fn what_is_something_else_is_unreadable_and_said_without_its_content() {
    for (kind, body) in [
        (None, ""),
        (None, "null"),
        (None, "private words"),
        (None, "{"),
        (None, "[{]"),
        (None, "private=words"),
        (None, r#"{"private":"words"}"#),
        (Some("application/json"), "ID=1&From=97333000001"),
        (
            Some("multipart/form-data; boundary=x"),
            "--x\r\nname=\"ID\"",
        ),
    ] {
        let delivery = of_body(kind, body);
        assert!(delivery.unknown.is_empty(), "{body}");
        let read = items(delivery);
        let [Item::Unreadable { why }] = read.as_slice() else {
            panic!("{body}: {read:?}");
        };
        assert!(!why.contains("private"), "{why}");
    }
    let counted = of_body(None, r#"{"ID":"1","Delivery":3,"hologram":1}"#);
    assert_eq!(counted.unknown, [("hologram".to_owned(), 1)].into());
}

#[test]
fn a_million_braces_are_bounded() {
    let body = format!("[{}{{}}]", "{},".repeat(1_000_000));
    assert_eq!(items(of_body(None, body)).len(), 5_001);
    let body = "a=1&".repeat(500_000);
    assert_eq!(items(of_body(None, body)).len(), 1);
}

/// X23: what the journal keeps holds no key, in either form; what holds none is not touched.
#[test]
fn the_kept_body_holds_no_key() {
    for (body, kept) in [
        (
            // One field left in each object: the order of the others is serde's.
            r#"{"Hash":"the-key","ID":"1"}"#,
            r#"{"ID":"1"}"#,
        ),
        (
            r#"[{"hash":"the-key"},{"HASH":"the-key","ID":"1"}]"#,
            r#"[{},{"ID":"1"}]"#,
        ),
        ("ID=1&Hash=the-key&Caption=a+b", "ID=1&Caption=a+b"),
        (r#"{ "ID" : "1" }"#, r#"{ "ID" : "1" }"#),
        ("neither", "neither"),
    ] {
        let stripped = without_key(body.as_bytes().to_vec());
        assert_eq!(String::from_utf8(stripped).unwrap(), kept);
    }
}
