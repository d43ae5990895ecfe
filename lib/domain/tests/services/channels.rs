//! Channels made and changed by people: what the provider is asked, what is stored, and that secrets
//! go in and never come out.

mod changing;
mod checking;
mod making;
mod platform;

use std::sync::Mutex;

use domain::{
    channel::{Channel, ChannelKey, Secret},
    failure::{AppFailure, ProviderFailure},
    ids::ChannelId,
    phone::PhoneNumber,
    ports::Gate,
    principal::{Principal, Role},
    provider::{WireRequest, WireResponse},
    service::{
        channels::{ChannelDesk, ChannelView},
        new_channel::{Messenger360Setup, MetaSetup, NewChannel, Randoms},
    },
};
use secrecy::ExposeSecret;
use serde_json::json;
use testkit::{
    builders::Company,
    fakes::{FakeClock, FakeVault},
    memory::MemoryStore,
};

const TOKEN: &str = "EAAGinventedtoken0001";
const NEW_TOKEN: &str = "EAAGinventedtoken0002";
const REVOKED: &str = "EAAGrevokedtoken00003";
const APP_SECRET: &str = "inventedappsecret0004";
const NEW_APP_SECRET: &str = "inventedappsecret0005";
const VERIFY_TOKEN: &str = "inventedverifytoken06";
const NEW_VERIFY_TOKEN: &str = "inventedverifytoken07";

/// What no answer, audit line or log may hold.
const SECRETS: [&str; 7] = [
    TOKEN,
    NEW_TOKEN,
    REVOKED,
    APP_SECRET,
    NEW_APP_SECRET,
    VERIFY_TOKEN,
    NEW_VERIFY_TOKEN,
];

const NUMBER_ID: &str = "301700000000001";
const ACCOUNT: &str = "401700000000001";

/// Providers that take every token but the revoked one, and remember what they were asked with which.
#[derive(Debug, Default)]
struct Providers {
    asked: Mutex<Vec<(String, String)>>,
    fails: Mutex<Option<ProviderFailure>>,
    /// Whether the number is none of its account's.
    alien: Mutex<bool>,
}

impl Gate for Providers {
    async fn exchange(
        &self,
        channel: &Channel,
        token: &Secret,
        request: &WireRequest,
    ) -> Result<WireResponse, ProviderFailure> {
        // Asked right after the number itself; not noted among the questions for it.
        if request.path.contains(&format!("/{ACCOUNT}/phone_numbers")) {
            let own = json!({"data": [{"id": channel.provider_ref}]});
            let own = if *self.alien.lock().unwrap() {
                json!({"data": []})
            } else {
                own
            };
            return Ok(WireResponse {
                status: 200,
                retry_after_seconds: None,
                body: own.to_string().into_bytes(),
            });
        }
        let token = token.expose_secret().to_owned();
        self.asked
            .lock()
            .unwrap()
            .push((request.path.clone(), token.clone()));
        if let Some(failure) = self.fails.lock().unwrap().clone() {
            return Err(failure);
        }
        let meta = request.path.contains("display_phone_number");
        let (status, body) = match (meta, token == REVOKED) {
            (true, true) => (
                401,
                json!({"error": {"code": 190, "message": "Invalid token"}}),
            ),
            (true, false) => (
                200,
                json!({"id": channel.provider_ref, "display_phone_number": "+973 3300 0042",
                    "quality_rating": "GREEN", "platform_type": "CLOUD_API", "status": "CONNECTED"}),
            ),
            (false, true) => (401, json!({"success": false, "statusCode": 401})),
            (false, false) => (200, json!({"success": true, "data": {"credit": 12}})),
        };
        Ok(WireResponse {
            status,
            retry_after_seconds: None,
            body: body.to_string().into_bytes(),
        })
    }
}

/// Two companies without channels, and what a desk stands on.
struct Office {
    store: MemoryStore,
    vault: FakeVault,
    gate: Providers,
    clock: FakeClock,
    acme: Company,
    other: Company,
}

type Desk<'a> = ChannelDesk<'a, MemoryStore, FakeVault, Providers, FakeClock>;

impl Office {
    fn new() -> Self {
        let office = Self {
            store: MemoryStore::new(),
            vault: FakeVault,
            gate: Providers::default(),
            clock: FakeClock::at("2026-11-20T10:30:00Z"),
            acme: Company::named("acme"),
            other: Company::named("other"),
        };
        for company in [&office.acme, &office.other] {
            let mut tenant = company.tenant.clone();
            tenant.settings.default_channel = None;
            office.store.state().tenants.insert(tenant.id, tenant);
        }
        office
    }

    fn desk(&self) -> Desk<'_> {
        ChannelDesk {
            store: &self.store,
            vault: &self.vault,
            gate: &self.gate,
            clock: &self.clock,
            adapters: providers::adapter,
        }
    }

    fn manager(&self) -> Principal {
        self.acme.user(Role::Manager)
    }

    async fn make(&self, new: NewChannel) -> Result<ChannelView, AppFailure> {
        self.desk().make(&self.manager(), new).await
    }

    /// A channel of Acme's at Meta.
    async fn made(&self) -> Channel {
        self.make(meta(NUMBER_ID)).await.unwrap().channel
    }

    fn stored(&self, id: ChannelId) -> Channel {
        self.store.state().channels[&(self.acme.tenant.id, id)].clone()
    }

    fn default_channel(&self) -> Option<ChannelId> {
        let tenant = self.store.state().tenants[&self.acme.tenant.id].clone();
        tenant.settings.default_channel
    }

    fn fail(&self, failure: Option<ProviderFailure>) {
        *self.gate.fails.lock().unwrap() = failure;
    }

    /// With which tokens providers were asked.
    fn tokens(&self) -> Vec<String> {
        let asked = self.gate.asked.lock().unwrap();
        asked.iter().map(|(_, token)| token.clone()).collect()
    }

    /// Audit lines of a kind: action, what it was before, what it became.
    fn audits(&self, action: &str) -> Vec<(String, String)> {
        let state = self.store.state();
        let lines = state.audit.iter().map(|(_, line)| line);
        lines
            .filter(|line| line.action == action)
            .map(|line| (format!("{:?}", line.before), format!("{:?}", line.after)))
            .collect()
    }

    /// S1.156: what is stored holds secrets sealed only, and what is told of it none at all.
    fn assert_no_secret_told(&self, views: &[&ChannelView]) {
        let state = self.store.state();
        let printed = format!("{:?} {:?} {views:?}", state.audit, state.channels);
        let app = format!("{:?}", state.platform_app);
        for secret in SECRETS {
            assert!(!printed.contains(secret) && !app.contains(secret));
        }
    }
}

fn randoms() -> Randoms {
    let key = ChannelId::fresh().key();
    Randoms {
        key: ChannelKey::parse(&key).unwrap(),
        verify_token: Secret::from(VERIFY_TOKEN),
    }
}

fn meta_setup(number_id: &str) -> MetaSetup {
    MetaSetup {
        phone_number_id: number_id.into(),
        business_account_id: ACCOUNT.into(),
        access_token: TOKEN.into(),
        app_secret: Some(APP_SECRET.into()),
        verify_token: None,
        api_version: None,
        coexistence: false,
    }
}

fn meta(number_id: &str) -> NewChannel {
    NewChannel::meta(" Shop ", meta_setup(number_id), randoms(), false).unwrap()
}

fn m360(phone: &str, api: &str) -> NewChannel {
    let setup = Messenger360Setup {
        phone: PhoneNumber::parse(phone).unwrap(),
        api_key: TOKEN.into(),
        api_version: Some(api.into()),
    };
    NewChannel::messenger360("Warehouse", setup, randoms(), false).unwrap()
}

fn timeout() -> ProviderFailure {
    ProviderFailure::OutcomeUnknown {
        what: "timeout".into(),
    }
}
