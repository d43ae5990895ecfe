//! Sending by both versions.

use sandbox::messages::SendAnswer;
use serde_json::{Value, json};

use super::{KEY, M360, PERSON, answer, form};

const FIELDS: [(&str, &str); 2] = [
    ("phonenumber", PERSON),
    ("text", "Your order is ready – été"),
];

#[tokio::test]
async fn version_two_answers_with_201_and_the_id() {
    for (place, pointer) in [
        ("data", "/data/id"),
        ("result", "/result/id"),
        ("top", "/id"),
    ] {
        let m360 = M360::with(json!({"id_place": place})).await;
        let (status, sent) = m360.post("sendMessage", &FIELDS).await;
        assert_eq!(
            (status, &sent["success"], &sent["statusCode"]),
            (201, &json!(true), &json!(201))
        );
        let kept = m360.world.sandbox.messages(Some(KEY));
        assert_eq!(sent.pointer(pointer).unwrap(), &json!(kept[0].id));
        assert_eq!(
            (kept[0].to.as_str(), &kept[0].body["text"]),
            (PERSON, &json!(FIELDS[1].1))
        );
    }
}

#[tokio::test]
async fn only_forms_are_read() {
    let m360 = M360::with(json!({})).await;
    let body = json!({"phonenumber": PERSON, "text": "x"}).to_string();
    let request = m360.request("POST", "v2/sendMessage").bearer_auth(KEY);
    let as_json = request
        .header("content-type", "application/json")
        .body(body);
    let (status, refused) = answer(as_json).await;
    assert_eq!((status, &refused["success"]), (400, &json!(false)));
    let multipart = format!(
        "--b\r\ncontent-disposition: form-data; name=\"phonenumber\"\r\n\r\n{PERSON}\r\n\
         --b\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\nhello\r\n--b--\r\n"
    );
    let request = m360.request("POST", "v2/sendMessage").bearer_auth(KEY);
    let request = request
        .header("content-type", "multipart/form-data; boundary=b")
        .body(multipart);
    assert_eq!(answer(request).await.0, 201);
    for wrong in [
        vec![("text", "x")],
        vec![("phonenumber", "+97333000001"), ("text", "x")],
        vec![("phonenumber", "0097333000001"), ("text", "x")],
        vec![("phonenumber", PERSON)],
        vec![("phonenumber", PERSON), ("url", "a.pdf")],
        vec![
            ("phonenumber", PERSON),
            ("text", "x"),
            ("delay", "tomorrow"),
        ],
    ] {
        let (status, refused) = m360.post("sendMessage", &wrong).await;
        assert_eq!(
            (status, &refused["statusCode"]),
            (400, &json!(400)),
            "{wrong:?}"
        );
        assert!(refused["message"].is_string());
    }
    assert_eq!(m360.world.sandbox.messages(None).len(), 1);
}

#[tokio::test]
async fn version_one_has_the_key_in_its_path_and_errors_with_200() {
    let m360 = M360::with(json!({})).await;
    let send = async |key: &str, fields: &[(&str, &str)]| {
        answer(form(
            m360.request("POST", &format!("sendMessage/{key}")),
            fields,
        ))
        .await
    };
    let (status, sent) = send(KEY, &FIELDS).await;
    assert_eq!(status, 201);
    assert!(sent["id"].is_string(), "{sent}");
    let (status, refused) = send("no-key-of-ours", &FIELDS).await;
    assert_eq!(status, 200);
    assert!(refused["errorCode"].is_number() && refused["errorDescription"].is_string());
    assert_eq!(send(KEY, &[("text", "x")]).await.0, 400);
    let fault = json!({"kind": "status", "code": 200, "message": "queue is full", "channel": KEY});
    m360.world.fault(fault).await;
    let (status, refused) = send(KEY, &FIELDS).await;
    assert_eq!(
        (status, &refused["errorDescription"]),
        (200, &json!("queue is full"))
    );
    assert_eq!(m360.world.sandbox.messages(None).len(), 1);

    let shown = m360
        .world
        .order("GET", "/requests?provider=m360", &Value::Null)
        .await;
    let text = shown.to_string();
    assert!(
        !text.contains(KEY) && !text.contains("no-key-of-ours"),
        "{text}"
    );
    assert_eq!(shown["requests"][0]["path"], "/m360/sendMessage/****6c5b");
    assert_eq!(shown["requests"][0]["body"]["text"], FIELDS[1].1);
    let filtered = format!("/requests?channel={KEY}");
    let own = m360.world.order("GET", &filtered, &Value::Null).await;
    assert_eq!(own["requests"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_wrong_key_is_unauthorized_in_version_two() {
    let m360 = M360::with(json!({})).await;
    for token in [None, Some("guess")] {
        let mut request = form(m360.request("POST", "v2/sendMessage"), &FIELDS);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let (status, refused) = answer(request).await;
        assert_eq!((status, &refused["success"]), (401, &json!(false)));
    }
    assert_eq!(m360.get("nothing").await.0, 404);
}

#[tokio::test]
async fn faults_speak_as_the_provider_does() {
    let m360 = M360::with(json!({})).await;
    for (order, status, wanted) in [
        (
            json!({"kind": "status", "code": 200}),
            200,
            json!({"success": false, "statusCode": 200,
            "message": "message could not be queued"}),
        ),
        (
            json!({"kind": "status", "code": 429, "to": PERSON}),
            429,
            json!({"success": false,
            "statusCode": 429, "message": "Too Many Requests"}),
        ),
        (
            json!({"kind": "ok_without_id"}),
            201,
            json!({"success": true, "statusCode": 201}),
        ),
        (
            json!({"kind": "error_after_accept", "code": 500}),
            500,
            json!({"success": false,
            "statusCode": 500, "message": "Internal Server Error"}),
        ),
    ] {
        m360.world.fault(order).await;
        assert_eq!(m360.post("sendMessage", &FIELDS).await, (status, wanted));
    }
    let kept = m360.world.sandbox.messages(Some(KEY));
    let told: Vec<_> = kept.iter().map(|message| message.answer).collect();
    assert_eq!(told, [SendAnswer::WithoutId, SendAnswer::Error]);
    m360.world
        .fault(json!({"kind": "reset_after_accept"}))
        .await;
    let request = form(
        m360.request("POST", "v2/sendMessage").bearer_auth(KEY),
        &FIELDS,
    );
    assert!(request.send().await.is_err());
    m360.world
        .fault(json!({"kind": "reset_before_accept"}))
        .await;
    let request = form(
        m360.request("POST", "v2/sendMessage").bearer_auth(KEY),
        &FIELDS,
    );
    assert!(request.send().await.is_err());
    assert_eq!(m360.world.sandbox.messages(Some(KEY)).len(), 3);
}
