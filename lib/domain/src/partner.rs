//! The platform's account at WHAPI: what opens it, what came of using it, and the notices of its days.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::{
    channel::{ChannelKey, SealedSecret, SecretHash},
    copy::PARTNER_BANNER,
    failure::{AppFailure, ProviderFailure},
    ids::BalanceNoticeId,
};

/// The reason in `details` of every failure that the partner token caused, and the code of WHAPI's
/// refusal of it.
pub const PARTNER_TOKEN: &str = "PARTNER_TOKEN";

/// Secrets of notices that count at once: the newest, and the one before it while WHAPI changes over.
pub const LIVE_SECRETS: usize = 2;

/// What opens the platform's account at WHAPI. Its secrets are sealed or hashed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartnerSettings {
    /// The partner token, sealed for the platform.
    pub sealed_token: Option<SealedSecret>,
    /// Its last four characters.
    pub token_hint: String,
    /// The project that channels are made in.
    pub project: Option<String>,
    /// What WHAPI calls the partner: part of the address of its own settings.
    pub partner: Option<String>,
    /// The random part of the address that notices come to; made with the first settings.
    pub key: Option<ChannelKey>,
    /// Hashes of the secrets that notices may bring, newest first.
    pub webhook_secrets: Vec<SecretHash>,
    /// Below how many days WHAPI was told to notify.
    pub days_limit: Option<u32>,
    /// When WHAPI took the address of notices.
    pub registered_at: Option<Timestamp>,
    /// When the token was last tried.
    pub tested_at: Option<Timestamp>,
    /// Whether WHAPI refused it then.
    pub refused: bool,
    /// Whether the unused days of a deleted channel stay with the platform instead of going back to its
    /// company (X27).
    pub keeps_unused_days: bool,
    /// When people last changed this.
    pub changed_at: Option<Timestamp>,
    /// Raised by every change; 0 while nothing is stored.
    pub version: u32,
}

impl PartnerSettings {
    /// What the page of the integration shows on top; none while all is well (S3.31).
    #[must_use]
    pub fn banner(&self) -> Option<&'static str> {
        let usable = self.sealed_token.is_some() && !self.refused;
        (!usable).then_some(PARTNER_BANNER)
    }

    /// Lets a new secret of notices count, and the one before it.
    pub fn add_secret(&mut self, secret: SecretHash) {
        if self.webhook_secrets.first() != Some(&secret) {
            self.webhook_secrets.insert(0, secret);
            self.webhook_secrets.truncate(LIVE_SECRETS);
        }
    }

    /// Whether a notice to this address with this secret is WHAPI's. Takes as long whatever is wrong.
    #[must_use]
    pub fn proves(&self, key: &ChannelKey, secret: &[u8]) -> bool {
        let addressed = self.key.as_ref().is_some_and(|own| {
            SecretHash::of(own.as_str().as_bytes()).is_of(key.as_str().as_bytes())
        });
        let known = self
            .webhook_secrets
            .iter()
            .fold(false, |known, hash| known | hash.is_of(secret));
        addressed & known
    }
}

/// The failure of everything that needs the partner token while there is none (S3.30).
#[must_use]
pub fn missing() -> AppFailure {
    told(AppFailure::conflict(PARTNER_BANNER))
}

/// The failure of a partner call. One that WHAPI refused the token for says so in the details (S3.30).
#[must_use]
pub fn failed(cause: ProviderFailure) -> AppFailure {
    let refused = is_refusal(&cause);
    let failure = AppFailure::from(cause);
    if refused { told(failure) } else { failure }
}

/// Whether WHAPI refused the partner token.
#[must_use]
pub fn is_refusal(cause: &ProviderFailure) -> bool {
    match cause {
        ProviderFailure::Rejected { code, .. } => code == PARTNER_TOKEN,
        ProviderFailure::NotSent { .. }
        | ProviderFailure::RateLimited { .. }
        | ProviderFailure::Unsupported { .. }
        | ProviderFailure::OutcomeUnknown { .. }
        | ProviderFailure::Unverified => false,
    }
}

fn told(failure: AppFailure) -> AppFailure {
    failure
        .with_detail("reason", PARTNER_TOKEN)
        .with_detail("banner", PARTNER_BANNER)
}

/// What a notice says, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeRead {
    /// Days that the partner has left.
    pub current_days: Option<i64>,
    /// Below how many WHAPI notifies.
    pub days_limit: Option<i64>,
    /// What WHAPI calls the notice, when it has a name of its own.
    pub id: Option<String>,
    /// When it says it was so.
    pub at: Option<Timestamp>,
}

impl NoticeRead {
    /// The time that a notice counts from: its own where it can be true, else when it came.
    #[must_use]
    pub fn as_of(&self, now: Timestamp) -> Timestamp {
        self.own_time(now).unwrap_or(now)
    }

    /// No clock is ahead by more than minutes, and nobody repeats for more than days.
    fn own_time(&self, now: Timestamp) -> Option<Timestamp> {
        let at = self.at?;
        let can_be = now.duration_since(at) <= OLDEST_NOTICE && at.duration_since(now) <= AHEAD;
        can_be.then_some(at.min(now))
    }
}

/// How old a notice may be whose own time is believed.
const OLDEST_NOTICE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How far WHAPI's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// Within this time the same body without a name or a time of its own is the same notice. WHAPI waits for
/// an hour at most before it repeats (providers.md 1.5); later the balance may well be the same again.
const REPEATED: SignedDuration = SignedDuration::from_hours(6);

/// By what a notice is known when WHAPI sends it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeName {
    /// SHA-256 of its id, or of its whole body when it has none.
    pub digest: [u8; 32],
    /// What came before this is another notice; none when no other ever has this name.
    pub since: Option<Timestamp>,
}

impl NoticeName {
    /// The name of a notice that comes now.
    #[must_use]
    pub fn of(read: &NoticeRead, body: &[u8], now: Timestamp) -> Self {
        let mut hash = Sha256::new();
        match &read.id {
            Some(id) => hash.update([b"id ", id.as_bytes()].concat()),
            None => hash.update([b"body ", body].concat()),
        }
        let own = read.id.is_some() || read.own_time(now).is_some();
        Self {
            digest: hash.finalize().into(),
            since: (!own).then(|| now.saturating_add(-REPEATED).unwrap_or(now)),
        }
    }
}

/// Reads the body of a notice; `providers` has the one of WHAPI.
pub type ReadNotice = fn(&[u8]) -> NoticeRead;

/// A notice that the partner's days run low (S3.51).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceNotice {
    /// Its id.
    pub id: BalanceNoticeId,
    /// Days that the partner has left; none when the body named them in no way we know.
    pub current_days: Option<i64>,
    /// Below how many WHAPI notifies.
    pub days_limit: Option<i64>,
    /// When it came first.
    pub received_at: Timestamp,
    /// Since when it counts: by its own time where it names one, so that one that came late does not hide
    /// a newer one.
    pub as_of: Timestamp,
    /// Its body, as it came.
    pub raw: String,
}

impl BalanceNotice {
    /// What the page of balances says (S3.53); none when the notice named no days.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let days = self.current_days?;
        let at = self.received_at;
        Some(format!(
            "Partner balance: {days} days remaining (updated {at})"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;

    const KEY: &str = "0192f0c1a2b37c4d8e5f60718293a4b5";

    fn settings() -> PartnerSettings {
        PartnerSettings {
            sealed_token: Some(SealedSecret(vec![1])),
            key: ChannelKey::parse(KEY),
            webhook_secrets: vec![SecretHash::of(b"newest"), SecretHash::of(b"before")],
            ..PartnerSettings::default()
        }
    }

    /// S3.31: word for word, while the token is missing or refused.
    #[test]
    fn the_banner_shows_while_the_token_is_missing_or_refused() {
        let banner = "WHAPI Partner Token missing or invalid — please update integration settings.";
        assert_eq!(PartnerSettings::default().banner(), Some(banner));
        assert_eq!(settings().banner(), None);
        let refused = PartnerSettings {
            refused: true,
            ..settings()
        };
        assert_eq!(refused.banner(), Some(banner));
    }

    /// S3.28, X31: the address and one of the secrets that count.
    #[test]
    fn a_notice_proves_itself_by_address_and_secret() {
        let key = ChannelKey::parse(KEY).unwrap();
        let other = ChannelKey::parse(&"a".repeat(32)).unwrap();
        for (settings, key, secret, proven) in [
            (settings(), &key, "newest", true),
            (settings(), &key, "before", true),
            (settings(), &key, "", false),
            (settings(), &key, "another", false),
            (settings(), &other, "newest", false),
            (PartnerSettings::default(), &key, "newest", false),
            (PartnerSettings::default(), &key, "", false),
        ] {
            assert_eq!(settings.proves(key, secret.as_bytes()), proven, "{secret}");
        }
        let mut rotated = settings();
        rotated.add_secret(SecretHash::of(b"third"));
        rotated.add_secret(SecretHash::of(b"third"));
        assert!(rotated.proves(&key, b"third") && rotated.proves(&key, b"newest"));
        assert!(!rotated.proves(&key, b"before"));
    }

    /// S3.30: whatever needs the token fails with the banner, and nothing else does.
    #[test]
    fn only_the_token_is_blamed_for_the_token() {
        let refused = ProviderFailure::Rejected {
            code: PARTNER_TOKEN.into(),
            reason: PARTNER_BANNER.into(),
        };
        for (failure, code) in [
            (missing(), Code::Conflict),
            (failed(refused), Code::ProviderError),
        ] {
            assert_eq!(failure.code(), code);
            assert_eq!(failure.message(), PARTNER_BANNER);
            assert_eq!(failure.details()["reason"], PARTNER_TOKEN);
            assert_eq!(failure.details()["banner"], PARTNER_BANNER);
        }
        let other = failed(ProviderFailure::NotSent { what: "dns" });
        assert!(other.details().is_empty());
    }

    /// S3.51: the same id, or without one the same body, is the same notice; a body that names neither an
    /// id nor a time may come to say the same again.
    #[test]
    fn a_notice_has_the_name_it_is_repeated_under() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let id = |id: &str| NoticeRead {
            id: Some(id.into()),
            ..NoticeRead::default()
        };
        let at = |at: &str| NoticeRead {
            at: Some(at.parse().unwrap()),
            ..NoticeRead::default()
        };
        let plain = NoticeRead::default();
        let name = |read: &NoticeRead, body: &str| NoticeName::of(read, body.as_bytes(), now);
        assert_eq!(name(&id("7"), "a"), name(&id("7"), "b"));
        assert_ne!(name(&id("7"), "a"), name(&id("8"), "a"));
        assert_ne!(name(&plain, "a").digest, name(&plain, "b").digest);
        assert_ne!(name(&plain, "7").digest, name(&id("7"), "7").digest);
        let within = Some("2026-11-21T04:00:00Z".parse().unwrap());
        for (read, since, as_of) in [
            (plain, within, now),
            (id("7"), None, now),
            (
                at("2026-11-21T08:00:00Z"),
                None,
                "2026-11-21T08:00:00Z".parse().unwrap(),
            ),
            (at("2026-11-21T10:04:00Z"), None, now),
            (at("2026-11-21T10:06:00Z"), within, now),
            (at("2026-11-13T10:00:00Z"), within, now),
        ] {
            assert_eq!(
                (name(&read, "a").since, read.as_of(now)),
                (since, as_of),
                "{read:?}"
            );
        }
    }

    /// S3.53: word for word.
    #[test]
    fn the_sentence_says_days_and_when() {
        let notice = |current_days| BalanceNotice {
            id: BalanceNoticeId::fresh(),
            current_days,
            days_limit: None,
            received_at: "2026-11-21T10:00:00Z".parse().unwrap(),
            as_of: "2026-11-21T09:59:58Z".parse().unwrap(),
            raw: "{}".into(),
        };
        assert_eq!(
            notice(Some(12)).sentence().as_deref(),
            Some("Partner balance: 12 days remaining (updated 2026-11-21T10:00:00Z)")
        );
        assert_eq!(notice(None).sentence(), None);
    }
}
