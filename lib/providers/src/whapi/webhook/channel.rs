//! Health, login codes and logins of the channel itself.

use domain::{
    channel::AuthStatus,
    provider::{ChannelItem, Item},
};

use super::{
    super::{shown, wire::Fields},
    Read,
};
use crate::scrub;

/// `health`. Its words in WHAPI's help desk:
///
/// | word | says | here |
/// |---|---|---|
/// | `AUTH` | connected | authorized |
/// | `QR` | waits for a scan: the login is gone | QR code shown |
/// | `STOP` | deactivated: subscription over, or stopped by hand; stays so until somebody acts | disconnected |
/// | `INIT`, `LAUNCH` | starting | nothing |
/// | `ERROR`, `NOT_INIT` | passed through by the reconnects of a normal day; AUTH or QR follows | nothing |
/// | `SYNC_ERROR` | can still send | nothing |
///
/// Taking an `ERROR` for a logout would stop a tenant's sending at every reconnect; not taking it for
/// one costs at worst calls that WHAPI refuses with 401, which say what to do.
pub(super) fn health(item: Fields<'_>) -> Read {
    let status = item.at("status");
    let word = status
        .text("text")
        .or_else(|| status.own_text())
        .ok_or("it has no status text")?;
    let auth = match word.trim().to_ascii_uppercase().as_str() {
        "AUTH" => Some(AuthStatus::Authorized),
        "QR" => Some(AuthStatus::QrGenerated),
        "STOP" => Some(AuthStatus::Disconnected),
        // Numbers beside the words differ between sources and are not looked at.
        _ => None,
    };
    let phone = (auth == Some(AuthStatus::Authorized))
        .then(|| item.at("user").text_or_number("id"))
        .flatten();
    Ok(Item::Channel(ChannelItem {
        auth,
        phone: phone.and_then(|id| shown::number(&id)),
        word: scrub::word(word),
    }))
}

/// `qr`: a code to scan was made, which also says that nobody is logged in. The code itself is asked
/// for when somebody wants to see it.
pub(super) fn qr(item: Fields<'_>) -> Read {
    let word = item.text("status").ok_or("it has no status")?;
    let shown = matches!(word.trim().to_ascii_uppercase().as_str(), "OK" | "WAITING");
    Ok(Item::Channel(ChannelItem {
        auth: shown.then_some(AuthStatus::QrGenerated),
        phone: None,
        word: scrub::word(&format!("qr {word}")),
    }))
}

/// `user`: a number logged in (`post`) or out (`delete`).
pub(super) fn user(item: Fields<'_>, verb: &str) -> Read {
    let auth = match verb {
        "post" => AuthStatus::Authorized,
        "delete" => AuthStatus::Disconnected,
        other => {
            return Ok(Item::Ignored {
                name: scrub::word(&format!("user {other}")),
            });
        }
    };
    let phone = item.text_or_number("id");
    Ok(Item::Channel(ChannelItem {
        auth: Some(auth),
        phone: phone.and_then(|id| shown::number(&id)),
        word: format!("users.{verb}"),
    }))
}
