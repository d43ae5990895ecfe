//! Random texts that nobody guesses, from the system's own generator.

use domain::{
    channel::{ChannelKey, Secret},
    failure::AppFailure,
    service::new_channel::Randoms,
};

/// 160 bits: 40 characters.
const BYTES: usize = 20;

/// The random texts of a new channel.
///
/// # Errors
/// UNKNOWN when the system has no randomness to give.
pub fn fresh() -> Result<Randoms, AppFailure> {
    let key = ChannelKey::parse(&text()?)
        .ok_or_else(|| AppFailure::unknown("a fresh key has the wrong form"))?;
    Ok(Randoms {
        key,
        verify_token: Secret::from(text()?),
    })
}

fn text() -> Result<String, AppFailure> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(AppFailure::unknown)?;
    // Hexadecimal digits: every character is as likely as the others, without an alphabet of our own.
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn texts_are_long_lower_case_and_never_the_same() {
        let mut seen = BTreeSet::new();
        for _ in 0..32 {
            let fresh = fresh().unwrap();
            for text in [fresh.key.as_str(), fresh.verify_token.expose_secret()] {
                assert_eq!(text.len(), 40);
                assert!(
                    text.bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                );
                assert!(seen.insert(text.to_owned()), "twice");
            }
        }
    }
}
