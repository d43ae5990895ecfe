//! The documentation page: one file, no scripts, nothing loaded from anywhere.

mod operation;
mod schema;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use pulldown_cmark::Parser;
use serde_json::{Map, Value};

use super::{TAGS, sound::operations};

const STYLE: &str = include_str!("style.css");

/// The page of a document.
pub(super) fn render(document: &Value) -> String {
    let title = text(document, "/info/title");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " API" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                nav { (contents(document)) }
                main {
                    h1 { (title) " API " small { (text(document, "/info/version")) } }
                    (markdown(text(document, "/info/description")))
                    p { "The same as a document: " a href="/openapi.json" { "openapi.json" } }
                    (sections(document))
                    h2 #refusals { "Refusals" }
                    @for (name, response) in named(document, "/components/responses") {
                        (operation::refusal(name, response))
                    }
                    h2 #schemas { "Schemas" }
                    @for (name, schema) in named(document, "/components/schemas") {
                        (schema::section(name, schema))
                    }
                }
            }
        }
    };
    let mut page = page.into_string();
    page.push('\n');
    page
}

fn contents(document: &Value) -> Markup {
    html! {
        @for (tag, _) in TAGS {
            h2 { (tag) }
            ul {
                @for (method, path, operation) in tagged(document, tag) {
                    li {
                        a href=(format!("#{}", text(operation, "/operationId"))) {
                            b class=(method) { (method.to_uppercase()) } " " (path)
                        }
                    }
                }
            }
        }
        h2 { a href="#refusals" { "Refusals" } }
        h2 { a href="#schemas" { "Schemas" } }
    }
}

fn sections(document: &Value) -> Markup {
    html! {
        @for (tag, description) in TAGS {
            h2 { (tag) }
            p { (description) }
            @for (method, path, found) in tagged(document, tag) {
                (operation::section(method, path, found))
            }
        }
    }
}

fn tagged<'a>(
    document: &'a Value,
    tag: &'a str,
) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> {
    operations(document).filter(move |(_, _, operation)| text(operation, "/tags/0") == tag)
}

/// The entries of an object of the document.
fn named<'a>(node: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let found = node.pointer(pointer).and_then(Value::as_object);
    found.into_iter().flat_map(Map::iter)
}

/// A text of the document, or nothing.
fn text<'a>(node: &'a Value, pointer: &str) -> &'a str {
    node.pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The descriptions are CommonMark.
fn markdown(source: &str) -> Markup {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, Parser::new(source));
    PreEscaped(html)
}

fn json(value: &Value) -> Markup {
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    html! { pre { code { (pretty) } } }
}
