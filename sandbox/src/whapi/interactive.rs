//! Checking interactive sends: flat buttons, lists of rows.

use serde_json::{Value, json};

use super::validate::{optional_text, text, wrong};
use crate::{messages::Choice, orders::set};

pub(super) fn content(body: &Value) -> Result<(Value, Vec<Choice>), String> {
    let action = body
        .get("action")
        .ok_or_else(|| wrong("must have required property 'action'"))?;
    let kind = optional_text(body, "type")?.unwrap_or_else(|| "button".into());
    for key in ["header", "body", "footer"] {
        let Some(part) = body.get(key) else { continue };
        if !part.is_object() || part.get("text").is_some_and(|text| !text.is_string()) {
            return Err(wrong(&format!("/{key}/text must be string")));
        }
    }
    let choices = match kind.as_str() {
        "button" => buttons(action)?,
        "list" => rows(action)?,
        "product" => Vec::new(),
        _ => return Err(wrong("/type must be equal to one of the allowed values")),
    };
    let mut content = json!({"type": kind, "action": action});
    for key in ["header", "body", "footer"] {
        if let Some(part) = body.get(key) {
            set(&mut content, key, part.clone());
        }
    }
    Ok((content, choices))
}

/// Flat buttons, at most three, titles of at most 25 characters.
fn buttons(action: &Value) -> Result<Vec<Choice>, String> {
    let buttons = action
        .get("buttons")
        .and_then(Value::as_array)
        .ok_or_else(|| wrong("/action must have required property 'buttons'"))?;
    if !(1..=3).contains(&buttons.len()) {
        return Err(wrong("/action/buttons must have 1 to 3 items"));
    }
    let mut choices = Vec::new();
    for (index, button) in buttons.iter().enumerate() {
        let at = format!("/action/buttons/{index}");
        if button.get("reply").is_some() {
            return Err(wrong(&format!(
                "{at} must NOT have additional property 'reply'"
            )));
        }
        let field = |key| text(button, key).map_err(|problem| format!("{problem} (in {at})"));
        let (kind, title, id) = (field("type")?, field("title")?, field("id")?);
        if !["quick_reply", "call", "copy", "url"].contains(&kind.as_str()) {
            return Err(wrong(&format!(
                "{at}/type must be equal to one of the allowed values"
            )));
        }
        if title.chars().count() > 25 {
            return Err(wrong(&format!(
                "{at}/title must NOT have more than 25 characters"
            )));
        }
        choices.push(Choice {
            id,
            title,
            in_list: false,
        });
    }
    Ok(choices)
}

fn rows(action: &Value) -> Result<Vec<Choice>, String> {
    let list = action
        .get("list")
        .ok_or_else(|| wrong("/action must have required property 'list'"))?;
    text(list, "label")?;
    let sections = list.get("sections").and_then(Value::as_array);
    let sections = sections.ok_or_else(|| wrong("/action/list/sections must be array"))?;
    let mut choices = Vec::new();
    for section in sections {
        let rows = section.get("rows").and_then(Value::as_array);
        for row in rows.ok_or_else(|| wrong("/action/list/sections/rows must be array"))? {
            choices.push(Choice {
                id: text(row, "id")?,
                title: text(row, "title")?,
                in_list: true,
            });
        }
    }
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::whapi::validate::{Kind, tests::check};

    #[test]
    fn buttons_are_flat_few_and_short() {
        let buttons = |buttons: Value| json!({"to": "97300000001", "body": {"text": "?"}, "action": {"buttons": buttons}});
        let button = json!({"type": "quick_reply", "title": "Yes", "id": "yes"});
        let titled = |title: &str| json!([{"type": "quick_reply", "title": title, "id": "a"}]);
        check(
            Kind::Interactive,
            &[
                (buttons(json!([button])), true),
                (buttons(json!([button, button, button])), true),
                (buttons(json!([button, button, button, button])), false),
                (buttons(json!([])), false),
                (buttons(titled(&"é".repeat(25))), true),
                (buttons(titled(&"é".repeat(26))), false),
                (
                    buttons(json!([{"type": "quick_reply", "title": "Yes"}])),
                    false,
                ),
                (
                    buttons(json!([{"type": "reply", "title": "Yes", "id": "a"}])),
                    false,
                ),
                (
                    buttons(json!([{"type": "reply", "reply": {"id": "a", "title": "Yes"}}])),
                    false,
                ),
                (
                    json!({"to": "97300000001", "body": "text", "action": {"buttons": [button]}}),
                    false,
                ),
                (json!({"to": "97300000001", "body": {"text": "?"}}), false),
            ],
        );
    }
}
