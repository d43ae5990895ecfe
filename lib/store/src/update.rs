//! An update of an item that is put together piece by piece. Attributes stand behind stand-ins of their
//! own name, so that no reserved word gets in the way.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{keys::Key, write::Write};

/// An update to come.
#[derive(Debug)]
pub(crate) struct Update {
    key: Key,
    sets: Vec<String>,
    adds: Vec<String>,
    removes: Vec<String>,
    conditions: Vec<String>,
    names: Vec<&'static str>,
    values: Vec<(String, AttributeValue)>,
}

impl Update {
    /// Of this item.
    pub(crate) const fn of(key: Key) -> Self {
        Self {
            key,
            sets: Vec::new(),
            adds: Vec::new(),
            removes: Vec::new(),
            conditions: Vec::new(),
            names: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Sets an attribute; its value is `:name` in conditions.
    pub(crate) fn set(&mut self, name: &'static str, value: AttributeValue) {
        self.sets.push(format!("#{name} = :{name}"));
        self.names.push(name);
        self.value(name, value);
    }

    /// Sets an attribute that is not there yet.
    pub(crate) fn set_once(&mut self, name: &'static str, value: AttributeValue) {
        self.sets
            .push(format!("#{name} = if_not_exists(#{name}, :{name})"));
        self.names.push(name);
        self.value(name, value);
    }

    /// Sets an attribute, or removes it when there is no value.
    pub(crate) fn give(&mut self, name: &'static str, value: Option<AttributeValue>) {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    /// Adds to a number.
    pub(crate) fn add(&mut self, name: &'static str, value: AttributeValue) {
        self.adds.push(format!("#{name} :{name}"));
        self.names.push(name);
        self.value(name, value);
    }

    /// Removes an attribute.
    pub(crate) fn remove(&mut self, name: &'static str) {
        self.removes.push(format!("#{name}"));
        self.names.push(name);
    }

    /// Only when this holds too.
    pub(crate) fn when(&mut self, condition: &str) {
        self.conditions.push(format!("({condition})"));
    }

    /// A value of the conditions.
    pub(crate) fn value(&mut self, name: &str, value: AttributeValue) {
        self.values.push((format!(":{name}"), value));
    }

    /// The write.
    pub(crate) fn write(self) -> Write {
        let clauses = [
            ("SET", &self.sets),
            ("ADD", &self.adds),
            ("REMOVE", &self.removes),
        ];
        let clauses = clauses.iter().filter(|(_, parts)| !parts.is_empty());
        let expression: Vec<String> = clauses
            .map(|(word, parts)| format!("{word} {}", parts.join(", ")))
            .collect();
        let mut write = Write::update(self.key, expression.join(" "));
        for name in self.names {
            write = write.name(&format!("#{name}"), name);
        }
        for (name, value) in self.values {
            write = write.value(&name, value);
        }
        if self.conditions.is_empty() {
            return write;
        }
        write.when(self.conditions.join(" AND "))
    }
}
