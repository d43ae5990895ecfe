//! What people send besides texts, and what they are answered: files, names without numbers, automatic
//! answers.

use std::sync::Arc;

use sandbox::meta::{MediaSpec, MetaInbound};
use serde_json::{Value, json};

use crate::{Case, world::World};

const PERSON: &str = "97300000707";
const TO: &str = "+97300000707";

pub fn cases() -> Vec<Case> {
    vec![
        (
            "people::a_person_without_a_number_is_one_person",
            without_number,
        ),
        ("people::a_file_is_copied_and_served_for_a_while", file),
        ("people::an_automatic_answer_comes_once_a_day", automatic),
    ]
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

/// S2.48: once in 24 hours, whatever comes again.
fn automatic(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("absent", json!([])).await;
        let mut tenant = acme.seeded.tenant.clone();
        tenant.settings = tenant.settings.answering("We answer tomorrow.");
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

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
