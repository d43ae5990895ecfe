//! Meta's own ways: one app with the numbers of many companies, signatures over the raw bytes, large
//! batches, tokens that bring lost answers back, people without numbers, files.

use std::sync::Arc;

use domain::{ids::MessageId, message::Phase, ports::Messages};
use jiff::Timestamp;
use sandbox::{
    meta::{BatchSpec, MetaInbound, MetaRaw, Poison, Signing, VerifySpec},
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

/// S3.74: 3 MB with one item that is no message: all the others are applied, and the log tells of each.
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
