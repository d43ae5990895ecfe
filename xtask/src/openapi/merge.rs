//! One document out of one per function. Two functions must not answer the same request, and must not
//! mean different things by one name.

use anyhow::{Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::TAGS;

/// What stands above all operations.
const ABOUT: &str = include_str!("about.md");

/// Merges the documents of the functions; the keys of all objects are sorted.
pub(super) fn merged(parts: Vec<(&str, Value)>) -> Result<Value> {
    let mut paths = Map::new();
    let mut components = Map::new();
    for (function, mut part) in parts {
        for (path, item) in taken(&mut part, "paths") {
            let Value::Object(item) = item else {
                bail!("`{function}`: the path {path} is no object");
            };
            let known = paths.entry(path.clone()).or_insert_with(|| json!({}));
            for (method, operation) in item {
                ensure!(
                    known.get(&method).is_none(),
                    "`{function}` answers {method} {path}, which another function answers"
                );
                known[method] = operation;
            }
        }
        for (kind, named) in taken(&mut part, "components") {
            let known = components.entry(kind.clone()).or_insert_with(|| json!({}));
            let Value::Object(named) = named else {
                bail!("`{function}`: components/{kind} is no object");
            };
            for (name, value) in named {
                ensure!(
                    known.get(&name).is_none_or(|known| *known == value),
                    "`{function}` means something else by {kind}/{name}; name one of them with #[schema(as = …)]"
                );
                known[name] = value;
            }
        }
    }
    let tags: Vec<_> = TAGS
        .iter()
        .map(|(name, description)| json!({"name": name, "description": description}))
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {"title": "Waypost", "version": "v1", "description": ABOUT},
        "paths": paths,
        "components": components,
        "tags": tags,
    });
    document.sort_all_objects();
    Ok(document)
}

fn taken(part: &mut Value, name: &str) -> Map<String, Value> {
    match part.get_mut(name).map(Value::take) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(path: &str, method: &str, schema: &str) -> Value {
        json!({"paths": {path: {method: {}}}, "components": {"schemas": {"Job": {"type": schema}}}})
    }

    fn merge(second: Value) -> Result<Value> {
        merged(vec![("one", part("/a", "get", "object")), ("two", second)])
    }

    #[test]
    fn functions_share_paths_and_names_but_neither_routes_nor_meanings() {
        let both = merge(part("/a", "post", "object")).unwrap();
        assert_eq!(both["paths"]["/a"], json!({"get": {}, "post": {}}));
        let twice = merge(part("/a", "get", "object")).unwrap_err();
        assert!(twice.to_string().contains("`two` answers get /a"));
        let other = merge(part("/b", "get", "string")).unwrap_err();
        assert!(other.to_string().contains("schemas/Job"));
    }
}
