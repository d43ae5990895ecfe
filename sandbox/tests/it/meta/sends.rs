//! Sending: answers, refusals, the window, who may.

use serde_json::{Value, json};

use super::{BEARER, Meta, NUMBER, PERSON, WABA, items, question, text, to, words};

fn code(answer: &Value) -> u64 {
    let error = &answer["error"];
    assert_eq!(error["type"], "OAuthException", "{answer}");
    assert!(error["fbtrace_id"].is_string(), "{answer}");
    let code = error["code"].as_u64().unwrap();
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with(&format!("(#{code}) ")), "{message}");
    code
}

#[tokio::test]
async fn a_send_is_answered_with_the_recipient_and_the_id() {
    let meta = Meta::with(json!({})).await;
    let (status, answer) = meta.send(text()).await;
    assert_eq!(status, 200);
    assert_eq!(answer["messaging_product"], "whatsapp");
    let contact = json!({"input": format!("+{PERSON}"), "wa_id": PERSON});
    assert_eq!(answer["contacts"], json!([contact]));
    let message = &answer["messages"][0];
    assert!(message["id"].as_str().unwrap().starts_with("wamid."));
    assert_eq!(message.get("message_status"), None);

    meta.template("ready", "APPROVED").await;
    let template = json!({"type": "template", "template": {
        "name": "ready", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "7"}]}]}});
    let (_, answer) = meta.send(template.clone()).await;
    assert_eq!(answer["messages"][0]["message_status"], "accepted");
    let held = json!({"template_status": "held_for_quality_assessment"});
    meta.number(NUMBER, WABA, held).await;
    let (_, answer) = meta.send(template).await;
    let status = &answer["messages"][0]["message_status"];
    assert_eq!(status, "held_for_quality_assessment");
    assert_eq!(meta.kept(), 3);
}

#[tokio::test]
async fn refusals_have_metas_shape_and_keep_nothing() {
    let meta = Meta::with(json!({})).await;
    meta.template("tired", "PAUSED").await;
    let template = |name: &str| {
        json!({"type": "template", "template": {
        "name": name, "language": {"code": "en_US"}}})
    };
    let mut flat = question();
    flat["interactive"]["action"]["buttons"] =
        json!([{"type": "quick_reply", "id": "yes", "title": "Yes"}]);
    let mut long = question();
    long["interactive"]["action"]["buttons"][0]["reply"]["title"] = "x".repeat(21).into();
    for (content, status, wanted) in [
        (flat, 400, 100),
        (long, 400, 131_009),
        (json!({"text": {"body": "x".repeat(4_097)}}), 400, 100),
        (json!({"to": "12", "text": {"body": "x"}}), 400, 131_009),
        (template("gone"), 404, 132_001),
        (template("tired"), 400, 132_015),
    ] {
        let (answered, answer) = meta.send(content).await;
        assert_eq!((answered, code(&answer)), (status, wanted), "{answer}");
    }
    let path = format!("{NUMBER}/messages");
    let (status, answer) = meta
        .call("POST", &path, Some(&json!("no object")))
        .await
        .unwrap();
    assert_eq!((status, code(&answer.parse().unwrap())), (400, 100));
    assert_eq!(meta.kept(), 0);
    assert_eq!(meta.world.sandbox.requests(Some(NUMBER)).len(), 7);
    let (_, answer) = meta.send(template("gone")).await;
    let details = answer["error"]["error_data"]["details"].as_str().unwrap();
    assert!(
        details.contains("gone") && details.contains("en_US"),
        "{details}"
    );
}

#[tokio::test]
async fn a_token_touches_its_own_accounts_only() {
    let meta = Meta::with(json!({})).await;
    let other = json!({"waba_id": "820002", "app_id": super::APP, "tokens": ["another-token"]});
    meta.world.order("PUT", "/meta/wabas", &other).await;
    meta.number("710002", "820002", json!({})).await;
    let url = |number: &str| meta.world.url(&format!("/meta/v23.0/{number}/messages"));
    let send = async |number: &str, token: Option<&str>| {
        let mut request = meta
            .world
            .client
            .post(url(number))
            .body(to(text()).to_string());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let answer: Value = response.text().await.unwrap().parse().unwrap();
        (
            status,
            code(&answer),
            answer["error"]["error_subcode"].as_u64(),
        )
    };
    assert_eq!(send(NUMBER, None).await, (401, 190, None));
    assert_eq!(
        send(NUMBER, Some("no-token-of-ours")).await,
        (401, 190, None)
    );
    assert_eq!(
        send(NUMBER, Some("another-token")).await,
        (400, 100, Some(33))
    );
    assert_eq!(send("710009", Some(BEARER)).await, (400, 100, Some(33)));
    assert_eq!(send(WABA, Some(BEARER)).await, (400, 100, Some(33)));
    assert!(meta.world.sandbox.messages(None).is_empty());
    let shown = meta
        .world
        .order("GET", "/requests?provider=meta", &Value::Null)
        .await;
    let shown = shown.to_string();
    assert!(
        !shown.contains("no-token-of-ours") && shown.contains("****ours"),
        "{shown}"
    );
    assert_eq!(
        meta.get("nothing/there/at/all").await.1["error"]["code"],
        2_500
    );
}

#[tokio::test]
async fn only_templates_leave_outside_the_window() {
    let meta = Meta::with(json!({})).await;
    meta.template("ready", "APPROVED").await;
    let template = json!({"type": "template", "template": {
        "name": "ready", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "7"}]}]}});
    meta.heard(PERSON, Value::Null).await;
    let (status, answer) = meta.send(text()).await;
    assert_eq!((status, code(&answer)), (400, 131_047));
    assert_eq!(meta.send(template).await.0, 200);

    let write = |timestamp: i64| {
        json!({"phone_number_id": NUMBER, "from": PERSON, "type": "text",
        "text": "hello", "timestamp": timestamp})
    };
    let now = jiff::Timestamp::now().as_second();
    meta.world
        .order("POST", "/meta/inbound", &write(now - 86_410))
        .await;
    assert_eq!(meta.send(text()).await.0, 400);
    meta.world
        .order("POST", "/meta/inbound", &write(now - 86_000))
        .await;
    assert_eq!(meta.send(text()).await.0, 200);
    // An older message does not close it again.
    meta.world
        .order("POST", "/meta/inbound", &write(now - 90_000))
        .await;
    assert_eq!(meta.send(text()).await.0, 200);

    meta.heard(PERSON, Value::Null).await;
    for (window, wanted, code) in [
        ("off", "sent", Value::Null),
        ("fail", "failed", json!(131_047)),
    ] {
        let steps = json!([{"after_ms": 0, "action": "sent"}]);
        let changes = json!({"window": window, "auto": steps});
        meta.number(NUMBER, WABA, changes).await;
        let id = meta.sent(text()).await;
        let statuses = meta.statuses().await;
        let own: Vec<_> = statuses.into_iter().filter(|s| s["id"] == id).collect();
        assert_eq!(words(&own), [wanted]);
        assert_eq!(own[0]["errors"][0]["code"], code);
    }
}

#[tokio::test]
async fn somebody_without_a_number_is_reached_by_user_id() {
    let meta = Meta::with(json!({"auto": [
        {"after_ms": 0, "action": "sent"}, {"after_ms": 1, "action": "text:thanks"}]}))
    .await;
    let user = "BH.7700112233445566";
    let to_user = json!({"to": null, "recipient": user, "text": {"body": "hello"}});
    assert_eq!(code(&meta.send(to_user.clone()).await.1), 131_047);
    let inbound = json!({"phone_number_id": NUMBER, "user_id": user, "type": "text", "text": "hi"});
    meta.world.order("POST", "/meta/inbound", &inbound).await;
    let (status, answer) = meta.send(to_user).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        answer["contacts"],
        json!([{"input": user, "user_id": user}])
    );
    let values = meta.values().await;
    let messages = items(&values, "messages");
    assert_eq!(messages[1]["text"]["body"], "thanks");
    for message in messages {
        assert_eq!(message.get("from"), None);
        assert_eq!(message["from_user_id"], user);
    }
    let contact = &items(&values, "contacts")[0];
    assert_eq!(
        (contact.get("wa_id"), &contact["user_id"]),
        (None, &json!(user))
    );
    let status = &items(&values, "statuses")[0];
    assert_eq!(status.get("recipient_id"), None);
    assert_eq!(status["recipient_user_id"], user);

    let both = json!({"phone_number_id": NUMBER, "from": PERSON, "user_id": user,
        "type": "text", "text": "hi"});
    meta.world.order("POST", "/meta/inbound", &both).await;
    let (_, answer) = meta.send(text()).await;
    assert_eq!(answer["contacts"][0]["user_id"], user);
}

#[tokio::test]
async fn media_reactions_and_receipts_are_taken() {
    let meta = Meta::with(json!({"country_code": "973", "auto": [
        {"after_ms": 0, "action": "sent"}]}))
    .await;
    let medium = json!({"id": "55501", "mime_type": "image/png", "base64": "UE5H"});
    meta.world.order("PUT", "/meta/media", &medium).await;
    let id = meta
        .sent(json!({"type": "image", "image": {"id": "55501"}}))
        .await;
    let link = json!({"link": "https://files.example.com/a.pdf", "filename": "a.pdf"});
    meta.sent(json!({"type": "document", "document": link}))
        .await;
    meta.sent(json!({"type": "reaction", "reaction": {"message_id": id, "emoji": "👍"}}))
        .await;
    assert_eq!(words(&meta.statuses().await), ["sent"; 3]);
    let local = json!({"to": "33000001", "text": {"body": "x"}});
    assert_eq!(meta.send(local).await.1["contacts"][0]["wa_id"], PERSON);

    let inbound = json!({"phone_number_id": NUMBER, "from": PERSON, "type": "text", "text": "hi"});
    let written = meta.world.order("POST", "/meta/inbound", &inbound).await;
    let read = |id: &Value| {
        json!({"messaging_product": "whatsapp", "status": "read",
        "message_id": id, "typing_indicator": {"type": "text"}})
    };
    let path = format!("{NUMBER}/messages");
    let call = async |body: Value| meta.call("POST", &path, Some(&body)).await.unwrap();
    assert_eq!(
        call(read(&written["message_id"])).await,
        (200, r#"{"success":true}"#.into())
    );
    assert_eq!(call(read(&json!("wamid.X"))).await.0, 400);
}
