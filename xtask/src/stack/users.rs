//! Users of the local stack's Cognito pool and their tokens (infra/local/users.py does the AWS calls).

use std::io::Write;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::{Emulator, Outputs};

/// A user as an operator would create it.
#[derive(Clone, Debug, Serialize)]
pub struct User {
    /// Sign-in name.
    pub email: String,
    /// At least twelve characters with upper case, lower case and a digit.
    pub password: String,
    /// Value of the claim `custom:tenant`.
    pub tenant: String,
    /// `platform_admin`, `manager`, `agent` or `viewer`.
    pub role: String,
}

/// A user with a token that is good for an hour.
#[derive(Clone, Debug, Deserialize)]
pub struct SignedIn {
    /// The user's id, the claim `sub`.
    pub subject: String,
    /// What goes behind `Authorization: Bearer`.
    pub id_token: String,
}

pub(super) fn sign_in(
    emulator: &Emulator,
    outputs: &Outputs,
    users: &[User],
    extra: &[&str],
) -> Result<Vec<SignedIn>> {
    let mut script = emulator.script("users.py");
    script
        .args(["--pool", &outputs.user_pool_id])
        .args(["--client", &outputs.user_pool_client_id])
        .args(extra)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = script
        .spawn()
        .context("cannot start infra/local/users.py")?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(&serde_json::to_vec(users)?)?;
    }
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "infra/local/users.py ended with {}",
        output.status
    );
    serde_json::from_slice(&output.stdout).context("infra/local/users.py printed no tokens")
}
