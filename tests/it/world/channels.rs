//! Channels of Meta and 360Messenger: registered at the sandbox as their owners would have them, and
//! made through the API.

use anyhow::{Result, anyhow};
use domain::{
    channel::SecretHash,
    ids::{ConversationId, TenantId, UserId},
    ports::{AuditEntry, ChannelBook, Seals},
};
use jiff::Timestamp;
use sandbox::{
    Sandbox,
    channel::WebhookSpec,
    m360::AccountSpec,
    meta::{AppSpec, NumberSpec, WabaSpec},
};
use serde_json::{Value, json};
use uuid::Uuid;
use xtask::{seed::Worlds, stack::Stack};

use super::Company;

/// The platform's own app at Meta, one for the whole run.
#[derive(Debug, Clone)]
pub struct PlatformApp {
    pub id: String,
    pub secret: String,
    pub verify_token: String,
}

/// A number at Meta with its channel.
#[derive(Debug, Clone)]
pub struct MetaNumber {
    /// Meta's id of the number.
    pub number: String,
    pub waba: String,
    /// The app that signs.
    pub app: String,
    pub app_secret: String,
    pub token: String,
    /// The channel's id at Waypost.
    pub channel: String,
    /// The path its webhooks come to.
    pub path: String,
}

/// An account at 360Messenger with its channel.
#[derive(Debug, Clone)]
pub struct M360Number {
    pub key: String,
    pub channel: String,
}

/// Sets the platform's app up: at Meta by hand, here as its own people would by the API.
pub async fn platform(worlds: &Worlds, sandbox: &Sandbox, stack: &Stack) -> Result<PlatformApp> {
    let app = PlatformApp {
        id: digits(),
        secret: secret(),
        verify_token: secret(),
    };
    let mut spec = AppSpec::new(&app.id, &app.secret, &app.verify_token);
    spec.webhook = Some(WebhookSpec {
        url: Some(format!("http://{}/webhooks/meta", stack.webhook_host())),
        connect_to: Some(format!("127.0.0.1:{}", stack.emulator().port())),
        ..WebhookSpec::default()
    });
    sandbox
        .meta_app(spec)
        .map_err(|refusal| anyhow!("the sandbox refused the platform's app: {refusal}"))?;
    let kept = domain::channel::PlatformApp {
        sealed_secrets: vec![
            worlds
                .vault
                .seal_platform(&app.secret.clone().into())
                .await?,
        ],
        verify_tokens: vec![SecretHash::of(app.verify_token.as_bytes())],
        hint: String::new(),
        changed_at: None,
    };
    let (nobody, now) = (UserId::new("tests"), Timestamp::now());
    let audit = AuditEntry::new(&nobody, "channels", "set_app", "platform", now);
    worlds
        .store
        .save_platform_app(&kept, TenantId::fresh(), &audit)
        .await?;
    Ok(app)
}

/// An id such as Meta gives: 15 digits.
pub fn digits() -> String {
    format!("1{:014}", Uuid::new_v4().as_u128() % 100_000_000_000_000)
}

pub fn secret() -> String {
    Uuid::new_v4().simple().to_string()
}

impl Company {
    /// Where the sandbox posts webhooks of this path.
    pub fn hook(&self, path: &str) -> WebhookSpec {
        let stack = &self.world.stack;
        WebhookSpec {
            url: Some(format!("http://{}{path}", stack.webhook_host())),
            connect_to: Some(format!("127.0.0.1:{}", stack.emulator().port())),
            ..WebhookSpec::default()
        }
    }

    async fn make_channel(&self, body: &Value) -> Value {
        let answer = self.api.post("/v1/channels", body).await.unwrap();
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.data().unwrap().clone()
    }

    /// A number of this company's own app at Meta.
    pub async fn meta_own(&self) -> MetaNumber {
        self.meta(None).await
    }

    /// A number of the platform's app at Meta.
    pub async fn meta_of_platform(&self) -> MetaNumber {
        let app = self.world.platform.clone();
        self.meta(Some(app)).await
    }

    async fn meta(&self, platform: Option<PlatformApp>) -> MetaNumber {
        let world = &self.world;
        let own = platform.is_none();
        let app = platform.unwrap_or_else(|| PlatformApp {
            id: digits(),
            secret: secret(),
            verify_token: secret(),
        });
        let (number, waba, token) = (digits(), digits(), secret());
        for planted in [&app.secret, &token, &app.verify_token] {
            world.plant(planted);
        }
        if own {
            let spec = AppSpec::new(&app.id, &app.secret, &app.verify_token);
            world.sandbox.meta_app(spec).unwrap();
        }
        world
            .sandbox
            .meta_waba(WabaSpec::new(&waba, &app.id, &token))
            .unwrap();
        world
            .sandbox
            .meta_number(NumberSpec::new(&number, &waba, "97333000077"))
            .unwrap();
        let mut meta = json!({"phone_number_id": number, "business_account_id": waba,
            "access_token": token, "verify_token": app.verify_token});
        if own {
            meta["app_secret"] = json!(app.secret);
        }
        let made = self
            .make_channel(&json!({"provider": "meta", "name": "At Meta", "meta": meta}))
            .await;
        let path = path_of(&made);
        if own {
            // What a person does in Meta's dashboard: the callback URL, proven by the handshake.
            let mut spec = AppSpec::new(&app.id, &app.secret, &app.verify_token);
            spec.webhook = Some(self.hook(&path));
            world.sandbox.meta_app(spec).unwrap();
        }
        MetaNumber {
            number,
            waba,
            app: app.id,
            app_secret: app.secret,
            token,
            channel: made["id"].as_str().unwrap().to_owned(),
            path,
        }
    }

    /// A number at 360Messenger.
    pub async fn m360(&self) -> M360Number {
        let key = secret();
        self.world.plant(&key);
        let mut spec = AccountSpec::new(&key, "97333000088");
        self.world.sandbox.m360_account(spec.clone()).unwrap();
        let phone = format!("+9733{:07}", Uuid::new_v4().as_u128() % 10_000_000);
        let made = self
            .make_channel(&json!({"provider": "messenger360", "name": "At 360",
                "messenger360": {"phone": phone, "api_key": key}}))
            .await;
        let path = path_of(&made);
        spec.webhook = Some(self.hook(&path));
        self.world.sandbox.m360_account(spec).unwrap();
        M360Number {
            key,
            channel: made["id"].as_str().unwrap().to_owned(),
        }
    }

    /// The one conversation of this company with a number on a channel.
    pub async fn conversation_with(&self, channel: &str, person: &str) -> Value {
        let path = format!("/v1/conversations?account_id={channel}&search={person}");
        self.world
            .until(&format!("a conversation on {channel}"), async || {
                let page = self.get(&path).await;
                page["items"].as_array().unwrap().first().cloned()
            })
            .await
    }

    /// The messages of a conversation, newest first.
    pub async fn thread(&self, conversation: &str) -> Vec<Value> {
        ConversationId::parse(conversation).unwrap();
        let page = self
            .get(&format!("/v1/conversations/{conversation}/messages"))
            .await;
        page["items"].as_array().unwrap().clone()
    }
}

fn path_of(made: &Value) -> String {
    let url = made["webhook_url"].as_str().unwrap();
    let at = url.find("/webhooks/").unwrap();
    url[at..].to_owned()
}
