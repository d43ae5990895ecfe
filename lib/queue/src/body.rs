//! The body of a lane's message.

use domain::{
    ids::{EventId, FestivalId, JobId, MessageId, NotificationId, TenantId},
    notice::NoticeKey,
    ports::Task,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// The version written; the only one read.
const VERSION: u64 = 1;

/// Why a body is no task. Says nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// No JSON object.
    #[error("the body is no JSON object")]
    Unreadable,
    /// Another version, or none.
    #[error("the body is of another version; deploy the worker that knows it")]
    Version,
    /// A task nobody knows.
    #[error("the body names an unknown task; deploy the worker that knows it")]
    Task,
    /// A known task whose fields are missing or wrong.
    #[error("the task's fields are missing or wrong")]
    Fields,
}

/// Writes a task and the order it belongs to.
#[must_use]
pub fn encode(task: &Task, order: &str) -> String {
    let mut body = match task {
        Task::Message(tenant, message) => json!({
            "v": VERSION,
            "task": "message",
            "tenant": tenant,
            "message": message,
        }),
        Task::Media(tenant, message) => json!({
            "v": VERSION,
            "task": "media",
            "tenant": tenant,
            "message": message,
        }),
        Task::Expand(tenant, job) => json!({
            "v": VERSION,
            "task": "expand",
            "tenant": tenant,
            "job": job,
        }),
        Task::Festival(tenant, festival) => json!({
            "v": VERSION,
            "task": "festival",
            "tenant": tenant,
            "festival": festival,
        }),
        Task::Day(tenant) => json!({
            "v": VERSION,
            "task": "day",
            "tenant": tenant,
        }),
        Task::Event(tenant, event) => json!({
            "v": VERSION,
            "task": "event",
            "tenant": tenant,
            "event": event,
        }),
        Task::Notification(tenant, notification) => json!({
            "v": VERSION,
            "task": "notification",
            "tenant": tenant,
            "notification": notification,
        }),
        Task::Notice(key) => json!({
            "v": VERSION,
            "task": "notice",
            "tenant": key.tenant,
            "window": key.window,
            "message": key.message,
            "attempt": key.attempt,
        }),
    };
    if let Some(fields) = body.as_object_mut() {
        fields.insert("order".into(), order.into());
    }
    body.to_string()
}

/// The order a body belongs to: tasks of one order are worked one after the other. Empty when the body
/// cannot be read, so that such bodies keep to themselves.
#[must_use]
pub fn order(body: &str) -> String {
    #[derive(Default, Deserialize)]
    struct Order {
        #[serde(default)]
        order: String,
    }
    serde_json::from_str::<Order>(body)
        .unwrap_or_default()
        .order
}

/// Reads a task, whatever stands in the queue.
///
/// # Errors
/// [`Undecodable`] for anything that is not exactly a known task of this version.
pub fn decode(body: &str) -> Result<Task, Undecodable> {
    let body: Value = serde_json::from_str(body).map_err(|_not_json| Undecodable::Unreadable)?;
    if !body.is_object() {
        return Err(Undecodable::Unreadable);
    }
    if body.get("v").and_then(Value::as_u64) != Some(VERSION) {
        return Err(Undecodable::Version);
    }
    match body.get("task").and_then(Value::as_str) {
        Some("message") => {
            let MessageTask { tenant, message } = fields(body)?;
            Ok(Task::Message(tenant, message))
        }
        Some("media") => {
            let MessageTask { tenant, message } = fields(body)?;
            Ok(Task::Media(tenant, message))
        }
        Some("expand") => {
            let ExpandTask { tenant, job } = fields(body)?;
            Ok(Task::Expand(tenant, job))
        }
        Some("festival") => {
            let FestivalTask { tenant, festival } = fields(body)?;
            Ok(Task::Festival(tenant, festival))
        }
        Some("day") => {
            let DayTask { tenant } = fields(body)?;
            Ok(Task::Day(tenant))
        }
        Some("event") => {
            let EventTask { tenant, event } = fields(body)?;
            Ok(Task::Event(tenant, event))
        }
        Some("notification") => {
            let NotificationTask {
                tenant,
                notification,
            } = fields(body)?;
            Ok(Task::Notification(tenant, notification))
        }
        Some("notice") => {
            let task: NoticeTask = fields(body)?;
            Ok(Task::Notice(NoticeKey {
                tenant: task.tenant,
                window: task.window,
                message: task.message,
                attempt: task.attempt,
            }))
        }
        Some(_) | None => Err(Undecodable::Task),
    }
}

fn fields<T: for<'a> Deserialize<'a>>(body: Value) -> Result<T, Undecodable> {
    serde_json::from_value(body).map_err(|_wrong| Undecodable::Fields)
}

/// A message, ours or theirs.
#[derive(Deserialize)]
struct MessageTask {
    tenant: TenantId,
    message: MessageId,
}

#[derive(Deserialize)]
struct ExpandTask {
    tenant: TenantId,
    job: JobId,
}

#[derive(Deserialize)]
struct FestivalTask {
    tenant: TenantId,
    festival: FestivalId,
}

#[derive(Deserialize)]
struct DayTask {
    tenant: TenantId,
}

#[derive(Deserialize)]
struct EventTask {
    tenant: TenantId,
    event: EventId,
}

#[derive(Deserialize)]
struct NotificationTask {
    tenant: TenantId,
    notification: NotificationId,
}

#[derive(Deserialize)]
struct NoticeTask {
    tenant: TenantId,
    window: Timestamp,
    message: MessageId,
    attempt: u16,
}
