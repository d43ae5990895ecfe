//! Deploys the production template to an emulator (infra/local/deploy.py does the AWS calls).

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{ACCESS_KEY, Emulator, MAIL_SENDER, REGION, STACK_NAME, Settings};
use crate::workspace::{capture, root, step};

/// The outputs of the template: names and addresses of what it made.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outputs {
    /// Id of the HTTP API, the first part of its host.
    pub api_id: String,
    /// Address of the HTTP API for programs that resolve names below `localhost` themselves, as curl does.
    pub api_url: String,
    /// The function URL of the webhooks, in AWS's form.
    pub webhook_url: String,
    /// The user pool.
    pub user_pool_id: String,
    /// The client that signs users in.
    pub user_pool_client_id: String,
    /// The one table.
    pub table_name: String,
    /// The lanes.
    pub lanes_queue_url: String,
    /// Where messages of the lanes end after five deliveries.
    pub dead_letter_queue_url: String,
    /// Where stream batches end that the projector gave up on.
    pub projector_failure_queue_url: String,
    /// The key of the provider secrets.
    pub token_key_arn: String,
    /// The bucket of journal bodies.
    pub bucket_name: String,
}

pub(super) fn deploy(emulator: &Emulator, code: &Path, settings: &Settings) -> Result<Outputs> {
    step("deploying infra/template.yaml");
    let architecture = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    };
    let mut script = emulator.python().python();
    script
        .arg(root().join("infra/local/deploy.py"))
        .args([
            "--endpoint",
            &emulator.endpoint(),
            "--region",
            REGION,
            "--access-key",
            ACCESS_KEY,
        ])
        .args(["--stack", STACK_NAME])
        .arg("--template")
        .arg(root().join("infra/template.yaml"))
        .arg("--code-dir")
        .arg(code);
    // The sandbox serves both of WHAPI's APIs.
    let whapi_manager = format!("{}/manager", settings.whapi_base_url);
    for (name, value) in [
        ("Architecture", architecture),
        ("MailSender", MAIL_SENDER),
        ("WhapiBaseUrl", settings.whapi_base_url.as_str()),
        ("WhapiManagerBaseUrl", whapi_manager.as_str()),
        ("MetaBaseUrl", settings.meta_base_url.as_str()),
        (
            "Messenger360BaseUrl",
            settings.messenger360_base_url.as_str(),
        ),
        ("PaypalBaseUrl", settings.paypal_base_url.as_str()),
        ("DocumentOrigin", settings.document_origin.as_str()),
        ("LogLevel", settings.log_level.as_str()),
    ] {
        script.arg("--parameter").arg(format!("{name}={value}"));
    }
    let printed = capture(&mut script).context("the template was not deployed")?;
    serde_json::from_str(&printed).context("the template's outputs are not the expected ones")
}
