//! Opened secrets, for a while.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use domain::channel::{SealedSecret, Secret};
use sha2::{Digest, Sha256};

use crate::whose::Whose;

/// How long an opened secret is kept: so long a withdrawn key or permission goes unnoticed.
const KEPT: Duration = Duration::from_secs(300);

/// How many are kept. One process serves a few channels at a time.
const MOST: usize = 256;

/// Whose secret, what for, and which: the ciphertext counts, so a rotated secret is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    whose: Whose,
    sealed: [u8; 32],
}

impl Key {
    pub(crate) fn of(whose: Whose, sealed: &SealedSecret) -> Self {
        Self {
            whose,
            sealed: Sha256::digest(&sealed.0).into(),
        }
    }
}

/// A bounded map with an end to every entry.
#[derive(Debug, Default)]
pub(crate) struct Cache(HashMap<Key, (Secret, Instant)>);

impl Cache {
    pub(crate) fn get(&self, key: &Key, now: Instant) -> Option<Secret> {
        let (secret, opened) = self.0.get(key)?;
        is_live(*opened, now).then(|| secret.clone())
    }

    pub(crate) fn put(&mut self, key: Key, secret: Secret, now: Instant) {
        self.0.retain(|_, (_, opened)| is_live(*opened, now));
        if self.0.len() >= MOST {
            let oldest = self.0.iter().min_by_key(|(_, (_, opened))| *opened);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                self.0.remove(&oldest);
            }
        }
        self.0.insert(key, (secret, now));
    }
}

fn is_live(opened: Instant, now: Instant) -> bool {
    now.saturating_duration_since(opened) < KEPT
}

#[cfg(test)]
mod tests {
    use domain::ids::{ChannelId, TenantId};
    use secrecy::ExposeSecret;

    use super::*;

    fn key(n: u16) -> Key {
        let whose = Whose::Token(TenantId::fresh(), ChannelId::fresh());
        Key::of(whose, &SealedSecret(n.to_be_bytes().to_vec()))
    }

    #[test]
    fn a_token_is_forgotten_after_five_minutes() {
        let (mut cache, key, now) = (Cache::default(), key(1), Instant::now());
        cache.put(key, "token".into(), now);
        let later = now + KEPT - Duration::from_millis(1);
        assert_eq!(cache.get(&key, later).unwrap().expose_secret(), "token");
        assert!(cache.get(&key, now + KEPT).is_none());
        assert!(cache.get(&self::key(1), now).is_none(), "another tenant's");
    }

    #[test]
    fn what_a_secret_is_for_and_whose_it_is_tells_entries_of_one_ciphertext_apart() {
        let (mut cache, now) = (Cache::default(), Instant::now());
        let sealed = SealedSecret(b"sealed".to_vec());
        let (tenant, channel) = (TenantId::fresh(), ChannelId::fresh());
        let all = [
            Whose::Token(tenant, channel),
            Whose::AppSecret(tenant, channel),
            Whose::AppSecret(tenant, ChannelId::fresh()),
            Whose::AppSecret(TenantId::fresh(), channel),
            Whose::Platform,
        ]
        .map(|whose| Key::of(whose, &sealed));
        for (n, key) in all.iter().enumerate() {
            assert!(cache.get(key, now).is_none(), "{key:?}");
            cache.put(*key, n.to_string().into(), now);
        }
        for (n, key) in all.iter().enumerate() {
            assert_eq!(cache.get(key, now).unwrap().expose_secret(), n.to_string());
        }
    }

    #[test]
    fn the_oldest_gives_way_when_it_is_full() {
        let (mut cache, now) = (Cache::default(), Instant::now());
        let keys: Vec<_> = (0..300).map(key).collect();
        for (n, key) in keys.iter().enumerate() {
            cache.put(*key, "token".into(), now + Duration::from_millis(n as u64));
        }
        assert_eq!(cache.0.len(), MOST);
        assert!(cache.get(&keys[0], now).is_none());
        assert!(cache.get(&keys[299], now).is_some());
    }
}
