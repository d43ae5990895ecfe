//! What every operation must say, beyond what the schema of OpenAPI asks for.

use std::collections::BTreeSet;

use domain::principal::Action;
use runtime::http::openapi::{ACTION, PUBLIC, asks};
use serde_json::Value;

use super::TAGS;

/// Every operation of a document: method, path, itself.
pub(super) fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let item = item.as_object().into_iter().flatten();
        item.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

/// Everything wrong, one sentence each.
pub(super) fn problems(document: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(document) {
        let mut wrong =
            |what: &str| problems.push(format!("{} {path}: {what}", method.to_uppercase()));
        let text = |name: &str| operation[name].as_str().unwrap_or_default();
        if text("summary").is_empty() {
            wrong("the handler has no doc comment, so the operation has no summary");
        }
        if !ids.insert(text("operationId")) {
            wrong("its operation_id is another operation's too");
        }
        let tag = operation.pointer("/tags/0").and_then(Value::as_str);
        if !TAGS.iter().any(|(known, _)| Some(*known) == tag) {
            wrong("its tag is not one of xtask/src/openapi/mod.rs");
        }
        let action = text(ACTION);
        let known = Action::ALL.into_iter().any(|known| asks(known) == action);
        if !known && action != PUBLIC {
            wrong("x-waypost-action names no action");
        }
        if operation["security"].is_null() != (action == PUBLIC) {
            wrong("it is public or asks for a token, not both: runtime::routes! says which");
        }
        if named_in_path(path) != path_parameters(operation) {
            wrong("its path and its parameters do not name the same things");
        }
        let answers = operation["responses"].as_object();
        if !answers.is_some_and(|answers| answers.keys().any(|status| status.starts_with('2'))) {
            wrong("no good answer is documented");
        }
    }
    let mut tags = BTreeSet::new();
    for (tag, _) in TAGS {
        if !tags.insert(*tag) {
            problems.push(format!(
                "the tag {tag} stands twice in xtask/src/openapi/mod.rs"
            ));
        }
    }
    let mut references = BTreeSet::new();
    collect_references(document, &mut references);
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        if document.pointer(pointer).is_none() {
            problems.push(format!("{reference} is referred to and is not there"));
        }
    }
    problems
}

fn named_in_path(path: &str) -> BTreeSet<&str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .collect()
}

fn path_parameters(operation: &Value) -> BTreeSet<&str> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters
        .filter(|parameter| parameter["in"] == "path")
        .filter_map(|parameter| parameter["name"].as_str())
        .collect()
}

fn collect_references<'a>(node: &'a Value, found: &mut BTreeSet<&'a str>) {
    match node {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str));
            map.values()
                .for_each(|value| collect_references(value, found));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    type Change = fn(&mut Value);

    fn check(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut operation = json!({
            "summary": "Reads a job.", "operationId": "readJob", "tags": ["Jobs"],
            ACTION: "ReadOutbox", "security": [{"token": []}],
            "parameters": [{"name": "id", "in": "path"}], "responses": {"200": {}},
        });
        change(&mut operation);
        problems(&json!({"paths": {"/v1/jobs/{id}": {"get": operation}}}))
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(check(|_| ()), Vec::<String>::new());
        let cases: [(Change, &str); 7] = [
            (|o| o["summary"] = json!(""), "summary"),
            (|o| o["tags"] = json!(["Other"]), "tag"),
            (|o| o[ACTION] = json!("Fly"), "names no action"),
            (|o| o[ACTION] = json!("Public"), "public"),
            (|o| o["parameters"] = json!([]), "parameters"),
            (|o| o["responses"] = json!({"404": {}}), "good answer"),
            (
                |o| o["responses"]["200"] = json!({"$ref": "#/components/schemas/X"}),
                "schemas/X",
            ),
        ];
        for (change, what) in cases {
            let problems = check(change);
            assert!(
                problems.len() == 1 && problems[0].contains(what),
                "{what}: {problems:?}"
            );
        }
    }
}
