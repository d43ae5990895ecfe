//! The platform's account at WHAPI: set, tried, used.

mod noticing;

use std::sync::Arc;

use domain::{
    channel::{ChannelKey, Secret, SecretHash},
    copy::PARTNER_BANNER,
    failure::{AppFailure, Code},
    partner::{NoticeRead, PartnerSettings},
    ports::PartnerBook,
    principal::{Principal, Role},
    service::{
        partner_balance::PartnerBalance,
        partner_settings::{OpenPartner, PartnerChange, PartnerDesk, Tested},
    },
};
use secrecy::ExposeSecret;
use testkit::{
    builders::Company,
    fakes::{FakeClock, FakePartner, FakeVault, Life, PARTNER_TOKEN, Trouble},
    memory::MemoryStore,
};

const REVOKED: &str = "partner-t0ken-that-was-revoked-0001";
const HOOK_SECRET: &str = "hook-s3cret-of-the-tests";

struct Platform {
    store: MemoryStore,
    whapi: FakePartner,
    clock: Arc<FakeClock>,
    admin: Principal,
}

impl Platform {
    fn new() -> Self {
        let clock = Arc::new(FakeClock::at("2026-11-21T10:00:00Z"));
        Self {
            store: MemoryStore::new(),
            whapi: FakePartner::new(Arc::clone(&clock), Arc::new(Life::default())),
            admin: Company::named("platform").user(Role::PlatformAdmin),
            clock,
        }
    }

    fn desk(&self) -> PartnerDesk<'_, MemoryStore, FakeVault, FakePartner, FakeClock> {
        PartnerDesk {
            store: &self.store,
            vault: &FakeVault,
            partner: &self.whapi,
            clock: &self.clock,
        }
    }

    fn balance(&self) -> PartnerBalance<'_, MemoryStore, FakeClock> {
        PartnerBalance {
            store: &self.store,
            clock: &self.clock,
        }
    }

    async fn set(&self, change: PartnerChange) -> Result<PartnerSettings, AppFailure> {
        self.desk().set(&self.admin, change, key()).await
    }

    async fn set_up(&self, token: &str) -> PartnerSettings {
        let change = PartnerChange {
            token: Some(token.into()),
            project: Some(" project-7 ".into()),
            partner: Some("acme".into()),
            ..PartnerChange::default()
        };
        self.set(change).await.unwrap()
    }

    async fn test(&self) -> Result<Tested, AppFailure> {
        self.desk().test(&self.admin).await
    }

    async fn register(&self, secret: &str, days: u32) -> Result<PartnerSettings, AppFailure> {
        let url = |key: &ChannelKey| format!("https://hooks.example/{}", key.as_str());
        let desk = self.desk();
        let told = desk.register_notices(&self.admin, secret.into(), days, url);
        told.await
    }

    async fn notice(&self, secret: &str, body: &str) -> Result<(), Code> {
        // `12`, or with a name and a time of its own: `12 evt-7 2026-11-21T09:59:00Z`.
        let read = |body: &[u8]| {
            let text = String::from_utf8_lossy(body);
            let mut words = text.split(' ');
            let mut word = || words.next().filter(|word| !word.is_empty());
            NoticeRead {
                current_days: word().and_then(|days| days.parse().ok()),
                id: word().filter(|id| id.starts_with("evt")).map(str::to_owned),
                at: word().and_then(|at| at.parse().ok()),
                ..NoticeRead::default()
            }
        };
        let balance = self.balance();
        let key = key();
        let taken = balance.take(&key, secret.as_bytes(), body.as_bytes(), read);
        taken.await.map_err(|failure| failure.code())
    }

    /// Actions and details of the audit lines, in order.
    fn audits(&self) -> Vec<(&'static str, String)> {
        let state = self.store.state();
        let lines = state.audit.iter();
        let told = lines.map(|(_, line)| (line.action, format!("{:?}", line.after)));
        told.collect()
    }
}

fn key() -> ChannelKey {
    ChannelKey::parse(&"a1".repeat(20)).unwrap()
}

fn token(text: &str) -> PartnerChange {
    PartnerChange {
        token: Some(Secret::from(text)),
        ..PartnerChange::default()
    }
}

fn blames_the_token(failure: &AppFailure, code: Code) {
    assert_eq!((failure.code(), failure.message()), (code, PARTNER_BANNER));
    assert_eq!(failure.details()["reason"], "PARTNER_TOKEN");
    assert_eq!(failure.details()["banner"], PARTNER_BANNER);
}

/// S3.26, S3.27, S3.73: sealed, four characters shown, replaced in place, and opened for a call alone.
#[tokio::test]
async fn a_token_goes_in_and_never_comes_out() {
    let platform = Platform::new();
    let opened = || async {
        let book = OpenPartner {
            store: &platform.store,
            vault: &FakeVault,
        };
        book.partner_access().await.unwrap()
    };
    assert!(opened().await.is_none());
    platform.set(token(REVOKED)).await.unwrap();
    assert!(opened().await.is_none(), "no project is set");
    let set = platform.set_up(PARTNER_TOKEN).await;
    assert_eq!(set.token_hint, "6789");
    assert_eq!(set.project.as_deref(), Some("project-7"));
    assert_eq!(set.key, Some(key()), "made with the first settings");
    let read = platform.desk().settings(&platform.admin).await.unwrap();
    assert_eq!(read, set);
    let access = opened().await.unwrap();
    assert_eq!(access.token.expose_secret(), PARTNER_TOKEN);
    assert_eq!(access.project, "project-7");
    for line in platform.audits() {
        assert!(!line.1.contains(PARTNER_TOKEN) && !line.1.contains(REVOKED));
    }
    assert!(!format!("{set:?} {access:?}").contains(PARTNER_TOKEN));
    assert_eq!(platform.whapi.calls(), [""; 0], "nobody was asked");
}

/// X27: the platform settles whether unused days go back; it is written who settled it.
#[tokio::test]
async fn unused_days_go_back_or_stay_as_the_platform_settles() {
    let platform = Platform::new();
    platform.set_up(PARTNER_TOKEN).await;
    let keeps = || async {
        let book = OpenPartner {
            store: &platform.store,
            vault: &FakeVault,
        };
        book.partner_access()
            .await
            .unwrap()
            .unwrap()
            .keeps_unused_days
    };
    assert!(!keeps().await, "they go back from the beginning");
    for stay in [true, true, false] {
        let change = PartnerChange {
            keeps_unused_days: Some(stay),
            ..PartnerChange::default()
        };
        platform.set(change).await.unwrap();
        assert_eq!(keeps().await, stay);
    }
    let lines = platform.audits();
    let told: Vec<&str> = lines
        .iter()
        .map(|(_, after)| after.as_str())
        .filter(|after| after.contains("credit_unused_days"))
        .collect();
    assert_eq!(
        told.len(),
        2,
        "what changes nothing is not written: {told:?}"
    );
    assert!(
        told[0].contains("false") && told[1].contains("true"),
        "{told:?}"
    );
}

/// What is wrong is named with its field, and nothing is stored.
#[tokio::test]
async fn odd_settings_are_refused_by_field() {
    let platform = Platform::new();
    let given = |project: &str, partner: &str| PartnerChange {
        project: Some(project.into()),
        partner: Some(partner.into()),
        ..PartnerChange::default()
    };
    for (change, fields) in [
        (PartnerChange::default(), vec!["partner_token"]),
        (token("short"), vec!["partner_token"]),
        (token("with a space in it"), vec!["partner_token"]),
        (given("", "a/b"), vec!["project_id", "partner_name"]),
        (
            given("..", &"x".repeat(129)),
            vec!["project_id", "partner_name"],
        ),
        (given("a\nb", "fine"), vec!["project_id"]),
    ] {
        let failure = platform.set(change).await.unwrap_err();
        assert_eq!(failure.code(), Code::Validation);
        let named: Vec<&str> = failure.fields().iter().map(|f| f.field.as_str()).collect();
        assert_eq!(named, fields);
    }
    assert_eq!(platform.store.state().partner, PartnerSettings::default());
    assert!(platform.audits().is_empty());
}

/// S3.29–S3.31: a live call says whether WHAPI takes the token, and the banner follows from it.
#[tokio::test]
async fn a_test_asks_whapi_and_the_banner_follows() {
    let platform = Platform::new();
    blames_the_token(&platform.test().await.unwrap_err(), Code::Conflict);
    assert_eq!(platform.whapi.calls(), [""; 0]);

    platform.set_up(REVOKED).await;
    let banner = || platform.store.state().partner.banner();
    assert_eq!(banner(), None, "nobody tried it yet");
    blames_the_token(&platform.test().await.unwrap_err(), Code::ProviderError);
    assert_eq!(banner(), Some(PARTNER_BANNER));

    platform.set(token(PARTNER_TOKEN)).await.unwrap();
    assert_eq!(banner(), None, "a new token counts");
    let tested = platform.test().await.unwrap();
    assert_eq!(tested.projects, ["project-7"]);
    assert_eq!(tested.project_found(), Some(true));
    assert!(tested.settings.tested_at.is_some());

    platform.whapi.meets("projects", Trouble::Vanished);
    let unanswered = platform.test().await.unwrap_err();
    assert_eq!(unanswered.code(), Code::ProviderError);
    assert!(unanswered.retryable() && unanswered.details().is_empty());
    assert_eq!(
        platform.store.state().partner,
        tested.settings,
        "nothing is known"
    );
    let tests: Vec<_> = platform.audits();
    let tests = tests.iter().filter(|(action, _)| *action == "test_partner");
    let said: Vec<&str> = tests.map(|(_, after)| after.as_str()).collect();
    assert_eq!(said, [r#"{"token": "refused"}"#, r#"{"token": "taken"}"#]);
}

/// X31: the secret counts before WHAPI is told, the one before it still does, and a lost answer loses
/// nothing.
#[tokio::test]
async fn notices_are_registered_with_a_fresh_secret() {
    let platform = Platform::new();
    blames_the_token(
        &platform.register(HOOK_SECRET, 30).await.unwrap_err(),
        Code::Conflict,
    );
    platform.set(token(PARTNER_TOKEN)).await.unwrap();
    let nameless = platform.register(HOOK_SECRET, 30).await.unwrap_err();
    assert_eq!(nameless.details()["reason"], "PARTNER_NAME");
    platform.set_up(PARTNER_TOKEN).await;
    let odd = platform.register(HOOK_SECRET, 0).await.unwrap_err();
    assert_eq!(odd.code(), Code::Validation);
    assert_eq!(platform.whapi.notices(), None);

    let set = platform.register(HOOK_SECRET, 30).await.unwrap();
    assert!(set.registered_at.is_some());
    let url = format!("https://hooks.example/{}", key().as_str());
    let hash = SecretHash::of(HOOK_SECRET.as_bytes());
    assert_eq!(
        platform.whapi.notices(),
        Some(("acme".into(), url, hash, 30))
    );

    // S3.31: refused for its token, the banner shows; taken again, it does not.
    platform.whapi.meets("notices", Trouble::TokenRefused);
    let refused = platform.register("third-s3cret-0001", 30).await;
    blames_the_token(&refused.unwrap_err(), Code::ProviderError);
    assert_eq!(
        platform.store.state().partner.banner(),
        Some(PARTNER_BANNER)
    );
    platform.register(HOOK_SECRET, 30).await.unwrap();
    assert_eq!(platform.store.state().partner.banner(), None);

    platform.whapi.meets("notices", Trouble::Lost);
    platform.register("another-s3cret", 20).await.unwrap_err();
    let kept = platform.store.state().partner.clone();
    assert_eq!((kept.registered_at, kept.days_limit), (None, Some(20)));
    for secret in [HOOK_SECRET, "another-s3cret"] {
        assert_eq!(platform.notice(secret, "12").await, Ok(()), "{secret}");
    }
}
