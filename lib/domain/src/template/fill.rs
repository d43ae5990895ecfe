//! Providers' templates with values: named variables into `{{1}}` and `{{name}}`, and what people will
//! read of it.

use std::collections::BTreeMap;

use super::{
    HeaderShape, SlotFormat, TemplateShape, Variables, Warning, flat,
    render::Told,
    text::{Doubled, doubled},
};
use crate::{failure::FieldProblem, message::Parameters};

/// Which variable fills which slot of a provider's template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SlotNames {
    /// The header's, in the order of its slots. Slots with names of their own may go without.
    pub header: Vec<String>,
    /// The body's.
    pub body: Vec<String>,
    /// What stands for a variable that a message has no value for (X15).
    pub defaults: BTreeMap<String, String>,
}

/// The values of a provider's template for one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledTemplate {
    /// The header's; empty when it has no slot.
    pub header: Parameters,
    /// The body's.
    pub body: Parameters,
    /// What was left out.
    pub warnings: Vec<Warning>,
}

/// Fills the slots of a provider's template. Values are flattened (X46).
///
/// # Errors
/// Every slot without a variable as a problem of `slots.…`, and every missing value as one of
/// `variables.<name>`.
pub fn fill(
    shape: &TemplateShape,
    names: &SlotNames,
    variables: &Variables,
) -> Result<FilledTemplate, Vec<FieldProblem>> {
    let mut told = Told::default();
    let mut part = |field: &str, slots: &[&str], names_of: &[String]| {
        let chosen = chosen(shape.format, field, slots, names_of, &mut told.problems);
        let values = chosen.into_iter().filter_map(|(slot, name)| {
            let given = told.value(variables, name).map(super::Value::flat);
            let value = given.or_else(|| names.defaults.get(name).map(|text| flat(text)));
            if value.is_none() {
                told.missing(name);
            }
            Some((slot, value?))
        });
        parameters(shape.format, values)
    };
    let header = part("slots.header", &shape.header_slots(), &names.header);
    let body = part("slots.body", &shape.body_slots(), &names.body);
    Ok(FilledTemplate {
        header,
        body,
        warnings: told.finish(variables)?,
    })
}

/// Each slot with the variable that fills it.
fn chosen<'n>(
    format: SlotFormat,
    field: &str,
    slots: &[&'n str],
    names: &'n [String],
    problems: &mut Vec<FieldProblem>,
) -> Vec<(&'n str, &'n str)> {
    if names.is_empty() && format == SlotFormat::Named {
        return slots.iter().map(|slot| (*slot, *slot)).collect();
    }
    if names.len() != slots.len() {
        problems.push(FieldProblem::new(
            field,
            "COUNT",
            format!(
                "name {} variables, one for each slot in order (there are {})",
                slots.len(),
                names.len()
            ),
        ));
        return Vec::new();
    }
    let names = names.iter().map(String::as_str);
    slots.iter().copied().zip(names).collect()
}

fn parameters<'s>(
    format: SlotFormat,
    values: impl Iterator<Item = (&'s str, String)>,
) -> Parameters {
    match format {
        SlotFormat::Positional => Parameters::Positional(values.map(|(_, value)| value).collect()),
        SlotFormat::Named => {
            let named = values.map(|(slot, value)| (slot.to_owned(), value));
            Parameters::Named(named.collect())
        }
    }
}

/// What people will read of a provider's template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderPreview {
    /// The line above the text, if it is one.
    pub header: Option<String>,
    /// The text.
    pub body: String,
    /// The small line below.
    pub footer: Option<String>,
    /// The titles of the buttons.
    pub buttons: Vec<String>,
}

/// A template with these values. A slot without a value stays as the provider shows it.
#[must_use]
pub fn preview(shape: &TemplateShape, header: &Parameters, body: &Parameters) -> ProviderPreview {
    let text = match &shape.header {
        Some(HeaderShape::Text { text }) => Some(put(text, &shape.header_slots(), header)),
        Some(
            HeaderShape::Image
            | HeaderShape::Video
            | HeaderShape::Document
            | HeaderShape::Other { .. },
        )
        | None => None,
    };
    let words = shape.body.as_deref().unwrap_or_default();
    ProviderPreview {
        header: text,
        body: put(words, &shape.body_slots(), body),
        footer: shape.footer.clone(),
        buttons: shape.buttons.iter().map(|one| one.text.clone()).collect(),
    }
}

/// A provider's text with values in its slots.
pub(super) fn put(text: &str, slots: &[&str], values: &Parameters) -> String {
    let value = |slot: &str| match values {
        Parameters::Positional(values) => {
            let place = slots.iter().position(|one| *one == slot)?;
            values.get(place)
        }
        Parameters::Named(values) => values.get(slot),
    };
    let mut filled = String::with_capacity(text.len());
    for piece in doubled(text) {
        match piece {
            Doubled::Text(words) => filled.push_str(words),
            Doubled::Slot(slot) => match value(slot) {
                Some(value) => filled.push_str(&flat(value)),
                None => {
                    filled.push_str("{{");
                    filled.push_str(slot);
                    filled.push_str("}}");
                }
            },
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{ButtonShape, Value};

    fn shape(format: SlotFormat, header: &str, body: &str) -> TemplateShape {
        TemplateShape {
            format,
            header: Some(HeaderShape::Text {
                text: header.into(),
            }),
            body: Some(body.into()),
            footer: Some("Heron Traders".into()),
            buttons: vec![ButtonShape {
                kind: "QUICK_REPLY".into(),
                text: "Thanks".into(),
                url: None,
                phone: None,
            }],
            ..TemplateShape::default()
        }
    }

    fn delivery() -> Variables {
        let items = Value::List(vec!["Tea\n(green)".into(), "Rice".into()]);
        let texts = [
            ("customerName", "Ada"),
            ("orderNumber", "17"),
            ("extra", "x"),
        ];
        let texts = texts.map(|(name, value)| (name.to_owned(), Value::from(value)));
        texts
            .into_iter()
            .chain([("items".to_owned(), items)])
            .collect()
    }

    fn names(header: &[&str], body: &[&str]) -> SlotNames {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        SlotNames {
            header: owned(header),
            body: owned(body),
            defaults: BTreeMap::new(),
        }
    }

    /// X14, X46, S2.72: numbered slots by a list of variables, in the order of the numbers; flattened,
    /// also in the preview.
    #[test]
    fn numbered_slots_are_filled_by_a_list_of_variables() {
        let shape = shape(
            SlotFormat::Positional,
            "Order {{1}}",
            "{{2}} for {{1}}: {{2}}",
        );
        let names = names(&["orderNumber"], &["customerName", "items"]);
        let filled = fill(&shape, &names, &delivery()).unwrap();
        let positional = |values: &[&str]| {
            Parameters::Positional(values.iter().map(|value| (*value).to_owned()).collect())
        };
        assert_eq!(filled.header, positional(&["17"]));
        assert_eq!(filled.body, positional(&["Ada", "Tea, (green), Rice"]));
        assert_eq!(filled.warnings[0].name, "extra");
        let shown = preview(&shape, &filled.header, &filled.body);
        let expected = ProviderPreview {
            header: Some("Order 17".into()),
            body: "Tea, (green), Rice for Ada: Tea, (green), Rice".into(),
            footer: Some("Heron Traders".into()),
            buttons: vec!["Thanks".into()],
        };
        assert_eq!(shown, expected);
    }

    /// X14: slots with names take the variables of these names, or those listed for them.
    #[test]
    fn named_slots_are_filled_by_name() {
        let shape = shape(SlotFormat::Named, "Hi", "{{customerName}}: {{orderNumber}}");
        let filled = fill(&shape, &SlotNames::default(), &delivery()).unwrap();
        let shown = preview(&shape, &filled.header, &filled.body);
        assert_eq!(shown.body, "Ada: 17");
        let swapped = names(&[], &["orderNumber", "customerName"]);
        let filled = fill(&shape, &swapped, &delivery()).unwrap();
        let shown = preview(&shape, &filled.header, &filled.body);
        assert_eq!(shown.body, "17: Ada");
    }

    /// S1.141, S2.11, X15: every slot without a variable and every missing value is told at once.
    #[test]
    fn slots_without_values_are_told() {
        let shape = shape(SlotFormat::Positional, "Order {{1}}", "{{1}} {{2}}");
        let wrong = names(&[], &["customerName", "colour"]);
        let told = |names: &SlotNames| {
            let problems = fill(&shape, names, &delivery()).unwrap_err();
            problems
                .into_iter()
                .map(|problem| problem.field)
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&wrong), ["slots.header", "variables.colour"]);
        let mut declared = names(&["orderNumber"], &["customerName", "colour"]);
        declared.defaults.insert("colour".into(), "any".into());
        assert!(fill(&shape, &declared, &delivery()).is_ok());
        let unfilled = preview(&shape, &Parameters::default(), &Parameters::default());
        assert_eq!(unfilled.body, "{{1}} {{2}}");
    }
}
