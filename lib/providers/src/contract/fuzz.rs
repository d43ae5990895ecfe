//! No input makes an adapter panic: a hundred thousand of words, and of spoiled samples, for each
//! provider.

use std::{fmt::Write, slice, sync::LazyLock};

use domain::{
    channel::{Channel, Secret},
    message::Content,
    provider::{Expected, Item, ProviderKind, WireRequest, WireResponse},
};
use jiff::Timestamp;
use proptest::{prelude::*, test_runner::TestRunner};

use super::samples::{self, APP_SECRET, proven, to};
use crate::adapter;

/// How many inputs of each sort. `PROPTEST_CASES=10000000` makes a longer run of it.
const CASES: u32 = 100_000;

/// How many of plain noise: hardly any of it comes past the first character.
const NOISE: u32 = 20_000;

/// Everything of a provider that reads what others wrote, each input under one status and moment.
fn survive(kind: ProviderKind, status: u8, body: &[u8]) {
    const STATUSES: [u16; 8] = [200, 201, 302, 400, 401, 404, 429, 500];
    const SINCE: [Timestamp; 3] = [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX];
    struct Ours {
        channel: Channel,
        request: WireRequest,
    }
    static OURS: LazyLock<Vec<Ours>> = LazyLock::new(|| {
        let text = Content::Text { body: "Hi".into() };
        let all = ProviderKind::ALL.into_iter();
        all.map(|kind| {
            let channel = samples::channel(kind);
            let request = adapter(kind).build_send(&channel, &to(), &text).unwrap();
            Ours { channel, request }
        })
        .collect()
    });
    static SECRETS: LazyLock<[Secret; 1]> = LazyLock::new(|| [Secret::from(APP_SECRET)]);
    let ours = OURS
        .iter()
        .find(|ours| ours.channel.provider == kind)
        .unwrap();
    let adapter = adapter(kind);
    let raw = proven(kind, body);
    let expected = Expected {
        channel: Some(&ours.channel),
        secrets: &*SECRETS,
    };
    let _verdict = adapter.verify_webhook(&raw, &expected);
    for (address, item) in adapter.read_webhook(&raw).items {
        bounded(&item);
        let _part = adapter.part_webhook(&raw, &|other| *other == address);
    }
    let answer = WireResponse {
        status: STATUSES[usize::from(status % 8)],
        retry_after_seconds: Some(u64::MAX),
        body: body.to_vec(),
    };
    let _outcome = adapter.read_send(&answer);
    let _seen = adapter.read_status(&answer);
    let _health = adapter.read_health(&ours.channel, &answer);
    let _place = adapter.read_media(&answer);
    let since = SINCE[usize::from(status / 8) % SINCE.len()];
    let _seen = adapter.read_lookup(&answer, &ours.request, since);
}

/// What ends up in keys and lists has a length.
fn bounded(item: &Item) {
    match item {
        Item::Ignored { name } => assert!(name.len() <= 64, "{name}"),
        Item::Unreadable { why } => assert!(why.len() <= 128, "{why}"),
        Item::Status(item) => assert!((1..=512).contains(&item.provider_id.len())),
        Item::Inbound(item) => assert!((1..=512).contains(&item.provider_id.len())),
        Item::Echo(item) => assert!((1..=512).contains(&item.provider_id.len())),
        Item::Channel(_)
        | Item::Template(_)
        | Item::Account(_)
        | Item::Preference(_)
        | Item::Identity(_) => {}
    }
}

/// Shapes that lead into a provider's parsers: `%` is any value, `$` one of its words.
struct Grammar {
    frames: &'static [&'static str],
    words: &'static [&'static str],
}

#[rustfmt::skip]
const fn grammar(kind: ProviderKind) -> Grammar {
    match kind {
        ProviderKind::Whapi => Grammar {
            frames: &[
                "%",
                r#"{"channel_id":"HERON-7TEST",$:[%],$:%}"#,
                r#"{"messages":[{"id":"a-b","from_me":false,"chat_id":%,"timestamp":1764000000,"type":$,$:%,"context":%}]}"#,
                r#"{"messages":[{"id":"a-b","from_me":%,"chat_id":"97333000001@s.whatsapp.net","timestamp":%,"type":"action","action":{"type":$,"target":"c-d",$:%}}]}"#,
                r#"{"statuses":[{"id":"a-b","timestamp":"1764000000","status":$,"errors":%},%]}"#,
                r#"{"messages":[{"id":"a-b","from_me":true,"timestamp":%,"type":$,$:%}],"count":%}"#,
                r#"{"error":%,"sent":%,"message":%}"#,
            ],
            words: &["messages", "statuses", "health", "qr", "user", "event", "channel_id", "id", "type", "text",
                "body", "from_me", "from", "chat_id", "timestamp", "status", "context", "quoted_id", "reply",
                "buttons_reply", "list_reply", "title", "action", "reaction", "edit", "delete", "edited_content",
                "target", "emoji", "location", "latitude", "contact", "contact_list", "list", "name", "errors",
                "error", "code", "message", "sent", "image", "document", "link", "x"],
        },
        ProviderKind::Meta => Grammar {
            frames: &[
                "%",
                r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":$,"value":%},%]},%]}"#,
                r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"contacts":[%],"messages":[{"from":"97333000001","id":"wamid.1","timestamp":"1764000000","type":$,$:%,"context":%}]}}]}]}"#,
                r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"statuses":[{"id":"wamid.1","timestamp":"1764000000","status":$,"errors":%,"biz_opaque_callback_data":%}],"errors":%}}]}]}"#,
                r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":$,"value":{"event":$,$:%,$:%,$:%}}]}]}"#,
                r#"{"error":{"code":%,"message":$,"error_data":%}}"#,
                r#"{"messages":[%],"contacts":%,"id":%,"url":%}"#,
            ],
            words: &["messages", "statuses", "contacts", "errors", "metadata", "phone_number_id", "entry", "changes",
                "field", "value", "id", "from", "from_user_id", "user_id", "wa_id", "profile", "name", "timestamp",
                "type", "text", "body", "image", "document", "audio", "video", "sticker", "location", "reaction",
                "interactive", "button_reply", "list_reply", "nfm_reply", "button", "payload", "title", "order",
                "system", "unsupported", "edit", "revoke", "sent", "delivered", "read", "failed", "played", "code",
                "message", "message_template_status_update", "template_category_update", "user_preferences",
                "user_id_update", "account_update", "phone_number_quality_update", "smb_message_echoes",
                "message_echoes", "event", "message_template_name", "message_template_language", "reason", "x"],
        },
        ProviderKind::Messenger360 => Grammar {
            frames: &[
                "%",
                "[%,%]",
                r#"{"ID":%,"Type":$,"From":"97333000001","To":%,"Chat":%,"createdAt":%,"dataType":"message",$:%}"#,
                r#"{"ID":%,"Type":$,"From":%,"To":"97333000001","Chat":$,"dataType":$,$:%,$:%}"#,
                r#"{"ID":"1","Delivery":%,$:%}"#,
                r#"{"success":%,"data":{"id":%,"status":$,"delivery":$,"executedAt":%},"statusCode":%}"#,
                r#"{"success":true,"data":{"messages":[{"id":"1","text":"Hi","createdAt":%,$:%},%],"total":%}}"#,
                "ID=$&From=97333000001&Chat=$&createdAt=$&$=$",
                "notify-dlr-status=$&notify-msgid=$&$=$",
            ],
            words: &["ID", "Type", "From", "To", "Chat", "Caption", "MediaMime", "MediaName", "MediaURL",
                "MediaBase64", "Hash", "GroupId", "createdAt", "dataType", "fromMe", "Delivery", "delivery",
                "status", "statusInfo", "tracking_code", "id", "success", "data", "result", "message",
                "errorCode", "errorDescription", "chat", "image", "file", "ptt", "location", "OK", "ERROR",
                "PENDING", "read", "device", "26.1,50.5", "2025-11-24 16:00:05", "2025-11-24T16:00:00Z",
                "97333000001", "1", "x"],
        },
    }
}

/// An input by decisions: each byte is one, and when they end the rest is small.
struct Writer<'a> {
    decisions: slice::Iter<'a, u8>,
    words: &'static [&'static str],
    out: String,
}

impl Writer<'_> {
    fn input(kind: ProviderKind, decisions: &[u8]) -> String {
        let Grammar { frames, words } = grammar(kind);
        let mut writer = Writer {
            decisions: decisions.iter(),
            words,
            out: String::with_capacity(512),
        };
        let frame = frames[writer.next() % frames.len()];
        let form = !frame.contains(['{', '%', '[']);
        for c in frame.chars() {
            match c {
                '%' => writer.value(4),
                '$' if form => writer.word(""),
                '$' => writer.word("\""),
                other => writer.out.push(other),
            }
        }
        writer.out
    }

    fn next(&mut self) -> usize {
        self.decisions.next().map_or(0, |byte| usize::from(*byte))
    }

    fn word(&mut self, quote: &str) {
        let word = self.words[self.next() % self.words.len()];
        self.out.extend([quote, word, quote]);
    }

    fn value(&mut self, depth: u8) {
        const LEAVES: [&str; 16] = [
            "null",
            "true",
            "\"false\"",
            "1764000000",
            "\"1764000000\"",
            "1764000000000",
            "1e400",
            "-0.5",
            "18446744073709551616",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "\"97333000001@s.whatsapp.net\"",
            "\"97333000001\"",
            "\"https://files.example/1.pdf\"",
            "\"\"",
            "\"\u{1f600}\u{202e}ü\"",
        ];
        match self.next() {
            leaf @ 0..=79 => self.out.push_str(LEAVES[leaf % LEAVES.len()]),
            80..=129 => self.word("\""),
            number @ 130..=149 => {
                let shift = u32::try_from(number - 130).unwrap() * 3;
                let _infallible = write!(self.out, "{}", i64::MIN >> shift);
            }
            list @ 150..=189 if depth > 0 => {
                self.out.push('[');
                self.items(list % 4, |writer| writer.value(depth - 1));
                self.out.push(']');
            }
            object if depth > 0 => {
                self.out.push('{');
                self.items(object % 6, |writer| {
                    writer.word("\"");
                    writer.out.push(':');
                    writer.value(depth - 1);
                });
                self.out.push('}');
            }
            _ => self.out.push_str("{}"),
        }
    }

    fn items(&mut self, count: usize, item: impl Fn(&mut Self)) {
        for index in 0..count {
            if index > 0 {
                self.out.push(',');
            }
            item(self);
        }
    }
}

fn no_words_make_it_panic(kind: ProviderKind) {
    run(CASES, &any::<(u8, [u8; 48])>(), |(status, decisions)| {
        survive(kind, status, Writer::input(kind, &decisions).as_bytes());
    });
}

/// A real sample with a few bytes changed: deeper into the parsers than noise comes.
fn no_spoiled_sample_makes_it_panic(kind: ProviderKind) {
    let samples = samples::samples(kind);
    run(
        CASES,
        &any::<(u8, u16, [(u16, u8); 3])>(),
        |(status, pick, changes)| {
            let mut body = samples[usize::from(pick) % samples.len()].1.clone();
            let length = body.len();
            for (place, byte) in changes {
                body[usize::from(place) % length] = byte;
            }
            survive(kind, status, &body);
        },
    );
}

fn no_bytes_make_it_panic(kind: ProviderKind) {
    let bytes = prop::collection::vec(any::<u8>(), 0..64);
    run(NOISE, &(any::<u8>(), bytes), |(status, body)| {
        survive(kind, status, &body);
    });
}

fn run<S: Strategy>(cases: u32, strategy: &S, survives: impl Fn(S::Value)) {
    let config = ProptestConfig::default();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: config.cases.max(cases),
        source_file: Some(file!()),
        ..config
    });
    let result = runner.run(strategy, |input| {
        survives(input);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

macro_rules! fuzz {
    ($($module:ident: $kind:ident),*) => {$(
        mod $module {
            use super::*;

            #[test]
            fn no_words_make_it_panic() {
                super::no_words_make_it_panic(ProviderKind::$kind);
            }

            #[test]
            fn no_spoiled_sample_makes_it_panic() {
                super::no_spoiled_sample_makes_it_panic(ProviderKind::$kind);
            }

            #[test]
            fn no_bytes_make_it_panic() {
                super::no_bytes_make_it_panic(ProviderKind::$kind);
            }
        }
    )*};
}

fuzz!(whapi: Whapi, meta: Meta, messenger360: Messenger360);
