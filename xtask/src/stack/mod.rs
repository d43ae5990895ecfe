//! The local stack: the production template on an emulator, with the real functions running in it.
//!
//! [`Stack::start`] is all a test or a command needs. Every stack has a port, a folder under `.local/` and a process
//! group of its own, so any number run side by side; dropping it stops it.

mod deploy;
mod emulator;
mod functions;
mod process;
mod python;
mod users;

use std::collections::BTreeMap;

use anyhow::{Context, Result};

pub use deploy::Outputs;
pub use emulator::{ACCESS_KEY, Emulator, REGION, SECRET_KEY, free_port};
pub use functions::{build_functions, build_programs};
pub use process::{Group, stop_recorded};
pub use python::{Environment, LINT, STACK};
pub use users::{SignedIn, User};

/// The address failure mails come from on a laptop; the emulator knows it as verified.
pub const MAIL_SENDER: &str = "no-reply@waypost.example";

/// Name of the CloudFormation stack, the first part of every function's name.
pub const STACK_NAME: &str = "waypost";

/// What one stack is to be.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder under `.local/` for its log and state; two running stacks need two names.
    pub instance: String,
    /// Port of every AWS endpoint.
    pub port: u16,
    /// Where the functions find WHAPI: the provider sandbox.
    pub whapi_base_url: String,
    /// Where Meta answers.
    pub meta_base_url: String,
    /// Where 360Messenger answers.
    pub messenger360_base_url: String,
    /// Where PayPal answers.
    pub paypal_base_url: String,
    /// Where companies' own servers are, besides https addresses: the provider sandbox plays one.
    pub document_origin: String,
    /// Filter of the functions' logs.
    pub log_level: String,
    /// More variables for every function, for example fault orders of a test.
    pub environment: BTreeMap<String, String>,
}

/// A running stack.
#[derive(Debug)]
pub struct Stack {
    emulator: Emulator,
    outputs: Outputs,
}

impl Stack {
    /// Builds the functions if they changed, starts an emulator and deploys the template to it.
    pub fn start(settings: &Settings) -> Result<Self> {
        let code = build_functions()?;
        let python = Environment::ensure(&STACK)?;
        let emulator = Emulator::start(&python, settings)?;
        let outputs = deploy::deploy(&emulator, &code, settings)?;
        Ok(Self { emulator, outputs })
    }

    /// The emulator it runs on.
    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// Names and addresses of what was deployed.
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// `Host` header that leads a request at [`Emulator::endpoint`] to the HTTP API.
    pub fn api_host(&self) -> String {
        format!("{}.execute-api.localhost", self.outputs.api_id)
    }

    /// `Host` header that leads a request at [`Emulator::endpoint`] to the webhooks' function URL.
    pub fn webhook_host(&self) -> String {
        let url = &self.outputs.webhook_url;
        let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        host.trim_end_matches('/').to_owned()
    }

    /// Address of the webhooks for programs that resolve names below `localhost` themselves, as curl does.
    pub fn webhook_url(&self) -> String {
        let host = self.webhook_host();
        let id = host.split('.').next().unwrap_or_default();
        format!(
            "http://{id}.lambda-url.{REGION}.localhost:{}",
            self.emulator.port()
        )
    }

    /// The deployed name of a function, as `Invoke` and its log group (`/aws/lambda/<name>`) know it.
    pub fn function_name(&self, function: &str) -> String {
        format!("{STACK_NAME}-{function}")
    }

    /// Creates the users that do not exist yet and signs all of them in, in order.
    pub fn sign_in(&self, users: &[User]) -> Result<Vec<SignedIn>> {
        users::sign_in(&self.emulator, &self.outputs, users, &[])
    }

    /// A user whose token was good for a second, which is over. Changes the client's settings while it
    /// works: not to be called while others sign in.
    pub fn sign_in_expired(&self, user: User) -> Result<SignedIn> {
        let mut users = users::sign_in(&self.emulator, &self.outputs, &[user], &["--expired"])?;
        users.pop().context("no token for the user")
    }

    /// Invokes a function with an event, as its schedule would; answers with what it answered.
    ///
    /// # Errors
    /// When the function fails.
    pub fn invoke(&self, function: &str, event: &str) -> Result<String> {
        let mut script = self.emulator.script("invoke.py");
        script
            .args(["--function", &self.function_name(function)])
            .args(["--event", event]);
        crate::workspace::capture(&mut script)
    }

    /// Puts an event on the bus.
    ///
    /// # Errors
    /// When the bus does not take it.
    pub fn put_event(&self, source: &str, kind: &str, detail: &str) -> Result<()> {
        let mut script = self.emulator.script("put_event.py");
        script
            .args(["--bus", &format!("{STACK_NAME}-events")])
            .args(["--source", source, "--type", kind, "--detail", detail]);
        crate::workspace::run(&mut script)
    }

    /// Every line the functions have logged.
    pub fn function_logs(&self) -> Result<String> {
        let mut script = self.emulator.script("logs.py");
        script.args(["--prefix", &format!("/aws/lambda/{STACK_NAME}-")]);
        crate::workspace::capture(&mut script)
    }
}
