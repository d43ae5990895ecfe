//! Reading one parameter of a send, with the errors Graph gives for it.

use serde_json::{Map, Value};

use super::errors::Problem;

/// An object of the request, with the path by which errors name it: `text`,
/// `interactive['action']`.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    path: String,
    object: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The request body.
    pub(super) fn root(body: &'a Value) -> Result<Self, Problem> {
        let Some(object) = body.as_object() else {
            let problem = "The parameter messaging_product is required.";
            return Err(Problem::parameter(problem));
        };
        let path = String::new();
        Ok(Self { path, object })
    }

    /// One of a list.
    pub(super) fn item(&self, key: &str, index: usize, value: &'a Value) -> Result<Self, Problem> {
        let path = format!("{}[{index}]", self.at(key));
        match value.as_object() {
            Some(object) => Ok(Self { path, object }),
            None => Err(Problem::parameter(format!(
                "Param {path} must be a JSON object."
            ))),
        }
    }

    pub(super) fn at(&self, key: &str) -> String {
        match self.path.as_str() {
            "" => key.into(),
            path => format!("{path}['{key}']"),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.object.contains_key(key)
    }

    /// Refuses keys that are not in `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let stray = |key: &&String| !known.contains(&key.as_str());
        match self.object.keys().find(stray) {
            None => Ok(()),
            Some(key) => Err(Problem::parameter(format!(
                "Unexpected key \"{key}\" on param \"{}\".",
                self.path
            ))),
        }
    }

    pub(super) fn optional_object(&self, key: &str) -> Result<Option<Self>, Problem> {
        let path = self.at(key);
        match self.object.get(key) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Self { path, object })),
            Some(_) => Err(Problem::parameter(format!(
                "Param {path} must be a JSON object."
            ))),
        }
    }

    pub(super) fn object(&self, key: &str) -> Result<Self, Problem> {
        self.optional_object(key)?.ok_or_else(|| self.required(key))
    }

    pub(super) fn list(&self, key: &str) -> Result<&'a Vec<Value>, Problem> {
        match self.object.get(key) {
            None => Err(self.required(key)),
            Some(Value::Array(list)) => Ok(list),
            Some(_) => Err(Problem::parameter(format!(
                "Param {} must be an array.",
                self.at(key)
            ))),
        }
    }

    pub(super) fn optional_text(&self, key: &str) -> Result<Option<&'a str>, Problem> {
        match self.object.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::parameter(format!(
                "Param {} must be a string.",
                self.at(key)
            ))),
        }
    }

    pub(super) fn text(&self, key: &str) -> Result<&'a str, Problem> {
        self.optional_text(key)?.ok_or_else(|| self.required(key))
    }

    /// A text of 1 to `most` characters, else 131009.
    pub(super) fn short(&self, key: &str, most: usize) -> Result<&'a str, Problem> {
        let text = self.text(key)?;
        self.fits(key, text, 1, most)?;
        Ok(text)
    }

    /// The same, where it may be absent.
    pub(super) fn optional_short(
        &self,
        key: &str,
        most: usize,
    ) -> Result<Option<&'a str>, Problem> {
        match self.has(key) {
            true => self.short(key, most).map(Some),
            false => Ok(None),
        }
    }

    fn fits(&self, key: &str, text: &str, least: usize, most: usize) -> Result<(), Problem> {
        if (least..=most).contains(&text.chars().count()) {
            return Ok(());
        }
        Err(Problem::new(
            131_009,
            format!(
                "{} length invalid. Min length: {least}, Max length: {most}",
                self.at(key)
            ),
        ))
    }

    pub(super) fn flag(&self, key: &str) -> Result<(), Problem> {
        match self.object.get(key) {
            None | Some(Value::Bool(_)) => Ok(()),
            Some(_) => Err(Problem::parameter(format!(
                "Param {} must be a boolean.",
                self.at(key)
            ))),
        }
    }

    pub(super) fn value(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key)
    }

    fn required(&self, key: &str) -> Problem {
        Problem::parameter(format!("The parameter {} is required.", self.at(key)))
    }
}

/// A list's length, else 131009.
pub(super) fn count(what: &str, length: usize, most: usize) -> Result<(), Problem> {
    if (1..=most).contains(&length) {
        return Ok(());
    }
    Err(Problem::new(
        131_009,
        format!("{what} count invalid. Min allowed {what}: 1, Max allowed {what}: {most}"),
    ))
}

/// 131009 for the first entry that comes twice.
pub(super) fn distinct<'a>(
    what: &str,
    entries: impl Iterator<Item = &'a str>,
) -> Result<(), Problem> {
    let mut seen: Vec<&str> = Vec::new();
    for entry in entries {
        if seen.contains(&entry) {
            return Err(Problem::new(131_009, format!("Duplicated {what}: {entry}")));
        }
        seen.push(entry);
    }
    Ok(())
}
