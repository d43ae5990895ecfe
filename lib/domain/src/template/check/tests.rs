use super::*;
use crate::message::{Media, MediaSource};

fn shape(format: SlotFormat, body: &str) -> TemplateShape {
    TemplateShape {
        format,
        body: Some(body.into()),
        ..TemplateShape::default()
    }
}

fn button(kind: &str, url: Option<&str>) -> ButtonShape {
    ButtonShape {
        kind: kind.into(),
        text: "Look".into(),
        url: url.map(Into::into),
        phone: None,
    }
}

fn positional(values: &[&str]) -> Parameters {
    Parameters::Positional(values.iter().map(|value| (*value).to_owned()).collect())
}

fn named(names: &[&str]) -> Parameters {
    let named = names
        .iter()
        .map(|name| ((*name).to_owned(), "x".to_owned()));
    Parameters::Named(named.collect())
}

fn used(body: Parameters) -> TemplateUse {
    TemplateUse {
        name: "order_ready".into(),
        language: "en_US".into(),
        header: None,
        body,
        buttons: Vec::new(),
    }
}

fn check(shape: &TemplateShape, given: &TemplateUse, expected: &[(&str, &str)]) {
    let problems = shape.problems(given);
    let found: Vec<_> = problems
        .iter()
        .map(|p| (p.field.as_str(), p.code))
        .collect();
    assert_eq!(found, expected);
}

/// S2.11, S2.71: as many values as slots, in the way the template takes them; off by one is refused.
#[test]
fn the_values_of_a_body_fit_its_slots() {
    let two = shape(SlotFormat::Positional, "{{1}} and {{2}}");
    check(&two, &used(positional(&["a", "b"])), &[]);
    let count = [("template.body", "COUNT")];
    check(&two, &used(positional(&["a"])), &count);
    check(&two, &used(positional(&["a", "b", "c"])), &count);
    check(&two, &used(Parameters::default()), &count);
    check(&two, &used(named(&[])), &count);
    check(
        &two,
        &used(named(&["1", "2"])),
        &[("template.body", "FORMAT")],
    );
    let by_name = shape(SlotFormat::Named, "{{first}} {{last}}");
    check(&by_name, &used(named(&["first", "last"])), &[]);
    check(
        &by_name,
        &used(named(&["first", "middle"])),
        &[
            ("template.body.last", "REQUIRED"),
            ("template.body.middle", "UNKNOWN"),
        ],
    );
    check(
        &by_name,
        &used(positional(&["a", "b"])),
        &[("template.body", "FORMAT")],
    );
    check(
        &by_name,
        &used(positional(&[])),
        &[("template.body", "REQUIRED")],
    );
    let none = shape(SlotFormat::Positional, "Hello");
    check(&none, &used(Parameters::default()), &[]);
    check(&none, &used(named(&[])), &[]);
    check(&none, &used(positional(&["a"])), &count);
}

#[test]
fn a_body_with_its_values_has_an_end() {
    let one = shape(SlotFormat::Positional, "{{1}}{{1}}");
    check(&one, &used(positional(&[&"a".repeat(512)])), &[]);
    check(
        &one,
        &used(positional(&[&"a".repeat(513)])),
        &[("template.body", "TOO_LONG")],
    );
}

/// S2.11: a header of another kind, one too many and one too few.
#[test]
fn a_header_is_what_the_template_takes() {
    let media = Media {
        source: MediaSource::Link("https://example.com/a".into()),
        caption: None,
        filename: None,
    };
    let with =
        |header: Option<HeaderShape>, given: Option<HeaderValue>, expected: &[(&str, &str)]| {
            let shape = TemplateShape {
                header,
                ..shape(SlotFormat::Positional, "Hello")
            };
            let given = TemplateUse {
                header: given,
                ..used(Parameters::default())
            };
            check(&shape, &given, expected);
        };
    let text = |text: &str| Some(HeaderShape::Text { text: text.into() });
    let values = |values: &[&str]| {
        Some(HeaderValue::Text {
            values: positional(values),
        })
    };
    let at = |code| [("template.header", code)];
    with(None, None, &[]);
    with(None, values(&["a"]), &at("UNEXPECTED"));
    with(text("Hi"), None, &[]);
    with(text("Hi {{1}}"), values(&["a"]), &[]);
    with(
        text("Hi {{1}}"),
        None,
        &[("template.header.values", "COUNT")],
    );
    with(
        text("Hi"),
        values(&["a"]),
        &[("template.header.values", "COUNT")],
    );
    with(
        text("Hi"),
        Some(HeaderValue::Image(media.clone())),
        &at("KIND"),
    );
    with(
        Some(HeaderShape::Image),
        Some(HeaderValue::Image(media.clone())),
        &[],
    );
    with(
        Some(HeaderShape::Document),
        Some(HeaderValue::Image(media.clone())),
        &at("KIND"),
    );
    with(
        Some(HeaderShape::Video),
        Some(HeaderValue::Video(media)),
        &[],
    );
    with(Some(HeaderShape::Document), None, &at("REQUIRED"));
    let other = HeaderShape::Other {
        kind: "LOCATION".into(),
    };
    with(Some(other), None, &at("UNSUPPORTED"));
}

/// S2.11: values for buttons that are there, of their kind, once each.
#[test]
fn values_of_buttons_are_for_buttons_that_take_them() {
    let mut shape = shape(SlotFormat::Positional, "Hello");
    shape.buttons = vec![
        button("QUICK_REPLY", None),
        button("URL", Some("https://example.com/{{1}}")),
        button("URL", Some("https://example.com/")),
    ];
    let url = |index| ButtonValue {
        index,
        value: ButtonAction::Url { text: "x".into() },
    };
    let reply = |index| ButtonValue {
        index,
        value: ButtonAction::QuickReply {
            payload: "x".into(),
        },
    };
    let with = |buttons: Vec<ButtonValue>, expected: &[(&str, &str)]| {
        check(
            &shape,
            &TemplateUse {
                buttons,
                ..used(Parameters::default())
            },
            expected,
        );
    };
    with(vec![url(1)], &[]);
    with(vec![url(1), reply(0)], &[]);
    with(vec![], &[("template.buttons", "REQUIRED")]);
    with(vec![url(1), url(1)], &[("template.buttons[1]", "REPEATED")]);
    with(vec![url(1), url(2)], &[("template.buttons[1]", "KIND")]);
    with(vec![reply(1)], &[("template.buttons[0]", "KIND")]);
    with(
        vec![url(1), reply(9)],
        &[("template.buttons[1]", "UNKNOWN")],
    );
}
