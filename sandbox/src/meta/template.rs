//! Checking template sends against the registered templates.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{errors::Problem, fields::Fields, specs::TemplateSpec};
use crate::messages::Choice;

type Templates = BTreeMap<(String, String), TemplateSpec>;

pub(super) fn check(
    template: &Fields<'_>,
    templates: Option<&Templates>,
) -> Result<Vec<Choice>, Problem> {
    template.only(&["name", "language", "components", "namespace"])?;
    let name = template.text("name")?;
    let language = template.object("language")?;
    language.only(&["code", "policy"])?;
    let code = language.text("code")?;
    let key = (name.to_owned(), code.to_owned());
    let known = templates.and_then(|templates| templates.get(&key));
    let known = known.ok_or_else(|| {
        Problem::new(
            132_001,
            format!("template name ({name}) does not exist in {code}"),
        )
    })?;
    match known.status.as_str() {
        "APPROVED" => {}
        "PAUSED" => {
            return Err(Problem::new(
                132_015,
                "Template is paused due to low quality",
            ));
        }
        "DISABLED" => return Err(Problem::new(132_016, "Template is disabled for good")),
        other => {
            let details = format!("template name ({name}) in {code} is {other}, not approved");
            return Err(Problem::new(132_001, details));
        }
    }
    let given = components(template)?;
    check_header(known, given.iter().find(|given| given.kind == "header"))?;
    let body = given.iter().find(|given| given.kind == "body");
    check_text(known, "BODY", body)?;
    buttons(known, &given)
}

/// One component of the request.
struct Given<'a> {
    kind: String,
    index: Option<usize>,
    parameters: Vec<Fields<'a>>,
}

fn components<'a>(template: &Fields<'a>) -> Result<Vec<Given<'a>>, Problem> {
    if !template.has("components") {
        return Ok(Vec::new());
    }
    let mut all: Vec<Given<'a>> = Vec::new();
    for (index, component) in template.list("components")?.iter().enumerate() {
        let component = template.item("components", index, component)?;
        component.only(&["type", "sub_type", "index", "parameters"])?;
        let kind = component.text("type")?.to_lowercase();
        if !["header", "body", "button"].contains(&kind.as_str()) {
            return Err(Problem::parameter(format!(
                "Param {} must be one of {{HEADER, BODY, BUTTON}}.",
                component.at("type")
            )));
        }
        let index = match component.value("index") {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(digits)) => digits.parse().ok(),
            Some(_) | None => None,
        };
        let index = index.and_then(|index| usize::try_from(index).ok());
        let mut parameters = Vec::new();
        if component.has("parameters") {
            for (index, parameter) in component.list("parameters")?.iter().enumerate() {
                parameters.push(component.item("parameters", index, parameter)?);
            }
        }
        if all
            .iter()
            .any(|other| other.kind == kind && other.index == index)
        {
            let details = format!("components: {kind} is given twice");
            return Err(Problem::new(132_018, details));
        }
        all.push(Given {
            kind,
            index,
            parameters,
        });
    }
    Ok(all)
}

/// The component of this type as the template has it.
fn component<'a>(template: &'a TemplateSpec, kind: &str) -> Option<&'a Value> {
    let of_kind = |component: &&Value| component.get("type").and_then(Value::as_str) == Some(kind);
    template.components.iter().find(of_kind)
}

fn check_header(template: &TemplateSpec, given: Option<&Given<'_>>) -> Result<(), Problem> {
    let format = component(template, "HEADER")
        .and_then(|header| header.get("format"))
        .and_then(Value::as_str)
        .unwrap_or("TEXT");
    if format == "TEXT" {
        return check_text(template, "HEADER", given);
    }
    let received = given
        .and_then(|given| given.parameters.first())
        .map(|parameter| parameter.text("type"))
        .transpose()?
        .map_or_else(|| "UNKNOWN".into(), str::to_uppercase);
    if received == format {
        return Ok(());
    }
    Err(Problem::new(
        132_012,
        format!("header: Format mismatch, expected {format}, received {received}"),
    ))
}

/// The parameters of a text: as many as it has places, and with their names where the
/// template has names.
fn check_text(
    template: &TemplateSpec,
    kind: &str,
    given: Option<&Given<'_>>,
) -> Result<(), Problem> {
    let text = component(template, kind).and_then(|component| component.get("text"));
    let text = text.and_then(Value::as_str).unwrap_or_default();
    let places = places(text);
    let at = kind.to_lowercase();
    let parameters = given.map_or(&[][..], |given| &given.parameters);
    if parameters.len() != places.len() {
        let (given, wanted) = (parameters.len(), places.len());
        let details = format!(
            "{at}: number of localizable_params ({given}) does not match the expected number of \
             params ({wanted})"
        );
        return Err(Problem::new(132_000, details));
    }
    let named = template.parameter_format.eq_ignore_ascii_case("NAMED");
    let mut filled = text.to_owned();
    for (index, parameter) in parameters.iter().enumerate() {
        let place = match parameter.optional_text("parameter_name")? {
            Some(name) if named && places.contains(&name) => name.to_owned(),
            None if !named => (index + 1).to_string(),
            Some(name) => {
                let details = format!("{at}: no parameter `{name}` in the template");
                return Err(Problem::new(132_012, details));
            }
            None => return Err(Problem::new(100, "Parameter name is missing or empty")),
        };
        filled = filled.replace(&format!("{{{{{place}}}}}"), value(parameter, &at)?);
    }
    if kind == "BODY" && filled.chars().count() > 1_024 {
        return Err(Problem::new(
            132_005,
            "body: the translated text is too long",
        ));
    }
    Ok(())
}

/// What is put into the text.
fn value<'a>(parameter: &Fields<'a>, at: &str) -> Result<&'a str, Problem> {
    let text = match parameter.text("type")? {
        "text" => parameter.text("text")?,
        kind @ ("currency" | "date_time") => parameter.object(kind)?.text("fallback_value")?,
        kind => {
            let details = format!("{at}: Format mismatch, expected TEXT, received {kind}");
            return Err(Problem::new(132_012, details));
        }
    };
    let crowded = text.contains(['\n', '\t']) || text.contains("     ");
    if text.is_empty() || crowded {
        let details = format!(
            "{at}: a parameter cannot be empty or have line breaks, tabs or more than 4 spaces"
        );
        return Err(Problem::new(132_018, details));
    }
    Ok(text)
}

/// The distinct places of a text: `{{1}}`, `{{first_name}}`.
fn places(text: &str) -> Vec<&str> {
    let mut places = Vec::new();
    for part in text.split("{{").skip(1) {
        if let Some((place, _)) = part.split_once("}}") {
            let place = place.trim();
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

/// Checks the buttons' parameters; the choices are the quick replies with their payloads.
fn buttons(template: &TemplateSpec, given: &[Given<'_>]) -> Result<Vec<Choice>, Problem> {
    let buttons = component(template, "BUTTONS").and_then(|component| component.get("buttons"));
    let buttons = buttons.and_then(Value::as_array).map_or(&[][..], |all| all);
    let known = |given: &&Given<'_>| given.index.is_some_and(|index| index < buttons.len());
    let stray = |given: &&Given<'_>| given.kind == "button" && !known(given);
    if given.iter().any(|given| stray(&given)) {
        let details = "buttons: a parameter is for no button of the template";
        return Err(Problem::new(132_018, details));
    }
    let mut choices = Vec::new();
    for (index, button) in buttons.iter().enumerate() {
        let field = |key: &str| button.get(key).and_then(Value::as_str).unwrap_or_default();
        let mine = |given: &&Given<'_>| given.kind == "button" && given.index == Some(index);
        let parameter = given.iter().find(mine);
        let parameter = parameter.and_then(|given| given.parameters.first());
        let kind = field("type");
        let needed = match kind {
            "URL" if !places(field("url")).is_empty() => Some("text"),
            "COPY_CODE" => Some("coupon_code"),
            _ => None,
        };
        match (needed, parameter) {
            (Some(key), Some(parameter)) => drop(parameter.text(key)?),
            (Some(_), None) => {
                let details =
                    format!("buttons: Button at index {index} of type {kind} requires a parameter");
                return Err(Problem::new(131_008, details));
            }
            (None, _) => {}
        }
        if kind == "QUICK_REPLY" {
            let title = field("text");
            let payload = parameter.map(|parameter| parameter.text("payload"));
            choices.push(Choice {
                id: payload.transpose()?.unwrap_or(title).into(),
                title: title.into(),
                in_list: false,
            });
        }
    }
    Ok(choices)
}

#[cfg(test)]
mod tests;
