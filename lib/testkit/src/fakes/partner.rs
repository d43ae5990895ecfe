//! WHAPI's manager as a small world: channels that are made, extended and deleted, and answers that are
//! lost.

use std::{collections::VecDeque, sync::Arc, sync::Mutex};

use domain::{
    channel::{SealedSecret, Secret, SecretHash},
    copy::PARTNER_BANNER,
    failure::{ProviderFailure, StoreFailure},
    managed::{LoginCode, PartnerChannel},
    phone::PhoneNumber,
    ports::{Clock, Partner, PartnerAccess, PartnerBook, PartnerNotices, WebhookTarget},
};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;

use super::{FakeClock, Life};

/// The platform's token that this world takes.
pub const PARTNER_TOKEN: &str = "partner-t0ken-of-the-tests-0123456789";

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It never leaves.
    NotSent,
    /// It is one too many.
    TooMany,
    /// It is refused for good.
    Refused,
    /// The platform's token is refused.
    TokenRefused,
    /// It is done, and its answer is lost.
    Lost,
    /// It is not done, and nobody knows.
    Vanished,
}

/// A channel there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtWhapi {
    /// What WHAPI calls it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The number it is meant for.
    pub phone: Option<String>,
    /// Until when it is active.
    pub active_till: Timestamp,
    /// When it was made.
    pub made_at: Timestamp,
    /// In its trial.
    pub trial: bool,
    /// Stopped.
    pub stopped: bool,
    /// Where its webhooks go, and the hash of the secret.
    pub webhooks: Option<(String, SecretHash)>,
    /// What it was extended by, and with which words.
    pub extended: Vec<(u32, String)>,
    /// What it shows to whoever wants to log in.
    pub login: LoginCode,
}

impl AtWhapi {
    /// Its token.
    #[must_use]
    pub fn token(&self) -> String {
        format!("token-of-{}", self.id)
    }
}

/// Everything there.
#[derive(Debug, Default)]
struct World {
    channels: Vec<AtWhapi>,
    made: u32,
    deleted: u32,
    troubles: VecDeque<(&'static str, Trouble)>,
    calls: Vec<&'static str>,
    shut: bool,
    refused: bool,
    keeps_unused_days: bool,
    notices: Option<(String, String, SecretHash, u32)>,
}

/// The manager, and the book that opens it.
#[derive(Debug)]
pub struct FakePartner {
    clock: Arc<FakeClock>,
    life: Arc<Life>,
    world: Mutex<World>,
}

impl FakePartner {
    /// A world without channels.
    #[must_use]
    pub fn new(clock: Arc<FakeClock>, life: Arc<Life>) -> Self {
        Self {
            clock,
            life,
            world: Mutex::default(),
        }
    }

    /// The next call of an operation (`create`, `find`, `show`, `extend`, `delete`, `login`, `webhooks`,
    /// `projects`, `notices`) meets this.
    pub fn meets(&self, operation: &'static str, trouble: Trouble) {
        let troubles = &mut self.world.lock().unwrap().troubles;
        troubles.push_back((operation, trouble));
    }

    /// Whether the platform's token is not set up.
    pub fn shut(&self, shut: bool) {
        self.world.lock().unwrap().shut = shut;
    }

    /// Whether unused days of deleted channels stay with the platform from now on.
    pub fn keep_unused_days(&self, keeps: bool) {
        self.world.lock().unwrap().keeps_unused_days = keeps;
    }

    /// The channels there.
    pub fn channels(&self) -> Vec<AtWhapi> {
        self.world.lock().unwrap().channels.clone()
    }

    /// Changes the channels there, as WHAPI's own people do.
    pub fn change(&self, change: impl Fn(&mut AtWhapi)) {
        let mut world = self.world.lock().unwrap();
        world.channels.iter_mut().for_each(change);
    }

    /// Where notices of the partner's days go: its name, the URL, the secret's hash, and the limit.
    pub fn notices(&self) -> Option<(String, String, SecretHash, u32)> {
        self.world.lock().unwrap().notices.clone()
    }

    /// How many were ever made, and deleted.
    pub fn counts(&self) -> (u32, u32) {
        let world = self.world.lock().unwrap();
        (world.made, world.deleted)
    }

    /// What was asked for, in order.
    pub fn calls(&self) -> Vec<&'static str> {
        self.world.lock().unwrap().calls.clone()
    }

    fn call<T>(
        &self,
        operation: &'static str,
        deed: impl FnOnce(&mut World, Timestamp) -> Result<T, ProviderFailure>,
    ) -> Result<T, ProviderFailure> {
        if !self.life.pass() {
            return Err(ProviderFailure::NotSent { what: "connect" });
        }
        let answer = self.done(operation, deed);
        if !self.life.pass() {
            return Err(lost());
        }
        answer
    }

    fn done<T>(
        &self,
        operation: &'static str,
        deed: impl FnOnce(&mut World, Timestamp) -> Result<T, ProviderFailure>,
    ) -> Result<T, ProviderFailure> {
        let mut world = self.world.lock().unwrap();
        world.calls.push(operation);
        let found = world.troubles.iter().position(|(own, _)| *own == operation);
        let trouble = found.and_then(|place| world.troubles.remove(place));
        let now = self.clock.now();
        match trouble.map(|(_, trouble)| trouble) {
            None => deed(&mut world, now),
            Some(Trouble::NotSent) => Err(ProviderFailure::NotSent { what: "connect" }),
            Some(Trouble::TooMany) => Err(ProviderFailure::RateLimited { retry_after: None }),
            Some(Trouble::Refused) => Err(refused("WHAPI refuses this.")),
            Some(Trouble::TokenRefused) => Err(token_refused()),
            Some(Trouble::Lost) => deed(&mut world, now).and(Err(lost())),
            Some(Trouble::Vanished) => Err(lost()),
        }
    }
}

fn lost() -> ProviderFailure {
    ProviderFailure::OutcomeUnknown {
        what: "timeout".into(),
    }
}

fn refused(reason: &str) -> ProviderFailure {
    ProviderFailure::Rejected {
        code: "PARTNER_REFUSED".into(),
        reason: reason.into(),
    }
}

fn opens(access: &PartnerAccess) -> Result<(), ProviderFailure> {
    match access.token.expose_secret() == PARTNER_TOKEN {
        true => Ok(()),
        false => Err(token_refused()),
    }
}

fn token_refused() -> ProviderFailure {
    ProviderFailure::Rejected {
        code: "PARTNER_TOKEN".into(),
        reason: PARTNER_BANNER.into(),
    }
}

fn shown(channel: &AtWhapi) -> PartnerChannel {
    PartnerChannel {
        provider_ref: channel.id.clone(),
        name: channel.name.clone(),
        token: Some(Secret::from(channel.token())),
        phone: channel
            .phone
            .as_deref()
            .and_then(|phone| PhoneNumber::parse(phone).ok()),
        active_till: Some(channel.active_till),
        created_at: Some(channel.made_at),
        trial: channel.trial,
        stopped: channel.stopped,
        status: "active".into(),
    }
}

impl Partner for FakePartner {
    async fn projects(&self, access: &PartnerAccess) -> Result<Vec<String>, ProviderFailure> {
        self.call("projects", |_, _| {
            opens(access)?;
            Ok(vec![access.project.clone()])
        })
    }

    async fn create(
        &self,
        access: &PartnerAccess,
        name: &str,
        phone: Option<&str>,
    ) -> Result<PartnerChannel, ProviderFailure> {
        self.call("create", |world, now| {
            opens(access)?;
            world.made += 1;
            let channel = AtWhapi {
                id: format!("FALCON-M4D{}", world.made),
                name: name.to_owned(),
                phone: phone.map(|digits| format!("+{digits}")),
                active_till: now + SignedDuration::from_hours(5 * 24),
                made_at: now,
                trial: true,
                stopped: false,
                webhooks: None,
                extended: Vec::new(),
                login: LoginCode::Code {
                    image: "data:image/png;base64,AAAA".into(),
                    expires_in: 60,
                },
            };
            let answer = shown(&channel);
            world.channels.push(channel);
            Ok(answer)
        })
    }

    async fn find(
        &self,
        access: &PartnerAccess,
        name: &str,
    ) -> Result<Option<PartnerChannel>, ProviderFailure> {
        self.call("find", |world, _| {
            opens(access)?;
            Ok(world
                .channels
                .iter()
                .find(|one| one.name == name)
                .map(shown))
        })
    }

    async fn partner_channel(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> Result<Option<PartnerChannel>, ProviderFailure> {
        self.call("show", |world, _| {
            opens(access)?;
            let found = world.channels.iter().find(|one| one.id == provider_ref);
            Ok(found.map(shown))
        })
    }

    async fn extend(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
        days: u32,
        comment: &str,
    ) -> Result<Option<Timestamp>, ProviderFailure> {
        self.call("extend", |world, now| {
            opens(access)?;
            let found = world.channels.iter_mut().find(|one| one.id == provider_ref);
            let channel = found.ok_or_else(|| refused("There is no such channel."))?;
            let hours = SignedDuration::from_hours(24 * i64::from(days));
            channel.active_till = channel.active_till.max(now) + hours;
            channel.trial = false;
            channel.stopped = false;
            channel.extended.push((days, comment.to_owned()));
            Ok(Some(channel.active_till))
        })
    }

    async fn delete(
        &self,
        access: &PartnerAccess,
        provider_ref: &str,
    ) -> Result<(), ProviderFailure> {
        self.call("delete", |world, _| {
            opens(access)?;
            let before = world.channels.len();
            world.channels.retain(|one| one.id != provider_ref);
            if world.channels.len() < before {
                world.deleted += 1;
            }
            Ok(())
        })
    }

    async fn login_code(&self, token: &Secret) -> Result<LoginCode, ProviderFailure> {
        self.call("login", |world, _| {
            let mut channels = world.channels.iter();
            let found = channels.find(|one| one.token() == token.expose_secret());
            let channel = found.ok_or_else(|| refused("The channel token is not taken."))?;
            Ok(channel.login.clone())
        })
    }

    async fn set_webhooks(
        &self,
        token: &Secret,
        target: &WebhookTarget,
    ) -> Result<(), ProviderFailure> {
        self.call("webhooks", |world, _| {
            let mut channels = world.channels.iter_mut();
            let found = channels.find(|one| one.token() == token.expose_secret());
            let channel = found.ok_or_else(|| refused("The channel token is not taken."))?;
            let secret = SecretHash::of(target.secret.expose_secret().as_bytes());
            channel.webhooks = Some((target.url.clone(), secret));
            Ok(())
        })
    }
}

impl PartnerNotices for FakePartner {
    async fn set_notices(
        &self,
        access: &PartnerAccess,
        partner: &str,
        target: &WebhookTarget,
        days_limit: u32,
    ) -> Result<(), ProviderFailure> {
        self.call("notices", |world, _| {
            opens(access)?;
            let secret = SecretHash::of(target.secret.expose_secret().as_bytes());
            let (partner, url) = (partner.to_owned(), target.url.clone());
            world.notices = Some((partner, url, secret, days_limit));
            Ok(())
        })
    }
}

impl PartnerBook for &FakePartner {
    async fn partner_access(&self) -> Result<Option<PartnerAccess>, StoreFailure> {
        let world = self.world.lock().unwrap();
        Ok((!world.shut).then(|| PartnerAccess {
            token: PARTNER_TOKEN.into(),
            project: "project-of-the-tests".into(),
            sealed: SealedSecret(Vec::new()),
            refused: world.refused,
            keeps_unused_days: world.keeps_unused_days,
        }))
    }

    async fn token_heard(
        &self,
        _access: &PartnerAccess,
        refused: bool,
        _at: Timestamp,
    ) -> Result<(), StoreFailure> {
        self.world.lock().unwrap().refused = refused;
        Ok(())
    }
}
