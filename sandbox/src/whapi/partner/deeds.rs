//! What a partner does with channels, and what a person does with one of them: scan its code.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    book::{Deed, DeedKind, Managed, Partner},
    wire,
};
use crate::{
    answer::Answer,
    orders::Caused,
    outlet::Outlet,
    state::{Handle, Memory, Refusal},
    whapi::{Channel, HealthSpec, error, validate},
};

/// How long a new channel is active without a day spent on it.
const TRIAL: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Within which so many channels may be made.
const WINDOW: SignedDuration = SignedDuration::from_mins(30);

/// `GET /channels`, `GET /channels/list/{projectId}`
pub(super) fn list(handle: &Handle, token: &str, project: Option<&str>) -> Result<Value, Answer> {
    let memory = handle.memory();
    let partner = partner(&memory, token)?;
    let wanted = |managed: &&Managed| project.is_none_or(|wanted| managed.project == wanted);
    let channels: Vec<Value> = partner
        .channels
        .iter()
        .filter(|(_, managed)| wanted(managed))
        .map(|(id, managed)| wire::channel(&memory, id, managed))
        .collect();
    Ok(match partner.spec.wrapped {
        true => json!({"channels": channels, "total": channels.len()}),
        false => Value::Array(channels),
    })
}

/// `GET /channels/{id}`
pub(super) fn show(handle: &Handle, token: &str, id: &str) -> Result<Value, Answer> {
    let memory = handle.memory();
    let managed = partner(&memory, token)?.channels.get(id);
    let managed = managed.ok_or_else(no_channel)?;
    Ok(wire::shown(&memory, id, managed))
}

/// `PUT /channels`: not idempotent; a name may be used twice.
pub(super) fn create(handle: &Handle, token: &str, body: &Value) -> Result<Value, Answer> {
    let wrong = |problem: String| error(400, &problem);
    let name = validate::text(body, "name").map_err(wrong)?;
    let project = validate::text(body, "projectId").map_err(wrong)?;
    let phone = validate::optional_text(body, "phone").map_err(wrong)?;
    let outlet = Outlet::new(handle, crate::channel::Retry::default());
    let now = Timestamp::now();
    let mut guard = handle.memory();
    let memory = &mut *guard;
    let partner = partner_mut(memory, token)?;
    if !partner.spec.projects.contains(&project) {
        return Err(error(404, "Project not found"));
    }
    partner
        .created
        .retain(|at| now.duration_since(*at) < WINDOW);
    if partner.created.len() >= partner.spec.create_limit {
        return Err(error(429, "Too many channels created; try again later"));
    }
    partner.created.push_back(now);
    let (id, channel_token) = wire::fresh();
    let manners = partner.spec.channels.clone();
    let number = phone.as_deref().map(digits).unwrap_or_default();
    let managed = Managed {
        token: channel_token.clone(),
        name: name.clone(),
        project,
        phone,
        created: now,
        active_till: now + TRIAL,
        trial_till: now + TRIAL,
        mode: "trial".into(),
        status: "active".into(),
        spent: 0,
    };
    partner.channels.insert(id.clone(), managed.clone());
    partner.note(DeedKind::Create, &id, 0, None);
    let spec = manners.channel(&channel_token, &id, &name, &number);
    let mut channel = Channel::fresh(spec, outlet);
    channel.outlet.retry = manners.retry;
    channel.outlet.connect_to = manners.connect_to;
    memory.channels.insert(channel_token, channel);
    Ok(wire::channel(memory, &id, &managed))
}

/// `DELETE /channels/{id}`: whole unused days that were spent on it return to the balance.
pub(super) fn delete(handle: &Handle, token: &str, id: &str) -> Result<Value, Answer> {
    let mut guard = handle.memory();
    let memory = &mut *guard;
    let partner = partner_mut(memory, token)?;
    let managed = partner.channels.remove(id).ok_or_else(no_channel)?;
    let left = managed.active_till.duration_since(Timestamp::now());
    let unused = (left.as_hours() / 24).clamp(0, managed.spent);
    partner.spec.live_days += unused;
    partner.note(DeedKind::Delete, id, -unused, None);
    let gone = memory.channels.remove(&managed.token);
    drop(guard);
    // Outside the lock: dropping it ends its lanes.
    drop(gone);
    Ok(json!({"success": true}))
}

/// `POST /channels/{id}/extend`: spends days of the balance, starts the channel, ends its trial.
pub(super) fn extend(
    handle: &Handle,
    token: &str,
    id: &str,
    body: &Value,
) -> Result<Value, Answer> {
    let days = body.get("days").and_then(Value::as_i64);
    let Some(days) = days.filter(|days| (1..=3_650).contains(days)) else {
        return Err(error(400, "Wrong request parameters: /days must be >= 1"));
    };
    let comment = validate::text(body, "comment").map_err(|problem| error(400, &problem))?;
    let mut guard = handle.memory();
    let memory = &mut *guard;
    let partner = partner_mut(memory, token)?;
    let before = partner.spec.live_days;
    let managed = partner.channels.get_mut(id).ok_or_else(no_channel)?;
    if before < days {
        return Err(error(402, "Not enough days on the partner balance"));
    }
    managed.active_till =
        managed.active_till.max(Timestamp::now()) + SignedDuration::from_hours(24 * days);
    managed.spent += days;
    managed.mode = "live".into();
    managed.status = "active".into();
    let managed = managed.clone();
    partner.spec.live_days -= days;
    partner.note(DeedKind::Extend, id, days, Some(comment));
    let crossed = (partner.spec.live_days..before).contains(&(partner.spec.days_limit - 1));
    if let Some(channel) = memory.channels.get_mut(&managed.token)
        && channel.spec.health == "STOP"
    {
        channel.spec.health = "LAUNCH".into();
    }
    let shown = wire::shown(memory, id, &managed);
    drop(guard);
    if crossed {
        handle.tell_days(token, None);
    }
    Ok(shown)
}

/// `PATCH /channels/{id}/mode`
pub(super) fn set_mode(
    handle: &Handle,
    token: &str,
    id: &str,
    body: &Value,
) -> Result<Value, Answer> {
    let mode = validate::text(body, "mode").map_err(|problem| error(400, &problem))?;
    if !["live", "trial", "sandbox"].contains(&mode.as_str()) {
        return Err(error(400, "Wrong request parameters: /mode is unknown"));
    }
    let mut guard = handle.memory();
    let memory = &mut *guard;
    let partner = partner_mut(memory, token)?;
    let managed = partner.channels.get_mut(id).ok_or_else(no_channel)?;
    managed.mode = mode;
    let managed = managed.clone();
    partner.note(DeedKind::Mode, id, 0, None);
    Ok(wire::shown(memory, id, &managed))
}

impl Partner {
    fn note(&mut self, kind: DeedKind, channel: &str, days: i64, comment: Option<String>) {
        self.deeds.push(Deed {
            kind,
            channel: channel.into(),
            days,
            comment,
            at: Timestamp::now(),
        });
    }
}

fn partner<'a>(memory: &'a Memory, token: &str) -> Result<&'a Partner, Answer> {
    let found = memory.partners.get(token);
    found.ok_or_else(|| error(401, "Unauthorized"))
}

fn partner_mut<'a>(memory: &'a mut Memory, token: &str) -> Result<&'a mut Partner, Answer> {
    let found = memory.partners.get_mut(token);
    found.ok_or_else(|| error(401, "Unauthorized"))
}

fn no_channel() -> Answer {
    error(404, "Channel not found")
}

fn digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

/// Somebody scans a channel's code with this number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanSpec {
    /// The number that logs in; the one the channel was made for when absent.
    #[serde(default)]
    pub phone: Option<String>,
}

/// What changes in a channel by itself: WHAPI stops it, its time passes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedSpec {
    /// Until when it is active.
    #[serde(default)]
    pub active_till: Option<Timestamp>,
    /// Whether it is stopped: its health at the gate is `STOP` then.
    #[serde(default)]
    pub stopped: Option<bool>,
    /// Its word for its state.
    #[serde(default)]
    pub status: Option<String>,
}

impl Handle {
    /// Logs a number in to a channel, and tells the channel's webhook.
    ///
    /// # Errors
    /// When there is no such channel, or no number to log in.
    pub fn scan(&self, id: &str, spec: &ScanSpec) -> Result<Caused, Refusal> {
        let mut memory = self.memory();
        let partner = memory.partner_of(id)?;
        let managed = partner.channels.get_mut(id).ok_or_else(Refusal::channel)?;
        let phone = spec.phone.as_deref().or(managed.phone.as_deref());
        let phone = phone.map(digits).filter(|phone| !phone.is_empty());
        let phone = phone.ok_or_else(|| Refusal::Invalid("which number logs in?".into()))?;
        managed.phone = Some(phone.clone());
        let token = managed.token.clone();
        if let Some(channel) = memory.channels.get_mut(&token) {
            channel.spec.phone = phone;
        }
        drop(memory);
        let text = "AUTH".into();
        self.health(&HealthSpec { token, text })
    }

    /// Changes a channel as WHAPI itself would. Nobody is told.
    ///
    /// # Errors
    /// When there is no such channel.
    pub fn change_managed(&self, id: &str, spec: &ManagedSpec) -> Result<(), Refusal> {
        let mut memory = self.memory();
        let partner = memory.partner_of(id)?;
        let managed = partner.channels.get_mut(id).ok_or_else(Refusal::channel)?;
        managed.active_till = spec.active_till.unwrap_or(managed.active_till);
        if let Some(status) = &spec.status {
            managed.status.clone_from(status);
        }
        let token = managed.token.clone();
        if let (Some(stopped), Some(channel)) = (spec.stopped, memory.channels.get_mut(&token)) {
            channel.spec.health = if stopped { "STOP" } else { "QR" }.into();
        }
        Ok(())
    }
}
