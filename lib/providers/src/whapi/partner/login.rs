//! The code to log a number in with: `GET /users/login` (providers.md 1.4, S3.20–S3.22).

use domain::{
    failure::ProviderFailure,
    managed::LoginCode,
    provider::{WireRequest, WireResponse},
};
use serde_json::Value;

use super::{body, refusal, unreadable};
use crate::lenient::Fields;

/// Seconds that a code is good for when the answer does not say (S3.21).
const USUAL_LIFE: u32 = 60;
/// Longest life that is believed.
const LONGEST_LIFE: u32 = 600;
/// Seconds until a channel that starts is asked again.
const STARTING: u32 = 5;
/// Largest picture that is taken, in characters.
const LARGEST: usize = 200_000;

/// Wakes the channel: somebody stands before the screen.
pub(crate) fn ask_login() -> WireRequest {
    WireRequest::get("/users/login?wakeup=true")
}

/// The code, or why there is none.
pub(crate) fn read_login(response: &WireResponse) -> Result<LoginCode, ProviderFailure> {
    match response.status {
        409 => return Ok(LoginCode::Authorized),
        // The picture was not made; the next one may be.
        422 => return Ok(LoginCode::NotReady { retry_in: STARTING }),
        200..=299 => {}
        _ => return Err(refusal::of_channel(response)),
    }
    let body: Value = body(response)?;
    let answer = Fields::of(&body);
    let picture = answer.text("base64").or_else(|| answer.text("qr"));
    if let Some(picture) = picture.filter(|picture| !picture.trim().is_empty()) {
        let image = data_uri(picture).ok_or_else(unreadable)?;
        let life = ["expire", "expires_in"]
            .into_iter()
            .find_map(|name| answer.text_or_number(name)?.parse::<f64>().ok());
        let expires_in = life.map_or(USUAL_LIFE, seconds);
        return Ok(LoginCode::Code { image, expires_in });
    }
    match answer.text("status") {
        Some(_waiting) => Ok(LoginCode::NotReady { retry_in: STARTING }),
        None => Err(unreadable()),
    }
}

/// Whole seconds of a life that somebody else wrote.
fn seconds(life: f64) -> u32 {
    // Clamped, so the cast keeps it; what is no number becomes the shortest.
    life.max(1.0).min(f64::from(LONGEST_LIFE)) as u32
}

/// The picture as a data URI, whether or not it came as one. Only pictures that are pixels: what is put
/// into a page must not be able to hold a script.
fn data_uri(picture: &str) -> Option<String> {
    const PNG: &str = "data:image/png;base64,";
    const JPEG: &str = "data:image/jpeg;base64,";
    let picture = picture.trim();
    let (kind, data) = match (picture.strip_prefix(PNG), picture.strip_prefix(JPEG)) {
        (Some(data), _) => (PNG, data),
        (None, Some(data)) => (JPEG, data),
        (None, None) => (PNG, picture),
    };
    let data: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"+/=".contains(&c);
    let fits = (1..=LARGEST).contains(&data.len()) && data.bytes().all(plain);
    fits.then(|| format!("{kind}{data}"))
}
