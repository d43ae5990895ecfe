//! What is looked at before and after sending: previews, preflights, the log as a file, analytics.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{Case, world::World};

pub fn cases() -> Vec<Case> {
    vec![
        ("figures::a_preview_is_what_is_sent", preview),
        ("figures::the_log_is_a_file", file),
        ("figures::the_log_holds_all_of_a_message", whole),
    ]
}

const TO: &str = "+97300000831";

/// S1.95, S1.98–S1.100, S1.123, S1.141, S1.142: a text of the company's own is previewed, judged and sent
/// alike; what stands in the way is told without sending anything.
fn preview(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("previewing", json!([])).await;
        let new = json!({"name": "Thanks", "message_type": "welcome", "content": "Welcome, {customerName}!"});
        let made = acme.api.post("/v1/templates", &new).await.unwrap();
        let id = made.data().unwrap()["id"].clone();
        let message = json!({"to": TO, "own_template": {"id": id, "variables": {"customerName": "Amal", "x": "y"}}});
        let shown = acme.api.post("/v1/messages/preview", &message).await.unwrap();
        let shown = shown.data().unwrap().clone();
        assert_eq!(shown["content"]["body"], "Welcome, Amal!");
        assert_eq!(shown["warnings"][0]["code"], "UNUSED_VARIABLE");
        let ready = acme.api.post("/v1/preflight", &json!({"to": TO})).await.unwrap();
        assert_eq!(ready.data().unwrap()["ready"], true, "{}", ready.body);
        assert!(acme.taken().is_empty());
        let sent = acme.send(&message).await;
        assert_eq!(sent["warnings"], shown["warnings"]);
        let id = sent["id"].as_str().unwrap();
        assert_eq!(acme.shown(id).await["payload"], shown["payload"]);

        let missing = json!({"to": TO, "message_type": "welcome", "own_template": {}});
        for path in ["/v1/messages", "/v1/messages/preview"] {
            let refused = acme.api.post(path, &missing).await.unwrap();
            assert_eq!(refused.status, 422, "{}", refused.body);
            let field = &refused.body["error"]["details"]["fields"][0]["field"];
            assert_eq!(field, "own_template.variables.customerName");
        }
        let off = json!({"disabled_types": ["welcome"]});
        assert_eq!(acme.put("/v1/settings", &off).await.status, 200);
        let held = acme.api.post("/v1/preflight", &message).await.unwrap();
        let held = held.data().unwrap();
        assert_eq!((&held["ready"], &held["reasons"][0]["code"]), (&json!(false), &json!("TYPE_DISABLED")));
        assert_eq!(acme.taken().len(), 1);
    });
}

/// S1.10, S1.39–S1.58, S1.93, S1.94, S1.96, S1.102: of every message the log holds who, what for, by whom, what
/// was said, with which file and template, what the provider answered, why it failed, and when.
fn whole(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("logged", json!([])).await;
        // What is sent automatically waits for the morning otherwise, wherever this runs at night.
        let open = json!({"quiet_hours": null});
        assert_eq!(acme.put("/v1/settings", &open).await.status, 200);
        let new = json!({"name": "Bill", "message_type": "invoice", "content": "Dear {customerName}, it is ready."});
        let made = acme.api.post("/v1/templates", &new).await.unwrap();
        let template = made.data().unwrap()["id"].clone();
        let message = json!({"to": TO, "name": "Amal Heron", "trigger": "auto",
            "own_template": {"id": template, "variables": {"customerName": "Amal"}}});
        let answer = acme.api.post("/v1/messages", &message).await.unwrap();
        assert_eq!(answer.body["success"], true);
        let id = answer.data().unwrap()["id"].as_str().unwrap();
        let shown = acme.until_status(id, "sent").await;
        for (field, wanted) in [
            ("id", json!(id)),
            ("to", json!(TO)),
            ("message_type", json!("invoice")),
            ("trigger", json!("auto")),
            ("retry_count", json!(0)),
            ("max_retries", json!(3)),
            ("template_id", template.clone()),
            ("scheduled_for", Value::Null),
            ("error", Value::Null),
        ] {
            assert_eq!(shown[field], wanted, "{field}: {shown}");
        }
        assert_eq!(shown["content"]["body"], "Dear Amal, it is ready.");
        assert_eq!(shown["payload"]["body"]["body"], "Dear Amal, it is ready.");
        for field in ["contact_id", "provider_message_id", "accepted_at", "created_at", "updated_at"] {
            assert!(shown[field].is_string(), "{field}: {shown}");
        }
        let job = acme.get(&format!("/v1/jobs/{}", shown["job_id"].as_str().unwrap())).await;
        assert!(job["created_by"].as_str().is_some_and(|by| !by.is_empty()), "{job}");
        let line = &acme.get("/v1/messages").await["items"][0];
        assert_eq!((&line["customer_name"], &line["id"]), (&json!("Amal Heron"), &json!(id)));

        let in_a_month = Timestamp::now() + SignedDuration::from_hours(30 * 24);
        let in_a_month = Timestamp::from_second(in_a_month.as_second()).unwrap();
        let document = json!({"to": TO, "scheduled_for": in_a_month,
            "document": {"link": "https://files.example.com/bill.pdf", "filename": "bill.pdf"}});
        let later = acme.send(&document).await;
        let later = acme.shown(later["id"].as_str().unwrap()).await;
        assert_eq!((&later["status"], &later["type"]), (&json!("queued"), &json!("document")));
        assert!(later["content"].to_string().contains("https://files.example.com/bill.pdf"));
        assert_eq!(later["scheduled_for"], json!(in_a_month));

        acme.fault(json!({"kind": "status", "code": 400, "message": "wrong parameters"})).await;
        let refused = acme.send(&json!({"to": TO, "text": {"body": "x"}, "retry": false})).await;
        let refused = acme.until_status(refused["id"].as_str().unwrap(), "failed").await;
        assert!(refused["error"]["message"].as_str().is_some_and(|why| !why.is_empty()), "{refused}");
        let wrong = json!({"to": TO, "text": {"body": "x"}, "message_type": "gossip", "trigger": "mood"});
        assert_eq!(acme.api.post("/v1/messages", &wrong).await.unwrap().status, 422);
    });
}

/// S1.114, S1.116, S2.110: the log is downloaded with its columns, and analytics count the same messages.
fn file(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("exporting", json!([])).await;
        for body in ["One", "Two"] {
            let message = json!({"to": TO, "name": "=Amal", "text": {"body": body}});
            acme.send(&message).await;
        }
        let part = acme.get("/v1/messages.csv?status=Sent").await;
        assert_eq!(
            (&part["rows"], &part["truncated"]),
            (&json!(2), &json!(false))
        );
        let url = part["url"].as_str().unwrap();
        let file = world.http.get(url).send().await.unwrap();
        assert!(file.status().is_success(), "{}", file.status());
        let text = file.text().await.unwrap();
        let lines: Vec<_> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].starts_with("Date & Time,Customer Name,WhatsApp Number"));
        assert!(
            lines[1].contains(&format!(",'=Amal,{TO},other,manual,")),
            "{text}"
        );

        let figures = acme.get("/v1/analytics").await;
        let total = &figures["total"];
        assert_eq!(
            (&total["messages"], &figures["complete"]),
            (&json!(2), &json!(true))
        );
        let sum: u64 = counts(&total["by_status"]);
        assert_eq!(sum, 2);
        let usage = acme.get("/v1/usage").await;
        assert_eq!(usage["bulk_used"], 0);
    });
}

fn counts(by_status: &Value) -> u64 {
    let counts = by_status.as_object().unwrap().values();
    counts.map(|count| count.as_u64().unwrap()).sum()
}
