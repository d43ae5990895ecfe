//! One running AWS emulator.
//!
//! It runs with IAM enforced: a function that needs a permission its role lacks fails here, not in production. Its
//! environment is built from nothing because the functions inherit it.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{Environment, Group, Settings};
use crate::workspace::{local, root, step};

/// Region of the local stack.
pub const REGION: &str = "us-east-1";
/// Access key that stands for the account's root user in the emulator: everything is allowed to it.
pub const ACCESS_KEY: &str = "test";
/// The secret that goes with [`ACCESS_KEY`].
pub const SECRET_KEY: &str = "test";

const START_LIMIT: Duration = Duration::from_secs(60);

/// A running emulator; dropping it stops it and every function in it.
#[derive(Debug)]
pub struct Emulator {
    port: u16,
    folder: PathBuf,
    python: Environment,
    // Last: the folder's temporary files go after the processes that use them.
    group: Option<Group>,
}

impl Emulator {
    /// Starts an emulator on the port of the settings and waits until it answers.
    pub fn start(python: &Environment, settings: &Settings) -> Result<Self> {
        let folder = local(&settings.instance);
        let port = settings.port;
        step(&format!("starting the emulator on port {port}"));
        ensure!(
            is_free(port),
            "port {port} is in use; if that is an earlier stack, `cargo xtask down` stops it"
        );
        for name in ["home", "tmp"] {
            let path = folder.join(name);
            fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        }
        let mut group = Group::start(&mut command(python, settings, &folder), &folder, "emulator")?;
        group
            .wait_until(START_LIMIT, || is_healthy(port))
            .context("the emulator did not start")?;
        Ok(Self {
            port,
            folder,
            python: python.clone(),
            group: Some(group),
        })
    }

    /// Port of every endpoint.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Address of every AWS service in it.
    pub fn endpoint(&self) -> String {
        endpoint(self.port)
    }

    /// Address of the mails it has taken, as JSON: `{"messages": {account: [{Source, To, Subject, BodyText, ..}]}}`.
    pub fn inbox(&self) -> String {
        format!("{}/_ministack/ses/messages", self.endpoint())
    }

    /// The folder of its log and state.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn python(&self) -> &Environment {
        &self.python
    }

    /// A script of `infra/local/` with this emulator's address and key.
    pub(super) fn script(&self, name: &str) -> std::process::Command {
        let mut script = self.python.python();
        script
            .arg(root().join("infra/local").join(name))
            .args(["--endpoint", &self.endpoint()])
            .args(["--region", REGION])
            .args(["--access-key", ACCESS_KEY]);
        script
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.group.take());
        for name in ["home", "tmp"] {
            // Left-over temporary files harm nobody; the next start of this instance reuses the folder.
            let _ = fs::remove_dir_all(self.folder.join(name));
        }
    }
}

/// A port nobody listens on at the moment.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

fn command(python: &Environment, settings: &Settings, folder: &Path) -> std::process::Command {
    let mut command = python.python();
    command.args(["-m", "ministack.app"]).env_clear();
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
        // A home of its own: the developer's ~/.aws must not reach the functions.
        .env("HOME", folder.join("home"))
        .env("TMPDIR", folder.join("tmp"))
        .env("BIND_HOST", Ipv4Addr::LOCALHOST.to_string())
        .env("GATEWAY_PORT", settings.port.to_string())
        .env("AWS_ENDPOINT_URL", endpoint(settings.port))
        .env("AWS_DEFAULT_REGION", REGION)
        .env("MINISTACK_REGION", REGION)
        .env("AUTH", "true")
        // Listeners at fixed ports, which two stacks would fight over.
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0")
        .envs(&settings.environment);
    command
}

/// By number, not by name: the SDK then addresses S3 buckets by path, and no name below localhost must resolve.
fn endpoint(port: u16) -> String {
    format!("http://{}:{port}", Ipv4Addr::LOCALHOST)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn is_healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(
            b"GET /_ministack/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        )?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}
