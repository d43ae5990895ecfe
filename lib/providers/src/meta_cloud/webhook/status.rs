//! Items of `statuses`. Nothing but id, word and time is ever relied upon: `conversation` and `pricing`
//! come and go with the versions of the API.

use domain::provider::{Item, PreferenceItem, ProviderStatus, StatusItem};

use super::{
    super::{errors::Said, send},
    Read, people,
};
use crate::{lenient::Fields, scrub};

/// Meta's number for "this person asked for no more marketing".
const MARKETING_STOPPED: u32 = 131_050;

pub(super) fn read(item: Fields<'_>) -> Read {
    if item.text("recipient_type") == Some("group") {
        return Ok(vec![Item::Ignored {
            name: "group status".into(),
        }]);
    }
    let provider_id = item.id("id")?;
    let at = item.moment("timestamp")?;
    let word = item.text("status").ok_or("it has no status")?;
    let error = item.items("errors").next().unwrap_or(item.at("errors"));
    let said = Said::read(error);
    let stopped = said.number == Some(MARKETING_STOPPED);
    let status = match word.trim().to_ascii_lowercase().as_str() {
        "sent" => ProviderStatus::Sent,
        "delivered" => ProviderStatus::Delivered,
        "read" | "played" => ProviderStatus::Read,
        "failed" => {
            let (code, reason) = said.failed();
            ProviderStatus::Failed { code, reason }
        }
        // Deleted, held, and words never seen may mean anything.
        other => ProviderStatus::Unmapped {
            word: scrub::word(other),
        },
    };
    let mut items = vec![Item::Status(StatusItem {
        provider_id,
        at,
        status,
        token: send::stamped(item),
    })];
    let (phone, user) = (
        people::phone(item, "recipient_id"),
        people::user(item, "recipient_user_id"),
    );
    // It says something of the person too, for every message to come.
    if stopped && (phone.is_some() || user.is_some()) {
        items.push(Item::Preference(PreferenceItem {
            phone,
            user,
            at,
            marketing: false,
        }));
    }
    Ok(items)
}
