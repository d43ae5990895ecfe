//! `cargo xtask payloads DIR`: reads every JSON file below a folder as the adapters would, and prints
//! what each item is and would do. Fails on any item that becomes neither a fact, nor a message, nor a
//! visible placeholder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use domain::{
    contact::Alias,
    failure::ProviderFailure,
    message::InboundContent,
    phone::PhoneNumber,
    provider::{
        Address, Item, ProviderKind, ProviderStatus, RawWebhook, TemplateChange, WireResponse,
    },
};
use serde_json::Value;

/// What is wanted.
#[derive(Args)]
pub(crate) struct Options {
    /// Folder with JSON files; the name of a provider in a file's path decides what is not plain
    folder: PathBuf,
}

/// Reads everything.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut files = Vec::new();
    collect(&options.folder, &mut files)?;
    files.sort();
    ensure!(
        !files.is_empty(),
        "there is no JSON file below `{}`",
        options.folder.display()
    );
    let (mut webhooks, mut items, mut unread) = (0, 0, 0);
    for file in &files {
        let body = fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        let name = file.strip_prefix(&options.folder).unwrap_or(file);
        let Some((provider, kind)) = kind(file, &body) else {
            println!("{}: no provider is recognised; left alone", name.display());
            continue;
        };
        print!("{} [{}] ", name.display(), provider.as_str());
        match kind {
            Kind::Webhook => {
                webhooks += 1;
                let (count, bad) = webhook(provider, &body);
                items += count;
                unread += bad;
            }
            Kind::Answer(status) => println!("{}", answer(provider, status, body)),
            Kind::Request => println!("a request: nothing to do"),
        }
    }
    println!(
        "{} files, {webhooks} webhooks, {items} items, {unread} unreadable",
        files.len()
    );
    ensure!(unread == 0, "{unread} items could not be read");
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot list the folder `{}`", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    Ok(())
}

enum Kind {
    Webhook,
    Answer(u16),
    Request,
}

/// What a file is, by its content; by its path only where the content does not say.
fn kind(file: &Path, body: &[u8]) -> Option<(ProviderKind, Kind)> {
    let named = file
        .components()
        .rev()
        .filter_map(|part| part.as_os_str().to_str())
        .find_map(ProviderKind::parse);
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        // No JSON at all: what a webhook of that provider would come to.
        return named.map(|provider| (provider, Kind::Webhook));
    };
    let has = |name: &str| value.get(name).is_some();
    if has("object") || has("entry") {
        return Some((ProviderKind::Meta, Kind::Webhook));
    }
    if has("event") && has("channel_id") {
        return Some((ProviderKind::Whapi, Kind::Webhook));
    }
    if (has("ID") && (has("From") || has("Delivery"))) || has("notify-msgid") {
        return Some((ProviderKind::Messenger360, Kind::Webhook));
    }
    let provider = named?;
    let asks = [
        "to",
        "recipient",
        "phonenumber",
        "messaging_product",
        "name",
        "days",
        "mode",
    ];
    let answered = has("messages") || has("sent") || has("success") || has("error");
    let kind = if has("error") || has("errorCode") {
        Kind::Answer(if provider == ProviderKind::Messenger360 {
            200
        } else {
            400
        })
    } else if answered || has("statusCode") {
        Kind::Answer(200)
    } else if asks.iter().any(|name| has(name)) || has("webhooks") {
        Kind::Request
    } else {
        Kind::Answer(200)
    };
    Some((provider, kind))
}

fn webhook(provider: ProviderKind, body: &[u8]) -> (usize, usize) {
    let raw = RawWebhook {
        key: None,
        headers: vec![("content-type".into(), b"application/json".to_vec())],
        body: body.to_vec(),
    };
    let delivery = providers::adapter(provider).read_webhook(&raw);
    println!("a webhook of {} items", delivery.items.len());
    let mut unread = 0;
    for (address, item) in &delivery.items {
        let to = match address {
            Address::Here => "its channel".to_owned(),
            Address::Number(number) => format!("number {number}"),
            Address::Account { account, number } => match number {
                Some(number) => format!("account {account}, number {number}"),
                None => format!("account {account}"),
            },
        };
        println!("    to {to}: {}", told(item));
        unread += usize::from(matches!(item, Item::Unreadable { .. }));
    }
    for (key, count) in &delivery.unknown {
        println!("    key nobody knows: {key} ({count})");
    }
    (delivery.items.len(), unread)
}

fn told(item: &Item) -> String {
    match item {
        Item::Status(status) => {
            let what = match &status.status {
                ProviderStatus::Sent => "fact `sent`".into(),
                ProviderStatus::Delivered => "fact `delivered`".into(),
                ProviderStatus::Read => "fact `read`".into(),
                ProviderStatus::Failed { code, reason } => {
                    format!("fact `failed` {code}: {reason}")
                }
                ProviderStatus::Unmapped { word } => {
                    format!("kept in the journal; `{word}` changes nothing")
                }
            };
            let token = if status.token.is_some() {
                ", with a token"
            } else {
                ""
            };
            format!("status of {}{token}: {what}", status.provider_id)
        }
        Item::Inbound(inbound) => {
            let who = alias(inbound.phone.as_ref(), inbound.user.as_deref());
            let answers = inbound.answer.as_ref().map(|answer| {
                let quoted = answer.quoted.as_deref().unwrap_or("the open question");
                format!("; answers {quoted} with “{}”", answer.title)
            });
            format!(
                "message {} from {who}: {}{}",
                inbound.provider_id,
                shown(&inbound.content),
                answers.unwrap_or_default()
            )
        }
        Item::Echo(echo) if echo.through_api => {
            format!("echo of our own {}: fact `sent`", echo.provider_id)
        }
        Item::Echo(echo) => format!(
            "message {} of the tenant's phone to {}: {}",
            echo.provider_id,
            alias(echo.phone.as_ref(), None),
            shown(&echo.content)
        ),
        Item::Channel(channel) => match channel.auth {
            Some(auth) => format!("channel {}: becomes `{}`", channel.word, auth.as_str()),
            None => format!("channel {}: changes nothing", channel.word),
        },
        Item::Template(template) => {
            let change = match &template.change {
                TemplateChange::Status { status, .. } => format!("status {status}"),
                TemplateChange::Category(category) => format!("category {category}"),
                TemplateChange::Quality(quality) => format!("quality {quality}"),
            };
            format!(
                "template {} ({}): {change}",
                template.name, template.language
            )
        }
        Item::Account(account) => {
            let stops = if account.stops { "; sending stops" } else { "" };
            format!("account {}: {}{stops}", account.word, account.detail)
        }
        Item::Preference(preference) => format!(
            "preference of {}: {}",
            alias(preference.phone.as_ref(), preference.user.as_deref()),
            if preference.marketing {
                "wants marketing"
            } else {
                "wants no marketing"
            }
        ),
        Item::Identity(identity) => format!(
            "identity: {} is {} now",
            alias(identity.phone.as_ref(), identity.user.as_deref()),
            alias(identity.new_phone.as_ref(), identity.new_user.as_deref())
        ),
        Item::Ignored { name } => format!("{name}: of no consequence, kept in the journal"),
        Item::Unreadable { why } => format!("UNREADABLE: {why}"),
    }
}

fn alias(phone: Option<&PhoneNumber>, user: Option<&str>) -> String {
    let phone = phone.map(Alias::phone);
    let user = user.map(Alias::provider_user);
    let names: Vec<_> = [phone, user]
        .iter()
        .flatten()
        .map(|alias| alias.as_str().to_owned())
        .collect();
    if names.is_empty() {
        "nobody named".into()
    } else {
        names.join(" = ")
    }
}

fn shown(content: &InboundContent) -> String {
    let kind = match content {
        InboundContent::Text { .. } => "text",
        InboundContent::Media { media, .. } => media,
        InboundContent::Location { .. } => "location",
        InboundContent::Reaction { emoji, .. } if emoji.is_empty() => "reaction taken back",
        InboundContent::Reaction { .. } => "reaction",
        InboundContent::Edit { .. } => "edit",
        InboundContent::Revoke { .. } => "deletion",
        InboundContent::Notice { .. } => "notice",
        InboundContent::Card { card, .. } => card,
        InboundContent::Other { .. } => "placeholder",
    };
    format!("{kind}, shown as “{}”", content.preview())
}

fn answer(provider: ProviderKind, status: u16, body: Vec<u8>) -> String {
    let response = WireResponse {
        status,
        retry_after_seconds: None,
        body,
    };
    let said = match providers::adapter(provider).read_send(&response) {
        Ok(receipt) => match receipt.provider_id {
            Some(id) => format!("taken as {id}"),
            None => "taken without an id".into(),
        },
        Err(ProviderFailure::Rejected { code, reason }) => format!("refused, {code}: {reason}"),
        Err(ProviderFailure::RateLimited { .. }) => "refused for now: a rate limit".into(),
        Err(
            failure @ (ProviderFailure::NotSent { .. }
            | ProviderFailure::Unsupported { .. }
            | ProviderFailure::OutcomeUnknown { .. }
            | ProviderFailure::Unverified),
        ) => format!("{failure}"),
    };
    format!("an answer; to a send it would mean: {said}")
}
