use proptest::prelude::*;

use super::*;
use crate::meta_cloud::webhook::part;

const BATCH: &[u8] = include_bytes!("../../../../../../fixtures/meta/webhook_batch.json");

/// Words the readers look for.
const WORDS: &[&str] = &[
    "id",
    "type",
    "from",
    "to",
    "from_user_id",
    "timestamp",
    "text",
    "body",
    "system",
    "wa_id",
    "user_id",
    "previous_user_id",
    "interactive",
    "button_reply",
    "list_reply",
    "nfm_reply",
    "response_json",
    "button",
    "payload",
    "title",
    "context",
    "reaction",
    "message_id",
    "emoji",
    "edit",
    "original_message_id",
    "message",
    "revoke",
    "image",
    "caption",
    "url",
    "location",
    "latitude",
    "contacts",
    "profile",
    "name",
    "order",
    "product_items",
    "errors",
    "code",
    "error_data",
    "details",
    "status",
    "failed",
    "group_id",
    "event",
    "user_changed_number",
    "biz_opaque_callback_data",
    "message_template_name",
    "message_template_language",
    "new_category",
    "restriction_info",
    "category",
    "value",
    "stop",
    "user_preferences",
    "metadata",
    "phone_number_id",
    "field",
    "changes",
    "display_phone_number",
];

/// Types of messages, and words of statuses.
const TYPES: &[&str] = &[
    "text",
    "image",
    "audio",
    "document",
    "location",
    "contacts",
    "order",
    "reaction",
    "interactive",
    "button",
    "system",
    "unsupported",
    "edit",
    "revoke",
    "request_welcome",
    "hologram",
    "sent",
    "delivered",
    "read",
    "failed",
];

/// Words that say which of several an object is.
const KINDS: &[&str] = &[
    "button_reply",
    "list_reply",
    "nfm_reply",
    "user_changed_number",
    "user_changed_user_id",
    "customer_identity_changed",
    "text",
    "image",
    "stop",
    "resume",
    "APPROVED",
    "PAUSED",
    "ACCOUNT_RESTRICTION",
    "DISABLED_UPDATE",
    "ACCOUNT_VIOLATION",
];

/// What objects of most types need.
const OWN: &str = r#""body":"Good morning","text":"Yes","id":"401","message_id":"wamid.b","original_message_id":"wamid.c","wa_id":"97333000002","message":{"text":{"body":"Well"}}"#;

/// Fields of changes, with the list that their values have.
const FIELDS: &[(&str, &str)] = &[
    ("messages", "messages"),
    ("messages", "messages"),
    ("messages", "statuses"),
    ("messages", "errors"),
    ("messages", "hologram"),
    ("smb_message_echoes", "message_echoes"),
    ("user_preferences", "user_preferences"),
    ("user_id_update", "user_id_update"),
    ("message_template_status_update", "errors"),
    ("template_category_update", "errors"),
    ("message_template_quality_update", "errors"),
    ("phone_number_quality_update", "errors"),
    ("account_update", "restriction_info"),
    ("account_alerts", "errors"),
    ("account_review_update", "errors"),
    ("calls", "errors"),
    ("holograms", "errors"),
];

/// Values that make an item whole now and then, and ones that never should.
const LEAVES: &[&str] = &[
    "true",
    "null",
    "7",
    "-0.5",
    "1e400",
    "1764000000",
    "\"1764000000\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"97333000001\"",
    "\"+97333000001\"",
    "\"BH.7Heron\"",
    "\"wamid.x\"",
    "131026",
    "131050",
    "\"131031\"",
    "\"{}\"",
    "\"en-US\"",
    "\"https://a.example/1\"",
    "[]",
    "{}",
];

/// Choices made of one number: every case is that number, and making it costs next to nothing.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 32).unwrap() % sides
    }

    fn of<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.roll(things.len())]
    }

    /// Small JSON made of the words that readers look for.
    fn json(&mut self, depth: u8) -> String {
        match self.roll(8) {
            0 | 1 if depth > 0 => self.object(depth),
            2 if depth > 0 => format!("[{}]", self.object(depth - 1)),
            3 => format!("\"{}\"", self.of(KINDS)),
            4 => format!("\"{}\"", self.of(WORDS)),
            _ => self.of(LEAVES).to_owned(),
        }
    }

    fn object(&mut self, depth: u8) -> String {
        let fields: Vec<_> = (0..self.roll(6)).map(|_| self.field(depth)).collect();
        format!("{{{}}}", fields.join(","))
    }

    fn field(&mut self, depth: u8) -> String {
        let key = self.of(WORDS);
        match key {
            "type" | "event" | "value" => format!("\"{key}\":\"{}\"", self.of(KINDS)),
            "timestamp" => format!("\"{key}\":1764000000"),
            _ => format!("\"{key}\":{}", self.json(depth.saturating_sub(1))),
        }
    }

    /// An item with what most need, and anything beside and instead.
    fn item(&mut self) -> String {
        let kind = self.of(TYPES);
        let (kind_of, own) = (self.of(KINDS), self.field(2));
        let inner = match self.roll(2) {
            0 => self.json(2),
            _ => r#"{"id":"btn1","title":"Yes","body":"No","caption":"Well"}"#.into(),
        };
        let own = match self.roll(2) {
            0 => format!("{{{own}}}"),
            _ => format!("{{{OWN},\"type\":\"{kind_of}\",\"{kind_of}\":{inner},{own}}}"),
        };
        let rest: String = (0..self.roll(3))
            .map(|_| format!(",{}", self.field(2)))
            .collect();
        format!(
            r#"{{"id":"wamid.a","from":"97333000001","timestamp":"1764000000","status":"{kind}","type":"{kind}","value":"{kind_of}","{kind}":{own}{rest}}}"#
        )
    }

    /// A webhook that is mostly of the right form.
    fn webhook(&mut self) -> String {
        let (field, list) = self.of(FIELDS);
        let metadata = match self.roll(8) {
            0 => String::new(),
            1 => format!("\"metadata\":{},", self.json(2)),
            _ => r#""metadata":{"phone_number_id":"301700000000001"},"#.into(),
        };
        let account = match self.roll(8) {
            0 => self.json(1),
            _ => "\"201700000000001\"".into(),
        };
        let (item, event, other) = (self.item(), self.of(KINDS), self.field(2));
        let mut changes = format!(
            r#"{{"field":"{field}","value":{{{metadata}"{list}":[{item}],"event":"{event}",{other}}}}}"#
        );
        if self.roll(4) == 0 {
            changes += &format!(
                r#",{{"field":"{field}","value":{}}},{}"#,
                self.json(2),
                self.json(1)
            );
        }
        format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"id":{account},"changes":[{changes}]}}]}}"#
        )
    }
}

/// What every reading must keep, and every division.
fn survive(body: &[u8]) {
    let raw = raw(body);
    let delivery = read(&raw);
    for (address, item) in &delivery.items {
        match address {
            Address::Here => {}
            Address::Number(id) | Address::Account { account: id, .. } => {
                let word = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
                assert!(id.bytes().all(word) && (1..=64).contains(&id.len()));
            }
        }
        match item {
            Item::Ignored { name } => assert!(name.len() <= 64, "{name}"),
            Item::Unreadable { why } => assert!(why.len() <= 128, "{why}"),
            Item::Status(item) => assert!((1..=512).contains(&item.provider_id.len())),
            Item::Inbound(item) => {
                assert!((1..=512).contains(&item.provider_id.len()));
                assert!(item.phone.is_some() || item.user.is_some());
            }
            Item::Identity(item) => {
                assert!(item.phone.is_some() || item.user.is_some());
                assert!(item.new_phone.is_some() || item.new_user.is_some());
            }
            Item::Preference(item) => assert!(item.phone.is_some() || item.user.is_some()),
            Item::Account(item) => assert!(item.word.len() <= 64 && item.detail.len() <= 1_024),
            Item::Template(item) => assert!(!item.name.is_empty() && !item.language.contains('-')),
            Item::Echo(_) => {}
            Item::Channel(_) => panic!("Meta has no such item"),
        }
    }
    let numbers = |address: &Address| matches!(address, Address::Number(_));
    let own = delivery
        .items
        .iter()
        .filter(|(address, _)| numbers(address));
    let part = part(&raw, &numbers);
    // Nothing of a body that is none.
    if !part.is_empty() {
        assert_eq!(read(&super::raw(part)).items.len(), own.count());
    }
}

/// More where the environment asks for more.
fn at_least(cases: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig {
        cases: config.cases.max(cases),
        ..config
    }
}

proptest! {
    #![proptest_config(at_least(20_000))]

    #[test]
    fn no_webhook_panics_and_a_part_holds_its_items(seed in 1_u64..) {
        survive(Dice(seed).webhook().as_bytes());
    }
}

proptest! {
    #![proptest_config(at_least(2_000))]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), at in any::<usize>()) {
        survive(&bytes);
        let mut body = BATCH.to_vec();
        let at = at % body.len();
        body.splice(at..at, bytes);
        survive(&body);
    }
}
