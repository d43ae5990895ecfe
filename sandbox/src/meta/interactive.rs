//! Checking interactive sends: nested reply buttons, lists of rows.

use super::{
    errors::Problem,
    fields::{Fields, count, distinct},
};
use crate::messages::Choice;

pub(super) fn check(interactive: &Fields<'_>) -> Result<Vec<Choice>, Problem> {
    interactive.only(&["type", "header", "body", "footer", "action"])?;
    let kind = interactive.text("type")?;
    interactive.object("body")?.short("text", 1_024)?;
    if let Some(footer) = interactive.optional_object("footer")? {
        footer.short("text", 60)?;
    }
    if let Some(header) = interactive.optional_object("header")? {
        check_header(&header, kind)?;
    }
    let action = interactive.object("action")?;
    match kind {
        "button" => buttons(&action),
        "list" => rows(&action),
        _ => Err(Problem::new(
            131_009,
            format!("Interactive type {kind} is not served here"),
        )),
    }
}

/// A list takes a text only; buttons also take a medium, which is not looked into.
fn check_header(header: &Fields<'_>, kind: &str) -> Result<(), Problem> {
    match header.text("type")? {
        "text" => header.short("text", 60).map(drop),
        media @ ("image" | "video" | "document") if kind == "button" => {
            header.object(media).map(drop)
        }
        other => Err(Problem::new(
            131_009,
            format!("Header type {other} is not allowed for type {kind}"),
        )),
    }
}

fn buttons(action: &Fields<'_>) -> Result<Vec<Choice>, Problem> {
    action.only(&["buttons"])?;
    let buttons = action.list("buttons")?;
    count("buttons", buttons.len(), 3)?;
    let mut choices = Vec::new();
    for (index, button) in buttons.iter().enumerate() {
        let button = action.item("buttons", index, button)?;
        button.only(&["type", "reply"])?;
        if button.text("type")? != "reply" {
            return Err(Problem::parameter(format!(
                "Param {} must be one of {{REPLY}}.",
                button.at("type")
            )));
        }
        let reply = button.object("reply")?;
        reply.only(&["id", "title"])?;
        choices.push(Choice {
            id: reply.short("id", 256)?.into(),
            title: reply.short("title", 20)?.into(),
            in_list: false,
        });
    }
    distinct("button id", choices.iter().map(|choice| &*choice.id))?;
    distinct("button title", choices.iter().map(|choice| &*choice.title))?;
    Ok(choices)
}

fn rows(action: &Fields<'_>) -> Result<Vec<Choice>, Problem> {
    action.only(&["button", "sections"])?;
    action.short("button", 20)?;
    let sections = action.list("sections")?;
    count("sections", sections.len(), 10)?;
    let mut choices = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        let section = action.item("sections", index, section)?;
        section.only(&["title", "rows"])?;
        match sections.len() {
            1 => drop(section.optional_short("title", 24)?),
            _ => drop(section.short("title", 24)?),
        }
        for (index, row) in section.list("rows")?.iter().enumerate() {
            let row = section.item("rows", index, row)?;
            row.only(&["id", "title", "description"])?;
            row.optional_short("description", 72)?;
            choices.push(Choice {
                id: row.short("id", 200)?.into(),
                title: row.short("title", 24)?.into(),
                in_list: true,
            });
        }
    }
    count("rows", choices.len(), 10)?;
    distinct("row id", choices.iter().map(|choice| &*choice.id))?;
    Ok(choices)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::meta::{business::Business, validate::tests::check};

    fn reply(id: &str, title: &str) -> Value {
        json!({"type": "reply", "reply": {"id": id, "title": title}})
    }

    fn asking(buttons: Value) -> Value {
        json!({"type": "interactive", "interactive": {
            "type": "button", "body": {"text": "Will you come?"}, "action": {"buttons": buttons},
        }})
    }

    fn listing(button: &str, sections: Value) -> Value {
        json!({"type": "interactive", "interactive": {
            "type": "list", "body": {"text": "When?"},
            "action": {"button": button, "sections": sections},
        }})
    }

    #[test]
    fn buttons_are_nested_few_distinct_and_short() {
        let titled = |title: &str| asking(json!([reply("a", title)]));
        let flat = json!([{"type": "quick_reply", "id": "a", "title": "Yes"}]);
        let four: Vec<Value> = (0..4)
            .map(|n| reply(&n.to_string(), &format!("B{n}")))
            .collect();
        check(
            &Business::default(),
            &[
                (asking(json!(four[..3])), None),
                (asking(json!(four)), Some(131_009)),
                (asking(json!([])), Some(131_009)),
                (titled(&"é".repeat(20)), None),
                (titled(&"é".repeat(21)), Some(131_009)),
                (titled(""), Some(131_009)),
                (asking(flat), Some(100)),
                (asking(json!([{"type": "reply"}])), Some(100)),
                (
                    asking(json!([{"reply": {"id": "a", "title": "x"}}])),
                    Some(100),
                ),
                (asking(json!([reply(&"a".repeat(257), "x")])), Some(131_009)),
                (
                    asking(json!([reply("a", "x"), reply("a", "y")])),
                    Some(131_009),
                ),
                (
                    asking(json!([reply("a", "x"), reply("b", "x")])),
                    Some(131_009),
                ),
            ],
        );
    }

    #[test]
    fn lists_keep_their_limits() {
        let row = |id: usize| json!({"id": id.to_string(), "title": "Noon", "description": "d"});
        let rows = |count: usize| (0..count).map(row).collect::<Vec<_>>();
        let one = |rows: Vec<Value>| listing("Choose", json!([{"rows": rows}]));
        let changed = |key: &str, length: usize| {
            let mut row = row(0);
            row[key] = "x".repeat(length).into();
            one(vec![row])
        };
        let two = |title: Value| {
            let second = json!({"title": title, "rows": [{"id": "z", "title": "Late"}]});
            listing("Choose", json!([{"title": "Day", "rows": rows(1)}, second]))
        };
        check(
            &Business::default(),
            &[
                (one(rows(10)), None),
                (one(rows(11)), Some(131_009)),
                (one(rows(0)), Some(131_009)),
                (one(vec![row(1), row(1)]), Some(131_009)),
                (changed("title", 24), None),
                (changed("title", 25), Some(131_009)),
                (changed("description", 72), None),
                (changed("description", 73), Some(131_009)),
                (changed("id", 200), None),
                (changed("id", 201), Some(131_009)),
                (two(json!("Night")), None),
                (two(json!("x".repeat(25))), Some(131_009)),
                (two(json!("")), Some(131_009)),
                (
                    listing(&"x".repeat(21), json!([{"rows": rows(1)}])),
                    Some(131_009),
                ),
                (listing("Choose", json!([])), Some(131_009)),
            ],
        );
    }

    #[test]
    fn the_frame_keeps_its_limits() {
        let with = |key: &str, value: Value| {
            let mut body = asking(json!([reply("a", "Yes")]));
            body["interactive"][key] = value;
            body
        };
        let header = |kind: &str, value: Value| with("header", json!({"type": kind, kind: value}));
        check(
            &Business::default(),
            &[
                (with("body", json!({"text": "x".repeat(1_024)})), None),
                (
                    with("body", json!({"text": "x".repeat(1_025)})),
                    Some(131_009),
                ),
                (
                    with("footer", json!({"text": "x".repeat(61)})),
                    Some(131_009),
                ),
                (header("text", json!("x".repeat(60))), None),
                (header("text", json!("x".repeat(61))), Some(131_009)),
                (
                    header("image", json!({"link": "https://a.example/b"})),
                    None,
                ),
                (header("sticker", json!({})), Some(131_009)),
                (with("type", json!("flow")), Some(131_009)),
                (with("action", Value::Null), Some(100)),
            ],
        );
    }
}
