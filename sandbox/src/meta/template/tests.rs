use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Templates, check};
use crate::meta::{fields::Fields, specs::TemplateSpec};

fn registered() -> Templates {
    let order = json!([
        {"type": "HEADER", "format": "DOCUMENT"},
        {"type": "BODY", "text": "Dear {{1}}, order {{2}} is ready, {{1}}."},
        {"type": "FOOTER", "text": "Falcon Bakery"},
        {"type": "BUTTONS", "buttons": [
            {"type": "QUICK_REPLY", "text": "Confirmed"},
            {"type": "URL", "text": "See it", "url": "https://falcon.example/{{1}}"},
            {"type": "QUICK_REPLY", "text": "Reschedule"},
        ]},
    ]);
    let named = json!([
        {"type": "HEADER", "format": "TEXT", "text": "Hello {{first_name}}"},
        {"type": "BODY", "text": "Due on {{day}}, {{first_name}}"},
    ]);
    let plain = json!([{"type": "BODY", "text": "We are open again."}]);
    let of = |name: &str, components: &Value| {
        let components = components.as_array().unwrap().clone();
        TemplateSpec::new("820", name, "en_US", components)
    };
    let mut due = of("due", &named);
    due.parameter_format = "NAMED".into();
    let mut templates = vec![of("order", &order), due, of("open", &plain)];
    for status in ["PAUSED", "DISABLED", "PENDING", "REJECTED"] {
        let mut template = of(&status.to_lowercase(), &plain);
        template.status = status.into();
        templates.push(template);
    }
    let key = |template: &TemplateSpec| (template.name.clone(), template.language.clone());
    templates
        .into_iter()
        .map(|template| (key(&template), template))
        .collect::<BTreeMap<_, _>>()
}

fn run(cases: &[(Value, Option<u32>)]) {
    let templates = registered();
    for (template, code) in cases {
        let fields = Fields::root(template).unwrap();
        let answer = check(&fields, Some(&templates));
        let refused = answer.as_ref().err().map(|problem| problem.code);
        assert_eq!(refused, *code, "{template} {answer:?}");
    }
}

fn named(name: &str, components: Value) -> Value {
    json!({"name": name, "language": {"code": "en_US"}, "components": components})
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

#[test]
fn only_a_known_approved_template_goes_out() {
    let plain = |name: &str, language: &str| json!({"name": name, "language": {"code": language}});
    run(&[
        (plain("open", "en_US"), None),
        (plain("open", "en"), Some(132_001)),
        (plain("closed", "en_US"), Some(132_001)),
        (plain("paused", "en_US"), Some(132_015)),
        (plain("disabled", "en_US"), Some(132_016)),
        (plain("pending", "en_US"), Some(132_001)),
        (plain("rejected", "en_US"), Some(132_001)),
        (json!({"name": "open"}), Some(100)),
        (json!({"name": "open", "language": "en_US"}), Some(100)),
    ]);
}

#[test]
fn positional_parameters_are_counted_by_distinct_places() {
    let header = json!({"type": "header", "parameters": [
        {"type": "document", "document": {"link": "https://files.example.com/a.pdf"}}]});
    let button =
        json!({"type": "button", "sub_type": "url", "index": "1", "parameters": [text("7")]});
    let body = |parameters: Value| {
        named(
            "order",
            json!([header, button, {"type": "body", "parameters": parameters}]),
        )
    };
    let date = json!({"type": "date_time", "date_time": {"fallback_value": "Friday"}});
    run(&[
        (body(json!([text("Layla"), text("7")])), None),
        (body(json!([text("Layla"), date])), None),
        (body(json!([text("Layla")])), Some(132_000)),
        (
            body(json!([text("a"), text("b"), text("c")])),
            Some(132_000),
        ),
        (body(json!([text("Layla"), text("7\n8")])), Some(132_018)),
        (body(json!([text("Layla"), text("")])), Some(132_018)),
        (
            body(json!([text("Layla"), {"type": "image", "image": {}}])),
            Some(132_012),
        ),
        (
            body(json!([text("a"), {"type": "text", "text": "b", "parameter_name": "2"}])),
            Some(132_012),
        ),
        (
            body(json!([text("a"), text(&"x".repeat(1_030))])),
            Some(132_005),
        ),
        (
            named("open", json!([{"type": "body", "parameters": [text("x")]}])),
            Some(132_000),
        ),
        (named("order", json!([header, button])), Some(132_000)),
        (named("order", json!([button])), Some(132_012)),
        (
            named(
                "order",
                json!([header, {"type": "body", "parameters": [text("a"), text("b")]}]),
            ),
            Some(131_008),
        ),
        (named("open", json!([{"type": "footer"}])), Some(100)),
        (
            named("open", json!([{"type": "body"}, {"type": "body"}])),
            Some(132_018),
        ),
        (
            named(
                "open",
                json!([{"type": "button", "sub_type": "quick_reply", "index": 0,
                "parameters": [{"type": "payload", "payload": "x"}]}]),
            ),
            Some(132_018),
        ),
    ]);
}

#[test]
fn named_parameters_need_their_names() {
    let parameter = |name: &str| json!({"type": "text", "text": "x", "parameter_name": name});
    let due = |header: Value, body: Value| {
        named(
            "due",
            json!([
            {"type": "HEADER", "parameters": header}, {"type": "BODY", "parameters": body}]),
        )
    };
    let both = json!([parameter("first_name"), parameter("day")]);
    run(&[
        (due(json!([parameter("first_name")]), both.clone()), None),
        (due(json!([text("x")]), both), Some(100)),
        (
            due(
                json!([parameter("first_name")]),
                json!([parameter("day"), parameter("month")]),
            ),
            Some(132_012),
        ),
        (
            due(json!([parameter("first_name")]), json!([parameter("day")])),
            Some(132_000),
        ),
    ]);
}

#[test]
fn quick_replies_can_be_pressed_by_their_payload() {
    let template = named(
        "order",
        json!([
            {"type": "header", "parameters": [{"type": "document", "document": {}}]},
            {"type": "body", "parameters": [text("Layla"), text("7")]},
            {"type": "button", "sub_type": "url", "index": 1, "parameters": [text("7")]},
            {"type": "button", "sub_type": "quick_reply", "index": "2",
                "parameters": [{"type": "payload", "payload": "later"}]},
        ]),
    );
    let choices = check(&Fields::root(&template).unwrap(), Some(&registered())).unwrap();
    let shown: Vec<_> = choices
        .iter()
        .map(|c| (c.id.as_str(), c.title.as_str()))
        .collect();
    assert_eq!(shown, [("Confirmed", "Confirmed"), ("later", "Reschedule")]);
}
