//! Whatever people and providers write, the parsers and renderers answer.

use proptest::prelude::*;

use super::{
    HeaderShape, Piece, SlotFormat, SlotNames, TemplateShape, TemplateText, Value, Variables,
    allowed, fill, flat, pieces, preview, render, render_free, slots,
};
use crate::message::{MessageType, Parameters};

/// Braces, names and odd characters, thrown together.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => prop::sample::select(vec![
            "{", "}", "{{", "}}", "{customerName}", "{{1}}", "{{ name }}", "{amount}", "{a b}", "{{{",
            "}}}", "\n", "\t", "     ", "\u{202e}", "\u{0}", "é", "😀", "{{12345}}", "{é}", ",", "1",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

fn variables() -> impl Strategy<Value = Variables> {
    let name = prop::sample::select(vec!["customerName", "amount", "1", "name", "x"]);
    let value = prop_oneof![
        text().prop_map(Value::Text),
        prop::collection::vec(text(), 0..3).prop_map(Value::List),
    ];
    prop::collection::btree_map(name.prop_map(str::to_owned), value, 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, ..ProptestConfig::default() })]

    /// S1.120, S1.141: no text and no value makes a panic, and nothing of a text is lost.
    #[test]
    fn whatever_is_written_is_answered(text in text(), given in variables(), kind in 0_usize..11) {
        let whole: String = pieces(&text).iter().map(|piece| match piece {
            Piece::Text(words) | Piece::Odd(words) | Piece::Brace(words) => (*words).to_owned(),
            Piece::Slot(name) => format!("{{{name}}}"),
        }).collect();
        prop_assert_eq!(&whole, &text);
        let kind = MessageType::ALL[kind];
        let _ = render_free(kind, &text, &given);
        if let Ok(text) = TemplateText::check(kind, &text) {
            let _ = render(&text, &given);
        }
        let line = flat(&text);
        prop_assert!(!line.contains(['\n', '\t', '\r']) && !line.contains("     "));
        for format in [SlotFormat::Positional, SlotFormat::Named] {
            let shape = TemplateShape {
                format,
                header: Some(HeaderShape::Text { text: text.clone() }),
                body: Some(text.clone()),
                ..TemplateShape::default()
            };
            let header = shape.header_slots().iter().map(|_| "x".to_owned()).collect();
            let body = shape.body_slots().iter().map(|slot| (*slot).to_owned()).collect();
            let names = SlotNames { header, body, ..SlotNames::default() };
            let (header, body) = match fill(&shape, &names, &given) {
                Ok(filled) => (filled.header, filled.body),
                Err(_) => (Parameters::default(), Parameters::default()),
            };
            let _ = preview(&shape, &header, &body);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    /// S1.141: a valid template with all its values has no placeholder left.
    #[test]
    fn nothing_is_left_of_placeholders(picks in prop::collection::vec((0_usize..8, "[a-z ,\n]{0,12}"), 0..12), kind in 0_usize..11) {
        let kind = MessageType::ALL[kind];
        let names = allowed(kind).names;
        let mut text = String::from("Hello");
        for (pick, words) in &picks {
            text.push_str(words);
            if let Some(name) = names.get(*pick) {
                text.push_str(&format!("{{{name}}}"));
            }
        }
        let template = TemplateText::check(kind, &text).unwrap();
        let given = template.slots().iter().map(|slot| (slot.name.clone(), Value::from("value")));
        let filled = render(&template, &given.collect()).unwrap();
        let bare = !filled.text.contains(['{', '}']);
        prop_assert!(bare);
        prop_assert!(filled.warnings.is_empty());
        let doubled = text.replace('{', "{{").replace('}', "}}");
        let shape = TemplateShape { format: SlotFormat::Named, body: Some(doubled), ..TemplateShape::default() };
        let given = slots(shape.body.as_deref().unwrap()).into_iter().map(|slot| (slot.to_owned(), Value::from("v")));
        let filled = fill(&shape, &SlotNames::default(), &given.collect()).unwrap();
        let bare = !preview(&shape, &filled.header, &filled.body).body.contains(['{', '}']);
        prop_assert!(bare);
    }
}
