//! Graph's lists: pages with cursors, and the fields somebody asked for.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_URL_SAFE};
use serde_json::{Map, Value, json};

use super::errors::Problem;
use crate::{gate::Incoming, orders::set};

/// How a list is cut into pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Items per page when nobody says.
    pub(super) usual: usize,
    /// Items per page, whatever somebody says.
    pub(super) most: usize,
    /// Whether every page names itself as the next one.
    pub(super) stuck: bool,
}

/// One page of `items`, with a link to the next one.
pub(super) fn page(items: Vec<Value>, incoming: &Incoming, cut: Cut) -> Result<Value, Problem> {
    let limit = match incoming
        .query
        .get("limit")
        .map(|text| text.parse::<usize>())
    {
        None => cut.usual,
        Some(Ok(limit)) if limit > 0 => limit,
        Some(_) => {
            return Err(Problem::parameter(
                "Param limit must be a positive integer.",
            ));
        }
    };
    let limit = limit.min(cut.most).max(1);
    let start = match incoming
        .query
        .get("after")
        .filter(|after| !after.is_empty())
    {
        None => 0,
        Some(after) => position(after)
            .filter(|start| *start <= items.len())
            .ok_or_else(|| Problem::parameter("Invalid cursors values"))?,
    };
    let more = items.len() > start + limit;
    let shown: Vec<Value> = items.into_iter().skip(start).take(limit).collect();
    if shown.is_empty() {
        return Ok(json!({"data": []}));
    }
    let next = match cut.stuck {
        true => start,
        false => start + shown.len(),
    };
    let mut paging = json!({"cursors": {"before": cursor(start), "after": cursor(next)}});
    if more || cut.stuck {
        set(&mut paging, "next", link(incoming, limit, &cursor(next)));
    }
    Ok(json!({"data": shown, "paging": paging}))
}

fn cursor(position: usize) -> String {
    BASE64_URL_SAFE.encode(format!("p{position}"))
}

fn position(cursor: &str) -> Option<usize> {
    let bytes = BASE64_URL_SAFE.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.strip_prefix('p')?.parse().ok()
}

/// The same request for the next page. Graph puts the token in too; this one does not.
fn link(incoming: &Incoming, limit: usize, after: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let others: HashMap<_, _> = incoming
        .query
        .iter()
        .filter(|(key, _)| !["limit", "after", "access_token"].contains(&key.as_str()))
        .collect();
    query.extend_pairs(others);
    query.append_pair("limit", &limit.to_string());
    query.append_pair("after", after);
    let (host, path) = (&incoming.host, &incoming.path);
    format!("http://{host}{path}?{}", query.finish())
}

/// The fields asked for, without what is asked for inside them; none when nobody asked.
pub(super) fn asked(incoming: &Incoming) -> Option<Vec<String>> {
    let text = incoming
        .query
        .get("fields")
        .filter(|text| !text.is_empty())?;
    let (mut fields, mut depth) = (vec![String::new()], 0_usize);
    for character in text.chars() {
        match character {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => fields.push(String::new()),
            character if depth == 0 => {
                if let Some(field) = fields.last_mut() {
                    field.push(character);
                }
            }
            _ => {}
        }
    }
    let bare = |field: String| field.split('.').next().map(|name| name.trim().to_owned());
    Some(fields.into_iter().filter_map(bare).collect())
}

/// `object` with its `id` and the fields asked for, or the usual ones.
pub(super) fn pick(
    object: &Value,
    asked: Option<&[String]>,
    usual: &[&str],
) -> Result<Value, Problem> {
    let mut picked = Map::new();
    let usual = || usual.iter().map(ToString::to_string).collect();
    let wanted: Vec<String> = asked.map_or_else(usual, <[String]>::to_vec);
    for field in wanted.iter().map(String::as_str).chain(["id"]) {
        match object.get(field) {
            Some(value) => drop(picked.insert(field.into(), value.clone())),
            None => {
                let message = format!("Tried accessing nonexisting field ({field})");
                return Err(Problem::parameter(message));
            }
        }
    }
    Ok(Value::Object(picked))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};

    use super::{Cut, asked, page};
    use crate::gate::Incoming;

    fn asking(query: &[(&str, &str)]) -> Incoming {
        let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Incoming {
            method: "GET".into(),
            path: "/meta/v23.0/820/message_templates".into(),
            query: query.iter().map(pair).collect::<HashMap<_, _>>(),
            host: "127.0.0.1:9".into(),
            content_type: String::new(),
            bearer: None,
            basic: None,
            headers: http::HeaderMap::new(),
            body: None,
            bytes: bytes::Bytes::new(),
        }
    }

    #[test]
    fn pages_lead_to_the_end_and_no_further() {
        let items: Vec<Value> = (0..5).map(|n| json!(n)).collect();
        let cut = Cut {
            usual: 2,
            most: 3,
            stuck: false,
        };
        let mut after = String::new();
        let mut pages = Vec::new();
        loop {
            let shown = page(items.clone(), &asking(&[("after", &after)]), cut).unwrap();
            pages.push(shown["data"].clone());
            if shown["paging"].get("next").is_none() {
                break;
            }
            after = shown["paging"]["cursors"]["after"].as_str().unwrap().into();
        }
        assert_eq!(pages, [json!([0, 1]), json!([2, 3]), json!([4])]);
        let asking_all = asking(&[("limit", "100"), ("name", "a b")]);
        let capped = page(items.clone(), &asking_all, cut).unwrap();
        assert_eq!(capped["data"], json!([0, 1, 2]));
        let next = capped["paging"]["next"].as_str().unwrap();
        assert!(next.starts_with("http://127.0.0.1:9/meta/v23.0/820/message_templates?name=a+b&"));
        for bad in [
            ("after", "x"),
            ("after", "cDk="),
            ("limit", "0"),
            ("limit", "many"),
        ] {
            assert!(
                page(items.clone(), &asking(&[bad]), cut).is_err(),
                "{bad:?}"
            );
        }
        let stuck = Cut { stuck: true, ..cut };
        let again = page(items, &asking(&[("after", "cDI=")]), stuck).unwrap();
        assert_eq!(again["paging"]["cursors"]["after"], "cDI=");
    }

    #[test]
    fn fields_are_read_at_the_top_level_only() {
        let fields = |text: &str| asked(&asking(&[("fields", text)]));
        assert_eq!(
            fields("id, name,events{id,status},health.level(2)").unwrap(),
            ["id", "name", "events", "health"]
        );
        assert_eq!(fields(""), None);
    }
}
