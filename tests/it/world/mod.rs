//! The local stack with its sandbox, and companies in it.

mod channels;
mod company;

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use domain::ids::TenantId;
use reqwest::Client;
use sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use xtask::{
    client::{Api, http},
    seed::Worlds,
    stack::{Settings, SignedIn, Stack, User, free_port},
};

pub use self::{
    channels::{PlatformApp, digits},
    company::{Company, interactive, text},
};

/// How many companies one run can have.
const COMPANIES: usize = 90;

/// How many of them have somebody of every role.
const OF_ALL_ROLES: usize = 7;

/// The longest a test waits for something that the functions do by themselves. Nothing is asserted
/// about how long it really takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Roles signed in for some companies only; managers for all.
const ROLES: [&str; 3] = ["viewer", "agent", "platform_admin"];

/// A company's people before it is founded.
#[derive(Debug)]
struct People {
    tenant: TenantId,
    /// The manager's address.
    email: String,
    manager: SignedIn,
    others: BTreeMap<&'static str, SignedIn>,
}

pub struct World {
    pub stack: Stack,
    pub sandbox: Sandbox,
    pub http: Client,
    pub worlds: Worlds,
    people: Mutex<Vec<People>>,
    /// A token that was good for a second.
    pub expired: String,
    /// Everything that must never appear in a log: tokens, secrets, numbers, texts.
    pub planted: Mutex<Vec<String>>,
    /// The platform's own app at Meta.
    pub platform: PlatformApp,
    /// Every company that was founded, for what is checked after all tests.
    pub tenants: Mutex<Vec<TenantId>>,
    runtime: Runtime,
}

impl World {
    pub fn start() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let sandbox = runtime
            .block_on(Sandbox::start())
            .context("the sandbox did not start")?;
        let port = free_port()?;
        let stack = Stack::start(&Settings {
            instance: format!("tests-{port}"),
            port,
            whapi_base_url: sandbox.base_url(),
            meta_base_url: format!("{}/meta", sandbox.base_url()),
            messenger360_base_url: format!("{}/m360", sandbox.base_url()),
            paypal_base_url: format!("{}/paypal", sandbox.base_url()),
            document_origin: format!("{}/", sandbox.base_url()),
            log_level: "debug".into(),
            environment: BTreeMap::new(),
        })?;
        let people = sign_in(&stack)?;
        let expired = stack
            .sign_in_expired(user(999, TenantId::fresh(), "manager"))?
            .id_token;
        let worlds = Worlds::of(&stack)?;
        let platform = runtime.block_on(channels::platform(&worlds, &sandbox, &stack))?;
        Ok(Self {
            worlds,
            platform,
            tenants: Mutex::default(),
            http: http()?,
            stack,
            sandbox,
            people: Mutex::new(people),
            expired,
            planted: Mutex::default(),
            runtime,
        })
    }

    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// A company of its own, whose messages the sandbox treats as told.
    pub async fn company(self: &Arc<Self>, name: &str, automatic: Value) -> Company {
        self.company_with(name, automatic, 1_000).await
    }

    /// A company in which somebody of every role is signed in.
    pub async fn company_of_all_roles(self: &Arc<Self>, name: &str) -> Company {
        let people = self
            .people
            .lock()
            .unwrap()
            .pop()
            .expect("no company left; raise COMPANIES");
        Company::founded(self, people, name, json!([]), 1_000).await
    }

    pub async fn company_with(
        self: &Arc<Self>,
        name: &str,
        automatic: Value,
        daily: u32,
    ) -> Company {
        // Those with all roles are at the end, and wanted by few tests.
        let people = self.people.lock().unwrap().drain(..1).next();
        let people = people.expect("no company left; raise COMPANIES");
        Company::founded(self, people, name, automatic, daily).await
    }

    /// Runs the minute sweep now, instead of waiting for its minute.
    pub async fn sweep(&self) {
        self.stack
            .invoke("reminder-cron", r#"{"task":"sweep"}"#)
            .unwrap();
    }

    /// Waits until something is so.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(Instant::now() < deadline, "waited in vain until {what}");
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    }

    /// Mails to an address.
    pub async fn mails(&self, to: &str) -> Vec<Value> {
        let answer = self
            .http
            .get(self.stack.emulator().inbox())
            .send()
            .await
            .unwrap();
        let all: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let accounts = all["messages"]
            .as_object()
            .expect("the inbox has another shape");
        let mails = accounts
            .values()
            .flat_map(|list| list.as_array().cloned().unwrap_or_default());
        mails
            .filter(|mail| mail["To"].to_string().contains(to))
            .collect()
    }

    /// How many records are put aside.
    pub async fn dead_letters(&self) -> usize {
        let name = aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
        let answer = aws_sdk_sqs::Client::new(&self.worlds.config)
            .get_queue_attributes()
            .queue_url(&self.stack.outputs().dead_letter_queue_url)
            .attribute_names(name.clone())
            .send()
            .await
            .unwrap();
        answer.attributes().unwrap()[&name].parse().unwrap()
    }

    /// Puts a body of any kind into a lane.
    pub async fn put_into_lane(&self, lane: &str, name: &str, body: &str) {
        aws_sdk_sqs::Client::new(&self.worlds.config)
            .send_message()
            .queue_url(&self.stack.outputs().lanes_queue_url)
            .message_group_id(lane)
            .message_deduplication_id(name)
            .message_body(body)
            .send()
            .await
            .unwrap();
    }

    pub fn api(&self, token: Option<String>) -> Api {
        Api::new(self.http.clone(), &self.stack, token)
    }

    pub fn plant(&self, secret: &str) {
        self.planted.lock().unwrap().push(secret.to_owned());
    }
}

fn sign_in(stack: &Stack) -> Result<Vec<People>> {
    let tenants: Vec<_> = (0..COMPANIES).map(|_| TenantId::fresh()).collect();
    let mut users = Vec::new();
    for (number, tenant) in tenants.iter().enumerate() {
        users.push(user(number, *tenant, "manager"));
        if number < OF_ALL_ROLES {
            users.extend(ROLES.map(|role| user(number, *tenant, role)));
        }
    }
    let mut signed_in = stack.sign_in(&users)?.into_iter();
    let mut next = || signed_in.next().context("a user was not signed in");
    let mut people = Vec::new();
    for (number, tenant) in tenants.into_iter().enumerate() {
        let manager = next()?;
        let mut others = BTreeMap::new();
        if number < OF_ALL_ROLES {
            for role in ROLES {
                others.insert(role, next()?);
            }
        }
        people.push(People {
            tenant,
            email: user(number, tenant, "manager").email,
            manager,
            others,
        });
    }
    // Those with all roles last.
    people.sort_by_key(|p| p.others.len());
    Ok(people)
}

fn user(number: usize, tenant: TenantId, role: &str) -> User {
    User {
        email: format!("{role}-{number}@tests.example"),
        password: "Test-Password-1".to_owned(),
        tenant: tenant.to_string(),
        role: role.to_owned(),
    }
}
