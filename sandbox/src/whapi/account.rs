//! A channel's health, its login, and its settings.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Channel, error, wire};
use crate::{answer::Answer, channel::Webhook, orders::set, state::Handle};

/// What a data URI begins with.
const DATA_URI: &str = "data:image/png;base64,";
/// A transparent pixel, in place of a QR code.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// The settings that `PATCH /settings` stores, with their allowed range if they have one.
const SETTINGS: [(&str, Option<(i64, i64)>); 8] = [
    ("callback_backoff_delay_ms", Some((3_000, 15_000))),
    ("max_callback_backoff_delay_ms", Some((600_000, 3_600_000))),
    ("callback_persist", None),
    ("media", None),
    ("proxy", None),
    ("mobile_proxy", None),
    ("offline_mode", None),
    ("full_history", None),
];

/// `GET /health`: launches a stopped channel unless `wakeup=false`, as the real one does.
pub(super) fn health(handle: &Handle, token: &str, query: &HashMap<String, String>) -> Answer {
    let mut memory = handle.memory();
    let Some(channel) = memory.channels.get_mut(token) else {
        return error(404, "channel not found");
    };
    let wakes = query.get("wakeup").is_none_or(|wakeup| wakeup != "false");
    if wakes && channel.spec.health == "STOP" {
        channel.spec.health = "LAUNCH".into();
    }
    let mut body = json!({
        "channel_id": channel.spec.channel_id,
        "start_at": channel.started.as_second(),
        "uptime": Timestamp::now().as_second() - channel.started.as_second(),
        "version": "sandbox",
        "core_version": "sandbox",
        "api_version": "1.8.7",
        "device_id": wire::DEVICE,
        "ip": "192.0.2.1",
        "status": wire::health_status(&channel.spec.health),
    });
    if channel.spec.health == "AUTH" {
        let user = json!({"id": channel.spec.phone, "name": channel.spec.name});
        set(&mut body, "user", user);
    }
    Answer::json(200, &body)
}

/// `GET /users/login`: a QR code while the channel waits for one. A channel that is stopped or starting
/// is `WAITING` once and has a code the next time, unless `wakeup=false`.
pub(super) fn login(handle: &Handle, token: &str, query: &HashMap<String, String>) -> Answer {
    let mut memory = handle.memory();
    let Some(channel) = memory.channels.get_mut(token) else {
        return error(404, "channel not found");
    };
    let wakes = query.get("wakeup").is_none_or(|wakeup| wakeup != "false");
    let prefix = if channel.spec.qr_data_uri {
        DATA_URI
    } else {
        ""
    };
    match channel.spec.health.as_str() {
        "AUTH" | "SYNC_ERROR" => error(409, "channel already authenticated"),
        "QR" => {
            let body = json!({
                "status": "OK",
                "base64": format!("{prefix}{PIXEL}"),
                "rowdata": "2@sandbox,not,a,real,code",
                "expire": 20,
            });
            Answer::json(200, &body)
        }
        "ERROR" => Answer::json(200, &json!({"status": "ERROR"})),
        _ => {
            if wakes {
                channel.spec.health = "QR".into();
            }
            Answer::json(200, &json!({"status": "WAITING"}))
        }
    }
}

/// `GET /settings`
pub(super) fn settings(handle: &Handle, token: &str) -> Answer {
    match handle.memory().channels.get(token) {
        Some(channel) => Answer::json(200, &all_settings(channel)),
        None => error(404, "channel not found"),
    }
}

fn all_settings(channel: &Channel) -> Value {
    let mut all = json!({
        "callback_backoff_delay_ms": 3_000,
        "max_callback_backoff_delay_ms": 900_000,
        "callback_persist": true,
        "media": {"auto_download": []},
        "webhooks": channel.outlet.webhooks,
    });
    for (key, value) in &channel.settings {
        set(&mut all, key, value.clone());
    }
    all
}

/// `PATCH /settings`: absent settings stay; `webhooks` is replaced as a whole. The
/// channel's `connect_to` stays, so that production's own registration can be tested.
pub(super) fn change_settings(handle: &Handle, token: &str, body: &Value) -> Answer {
    let Some(given) = body.as_object() else {
        return error(400, "Wrong settings format");
    };
    let (webhooks, stored) = match (webhooks(given), stored(given)) {
        (Ok(webhooks), Ok(stored)) => (webhooks, stored),
        (Err(problem), _) | (_, Err(problem)) => {
            return error(400, &format!("Wrong settings format: {problem}"));
        }
    };
    let mut memory = handle.memory();
    let Some(channel) = memory.channels.get_mut(token) else {
        return error(404, "channel not found");
    };
    let before = all_settings(channel);
    let mut changes: Vec<&str> = stored.keys().map(String::as_str).collect();
    if let Some(webhooks) = webhooks {
        channel.outlet.webhooks = webhooks;
        changes.push("webhooks");
    }
    channel.settings.extend(stored.clone());
    let body = json!({
        "before_update": before,
        "after_update": all_settings(channel),
        "changes": changes,
    });
    Answer::json(200, &body)
}

fn stored(given: &Map<String, Value>) -> Result<BTreeMap<String, Value>, String> {
    let mut stored = BTreeMap::new();
    for (key, range) in SETTINGS {
        let Some(value) = given.get(key) else {
            continue;
        };
        if let Some((least, most)) = range {
            let number = value
                .as_i64()
                .filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| format!("/{key} must be from {least} to {most}"))?;
        }
        stored.insert(key.to_owned(), value.clone());
    }
    Ok(stored)
}

pub(super) fn webhooks(given: &Map<String, Value>) -> Result<Option<Vec<Webhook>>, String> {
    let Some(value) = given.get("webhooks") else {
        return Ok(None);
    };
    let webhooks: Vec<Webhook> =
        serde_json::from_value(value.clone()).map_err(|problem| problem.to_string())?;
    for webhook in &webhooks {
        let url = reqwest::Url::parse(&webhook.url).map_err(|problem| problem.to_string())?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err("/webhooks/url must be a http or https URL".into());
        }
        if webhook.mode != "body" {
            return Err("/webhooks/mode: this sandbox speaks `body` only".into());
        }
        if webhook.headers.len() > 5 {
            return Err("/webhooks/headers must NOT have more than 5 properties".into());
        }
    }
    Ok(Some(webhooks))
}
