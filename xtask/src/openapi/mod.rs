//! `cargo xtask openapi`: the API document and its page, made from the routers of the functions.
//! `--check` writes nothing and fails when the checked-in files are not what would be written.

mod merge;
mod page;
mod sound;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;
use utoipa::openapi::OpenApi;
use xtask::workspace::{root, step};

/// A function's own part of the document.
type Part = fn() -> OpenApi;

/// Every function that answers HTTP, by its folder: a new one is a line here.
const FUNCTIONS: &[(&str, Part)] = &[
    ("channel-ops", channel_ops::openapi),
    ("inbox", inbox::openapi),
    ("outbox-query", outbox_query::openapi),
    ("payment-review", payment_review::openapi),
    ("send", send::openapi),
    ("tenant-config", tenant_config::openapi),
];

/// Every tag an operation may have, in the order of the page.
const TAGS: &[(&str, &str)] = &[
    ("Messages", "Sending single messages and following them."),
    ("Conversations", "Talking with one contact."),
    ("Jobs", "What was sent together, with its counts."),
    ("Contacts", "The people a company writes with."),
    ("Channels", "A company's numbers at their providers."),
    ("Figures", "What was used, and what waits."),
    ("Settings", "What a company decides about its own messages."),
    (
        "Templates",
        "A company's own texts, and those that its providers approved.",
    ),
    (
        "Events",
        "What happened in a company's own system, and what followed.",
    ),
    (
        "Workflows",
        "Which message follows from which event, and how it is worded.",
    ),
    ("Festivals", "Days on which customers are greeted."),
    (
        "Billing",
        "What a company pays for, how it pays, and what is left of it.",
    ),
    ("Users", "Who of the company may sign in, and as what."),
    ("Logs", "Who did what, and what webhooks came to."),
    (
        "Platform",
        "What all companies share; for those who run Waypost.",
    ),
    ("Documentation", "This page and the document behind it."),
];

const DOCUMENT: &str = "docs/openapi.json";
const PAGE: &str = "docs/api.html";

/// What to do with the result.
#[derive(Args)]
pub(crate) struct Options {
    /// Write nothing; fail when the checked-in files are stale
    #[arg(long)]
    check: bool,
}

/// Writes both files, or compares them.
pub(crate) fn run(options: &Options) -> Result<()> {
    let document = document()?;
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    let files = [(DOCUMENT, text), (PAGE, page::render(&document))];
    if options.check {
        return compare(&files);
    }
    for (name, text) in &files {
        fs::write(path(name), text).with_context(|| format!("cannot write {name}"))?;
        step(&format!("wrote {name}"));
    }
    Ok(())
}

/// Fails with what to do when a checked-in file is stale.
pub(crate) fn check() -> Result<()> {
    run(&Options { check: true })
}

fn compare(files: &[(&str, String)]) -> Result<()> {
    let stale: Vec<_> = files
        .iter()
        .filter(|(name, text)| fs::read_to_string(path(name)).ok().as_deref() != Some(text))
        .map(|(name, _)| *name)
        .collect();
    ensure!(
        stale.is_empty(),
        "{} is not what the code says; run `cargo xtask openapi` and commit what it writes",
        stale.join(" and ")
    );
    step("the API document is fresh");
    Ok(())
}

fn path(name: &str) -> PathBuf {
    root().join(name)
}

fn document() -> Result<Value> {
    let mut parts = Vec::new();
    for &(function, openapi) in FUNCTIONS {
        let part = serde_json::to_value(openapi())
            .with_context(|| format!("the document of `{function}` cannot be written"))?;
        parts.push((function, part));
    }
    let document = merge::merged(parts)?;
    let problems = sound::problems(&document);
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_of_all_functions_is_sound_and_always_the_same() {
        let document = document().unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document, super::document().unwrap());
        let send = &document["paths"]["/v1/messages"]["post"];
        assert_eq!(send["x-waypost-action"], "Send");
        assert_eq!(send["security"][0]["token"], serde_json::json!([]));
        let refused = &send["responses"]["503"]["$ref"];
        assert_eq!(refused, "#/components/responses/ServiceUnavailable");
        let page = page::render(&document);
        assert!(!page.contains("<script") && !page.contains("src="));
    }
}
