//! Whose webhooks go where, signed how; the handshake.

use serde_json::{Value, json};

use super::{APP, Meta, NUMBER, PERSON, SECRET, WABA, is_signed, items, text, words};
use crate::support::{Receiver, VERIFY};

#[tokio::test]
async fn bodies_are_escaped_and_signed_over_their_bytes() {
    let meta = Meta::with(json!({})).await;
    let inbound = json!({"phone_number_id": NUMBER, "from": PERSON, "type": "text",
        "text": "été 🎉 https://falcon.example/a", "name": "ليلى"});
    meta.world.order("POST", "/meta/inbound", &inbound).await;
    meta.world.received().await;
    let received = &meta.world.receiver.all()[0];
    assert!(is_signed(received, SECRET));
    assert!(!is_signed(received, "another-secret"));
    let body = std::str::from_utf8(&received.body).unwrap();
    assert!(
        body.is_ascii() && body.contains("\\u00e9t\\u00e9 \\ud83c\\udf89 https:\\/\\/"),
        "{body}"
    );
    let read: Value = serde_json::from_str(body).unwrap();
    let value = &read["entry"][0]["changes"][0]["value"];
    assert_eq!(value["messages"][0]["text"]["body"], inbound["text"]);
    assert_eq!(value["contacts"][0]["profile"]["name"], "ليلى");
    assert_eq!(received.headers["content-type"], "application/json");
}

#[tokio::test]
async fn accounts_of_several_tenants_share_an_app_or_have_an_address_of_their_own() {
    let meta = Meta::with(json!({})).await;
    let own = Receiver::start().await;
    let shared = json!({"waba_id": "820002", "app_id": APP, "tokens": ["t2"]});
    let apart = json!({"waba_id": "820003", "app_id": APP, "tokens": ["t3"],
        "webhook": {"url": format!("http://{}/own", own.address)}});
    meta.world.order("PUT", "/meta/wabas", &shared).await;
    meta.world.order("PUT", "/meta/wabas", &apart).await;
    for (number, waba) in [("710002", "820002"), ("710003", "820003")] {
        meta.number(number, waba, json!({})).await;
    }
    for number in [NUMBER, "710002", "710003"] {
        let inbound =
            json!({"phone_number_id": number, "from": PERSON, "type": "text", "text": "x"});
        meta.world.order("POST", "/meta/inbound", &inbound).await;
        meta.world.received().await;
    }
    let accounts = |bodies: Vec<Value>| -> Vec<Value> {
        bodies
            .iter()
            .map(|body| body["entry"][0]["id"].clone())
            .collect()
    };
    assert_eq!(accounts(meta.world.receiver.bodies()), [WABA, "820002"]);
    assert_eq!(accounts(own.bodies()), ["820003"]);
    assert_eq!(own.all()[0].path, "/own");
    assert!(own.all().iter().all(|received| is_signed(received, SECRET)));
    assert_eq!(meta.world.sandbox.webhooks(Some("710002")).len(), 1);
}

#[tokio::test]
async fn refused_webhooks_are_repeated_with_the_same_bytes() {
    let meta = Meta::with(json!({"auto": [{"after_ms": 0, "action": "sent"}]})).await;
    meta.world.receiver.plan([500, 401]);
    meta.sent(text()).await;
    assert_eq!(words(&meta.statuses().await), ["sent"; 3]);
    let all = meta.world.receiver.all();
    assert!(all.iter().all(|received| received.body == all[0].body));
    assert!(all.iter().all(|received| is_signed(received, SECRET)));
}

#[tokio::test]
async fn webhooks_can_be_joined_into_one_signed_body() {
    let steps = ["sent", "delivered", "read"].map(|word| json!({"after_ms": 0, "action": word}));
    let meta = Meta::with(json!({"auto": steps})).await;
    let fault = json!({"kind": "batch_webhooks", "window": 6, "event": "statuses"});
    meta.world.fault(fault).await;
    meta.world.receiver.plan([500]);
    meta.sent(text()).await;
    meta.sent(text()).await;
    let bodies = meta.world.received().await;
    assert_eq!(bodies.len(), 2, "one body and its repeat");
    assert_eq!(bodies[0]["entry"].as_array().unwrap().len(), 6);
    assert_eq!(items(&super::values(&bodies[1..]), "statuses").len(), 6);
    assert!(
        meta.world
            .receiver
            .all()
            .iter()
            .all(|received| is_signed(received, SECRET))
    );
    let webhooks = meta.world.sandbox.webhooks(Some(NUMBER));
    assert_eq!(webhooks.len(), 6);
    assert!(webhooks.iter().all(|webhook| webhook.tries.len() == 2));
}

#[tokio::test]
async fn the_handshake_passes_with_the_right_word_only() {
    let meta = Meta::with(json!({})).await;
    let verify = async |mut order: Value| {
        order["id"] = json!(APP);
        meta.world.order("POST", "/meta/verify", &order).await
    };
    let passed = verify(json!({"challenge": "12 34"})).await;
    assert_eq!(
        passed,
        json!({"verified": true, "status": 200, "body": "12 34"})
    );
    let refused = verify(json!({"verify_token": "guess"})).await;
    assert_eq!(
        (&refused["verified"], &refused["status"]),
        (&json!(false), &json!(403))
    );

    let other = Receiver::start().await;
    let webhook = json!({"url": format!("http://{}/other?a=b", other.address)});
    verify(json!({"webhook": webhook, "verify_token": "guess"})).await;
    let inbound = json!({"phone_number_id": NUMBER, "from": PERSON, "type": "text", "text": "x"});
    meta.world.order("POST", "/meta/inbound", &inbound).await;
    meta.world.received().await;
    assert_eq!((meta.world.receiver.all().len(), other.all().len()), (1, 0));
    assert_eq!(verify(json!({"webhook": webhook})).await["verified"], true);
    meta.world.order("POST", "/meta/inbound", &inbound).await;
    meta.world.received().await;
    assert_eq!((meta.world.receiver.all().len(), other.all().len()), (1, 1));
    let unknown = json!({"id": "none"});
    assert_eq!(
        meta.world.control("POST", "/meta/verify", &unknown).await.0,
        404
    );
}

#[tokio::test]
async fn raw_bodies_are_signed_in_every_way() {
    let meta = Meta::with(json!({})).await;
    let header = |index: usize| {
        let received = &meta.world.receiver.all()[index];
        let value = received.headers.get("x-hub-signature-256").cloned();
        (
            is_signed(received, SECRET),
            value.map(|value| value.to_str().unwrap().to_owned()),
        )
    };
    let body = json!({"object": "été", "entry": []});
    for signature in [
        "valid",
        "missing",
        "forged",
        "reserialised",
        "upper_case",
        "short",
        "bare",
        "sha1_only",
        "empty",
    ] {
        let order = json!({"id": NUMBER, "body": body, "signature": signature});
        meta.world.order("POST", "/meta/raw", &order).await;
    }
    let right = header(0).1.unwrap();
    assert!(header(0).0);
    assert!((1..9).all(|index| !header(index).0));
    assert_eq!(header(1).1, None);
    assert_ne!(header(3).1.unwrap(), header(2).1.unwrap());
    assert_eq!(header(4).1.unwrap().to_lowercase(), right);
    assert!(right.starts_with(&header(5).1.unwrap()));
    assert_eq!(format!("sha256={}", header(6).1.unwrap()), right);
    assert!(
        meta.world.receiver.all()[7]
            .headers
            .contains_key("x-hub-signature")
    );
    assert_eq!(header(8).1.unwrap(), "");

    // Bytes that are no text, another address, and the common order.
    let other = Receiver::start().await;
    let bytes = json!({"id": WABA, "base64": "/wD+", "url": other.url()});
    assert_eq!(
        meta.world.order("POST", "/meta/raw", &bytes).await["status"],
        200
    );
    assert_eq!(other.all()[0].body.as_ref(), [0xff, 0x00, 0xfe]);
    assert!(is_signed(&other.all()[0], SECRET));
    let common = json!({"channel": NUMBER, "body": "{\"entry\":["});
    meta.world.order("POST", "/raw", &common).await;
    assert!(header(9).0);
    let verify = json!({"id": "820009", "body": VERIFY});
    assert_eq!(
        meta.world.control("POST", "/meta/raw", &verify).await.0,
        404
    );
}
