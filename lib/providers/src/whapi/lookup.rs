//! Looking a message up whose answer was lost: `GET /messages/list` lists own messages, newest first.
//! All chats are listed and the recipient compared, because a chat that was never written to is "not
//! found" (which must not look like a refusal), and a chat may go by another name than the number.

use domain::{
    failure::ProviderFailure,
    provider::{Method, Sighting, Sightings, WireRequest, WireResponse},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{
    refusal, shown,
    wire::{Envelope, Fields},
};

/// Messages asked for, the most the API gives: two minutes of a busy channel fit.
const PAGE: usize = 500;

/// WHAPI's times are whole seconds of another clock: a message of the attempt may seem to be a little
/// older than the attempt.
const SKEW: SignedDuration = SignedDuration::from_secs(10);

/// The request that lists own messages since a moment.
pub(super) fn build(since: Timestamp) -> WireRequest {
    let from = earliest(since).as_second();
    WireRequest {
        method: Method::Get,
        path: format!("/messages/list?count={PAGE}&time_from={from}&from_me=true&sort=desc"),
        body: None,
    }
}

fn earliest(since: Timestamp) -> Timestamp {
    since.checked_sub(SKEW).unwrap_or(since)
}

/// What the answer shows. Absence is proof only when the list is known to reach back before the moment
/// asked for and everything in it could be read and compared: a false "absent" would send twice. That
/// is also why "chat not found" is a refusal here, not an empty list: the chat may go by another name.
pub(super) fn read(
    response: &WireResponse,
    request: &WireRequest,
    since: Timestamp,
) -> Result<Sightings, ProviderFailure> {
    if !(200..300).contains(&response.status) {
        return Err(refusal::of(response));
    }
    let unreadable = || ProviderFailure::OutcomeUnknown {
        what: "unreadable answer".into(),
    };
    let text = str::from_utf8(&response.body).map_err(|_not_text| unreadable())?;
    let envelope = Envelope::open(text).ok_or_else(unreadable)?;
    let list = envelope.0.iter().find(|(key, _)| key == "messages");
    let (_, list) = list.ok_or_else(unreadable)?;
    let list: Vec<&serde_json::value::RawValue> =
        serde_json::from_str(list.get()).map_err(|_no_list| unreadable())?;

    let since = earliest(since);
    let mut seen = Vec::new();
    let mut all_read = true;
    let mut times = Vec::new();
    for message in &list {
        let Ok(message) = serde_json::from_str::<Value>(message.get()) else {
            all_read = false;
            continue;
        };
        let message = Fields::of(&message);
        match own(message, request) {
            Ok((at, found)) => {
                times.push(at);
                if let Some((provider_id, likeness)) = found.filter(|_| at >= since) {
                    all_read &= likeness != Likeness::CannotTell;
                    seen.push(Sighting {
                        provider_id,
                        at,
                        same_content: likeness == Likeness::Same,
                    });
                }
            }
            Err(_odd) => all_read = false,
        }
    }
    let asked = envelope.0.iter().find(|(key, _)| key == "count");
    let asked = asked.and_then(|(_, count)| serde_json::from_str(count.get()).ok());
    let full = list.len() >= asked.unwrap_or(PAGE).min(PAGE);
    // A full page reaches back far enough only if it really is newest first.
    let newest_first = times.iter().zip(times.iter().skip(1)).all(|(a, b)| a >= b);
    let reaches_back = newest_first && times.last().is_some_and(|oldest| *oldest < since);
    Ok(Sightings {
        seen,
        complete: all_read && (!full || reaches_back),
    })
}

type Own = (Timestamp, Option<(String, Likeness)>);

/// When a listed message was sent and, if it is an own one, its id and likeness to the request.
fn own(message: Fields<'_>, request: &WireRequest) -> Result<Own, &'static str> {
    let at = message.moment("timestamp")?;
    match message.flag("from_me") {
        Some(true) => {
            let content = likeness(message, request);
            Ok((
                at,
                Some((message.id("id")?, addressed(message, request, content))),
            ))
        }
        Some(false) => Ok((at, None)),
        None => Err("it does not say whose it is"),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    Same,
    Other,
    /// WHAPI shows too little to tell.
    CannotTell,
}

/// Whether a message of this likeness went to the request's recipient. A chat that goes by a name
/// without a number may be theirs or not: then nothing is told.
fn addressed(message: Fields<'_>, request: &WireRequest, content: Likeness) -> Likeness {
    let Some(wanted) = request
        .body
        .as_ref()
        .and_then(|body| Fields::of(body).text("to"))
    else {
        return Likeness::CannotTell;
    };
    match message
        .text("chat_id")
        .map(|chat| chat.split_once('@').unwrap_or((chat, "")))
    {
        Some((digits, "s.whatsapp.net" | "c.us" | "")) if digits == wanted => content,
        Some((_, "s.whatsapp.net" | "c.us" | "" | "g.us" | "newsletter")) => Likeness::Other,
        Some(_) | None if content == Likeness::Other => Likeness::Other,
        Some(_) | None => Likeness::CannotTell,
    }
}

/// Whether a listed message is what the request said. The link of a file is not shown again, so files
/// are alike when kind, caption and name are.
fn likeness(message: Fields<'_>, request: &WireRequest) -> Likeness {
    let (Some(kind), Some(body)) = (message.text("type"), &request.body) else {
        return Likeness::CannotTell;
    };
    let wanted = Fields::of(body);
    let own = message.at(kind);
    if matches!(kind, "unknown" | "system") || !own.is_object() {
        return Likeness::CannotTell;
    }
    let same = match (request.path.as_str(), kind) {
        ("/messages/text", "text" | "link_preview") => like(wanted.text("body"), shown::body(own)),
        ("/messages/interactive", "interactive" | "hsm" | "buttons" | "text" | "list") => {
            return interactive(own, wanted);
        }
        ("/messages/image", "image") => like(wanted.text("caption"), own.text("caption")),
        ("/messages/document", "document" | "documentWithCaption") => {
            let name = own.text("filename").or_else(|| own.text("file_name"));
            like(wanted.text("caption"), own.text("caption"))
                && wanted.text("filename").is_none_or(|n| like(Some(n), name))
        }
        _ => false,
    };
    if same {
        Likeness::Same
    } else {
        Likeness::Other
    }
}

/// The body must be the same; header, footer and titles too, as far as they are shown.
fn interactive(own: Fields<'_>, wanted: Fields<'_>) -> Likeness {
    let Some(body) = shown::body(own) else {
        return Likeness::CannotTell;
    };
    let part = |name| own.text(name).or_else(|| part_text(own.at(name)));
    let same_part =
        |name| part(name).is_none_or(|shown| like(wanted.at(name).text("text"), Some(shown)));
    let titles: Vec<&str> = own
        .items("buttons")
        .chain(own.at("action").items("buttons"))
        .filter_map(|button| button.text("title").or_else(|| button.text("text")))
        .collect();
    let wanted_titles = wanted
        .at("action")
        .items("buttons")
        .filter_map(|button| button.text("title"));
    let same = like(wanted.at("body").text("text"), Some(body))
        && same_part("header")
        && same_part("footer")
        && (titles.is_empty() || titles.iter().copied().eq(wanted_titles));
    if same {
        Likeness::Same
    } else {
        Likeness::Other
    }
}

/// A header may be `{text:"…"}` or `{type:"text",text:{body:"…"}}`.
fn part_text(part: Fields<'_>) -> Option<&str> {
    part.text("text").or_else(|| part.at("text").text("body"))
}

/// Texts are alike when they differ in nothing but the white space that phones change.
fn like(wanted: Option<&str>, shown: Option<&str>) -> bool {
    let (wanted, shown) = (wanted.unwrap_or_default(), shown.unwrap_or_default());
    wanted.split_whitespace().eq(shown.split_whitespace())
}

#[cfg(test)]
mod tests {
    use domain::{
        message::{Button, Content, Interactive, Media},
        phone::PhoneNumber,
    };
    use serde_json::json;

    use super::*;
    use crate::whapi::send;

    const SINCE: i64 = 1_764_000_000;
    const CHAT: &str = "97339000001@s.whatsapp.net";

    fn since() -> Timestamp {
        Timestamp::from_second(SINCE).unwrap()
    }

    fn to() -> PhoneNumber {
        PhoneNumber::parse("+97339000001").unwrap()
    }

    fn text() -> WireRequest {
        send::build(
            &to(),
            &Content::Text {
                body: "Hello  there".into(),
            },
        )
        .unwrap()
    }

    fn buttons() -> WireRequest {
        let button = |n: u8| Button {
            id: format!("btn{n}"),
            title: format!("Button {n}"),
        };
        let content = Content::Interactive(Interactive {
            header: Some("Header".into()),
            body: "Body".into(),
            footer: None,
            buttons: vec![button(1), button(2)],
        });
        send::build(&to(), &content).unwrap()
    }

    fn look(request: &WireRequest, answer: &Value) -> Sightings {
        let response = WireResponse {
            status: 200,
            retry_after_seconds: None,
            body: answer.to_string().into_bytes(),
        };
        read(&response, request, since()).unwrap()
    }

    fn own_text(id: &str, at: i64, body: &str) -> Value {
        json!({"id": id, "from_me": true, "type": "text", "timestamp": at, "source": "api",
            "chat_id": CHAT, "text": {"body": body}})
    }

    /// Parameter names as in WHAPI's published schema 1.8.7: count, `time_from`, `from_me`, sort.
    #[test]
    fn the_lookup_asks_for_own_messages_since_the_attempt() {
        let request = build(since());
        assert_eq!(request.method, Method::Get);
        assert_eq!(
            request.path,
            "/messages/list?count=500&time_from=1763999990&from_me=true&sort=desc"
        );
    }

    #[test]
    fn a_sent_message_is_recognised_among_others() {
        let found = look(
            &text(),
            &json!({"messages": [
                own_text("id-2", SINCE + 5, "Hello there"),
                own_text("id-1", SINCE, "Something else"),
                own_text("id-0", SINCE - 60, "Hello there"),
                {"id": "in-1", "from_me": false, "type": "text", "timestamp": SINCE, "text": {"body": "Hello there"}},
            ], "count": 100, "total": 4}),
        );
        let seen: Vec<_> = found
            .seen
            .iter()
            .map(|s| (s.provider_id.as_str(), s.same_content))
            .collect();
        assert_eq!(seen, [("id-2", true), ("id-1", false)]);
        assert!(found.complete);
    }

    #[test]
    fn the_same_words_to_somebody_else_are_another_message() {
        let to = |chat: &str| {
            json!({"messages": [{"id": "id-1", "from_me": true, "type": "text", "timestamp": SINCE,
                "chat_id": chat, "text": {"body": "Hello there"}}]})
        };
        for elsewhere in ["97339000002@s.whatsapp.net", "1203630@g.us"] {
            let found = look(&text(), &to(elsewhere));
            assert!(!found.seen[0].same_content && found.complete, "{elsewhere}");
        }
        // A chat without a number may be theirs: no proof either way.
        let found = look(&text(), &to("77001234567@lid"));
        assert!(!found.seen[0].same_content && !found.complete);
    }

    #[test]
    fn a_text_with_a_link_may_come_back_as_a_preview() {
        let shown = json!({"messages": [{"id": "id-1", "from_me": true, "chat_id": CHAT, "type": "link_preview",
            "timestamp": SINCE, "link_preview": {"body": "Hello there", "title": "A page"}}]});
        assert!(look(&text(), &shown).seen[0].same_content);
    }

    #[test]
    fn buttons_are_recognised_in_each_of_their_shapes() {
        let shapes = [
            json!({"type": "interactive", "interactive": {"header": {"text": "Header"}, "body": {"text": "Body"},
                "action": {"buttons": [{"type": "quick_reply", "title": "Button 1"}, {"type": "quick_reply", "title": "Button 2"}]}}}),
            json!({"type": "hsm", "hsm": {"header": "Header", "body": "Body",
                "buttons": [{"text": "Button 1"}, {"text": "Button 2"}]}}),
            json!({"type": "hsm", "hsm": {"header": {"type": "text", "text": {"body": "Header"}}, "body": "Body"}}),
            json!({"type": "buttons", "buttons": {"text": "Body", "buttons": [{"text": "Button 1"}, {"text": "Button 2"}]}}),
        ];
        for mut shape in shapes {
            shape["id"] = json!("id-1");
            shape["from_me"] = json!(true);
            shape["chat_id"] = json!(CHAT);
            shape["timestamp"] = json!(SINCE);
            let found = look(&buttons(), &json!({"messages": [shape]}));
            assert!(found.seen[0].same_content && found.complete, "{shape}");
        }
    }

    #[test]
    fn other_buttons_are_another_message() {
        let other = json!({"messages": [{"id": "id-1", "from_me": true, "chat_id": CHAT, "type": "hsm", "timestamp": SINCE,
            "hsm": {"header": "Header", "body": "Body", "buttons": [{"text": "Yes"}, {"text": "No"}]}}]});
        let found = look(&buttons(), &other);
        assert!(!found.seen[0].same_content && found.complete);
    }

    #[test]
    fn files_are_told_apart_by_kind_caption_and_name() {
        let media = Media {
            link: "https://files.example/1.pdf".into(),
            caption: Some("Invoice 1".into()),
            filename: Some("1.pdf".into()),
        };
        let document = send::build(&to(), &Content::Document(media.clone())).unwrap();
        let image = send::build(&to(), &Content::Image(media)).unwrap();
        let shown = |caption: &str| {
            json!({"messages": [{"id": "id-1", "from_me": true, "chat_id": CHAT, "type": "document", "timestamp": SINCE,
                "document": {"id": "pdf-1", "caption": caption, "file_name": "1.pdf"}}]})
        };
        assert!(look(&document, &shown("Invoice 1")).seen[0].same_content);
        assert!(!look(&document, &shown("Invoice 2")).seen[0].same_content);
        assert!(!look(&image, &shown("Invoice 1")).seen[0].same_content);
    }

    /// A false "absent" would send twice: whatever was not read or not listed makes the answer incomplete.
    #[test]
    fn absence_counts_only_when_everything_was_seen() {
        let page = |from: i64, step: i64| {
            let messages: Vec<_> = (0..500)
                .map(|n| own_text(&format!("id-{n}"), from + n * step, "x"))
                .collect();
            json!({"messages": messages, "count": 500})
        };
        let check = |answer: Value, complete| {
            assert_eq!(look(&text(), &answer).complete, complete, "{answer:.60}");
        };
        check(json!({"messages": []}), true);
        check(page(SINCE + 1_000, -1), false);
        check(page(SINCE + 450, -1), true);
        check(page(SINCE - 50, 1), false);
        check(
            json!({"messages": [own_text("a", SINCE, "x")], "count": 1}),
            false,
        );
        check(
            json!({"messages": [{"id": "a", "from_me": true, "timestamp": SINCE, "type": "unknown"}]}),
            false,
        );
        check(
            json!({"messages": [{"from_me": true, "timestamp": SINCE, "type": "text", "text": {"body": "x"}}]}),
            false,
        );
        check(
            json!({"messages": [{"id": "a", "from_me": true, "type": "text", "text": {"body": "x"}}]}),
            false,
        );
        check(json!({"messages": [7]}), false);
    }

    #[test]
    fn an_answer_that_shows_no_list_is_no_proof() {
        for (status, body) in [
            (200, "{}"),
            (200, "[]"),
            (200, ""),
            (200, r#"{"messages":null}"#),
            (200, "\u{0}"),
            (
                404,
                r#"{"error":{"code":404,"message":"Specified chat not found"}}"#,
            ),
            (500, ""),
        ] {
            let response = WireResponse {
                status,
                retry_after_seconds: None,
                body: body.into(),
            };
            assert!(
                read(&response, &text(), since()).is_err(),
                "{status} {body}"
            );
        }
    }
}
