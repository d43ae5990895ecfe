//! 360Messenger's JSON shapes.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::{answer::Answer, dialect::Dialect, orders::set};

/// A success of version 2.
pub(super) fn success(status: u16, data: Value) -> Answer {
    let mut body = json!({"success": true, "statusCode": status});
    if !data.is_null() {
        set(&mut body, "data", data);
    }
    Answer::json(status, &body)
}

/// An error of whichever version was spoken.
pub(super) fn error(dialect: Dialect, status: u16, message: &str) -> Answer {
    match dialect {
        Dialect::M360V1 => first_error(status, Some(message)),
        Dialect::M360V2 | Dialect::Whapi | Dialect::Meta | Dialect::PayPal => {
            second_error(status, Some(message))
        }
    }
}

/// An error of version 1; its HTTP status is usually 200.
pub(crate) fn first_error(status: u16, message: Option<&str>) -> Answer {
    let body = json!({
        "errorCode": if status == 200 { 401 } else { status },
        "errorDescription": message.unwrap_or_else(|| usual(status)),
    });
    Answer::json(status, &body)
}

/// An error of version 2; with HTTP status 200 it only says so in its body.
pub(crate) fn second_error(status: u16, message: Option<&str>) -> Answer {
    let body = json!({
        "success": false,
        "statusCode": status,
        "message": message.unwrap_or_else(|| usual(status)),
    });
    Answer::json(status, &body)
}

fn usual(status: u16) -> &'static str {
    match status {
        200 => "message could not be queued",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Insufficient credit",
        404 => "Not Found",
        429 => "Too Many Requests",
        _ => "Internal Server Error",
    }
}

/// `2026-11-20 18:30:05`, in UTC.
pub(super) fn time(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// What the status of a message says after this word: status, its text, the delivery.
pub(super) fn words(word: &str) -> (String, &'static str, String) {
    let (status, info, delivery) = match word {
        "pending" => ("PENDING", "The message is in the queue", "pending"),
        "sent" => ("OK", "The message has been sent", "sent"),
        "delivered" => ("OK", "The message has been delivered", "device"),
        "read" => ("OK", "The recipient has read the message", "read"),
        "failed" => ("ERROR", "sending failed", "error"),
        "not_found" => ("NOT FOUND", "user not found", "error"),
        other => (other, "", other),
    };
    (status.into(), info, delivery.into())
}
