//! Items of `statuses`.

use domain::provider::{Item, ProviderStatus, StatusItem};

use super::Read;
use crate::{lenient::Fields, scrub};

pub(super) fn read(item: Fields<'_>) -> Read {
    let provider_id = item.id("id")?;
    let at = item.moment("timestamp")?;
    let word = match item.text("status") {
        Some(word) => word.trim().to_ascii_lowercase(),
        // Only these two numbers are documented by samples.
        None => match item.text_or_number("code").as_deref() {
            Some("3") => "delivered".into(),
            Some("4") => "read".into(),
            Some(code) => format!("code {code}"),
            None => return Err("it has no status"),
        },
    };
    let status = match word.as_str() {
        "sent" => ProviderStatus::Sent,
        "delivered" => ProviderStatus::Delivered,
        "read" | "played" => ProviderStatus::Read,
        "failed" => failed(item),
        // Pending comes before everything that counts, deleted after it; a word never seen may mean
        // anything.
        other => ProviderStatus::Unmapped {
            word: scrub::word(other),
        },
    };
    Ok(Item::Status(StatusItem {
        provider_id,
        at,
        status,
        token: None,
    }))
}

fn failed(item: Fields<'_>) -> ProviderStatus {
    let said = item.items("errors").find_map(|error| {
        error
            .own_text()
            .or_else(|| error.text("message"))
            .or_else(|| error.text("details"))
            .and_then(scrub::sentence)
    });
    let said = said.unwrap_or_else(|| "no reason given".into());
    ProviderStatus::Failed {
        code: "DELIVERY_FAILED".into(),
        reason: format!(
            "WhatsApp could not send the message on: check the number. (WHAPI: {said})"
        ),
    }
}
