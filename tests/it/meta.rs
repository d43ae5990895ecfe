//! Meta's own ways: one app with the numbers of many companies, signatures over the raw bytes, large
//! batches, tokens that bring lost answers back, people without numbers, files.

use std::sync::Arc;

use domain::{ids::MessageId, message::Phase, ports::Messages};
use jiff::Timestamp;
use sandbox::{
    meta::{BatchSpec, MediaSpec, MetaInbound, MetaRaw, Poison, Signing, VerifySpec},
    orders::StatusSpec,
};
use serde_json::{Value, json};

use crate::{
    Case,
    world::{World, text},
};

const PERSON: &str = "97300000707";
const TO: &str = "+97300000707";

pub fn cases() -> Vec<Case> {
    vec![
        ("meta::two_companies_on_one_app_never_mix", one_app),
        ("meta::only_what_is_signed_counts", signatures),
        ("meta::a_lost_answer_comes_back_with_a_status", lost_answer),
        ("meta::a_poisoned_item_spoils_only_itself", poisoned),
        (
            "meta::a_person_without_a_number_is_one_person",
            without_number,
        ),
        ("meta::a_file_is_copied_and_served_for_a_while", file),
        ("meta::an_automatic_answer_comes_once_a_day", automatic),
    ]
}

/// Both companies' numbers belong to the platform's app and write to one URL (§6: the tenant comes from
/// the verified number, never from the URL).
fn one_app(world: Arc<World>) {
    world.clone().block_on(async {
        let (acme, other) = (
            world.company("app-one", json!([])).await,
            world.company("app-two", json!([])).await,
        );
        let (first, second) = (
            acme.meta_of_platform().await,
            other.meta_of_platform().await,
        );
        assert_eq!(
            (first.path.as_str(), second.path.as_str()),
            ("/webhooks/meta", "/webhooks/meta")
        );
        // One body with a message for each, both from the same person.
        let value = |number: &str, id: &str, words: &str| {
            json!({"field": "messages", "value": {"messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "97333000077", "phone_number_id": number},
                "contacts": [{"wa_id": PERSON, "profile": {"name": "Ada Example"}}],
                "messages": [{"from": PERSON, "id": id, "type": "text", "text": {"body": words},
                    "timestamp": Timestamp::now().as_second().to_string()}]}})
        };
        let body = json!({"object": "whatsapp_business_account", "entry": [
            {"id": first.waba, "changes": [value(&first.number, "wamid.one", "For the first")]},
            {"id": second.waba, "changes": [value(&second.number, "wamid.two", "For the second")]},
        ]});
        let taken = world
            .sandbox
            .meta_raw(MetaRaw::new(&first.app, body))
            .await
            .unwrap();
        assert_eq!(taken.status, Some(200), "{taken:?}");
        for (company, at, own, foreign) in [
            (&acme, &first, "For the first", "For the second"),
            (&other, &second, "For the second", "For the first"),
        ] {
            let found = company.conversation_with(&at.channel, PERSON).await;
            let thread = company.thread(found["id"].as_str().unwrap()).await;
            let all = json!(thread).to_string();
            assert!(all.contains(own) && !all.contains(foreign), "{all}");
            let log = company.get("/v1/webhook-log").await;
            assert_eq!(
                log["items"][0]["verdicts"],
                json!(["applied"]),
                "only its own items: {log}"
            );
        }
        // The journal of one company holds nothing of the other's.
        for (company, foreign) in [(&acme, "For the second"), (&other, "For the first")] {
            let bodies = company.journalled().await;
            assert!(!bodies.is_empty());
            assert!(bodies.iter().all(|body| !body.contains(foreign)));
        }
        // A company's own app proves nothing about numbers of the platform's, nor of other companies.
        let own = acme.meta_own().await;
        let forged = json!({"object": "whatsapp_business_account", "entry": [
            {"id": second.waba, "changes": [value(&second.number, "wamid.three", "Smuggled")]}]});
        let mut raw = MetaRaw::new(&own.app, forged);
        raw.tries = Some(1);
        assert_eq!(world.sandbox.meta_raw(raw).await.unwrap().status, Some(200));
        let found = other.conversation_with(&second.channel, PERSON).await;
        assert_eq!(other.thread(found["id"].as_str().unwrap()).await.len(), 1);
        // An id that is taken is taken, and whose it is stays untold.
        let taken = other
            .api
            .post(
                "/v1/channels",
                &json!({"provider": "meta", "name": "Stolen", "meta": {
                "phone_number_id": first.number, "business_account_id": first.waba,
                "access_token": first.token}}),
            )
            .await
            .unwrap();
        assert_eq!(taken.status, 409, "{}", taken.body);
        assert!(
            !taken
                .body
                .to_string()
                .contains(&acme.seeded.tenant.id.to_string())
        );
    });
}

/// Forged, missing and replayed signatures; the handshake.
fn signatures(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("signed", json!([])).await;
        let at = acme.meta_own().await;
        let message = |id: &str, seconds: i64| {
            json!({"object": "whatsapp_business_account", "entry": [{"id": at.waba, "changes": [
                {"field": "messages", "value": {"messaging_product": "whatsapp",
                    "metadata": {"display_phone_number": "97333000077", "phone_number_id": at.number},
                    "messages": [{"from": PERSON, "id": id, "type": "text", "timestamp": seconds.to_string(),
                        "text": {"body": "Grüße \u{1f44b}"}}]}}]}]})
        };
        let now = Timestamp::now().as_second();
        let post = async |body: Value, signature: Signing| {
            let mut raw = MetaRaw::new(&at.app, body);
            raw.signature = signature;
            world.sandbox.meta_raw(raw).await.unwrap().status
        };
        for signature in [
            Signing::Missing,
            Signing::Forged,
            Signing::Reserialised,
            Signing::UpperCase,
            Signing::Short,
            Signing::Bare,
            Signing::Sha1Only,
            Signing::Empty,
        ] {
            assert_eq!(post(message("wamid.forged", now), signature).await, Some(401), "{signature:?}");
        }
        let page = acme.get(&format!("/v1/conversations?account_id={}", at.channel)).await;
        assert_eq!(page["items"], json!([]));
        // Replayed: the same again is the same; what is older than Meta's own retries is refused.
        for _ in 0..3 {
            assert_eq!(post(message("wamid.good", now), Signing::Valid).await, Some(200));
        }
        let old = now - 9 * 24 * 3_600;
        assert_eq!(post(message("wamid.old", old), Signing::Valid).await, Some(200));
        let found = acme.conversation_with(&at.channel, PERSON).await;
        assert_eq!(found["unread_count"], 1);
        assert_eq!(acme.thread(found["id"].as_str().unwrap()).await.len(), 1);
        let log = acme.get("/v1/webhook-log").await;
        assert!(log.to_string().contains("refused:too old"), "{log}");

        let good = world.sandbox.meta_verify(VerifySpec::of(&at.app)).await.unwrap();
        assert!(good.verified, "{good:?}");
        let mut wrong = VerifySpec::of(&at.app);
        wrong.verify_token = Some("not-the-token".into());
        let refused = world.sandbox.meta_verify(wrong).await.unwrap();
        assert_eq!((refused.status, refused.verified), (Some(403), false));
    });
}

/// S2.65 and §5: an answer that was lost is no second message; the token that comes back with the
/// status says which message it was.
fn lost_answer(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("token", json!([])).await;
        let at = acme.meta_own().await;
        let hello = MetaInbound::text(&at.number, PERSON, "Hello?");
        world.sandbox.meta_inbound(&hello).unwrap();
        acme.conversation_with(&at.channel, PERSON).await;
        acme.control(
            "/_sandbox/faults",
            &json!({"channel": at.number, "kind": "reset_after_accept"}),
        )
        .await;
        let mut body = text(TO, "Once, please");
        body["channel_id"] = json!(at.channel);
        let sent = acme.send(&body).await;
        assert_eq!(sent["status"], "pending", "{sent}");
        let id = sent["id"].as_str().unwrap();
        let taken: Vec<_> = world
            .sandbox
            .messages(Some(&at.number))
            .into_iter()
            .filter(|message| message.from_me)
            .collect();
        assert_eq!(taken.len(), 1);
        // A forged token and somebody else's do nothing.
        for forged in ["w100", &"w1".repeat(40), &"x".repeat(10_000)] {
            let mut status = StatusSpec::of("delivered");
            status
                .change
                .insert("biz_opaque_callback_data".into(), json!(forged));
            status.change.insert("id".into(), json!("wamid.unknown"));
            world.sandbox.status(&taken[0].id, &status).unwrap();
        }
        assert!(world.sandbox.idle(std::time::Duration::from_secs(60)).await);
        assert_eq!(acme.shown(id).await["status"], "pending");
        world
            .sandbox
            .status(&taken[0].id, &StatusSpec::of("delivered"))
            .unwrap();
        let shown = acme.until_status(id, "delivered").await;
        assert_eq!(shown["provider_message_id"], taken[0].id.as_str());
        let message = world
            .worlds
            .store
            .message(acme.seeded.tenant.id, MessageId::parse(id).unwrap())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (message.sending.phase, message.sending.attempt),
            (Phase::Accepted, 1)
        );
        assert_eq!(message.sending.due, None);
    });
}

/// 3 MB with one item that is no message: all the others are applied.
fn poisoned(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("batch", json!([])).await;
        let at = acme.meta_own().await;
        let texts = 700;
        world
            .sandbox
            .meta_batch(&BatchSpec {
                phone_number_id: at.number.clone(),
                texts,
                text: "Behind the poison ".into(),
                text_length: Some(3_900),
                poison: Some(Poison {
                    at: 350,
                    item: json!({"id": 7, "type": ["text"], "timestamp": "never"}),
                }),
                ..BatchSpec::default()
            })
            .unwrap();
        let log = world
            .until("the batch was taken", async || {
                let log = acme.get("/v1/webhook-log?limit=100").await;
                let entry = log["items"].as_array().unwrap().last().cloned();
                entry.filter(|entry| entry["verdicts"].as_array().unwrap().len() > texts)
            })
            .await;
        let verdicts = log["verdicts"].as_array().unwrap();
        let applied = verdicts
            .iter()
            .filter(|v| *v == "applied" || *v == "duplicate")
            .count();
        let unread = verdicts
            .iter()
            .filter(|v| v.as_str().unwrap().starts_with("unreadable"))
            .count();
        assert_eq!(
            (applied, unread, verdicts.len()),
            (texts, 1, texts + 1),
            "{verdicts:?}"
        );
    });
}

/// X13: a BSUID alone, then with the number, is one contact with one thread; the answer goes out.
fn without_number(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("hidden", json!([])).await;
        let at = acme.meta_own().await;
        let user = "BH.13491208655302741918";
        let hidden = MetaInbound {
            from: None,
            user_id: Some(user.into()),
            name: Some("Ada Example".into()),
            ..MetaInbound::text(&at.number, PERSON, "It is me")
        };
        world.sandbox.meta_inbound(&hidden).unwrap();
        let list = format!("/v1/conversations?account_id={}", at.channel);
        let first = world
            .until("the hidden person wrote", async || {
                acme.get(&list).await["items"]
                    .as_array()
                    .unwrap()
                    .first()
                    .cloned()
            })
            .await;
        assert_eq!(first["contact"]["phone"], Value::Null);
        let own = first["id"].as_str().unwrap();
        let answered = acme
            .api
            .post(
                &format!("/v1/conversations/{own}/messages"),
                &json!({"text": {"body": "Hello you"}}),
            )
            .await
            .unwrap();
        assert_eq!(answered.status, 201, "{}", answered.body);
        let sent = world.sandbox.messages(Some(&at.number));
        assert!(
            sent.iter()
                .any(|m| m.from_me && m.body["recipient"] == user),
            "{sent:?}"
        );
        let shown = MetaInbound {
            from: Some(PERSON.into()),
            text: Some("And my number".into()),
            ..hidden
        };
        world.sandbox.meta_inbound(&shown).unwrap();
        world
            .until("the number is known", async || {
                let found = acme.get(&format!("/v1/conversations/{own}")).await;
                (found["contact"]["phone"] == TO).then_some(())
            })
            .await;
        assert_eq!(acme.get(&list).await["items"].as_array().unwrap().len(), 1);
        assert_eq!(acme.thread(own).await.len(), 3);
    });
}

fn file(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("files", json!([])).await;
        let at = acme.meta_own().await;
        let png =
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
        let id = crate::world::digits();
        let spec = json!({"id": id, "mime_type": "image/png", "base64": base64(png)});
        let spec: MediaSpec = serde_json::from_value(spec).unwrap();
        world.sandbox.meta_media(spec).unwrap();
        let picture = MetaInbound {
            payload: Some(id),
            ..MetaInbound::new(&at.number, PERSON, "image")
        };
        world.sandbox.meta_inbound(&picture).unwrap();
        let found = acme.conversation_with(&at.channel, PERSON).await;
        let own = found["id"].as_str().unwrap();
        let item = acme.thread(own).await.remove(0);
        let path = format!(
            "/v1/conversations/{own}/messages/{}/file",
            item["id"].as_str().unwrap()
        );
        let link = world
            .until("the file was copied", async || {
                let answer = acme.api.get(&path).await.unwrap();
                (answer.status == 200)
                    .then(|| answer.data().unwrap()["url"].as_str().unwrap().to_owned())
            })
            .await;
        let got = world.http.get(&link).send().await.unwrap();
        assert!(got.status().is_success(), "{}", got.status());
        let disposition = got.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(disposition.starts_with("attachment"), "{disposition}");
        assert_eq!(got.bytes().await.unwrap().as_ref(), png);
        // Without its signature the link is nothing.
        let bare = link.split('?').next().unwrap();
        assert!(
            !world
                .http
                .get(bare)
                .send()
                .await
                .unwrap()
                .status()
                .is_success()
        );
        let stranger = world.company("files-not", json!([])).await;
        assert_eq!(stranger.api.get(&path).await.unwrap().status, 404);
    });
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// S2.48: once in 24 hours, whatever comes again.
fn automatic(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("absent", json!([])).await;
        let mut tenant = acme.seeded.tenant.clone();
        tenant.settings.auto_reply = Some("We answer tomorrow.".into());
        world.worlds.store.put_tenant(&tenant).await.unwrap();
        let at = acme.meta_own().await;
        for words in ["Hello?", "Anybody?"] {
            let message = MetaInbound {
                repeat: Some(2),
                ..MetaInbound::text(&at.number, PERSON, words)
            };
            world.sandbox.meta_inbound(&message).unwrap();
        }
        let found = acme.conversation_with(&at.channel, PERSON).await;
        let own = found["id"].as_str().unwrap();
        let answers = async || {
            let thread = acme.thread(own).await;
            let ours = thread.iter().filter(|item| item["direction"] == "outbound");
            ours.filter(|item| item["status"] == "sent").count()
        };
        world
            .until("it was answered", async || {
                (answers().await > 0).then_some(())
            })
            .await;
        assert!(world.sandbox.idle(std::time::Duration::from_secs(60)).await);
        world.sweep().await;
        assert_eq!(answers().await, 1);
        assert_eq!(acme.thread(own).await.len(), 3);
    });
}
