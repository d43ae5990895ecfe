//! `cargo xtask lint-template`: the template passes cfn-lint, SAM's own validation and our rules on policies, queues and routes.

use std::process::Command;

use anyhow::{Context, Result};
use xtask::stack::{Environment, LINT, REGION};
use xtask::workspace::{self, root, step};

const TEMPLATE: &str = "infra/template.yaml";

/// Runs the three checks; the first finding is the failure.
pub(crate) fn run() -> Result<()> {
    let python = Environment::ensure(&LINT)?;
    let mut cfn_lint = python.program("cfn-lint");
    cfn_lint.args(["--regions", REGION, "--", TEMPLATE]);
    let mut sam = python.program("sam");
    sam.args([
        "validate",
        "--lint",
        "--template",
        TEMPLATE,
        "--region",
        REGION,
    ]);
    let mut policies = python.python();
    policies.args(["infra/check_policies.py", TEMPLATE]);
    for (name, mut check) in [
        ("cfn-lint", cfn_lint),
        ("sam validate --lint", sam),
        ("policies", policies),
    ] {
        step(name);
        workspace::run(offline(&mut check))
            .with_context(|| format!("{name} has findings in {TEMPLATE}"))?;
    }
    Ok(())
}

/// SAM's client may ask for credentials although validation uses none; these keep it from looking for any.
fn offline(command: &mut Command) -> &mut Command {
    command
        .current_dir(root())
        .env("SAM_CLI_TELEMETRY", "0")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ACCESS_KEY_ID", "unused")
        .env("AWS_SECRET_ACCESS_KEY", "unused")
}
