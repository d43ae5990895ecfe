//! A partner's projects, its balance, and where its notices go.

use serde_json::{Map, Value, json};

use super::book::Partner;
use crate::{
    answer::Answer,
    state::Handle,
    whapi::{account, error},
};

/// `GET /projects`
pub(super) fn projects(handle: &Handle, token: &str) -> Result<Value, Answer> {
    let memory = handle.memory();
    let partner = memory.partners.get(token);
    let partner = partner.ok_or_else(|| error(401, "Unauthorized"))?;
    let projects: Vec<Value> = partner
        .spec
        .projects
        .iter()
        .map(|id| json!({"id": id, "name": format!("Project {id}")}))
        .collect();
    Ok(match partner.spec.wrapped {
        true => json!({"projects": projects}),
        false => Value::Array(projects),
    })
}

/// `GET /partners/{name}/settings`
pub(super) fn show(handle: &Handle, token: &str, name: &str) -> Result<Value, Answer> {
    let memory = handle.memory();
    let partner = memory.partners.get(token);
    let partner = partner.filter(|partner| partner.spec.name == name);
    partner.map(all).ok_or_else(no_partner)
}

/// `PATCH /partners/{name}/settings`: absent settings stay; `webhooks` is replaced as a whole.
pub(super) fn change(
    handle: &Handle,
    token: &str,
    name: &str,
    body: &Value,
) -> Result<Value, Answer> {
    let wrong = |problem: &str| error(400, &format!("Wrong settings format: {problem}"));
    let given = body.as_object().ok_or_else(|| wrong("no object"))?;
    let webhooks = account::webhooks(given).map_err(|problem| wrong(&problem))?;
    let limit = limit(given).map_err(wrong)?;
    let mut memory = handle.memory();
    let partner = memory.partners.get_mut(token);
    let partner = partner.filter(|partner| partner.spec.name == name);
    let partner = partner.ok_or_else(no_partner)?;
    if let Some(webhooks) = webhooks {
        partner.outlet.webhooks = webhooks;
    }
    if let Some(limit) = limit {
        partner.spec.days_limit = limit;
    }
    Ok(all(partner))
}

fn limit(given: &Map<String, Value>) -> Result<Option<i64>, &'static str> {
    match given.get("days_limit") {
        None => Ok(None),
        Some(limit) => match limit.as_i64().filter(|limit| *limit >= 0) {
            Some(limit) => Ok(Some(limit)),
            None => Err("/days_limit must be a number of days"),
        },
    }
}

fn all(partner: &Partner) -> Value {
    json!({
        "name": partner.spec.name,
        "liveDays": partner.spec.live_days,
        "trialDays": 0,
        "days_limit": partner.spec.days_limit,
        "webhooks": partner.outlet.webhooks,
    })
}

fn no_partner() -> Answer {
    error(404, "Partner not found")
}
