use super::*;
use crate::meta_cloud::webhook::part;

/// Reading a part gives what was for these of the whole, in the same order and words.
fn check(body: &[u8], keep: &dyn Fn(&Address) -> bool) {
    let raw = raw(body);
    let expected: Vec<_> = read(&raw)
        .items
        .into_iter()
        .filter(|(address, _)| keep(address))
        .collect();
    let part = part(&raw, keep);
    let found = of_body(part.clone()).items;
    let shown = String::from_utf8_lossy(&part);
    // Places are counted anew.
    let same = found.len() == expected.len()
        && found
            .iter()
            .zip(&expected)
            .all(|(found, expected)| match (&found.1, &expected.1) {
                (Item::Unreadable { .. }, Item::Unreadable { .. }) => found.0 == expected.0,
                _ => found == expected,
            });
    assert!(
        same || expected.is_empty(),
        "{shown}: {found:?} {expected:?}"
    );
    if expected.is_empty() {
        assert!(part.is_empty() || found.is_empty(), "{shown}");
    }
}

/// One tenant's journal never holds another's items, and holds all of its own.
#[test]
fn a_part_is_what_is_for_them_and_nothing_else() {
    let batch = fixture("batch");
    let number = |number: &'static str| move |a: &Address| *a == Address::Number(number.into());
    let account = |id: &'static str| move |a: &Address| matches!(a, Address::Account { account, .. } if account == id);
    let keeps: [&dyn Fn(&Address) -> bool; 7] = [
        &number("301700000000001"),
        &number("301700000000002"),
        &number("301700000000009"),
        &account("201700000000001"),
        &account("201700000000002"),
        &|_| true,
        &|_| false,
    ];
    for keep in keeps {
        check(&batch, keep);
    }
    let second = part(&raw(batch), &number("301700000000002"));
    let second = String::from_utf8(second).unwrap();
    assert!(second.contains("Fifth") && !second.contains("First") && !second.contains("Mona"));
    assert!(second.contains("\"time\":1764000000"));
}

#[test]
fn a_body_for_nobody_leaves_nothing() {
    let text = fixture("text");
    assert_eq!(
        part(&raw(text), &|_| false),
        br#"{"object":"whatsapp_business_account","entry":[]}"#
    );
    let here = |a: &Address| *a == Address::Here;
    assert_eq!(part(&raw("no json"), &here), b"no json");
    assert_eq!(part(&raw("no json"), &|_| false), b"");
}

#[test]
fn what_cannot_be_read_stays_with_whom_it_is_for() {
    let body = r#"{"object":"whatsapp_business_account","entry":7,"entry":[7,{"id":"1"},
        {"id":"1","changes":[7,{"field":"messages","value":{}},{"field":"calls","value":{}},
            {"field":"account_update","value":{"event":"x","phone_number":"97333000000"}},
            {"field":"messages","value":{"metadata":{"phone_number_id":"2"},"messages":[7]}}]},
        {"changes":[{"field":"account_update","value":{}}]}]}"#;
    let account = |a: &Address| matches!(a, Address::Account { number: None, .. });
    let number = |a: &Address| matches!(a, Address::Number(_));
    let one = |a: &Address| {
        matches!(
            a,
            Address::Account {
                number: Some(_),
                ..
            }
        )
    };
    let here = |a: &Address| *a == Address::Here;
    let keeps: [&dyn Fn(&Address) -> bool; 5] = [&account, &number, &one, &here, &|_| true];
    for keep in keeps {
        check(body.as_bytes(), keep);
    }
}
