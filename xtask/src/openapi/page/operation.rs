//! One operation on the page: what to send, what comes back, who may.

use domain::principal::{Action, Role};
use maud::{Markup, html};
use runtime::http::openapi::{ACTION, PUBLIC, asks};
use serde_json::Value;

use super::{json, markdown, named, schema, text};

pub(super) fn section(method: &str, path: &str, operation: &Value) -> Markup {
    let body = operation.pointer("/requestBody/content/application~1json");
    html! {
        article id=(text(operation, "/operationId")) {
            h3 { b class=(method) { (method.to_uppercase()) } " " code { (path) } }
            (markdown(text(operation, "/summary")))
            (markdown(text(operation, "/description")))
            p.who { (who(text(operation, &format!("/{ACTION}")))) }
            (parameters(operation))
            @if let Some(body) = body {
                h4 { "Body: " (schema::kind(&body["schema"])) }
                @for (_, example) in named(body, "/examples") {
                    p { (text(example, "/summary")) }
                    (json(&example["value"]))
                }
            }
            h4 { "Answers" }
            table {
                @for (status, answer) in named(operation, "/responses") {
                    (answered(status, answer))
                }
            }
        }
    }
}

/// The roles come from the permission matrix itself.
fn who(action: &str) -> Markup {
    let known = Action::ALL.into_iter().find(|known| asks(*known) == action);
    let roles: Vec<_> = Role::ALL
        .into_iter()
        .filter(|role| known.is_some_and(|action| action.allows(*role)))
        .map(Role::as_str)
        .collect();
    html! {
        @if action == PUBLIC {
            "Anybody, without a token."
        } @else {
            "Asks for " code { (action) } ": " (roles.join(", "))
        }
    }
}

fn parameters(operation: &Value) -> Markup {
    let parameters = operation["parameters"].as_array();
    html! {
        @if let Some(parameters) = parameters {
            h4 { "Parameters" }
            table {
                @for parameter in parameters {
                    tr {
                        td { code { (text(parameter, "/name")) } }
                        td { (text(parameter, "/in")) }
                        td { (schema::kind(&parameter["schema"])) }
                        td {
                            @if parameter["required"] == true { b { "required. " } }
                            (markdown(text(parameter, "/description")))
                        }
                    }
                }
            }
        }
    }
}

fn answered(status: &str, answer: &Value) -> Markup {
    let refusal = text(answer, "/$ref").rsplit('/').next().unwrap_or_default();
    html! {
        tr {
            td { b { (status) } }
            td {
                @if !refusal.is_empty() {
                    a href=(format!("#{refusal}")) { (refusal) }
                } @else {
                    (markdown(text(answer, "/description")))
                    @for (_, content) in named(answer, "/content") {
                        (schema::kind(&content["schema"]))
                    }
                    @for (name, header) in named(answer, "/headers") {
                        code { (name) } (markdown(text(header, "/description")))
                    }
                }
            }
        }
    }
}

/// A refusal that operations share.
pub(super) fn refusal(name: &str, response: &Value) -> Markup {
    html! {
        article id=(name) {
            h3 { (name) }
            (markdown(text(response, "/description")))
            @for (name, header) in named(response, "/headers") {
                code { (name) } (markdown(text(header, "/description")))
            }
            @for (_, content) in named(response, "/content") {
                (json(&content["example"]))
            }
        }
    }
}
