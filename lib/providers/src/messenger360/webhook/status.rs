//! What webhooks say of our own messages. Statuses are asked for; should one come all the same, it is
//! read in the shape of the sister product (`{"ID","Delivery":1|2|3}`), of one client
//! (`delivery`, `id` or `tracking_code`), or of the first version's reports (`notify-…`).

use domain::provider::{Item, ProviderStatus, StatusItem};
use jiff::Timestamp;

use crate::{lenient::Fields, scrub};

pub(super) fn is_notify(fields: Fields<'_>) -> bool {
    fields.text_or_number("notify-dlr-status").is_some()
}

/// Whether it tells of a delivery and holds no message of its own.
pub(super) fn is_delivery(fields: Fields<'_>) -> bool {
    let says = |name| fields.some(name, 1).is_some();
    fields.text_or_number("delivery").is_some()
        && !says("type")
        && !says("chat")
        && !says("caption")
}

/// A report of the first version: 1 ok, 2 failed, 3 expired.
pub(super) fn notify(fields: Fields<'_>) -> Result<Item, &'static str> {
    let word = fields
        .text_or_number("notify-dlr-status")
        .unwrap_or_default();
    let status = match word.trim() {
        // "Ok" may mean no more than that it left.
        "1" => ProviderStatus::Sent,
        "2" => failed(
            "DELIVERY_FAILED",
            "WhatsApp could not send the message on: check the number.",
            fields.text_or_number("notify-error-code"),
        ),
        "3" => failed(
            "EXPIRED",
            "The message could not be delivered in time: check that the number is in use.",
            fields.text_or_number("notify-error-code"),
        ),
        other => ProviderStatus::Unmapped {
            word: scrub::word(&format!("dlr {other}")),
        },
    };
    Ok(item(fields.id("notify-msgid")?, status))
}

/// A delivery: 1 sent, 2 delivered, 3 read, or the words of the status call.
pub(super) fn delivery(fields: Fields<'_>) -> Result<Item, &'static str> {
    let id = fields.id("id").or_else(|_| fields.id("tracking_code"))?;
    let word = fields.text_or_number("delivery").unwrap_or_default();
    let status = match word.trim().to_ascii_lowercase().as_str() {
        "1" | "sent" => ProviderStatus::Sent,
        "2" | "device" | "delivered" => ProviderStatus::Delivered,
        "3" | "read" => ProviderStatus::Read,
        "error" | "failed" => failed(
            "DELIVERY_FAILED",
            "WhatsApp could not send the message on: check the number and the channel's phone.",
            None,
        ),
        other => ProviderStatus::Unmapped {
            word: scrub::word(&format!("delivery {other}")),
        },
    };
    Ok(item(id, status))
}

/// When it happened is not said: created and executed are when it was sent. A time from the future
/// counts as the moment it came.
fn item(provider_id: String, status: ProviderStatus) -> Item {
    Item::Status(StatusItem {
        provider_id,
        at: Timestamp::MAX,
        status,
        token: None,
    })
}

fn failed(code: &str, sentence: &str, said: Option<String>) -> ProviderStatus {
    let said = match said.filter(|said| !said.trim().is_empty()) {
        Some(said) => format!("error code {}", scrub::word(&said)),
        None => "no reason given".into(),
    };
    ProviderStatus::Failed {
        code: code.into(),
        reason: format!("{sentence} (360Messenger: {said})"),
    }
}
