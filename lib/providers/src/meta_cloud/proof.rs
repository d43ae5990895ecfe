//! What proves a webhook, and what proves to Meta that a URL is ours.

use domain::{
    channel::{Secret, SecretHash},
    failure::ProviderFailure,
    provider::RawWebhook,
};
use hmac::{Hmac, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// The header of the signature.
const HEADER: &str = "x-hub-signature-256";

/// Bytes of a signature, and twice as many hexadecimal digits.
const SIGNATURE: usize = 32;

/// Longest verify token that is looked at.
const LONGEST_TOKEN: usize = 256;

/// Longest challenge that is handed back.
const LONGEST_CHALLENGE: usize = 256;

/// Proves that whoever sent these bytes holds one of the secrets. Every secret is tried, so the time
/// says nothing about which one it was.
pub(super) fn verify(raw: &RawWebhook, secrets: &[Secret]) -> Result<(), ProviderFailure> {
    let sent = raw
        .single_header(HEADER)
        .and_then(signature)
        .ok_or(ProviderFailure::Unverified)?;
    let mut proven = Choice::from(0);
    for secret in secrets {
        proven |= signs(secret, &raw.body, &sent);
    }
    if bool::from(proven) {
        Ok(())
    } else {
        Err(ProviderFailure::Unverified)
    }
}

/// `sha256=` and 64 lower-case hexadecimal digits, nothing else.
fn signature(header: &[u8]) -> Option<[u8; SIGNATURE]> {
    let digits = header.strip_prefix(b"sha256=")?;
    if digits.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut signature = [0; SIGNATURE];
    hex::decode_to_slice(digits, &mut signature).ok()?;
    Some(signature)
}

fn signs(secret: &Secret, body: &[u8], sent: &[u8; SIGNATURE]) -> Choice {
    let secret = secret.expose_secret().as_bytes();
    // HMAC takes keys of any length, so this is never missing; an empty one proves nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return Choice::from(0);
    };
    mac.update(body);
    let made = mac.finalize().into_bytes();
    made.as_slice().ct_eq(sent.as_slice()) & Choice::from(u8::from(!secret.is_empty()))
}

/// The answer to Meta's question whether this URL is ours: its own challenge, for one of our tokens.
pub(super) fn answer(
    query: &[(String, String)],
    tokens: &[SecretHash],
) -> Result<String, ProviderFailure> {
    if single(query, "hub.mode") != Some("subscribe") {
        return Err(ProviderFailure::Unverified);
    }
    let token = single(query, "hub.verify_token")
        .filter(|token| (1..=LONGEST_TOKEN).contains(&token.len()))
        .ok_or(ProviderFailure::Unverified)?;
    let mut ours = false;
    for known in tokens {
        ours |= known.is_of(token.as_bytes());
    }
    if !ours {
        return Err(ProviderFailure::Unverified);
    }
    let challenge = single(query, "hub.challenge").filter(|challenge| is_harmless(challenge));
    challenge
        .map(str::to_owned)
        .ok_or(ProviderFailure::Unverified)
}

/// Meta's challenges are digits. Whatever is handed back must mean nothing to a browser.
fn is_harmless(challenge: &str) -> bool {
    (1..=LONGEST_CHALLENGE).contains(&challenge.len())
        && challenge
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.~+/=".contains(&b))
}

/// The only value of a query field.
fn single<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = query.iter().filter(|(n, _)| n == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{\"object\":\"whatsapp_business_account\",\"entry\":[]}";
    /// Made with another tool: HMAC-SHA256 of [`BODY`] under `heron-app-secret`.
    const SIGNED: &str = "sha256=b48f37f4f6b931dbb081c79fddef2acbb84d208a5e88c6824b1f734bfade7880";

    fn secret(text: &str) -> Secret {
        Secret::from(text)
    }

    fn webhook(headers: &[(&str, &str)], body: &[u8]) -> RawWebhook {
        RawWebhook {
            key: None,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).into(), value.as_bytes().to_vec()))
                .collect(),
            body: body.to_vec(),
        }
    }

    /// X33: nothing is taken on trust, an empty webhook neither.
    #[test]
    fn a_webhook_signed_with_any_live_secret_is_proven() {
        let raw = webhook(&[("host", "x"), (HEADER, SIGNED)], BODY);
        let (old, new) = (secret("former-secret"), secret("heron-app-secret"));
        assert_eq!(verify(&raw, std::slice::from_ref(&new)), Ok(()));
        assert_eq!(verify(&raw, &[old.clone(), new.clone()]), Ok(()));
        assert_eq!(verify(&raw, &[new, old.clone()]), Ok(()));
        assert_eq!(verify(&raw, &[old]), Err(ProviderFailure::Unverified));
        assert_eq!(verify(&raw, &[]), Err(ProviderFailure::Unverified));
        let odd = verify(&raw, &[secret("")]);
        assert_eq!(odd, Err(ProviderFailure::Unverified));
    }

    /// An empty secret would be everybody's.
    #[test]
    fn an_empty_secret_proves_nothing() {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
        mac.update(BODY);
        let signed = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        let refused = verify(&webhook(&[(HEADER, &signed)], BODY), &[secret("")]);
        assert_eq!(refused, Err(ProviderFailure::Unverified));
    }

    /// hazards.md: missing, short, upper-case, repeated and SHA-1 signatures, and one over other bytes.
    #[test]
    fn anything_else_is_no_proof() {
        let digits = SIGNED.strip_prefix("sha256=").unwrap();
        let upper = format!("sha256={}", digits.to_uppercase());
        let longer = format!("{SIGNED}0");
        let spaced = format!(" {SIGNED}");
        let named = format!("SHA256={digits}");
        let other = format!("sha256={}", "0".repeat(64));
        let odd = format!("sha256={}", "\u{661}".repeat(32));
        let headers: [&[(&str, &str)]; 13] = [
            &[],
            &[(HEADER, "")],
            &[(HEADER, "sha256=")],
            &[(HEADER, digits)],
            &[(HEADER, &SIGNED[..SIGNED.len() - 2])],
            &[(HEADER, &longer)],
            &[(HEADER, &spaced)],
            &[(HEADER, &upper)],
            &[(HEADER, &named)],
            &[(HEADER, &other)],
            &[(HEADER, &odd)],
            &[(HEADER, SIGNED), (HEADER, SIGNED)],
            &[("x-hub-signature", SIGNED)],
        ];
        let secrets = [secret("heron-app-secret")];
        for headers in headers {
            let refused = verify(&webhook(headers, BODY), &secrets);
            assert_eq!(refused, Err(ProviderFailure::Unverified), "{headers:?}");
        }
        let mut body = BODY.to_vec();
        body.push(b' ');
        for body in [&body[..], &BODY[1..], b""] {
            let refused = verify(&webhook(&[(HEADER, SIGNED)], body), &secrets);
            assert_eq!(refused, Err(ProviderFailure::Unverified));
        }
    }

    fn asked(fields: &[(&str, &str)]) -> Result<String, ProviderFailure> {
        let query: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let tokens = [SecretHash::of(b"former"), SecretHash::of(b"heron-verify")];
        answer(&query, &tokens)
    }

    /// S2.105: the callback URL and its verify token.
    #[test]
    fn metas_question_is_answered_for_our_token_alone() {
        let mode = ("hub.mode", "subscribe");
        let token = ("hub.verify_token", "heron-verify");
        let challenge = ("hub.challenge", "1158201444");
        assert_eq!(asked(&[mode, token, challenge]), Ok("1158201444".into()));
        let former = ("hub.verify_token", "former");
        assert_eq!(asked(&[challenge, former, mode]), Ok("1158201444".into()));
        let long = "1".repeat(257);
        for wrong in [
            &[][..],
            &[mode, token],
            &[mode, challenge],
            &[token, challenge],
            &[("hub.mode", "unsubscribe"), token, challenge],
            &[mode, ("hub.verify_token", "other"), challenge],
            &[mode, ("hub.verify_token", ""), challenge],
            &[mode, token, token, challenge],
            &[mode, token, challenge, challenge],
            &[mode, token, ("hub.challenge", "")],
            &[mode, token, ("hub.challenge", "<script>")],
            &[mode, token, ("hub.challenge", "a b")],
            &[mode, token, ("hub.challenge", "\u{661}")],
            &[mode, token, ("hub.challenge", &long)],
        ] {
            assert_eq!(asked(wrong), Err(ProviderFailure::Unverified), "{wrong:?}");
        }
        let query = [mode, token, challenge].map(|(n, v)| (n.into(), v.into()));
        assert_eq!(answer(&query, &[]), Err(ProviderFailure::Unverified));
    }
}
