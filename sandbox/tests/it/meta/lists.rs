//! Looking up numbers, templates and media.

use serde_json::{Value, json};

use super::{APP, BEARER, Meta, NUMBER, WABA};

#[tokio::test]
async fn numbers_show_the_fields_asked_for() {
    let meta = Meta::with(
        json!({"verified_name": "Falcon Bakery", "quality_rating": "YELLOW",
        "fields": {"throughput": {"level": "HIGH"}}}),
    )
    .await;
    meta.number("710002", WABA, json!({})).await;
    let (status, number) = meta.get(NUMBER).await;
    assert_eq!(status, 200);
    assert_eq!(number["id"], NUMBER);
    assert_eq!(number["verified_name"], "Falcon Bakery");
    assert_eq!(number["display_phone_number"], "+973 3300 0009");
    assert_eq!(number.get("messaging_limit_tier"), None);
    let (_, number) = meta
        .get(&format!(
            "{NUMBER}?fields=quality_rating,throughput{{level}}"
        ))
        .await;
    let wanted = json!({"id": NUMBER, "quality_rating": "YELLOW", "throughput": {"level": "HIGH"}});
    assert_eq!(number, wanted);
    let (status, problem) = meta.get(&format!("{NUMBER}?fields=shoe_size")).await;
    assert_eq!((status, &problem["error"]["code"]), (400, &json!(100)));

    let (status, list) = meta.get(&format!("{WABA}/phone_numbers?fields=id")).await;
    assert_eq!(status, 200);
    assert_eq!(list["data"], json!([{"id": NUMBER}, {"id": "710002"}]));
    assert_eq!(meta.get(&format!("{NUMBER}/phone_numbers")).await.0, 400);
    let (_, account) = meta.get(&format!("{WABA}?fields=name")).await;
    assert_eq!(account["name"], "Sandbox Shop");
    assert_eq!(meta.get("999999").await.1["error"]["error_subcode"], 33);
}

#[tokio::test]
async fn templates_come_in_pages_and_by_filter() {
    let meta = Meta::with(json!({})).await;
    for index in 0..7 {
        let status = if index == 3 { "PAUSED" } else { "APPROVED" };
        meta.template(&format!("note_{index}"), status).await;
    }
    let mut url = meta.world.url(&format!(
        "/meta/v23.0/{WABA}/message_templates?fields=name,status,id&limit=3"
    ));
    let mut names = Vec::new();
    let mut pages = 0;
    loop {
        let response = meta
            .world
            .client
            .get(&url)
            .bearer_auth(BEARER)
            .send()
            .await
            .unwrap();
        let page: Value = response.text().await.unwrap().parse().unwrap();
        pages += 1;
        for template in page["data"].as_array().unwrap() {
            assert!(template["id"].is_string());
            assert_eq!(template.get("components"), None);
            names.push(template["name"].as_str().unwrap().to_owned());
        }
        match page["paging"].get("next") {
            Some(next) => url = next.as_str().unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(pages, 3);
    assert_eq!(
        names,
        (0..7).map(|n| format!("note_{n}")).collect::<Vec<_>>()
    );

    let list = format!("{WABA}/message_templates");
    let (_, one) = meta.get(&format!("{list}?name=note_2")).await;
    assert_eq!(one["data"][0]["components"][0]["type"], "BODY");
    assert_eq!(one["data"][0]["parameter_format"], "POSITIONAL");
    assert_eq!(one["paging"].get("next"), None);
    let (_, paused) = meta.get(&format!("{list}?status=PAUSED")).await;
    assert_eq!(paused["data"][0]["name"], "note_3");
    assert_eq!(paused["data"].as_array().unwrap().len(), 1);
    let (_, none) = meta.get(&format!("{list}?name=nothing")).await;
    assert_eq!(none, json!({"data": []}));
    assert_eq!(meta.get(&format!("{list}?after=x")).await.0, 400);

    let waba = |changes: Value| {
        let mut waba = json!({"waba_id": WABA, "app_id": APP, "tokens": [BEARER]});
        for (key, value) in changes.as_object().unwrap() {
            waba[key] = value.clone();
        }
        waba
    };
    meta.world
        .order("PUT", "/meta/wabas", &waba(json!({"page_limit": 2})))
        .await;
    let (_, small) = meta.get(&format!("{list}?limit=100")).await;
    assert_eq!(
        small["data"].as_array().unwrap().len(),
        2,
        "registering again keeps them"
    );
    meta.world
        .order("PUT", "/meta/wabas", &waba(json!({"stuck_cursor": true})))
        .await;
    let (_, stuck) = meta.get(&list).await;
    let after = stuck["paging"]["cursors"]["after"].as_str().unwrap();
    let (_, again) = meta.get(&format!("{list}?after={after}")).await;
    assert_eq!(again["paging"]["cursors"]["after"], after);
    assert!(again["paging"]["next"].is_string());
}

#[tokio::test]
async fn media_are_found_and_downloaded_with_the_token() {
    let meta = Meta::with(json!({})).await;
    let medium = |expired: bool| {
        json!({"id": "55501", "mime_type": "application/pdf",
        "base64": "JVBERi0=", "expired": expired})
    };
    meta.world.order("PUT", "/meta/media", &medium(false)).await;
    let (status, found) = meta.get("55501").await;
    assert_eq!(status, 200);
    assert_eq!(
        (&found["id"], &found["file_size"]),
        (&json!("55501"), &json!(5))
    );
    assert_eq!(
        found["sha256"],
        "OFI8CHeW5dXdHPm60fsCZ4GoON2d0s+K9YufZQKkZ3g="
    );
    let inbound = json!({"phone_number_id": NUMBER, "from": super::PERSON, "type": "document",
        "payload": "55501"});
    meta.world.order("POST", "/meta/inbound", &inbound).await;
    let received = super::items(&meta.values().await, "messages");
    for key in ["id", "mime_type", "sha256"] {
        assert_eq!(received[0]["document"][key], found[key], "{key}");
    }
    let url = found["url"].as_str().unwrap();
    let download = async |token: Option<&str>| {
        let mut request = meta.world.client.get(url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let kind = response.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        (
            response.status().as_u16(),
            kind,
            response.bytes().await.unwrap(),
        )
    };
    let (status, kind, bytes) = download(Some(BEARER)).await;
    assert_eq!(
        (status, kind.as_str(), bytes.as_ref()),
        (200, "application/pdf", &b"%PDF-"[..])
    );
    assert_eq!(download(None).await.0, 401);
    meta.world.order("PUT", "/meta/media", &medium(true)).await;
    assert_eq!(meta.get("55501").await.0, 200);
    assert_eq!(download(Some(BEARER)).await.0, 404);
    meta.world
        .fault(json!({"kind": "status", "code": 500, "path": "/meta/_media/*"}))
        .await;
    assert_eq!(download(Some(BEARER)).await.0, 500);
}

#[tokio::test]
async fn a_reset_keeps_what_is_registered_when_told_to() {
    let meta = Meta::with(json!({})).await;
    meta.template("ready", "APPROVED").await;
    meta.sent(super::text()).await;
    meta.world
        .order("POST", "/reset?keep_channels=true", &json!({}))
        .await;
    assert_eq!(meta.kept(), 0);
    let (_, list) = meta.get(&format!("{WABA}/message_templates")).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    // Who wrote when is forgotten.
    assert_eq!(meta.send(super::text()).await.1["error"]["code"], 131_047);
    meta.world.order("POST", "/reset", &json!({})).await;
    assert_eq!(meta.get(NUMBER).await.0, 401);
}
