//! The platform's token, refused in the middle of work and taken again: what the banner shows, and how
//! often anything is written for it.

use domain::{
    copy::PARTNER_BANNER,
    failure::AppFailure,
    managed::ManagedChannel,
    partner::PartnerSettings,
    ports::{PartnerSeals, PartnerSettingsBook},
    service::{
        managed::ManagedDesk,
        partner_settings::{OpenPartner, PartnerDesk},
    },
};
use testkit::{
    fakes::{FakeClock, FakePartner, FakeVault, PARTNER_TOKEN, Trouble},
    memory::{FailWhen, MemoryStore},
};

use super::{HOOKS, Yard, fresh, order, reason};

type Desk<'a> = ManagedDesk<
    'a,
    MemoryStore,
    FakeVault,
    FakePartner,
    OpenPartner<'a, MemoryStore, FakeVault>,
    FakeClock,
>;

impl Yard {
    /// With the token in the settings, as the platform's people set it.
    async fn with_settings(days: u32) -> Self {
        let yard = Self::with_days(days).await;
        yard.set_token(PARTNER_TOKEN).await;
        yard
    }

    async fn set_token(&self, token: &str) {
        let sealed = FakeVault.seal_partner(&token.into()).await.unwrap();
        let mut state = self.store.state();
        state.partner.sealed_token = Some(sealed);
        state.partner.project = Some("project-7".into());
        state.partner.refused = false;
        state.partner.version += 1;
    }

    /// The desk as the function has it: the settings open WHAPI.
    fn over_settings(&self) -> Desk<'_> {
        ManagedDesk {
            store: &self.store,
            vault: &FakeVault,
            partner: &self.partner,
            access: OpenPartner {
                store: &self.store,
                vault: &FakeVault,
            },
            clock: &self.clock,
            hooks: HOOKS,
            fresh,
        }
    }

    async fn ordered(&self, name: &str) -> Result<ManagedChannel, AppFailure> {
        let desk = self.over_settings();
        desk.order(&self.manager(), &order(name), None).await
    }

    fn settings(&self) -> PartnerSettings {
        self.store.state().partner.clone()
    }

    fn banner(&self) -> Option<&'static str> {
        self.settings().banner()
    }

    async fn work(&self, minutes: i64) {
        self.minutes(minutes);
        let round = self.over_settings().work_due(self.soon()).await.unwrap();
        assert_eq!(round.failed, 0);
    }
}

/// S3.30, S3.31: refused while a channel is made, looked for, confirmed, extended or deleted, the banner
/// shows; the next call that works takes it away. Each is one write, and calls that tell nothing new none.
#[tokio::test]
async fn whatever_call_is_refused_for_its_token_shows_the_banner() {
    for refused in ["create", "find", "show", "extend", "delete"] {
        let yard = Yard::with_settings(90).await;
        let known = yard.ordered("Known").await.unwrap();
        assert_eq!((yard.banner(), yard.settings().version), (None, 1));

        yard.partner.meets(refused, Trouble::TokenRefused);
        let told = match refused {
            "create" => yard.ordered("Main").await.unwrap_err(),
            "find" => {
                yard.partner.meets("create", Trouble::Vanished);
                yard.ordered("Main").await.unwrap();
                AppFailure::unknown("it is looked for until it is known")
            }
            "delete" => {
                let desk = yard.over_settings();
                desk.delete(&yard.manager(), known.id).await.unwrap_err()
            }
            _ => {
                let desk = yard.over_settings();
                let extended = desk.extend(&yard.manager(), known.id, 5, None).await;
                extended.unwrap_err()
            }
        };
        if refused != "find" {
            assert_eq!(reason(&told), "PARTNER_TOKEN", "{refused}");
        }
        assert_eq!(yard.banner(), Some(PARTNER_BANNER), "{refused}");
        let tested = yard.settings().tested_at;
        assert_eq!(
            (yard.settings().version, tested.is_some()),
            (2, true),
            "{refused}"
        );

        yard.partner.meets("show", Trouble::TokenRefused);
        let again = yard.over_settings();
        let again = again.extend(&yard.manager(), known.id, 7, None).await;
        assert_eq!(reason(&again.unwrap_err()), "PARTNER_TOKEN");
        assert_eq!(
            yard.settings().version,
            2,
            "{refused}: it was known already"
        );

        for trouble in [Trouble::NotSent, Trouble::TooMany, Trouble::Refused] {
            yard.partner.meets("show", trouble);
            let desk = yard.over_settings();
            let other = desk.extend(&yard.manager(), known.id, 7, None).await;
            other.unwrap_err();
            assert_eq!(yard.settings().version, 2, "{trouble:?} says nothing of it");
        }

        let desk = yard.over_settings();
        desk.extend(&yard.manager(), known.id, 7, None)
            .await
            .unwrap();
        assert_eq!((yard.banner(), yard.settings().version), (None, 3));
        yard.work(5).await;
        assert_eq!(yard.settings().version, 3, "{refused}");
        yard.assert_exact();
    }
}

/// S3.17, S3.31: also where the schedule tops a channel up by itself.
#[tokio::test]
async fn the_schedule_finds_out_too() {
    let yard = Yard::with_settings(60).await;
    let live = yard.ordered("Main").await.unwrap();
    yard.clock.set(live.due.unwrap());
    yard.partner.meets("show", Trouble::TokenRefused);
    yard.work(1).await;
    assert_eq!(yard.banner(), Some(PARTNER_BANNER));
    assert_eq!(yard.balances().held, 0);
    yard.assert_exact();
}

/// S3.31: what was heard of a token that was replaced meanwhile says nothing of the new one.
#[tokio::test]
async fn a_new_token_is_not_blamed_for_the_one_before_it() {
    let yard = Yard::with_settings(60).await;
    yard.partner.meets("create", Trouble::TokenRefused);
    let other = FakeVault.seal_partner(&"another-t0ken".into()).await;
    let other = other.unwrap();
    yard.store.meanwhile("partner.note_token", move |state| {
        state.partner.sealed_token = Some(other.clone());
        state.partner.version += 1;
    });
    yard.ordered("Main").await.unwrap_err();
    assert_eq!((yard.banner(), yard.settings().version), (None, 2));
}

/// S3.31: that it could not be kept changes nothing about the call, and the next one tells it.
#[tokio::test]
async fn a_banner_that_could_not_be_kept_comes_with_the_next_refusal() {
    let yard = Yard::with_settings(60).await;
    yard.store.fail("partner.note_token", 1, FailWhen::Before);
    for shown in [None, Some(PARTNER_BANNER)] {
        yard.partner.meets("create", Trouble::TokenRefused);
        let failed = yard.ordered("Main").await.unwrap_err();
        assert_eq!(reason(&failed), "PARTNER_TOKEN");
        assert_eq!(yard.banner(), shown);
    }
}

/// S3.29, S3.31: a new token and a test that succeeds take the banner away too.
#[tokio::test]
async fn a_new_token_or_a_test_clears_the_banner() {
    let yard = Yard::with_settings(60).await;
    let admin = yard.manager();
    for mends in ["token", "test"] {
        yard.partner.meets("create", Trouble::TokenRefused);
        yard.ordered("Main").await.unwrap_err();
        assert_eq!(yard.banner(), Some(PARTNER_BANNER));
        let desk = PartnerDesk {
            store: &yard.store,
            vault: &FakeVault,
            partner: &yard.partner,
            clock: &*yard.clock,
        };
        match mends {
            "token" => yard.set_token(PARTNER_TOKEN).await,
            _ => drop(desk.test(&admin).await.unwrap()),
        }
        assert_eq!(yard.banner(), None, "{mends}");
    }
    let settings = yard.store.partner_settings().await.unwrap();
    assert_eq!(settings.banner(), None);
}
