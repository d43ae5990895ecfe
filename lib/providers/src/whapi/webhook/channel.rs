//! Health, login codes and logins of the channel itself.

use domain::{
    channel::AuthStatus,
    provider::{ChannelItem, Item},
};

use super::{
    super::{health, shown},
    Read,
};
use crate::{lenient::Fields, scrub};

/// `health`: see [`health::auth`] for its words.
pub(super) fn health(item: Fields<'_>) -> Read {
    let word = health::word(item).ok_or("it has no status text")?;
    let auth = health::auth(word);
    let phone = (auth == Some(AuthStatus::Authorized))
        .then(|| item.at("user").text_or_number("id"))
        .flatten();
    Ok(Item::Channel(ChannelItem {
        auth,
        phone: phone.and_then(|id| shown::number(&id)),
        stopped: word.trim().eq_ignore_ascii_case("STOP"),
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
        stopped: false,
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
        stopped: false,
        word: format!("users.{verb}"),
    }))
}
