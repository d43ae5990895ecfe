//! What the contract needs to know of a provider.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::LazyLock};

use domain::{
    channel::{AuthStatus, Channel, ChannelKey, SealedSecret, SecretHash},
    contact::Recipient,
    ids::{ChannelId, TenantId},
    message::{
        Button, ButtonAction, ButtonValue, Content, HeaderValue, Interactive, List, Media,
        MediaSource, Parameters, Row, Section, TemplateUse,
    },
    phone::PhoneNumber,
    provider::{ProviderKind, RawWebhook},
};
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::adapter;

/// What WHAPI sends back with every webhook.
pub(super) const SECRET: &str = "an-invented-webhook-secret-of-some-length";
/// What Meta signs webhooks with.
pub(super) const APP_SECRET: &str = "an-invented-app-secret-of-some-length";

/// The match has no default: a new provider must say.
pub(super) struct Sample {
    /// Where its samples are.
    pub(super) folder: &'static str,
    /// The channel they are for, as the provider calls it.
    pub(super) channel: &'static str,
    /// The account of that channel.
    pub(super) account: Option<&'static str>,
    /// Somebody without a number, as the provider calls them, if it writes to such people.
    pub(super) user: Option<&'static str>,
}

pub(super) const fn sample(kind: ProviderKind) -> Sample {
    match kind {
        ProviderKind::Whapi => Sample {
            folder: "whapi",
            channel: "HERON-7TEST",
            account: None,
            user: Some("123456789012345@lid"),
        },
        ProviderKind::Meta => Sample {
            folder: "meta",
            channel: "100000000000001",
            account: Some("200000000000001"),
            user: Some("BH.13491208655302741918"),
        },
        ProviderKind::Messenger360 => Sample {
            folder: "messenger360",
            channel: "97333000000",
            account: None,
            user: None,
        },
    }
}

/// A channel of the provider that can send.
pub(crate) fn channel(kind: ProviderKind) -> Channel {
    let sample = sample(kind);
    Channel {
        id: ChannelId::fresh(),
        tenant: TenantId::fresh(),
        provider: kind,
        name: "Shop".into(),
        provider_ref: sample.channel.into(),
        account: sample.account.map(Into::into),
        phone: PhoneNumber::parse("+97333000000").ok(),
        api: None,
        active: true,
        auth: AuthStatus::Authorized,
        health: None,
        paid_until: None,
        sealed_token: SealedSecret(vec![]),
        token_hint: "oken".into(),
        sealed_app_secret: None,
        key: ChannelKey::parse(&"a1".repeat(20)).unwrap(),
        webhook_secret: SecretHash::of(SECRET.as_bytes()),
        pace: adapter(kind).capabilities().pace,
        created_at: Timestamp::UNIX_EPOCH,
        version: 1,
    }
}

/// A webhook's body and the name of its file.
type Named = (String, Vec<u8>);

/// The provider's webhooks, read once.
pub(super) fn samples(kind: ProviderKind) -> &'static [Named] {
    static READ: LazyLock<BTreeMap<&'static str, Vec<Named>>> = LazyLock::new(|| {
        let all = ProviderKind::ALL.into_iter();
        all.map(|kind| (kind.as_str(), webhooks(kind))).collect()
    });
    &READ[kind.as_str()]
}

fn webhooks(kind: ProviderKind) -> Vec<Named> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let files = fs::read_dir(folder.join(sample(kind).folder)).unwrap();
    let mut read: Vec<_> = files
        .map(|file| file.unwrap())
        .filter(|file| file.file_name().to_string_lossy().starts_with("webhook_"))
        .map(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            (name, fs::read(file.path()).unwrap())
        })
        .collect();
    read.sort();
    read
}

/// A webhook with these headers, as it came to a channel's URL.
pub(super) fn webhook(
    key: Option<&ChannelKey>,
    headers: &[(&str, &[u8])],
    body: &[u8],
) -> RawWebhook {
    RawWebhook {
        key: key.cloned(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.to_vec()))
            .collect(),
        body: body.to_vec(),
    }
}

/// A webhook with everything that proves it.
pub(super) fn proven(kind: ProviderKind, body: &[u8]) -> RawWebhook {
    let key = ChannelKey::parse(&"a1".repeat(20)).unwrap();
    match kind {
        ProviderKind::Whapi => {
            let secret = ("x-webhook-secret", SECRET.as_bytes());
            webhook(Some(&key), &[secret], body)
        }
        ProviderKind::Meta => {
            let signature = signature(APP_SECRET, body);
            let header = ("x-hub-signature-256", signature.as_bytes());
            webhook(Some(&key), &[header], body)
        }
        ProviderKind::Messenger360 => webhook(Some(&key), &[], body),
    }
}

/// What Meta writes into its header.
pub(super) fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

pub(super) fn to() -> Recipient {
    Recipient::Phone(PhoneNumber::parse("+97333000001").unwrap())
}

fn media(source: MediaSource) -> Media {
    Media {
        source,
        caption: Some("Invoice".into()),
        filename: Some("1.pdf".into()),
    }
}

fn linked() -> Media {
    media(MediaSource::Link("https://files.example/1.pdf".into()))
}

fn row(n: u8) -> Row {
    Row {
        id: format!("row{n}"),
        title: format!("Row {n}"),
        description: (n == 1).then(|| "The first".into()),
    }
}

fn template(header: Option<HeaderValue>, body: Parameters, buttons: Vec<ButtonValue>) -> Content {
    Content::Template(TemplateUse {
        name: "order_ready".into(),
        language: "en_US".into(),
        header,
        body,
        buttons,
    })
}

/// A message of every kind.
pub(super) fn contents() -> Vec<Content> {
    let section = |title: &str, rows| Section {
        title: Some(title.into()),
        rows,
    };
    let button = |index, value| ButtonValue { index, value };
    vec![
        Content::Text {
            body: "\u{1f600}".repeat(4096),
        },
        Content::Interactive(Interactive {
            header: Some("Header".into()),
            body: "Body".into(),
            footer: Some("Footer".into()),
            buttons: vec![Button {
                id: "btn1".into(),
                title: "Yes".into(),
            }],
        }),
        Content::List(List {
            header: None,
            body: "Body".into(),
            footer: Some("Footer".into()),
            label: "Open".into(),
            sections: vec![
                section("One", vec![row(1), row(2)]),
                section("Two", vec![row(3)]),
            ],
        }),
        Content::Image(linked()),
        Content::Document(linked()),
        Content::Image(media(MediaSource::Id("1000000000000042".into()))),
        Content::Document(media(MediaSource::Id("1000000000000043".into()))),
        template(None, Parameters::default(), vec![]),
        template(
            Some(HeaderValue::Document(linked())),
            Parameters::Positional(vec!["Mona".into(), "7".into()]),
            vec![
                button(
                    0,
                    ButtonAction::QuickReply {
                        payload: "yes".into(),
                    },
                ),
                button(
                    1,
                    ButtonAction::Url {
                        text: "orders/7".into(),
                    },
                ),
            ],
        ),
        template(
            Some(HeaderValue::Text {
                values: Parameters::Positional(vec!["7".into()]),
            }),
            Parameters::Named([("name".to_owned(), "Mona".to_owned())].into()),
            vec![button(
                0,
                ButtonAction::CopyCode {
                    code: "HERON7".into(),
                },
            )],
        ),
    ]
}
