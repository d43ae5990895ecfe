//! Schemas on the page: a table of properties each, types as links.

use maud::{Markup, html};
use serde_json::Value;

use super::{json, markdown, named, text};

const LIMITS: [&str; 9] = [
    "format",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "pattern",
    "default",
];

pub(super) fn section(name: &str, schema: &Value) -> Markup {
    html! {
        article id=(name) {
            h3 { (name) }
            (markdown(text(schema, "/description")))
            @if schema.get("properties").is_none() { p { (kind(schema)) } }
            (properties(schema))
            @for part in all_of(schema) { (properties(part)) }
        }
    }
}

fn all_of(schema: &Value) -> impl Iterator<Item = &Value> {
    schema["allOf"].as_array().into_iter().flatten()
}

fn properties(schema: &Value) -> Markup {
    let required = |name: &str| {
        let names = schema["required"].as_array().into_iter().flatten();
        names.into_iter().any(|one| one == name)
    };
    html! {
        @if schema.get("properties").is_some() {
            table {
                @for (name, property) in named(schema, "/properties") {
                    tr {
                        td { code { (name) } @if required(name) { b title="required" { " *" } } }
                        td { (kind(property)) }
                        td {
                            (markdown(text(property, "/description")))
                            @if let Some(example) = property.get("example") { (json(example)) }
                        }
                    }
                }
            }
        }
    }
}

/// The type in a few words.
pub(super) fn kind(schema: &Value) -> Markup {
    if let Some(name) = text(schema, "/$ref")
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
    {
        return html! { a href=(format!("#{name}")) { (name) } };
    }
    let choices = ["oneOf", "anyOf", "allOf"]
        .iter()
        .find_map(|word| Some((*word, schema.get(word)?.as_array()?)));
    if let Some((word, choices)) = choices {
        let between = if word == "allOf" { " and " } else { " or " };
        return html! {
            @for (index, choice) in choices.iter().enumerate() {
                @if index > 0 { (between) }
                (kind(choice))
            }
        };
    }
    html! {
        (types(schema))
        @if let Some(items) = schema.get("items") { " of " (kind(items)) }
        @for limit in LIMITS {
            @if let Some(value) = schema.get(limit) { br; small { (limit) " " (plain(value)) } }
        }
        @if let Some(values) = schema["enum"].as_array() {
            br;
            small { (values.iter().map(plain).collect::<Vec<_>>().join(", ")) }
        }
    }
}

fn types(schema: &Value) -> String {
    match &schema["type"] {
        Value::Array(types) => types.iter().map(plain).collect::<Vec<_>>().join(" or "),
        Value::Null => "anything".to_owned(),
        one => plain(one),
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
