//! What a company sets up for itself, and what it sends to many.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value, json};

use crate::{Case, world::World};

pub fn cases() -> Vec<Case> {
    vec![
        ("campaigns::a_switch_is_told_and_turned", switches),
        (
            "campaigns::a_template_is_made_changed_and_taken_away",
            templates,
        ),
        ("campaigns::everybody_is_written_to_once", everybody),
        ("campaigns::what_is_cancelled_is_not_sent", cancelled),
    ]
}

const OPEN: &str = r#"{"marketing": true, "quiet_hours": null}"#;

/// S1.71–S1.81, S2.88: settings are read, changed with every wrong one named, and obeyed at once.
fn switches(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("switching", json!([])).await;
        let before = acme.get("/v1/settings").await;
        assert_eq!(before["reminder_days"], json!([3, 7]));
        let wrong = json!({"zone": "Nowhere", "retry_max": 99, "disabled_types": []});
        let refused = acme.put("/v1/settings", &wrong).await;
        let fields = refused.body["error"]["details"]["fields"]
            .as_array()
            .unwrap();
        let fields: Vec<_> = fields
            .iter()
            .map(|field| field["field"].as_str().unwrap())
            .collect();
        assert_eq!((refused.status, fields), (422, vec!["zone", "retry_max"]));
        assert_eq!(acme.get("/v1/settings").await, before);

        let change = json!({"disabled_types": ["invoice"], "version": before["version"]});
        let changed = acme.put("/v1/settings", &change).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let invoice =
            json!({"to": "+97300000811", "text": {"body": "Hello"}, "message_type": "invoice"});
        let held = acme.api.post("/v1/messages", &invoice).await.unwrap();
        assert_eq!(held.body["error"]["details"]["reason"], "TYPE_DISABLED");
        assert_eq!(held.status, 409);
        let stale = acme
            .put(
                "/v1/settings",
                &json!({"marketing": true, "version": before["version"]}),
            )
            .await;
        assert_eq!(stale.body["error"]["details"]["reason"], "SETTINGS_CHANGED");
        let audit = acme.get("/v1/audit").await;
        let line = &audit["items"][0];
        assert_eq!(
            (&line["entity_type"], &line["after"]["disabled"]),
            (&json!("settings"), &json!("invoice"))
        );
        assert!(acme.taken().is_empty());
    });
}

/// S1.63–S1.70, S1.122, S1.123, S2.69–S2.71, S2.93, S2.94: own templates with their versions; the provider's list with
/// every page of it.
fn templates(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("templating", json!([])).await;
        let new = json!({"name": "Thanks", "message_type": "welcome", "content": "Welcome, {customerName}!"});
        let made = acme.api.post("/v1/templates", &new).await.unwrap();
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.data().unwrap().clone();
        let path = format!("/v1/templates/{}", made["id"].as_str().unwrap());
        let twice = acme.api.post("/v1/templates", &new).await.unwrap();
        assert_eq!(twice.status, 409, "{}", twice.body);
        let wrong = json!({"name": "Odd", "message_type": "welcome", "content": "{orderNumber}"});
        let wrong = acme.api.post("/v1/templates", &wrong).await.unwrap();
        assert_eq!(wrong.status, 422, "{}", wrong.body);
        let values = json!({"variables": {"customerName": "Amal"}});
        let shown = acme.api.post(&format!("{path}/preview"), &values).await.unwrap();
        assert_eq!(shown.data().unwrap()["text"], "Welcome, Amal!");
        let change = json!({"version": made["version"], "content": "Hello, {customerName}!"});
        let changed = acme.put(&path, &change).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let versions = acme.get(&format!("{path}/versions")).await;
        assert_eq!(versions["items"].as_array().unwrap().len(), 2);

        let at = acme.meta_own().await;
        // More than one page of Meta's list.
        for n in 0..30 {
            let spec = json!({"waba_id": at.waba, "name": format!("notice_{n:02}"), "language": "en_US",
                "components": [{"type": "BODY", "text": "Dear {{1}}, number {{2}}."}]});
            let spec = serde_json::from_value(spec).unwrap();
            world.sandbox.meta_template(spec).unwrap();
        }
        let sync = format!("/v1/channels/{}/templates/sync", at.channel);
        let synced = acme.api.post(&sync, &json!({})).await.unwrap();
        assert_eq!(synced.status, 200, "{}", synced.body);
        let added = synced.data().unwrap()["added"].as_u64().unwrap();
        assert!(added >= 30, "{}", synced.body);
        let listed = acme.get("/v1/provider-templates?limit=100").await;
        assert_eq!(listed["items"].as_array().unwrap().len() as u64, added);
        let again = acme.api.post(&sync, &json!({})).await.unwrap();
        assert_eq!(again.data().unwrap()["unchanged"].as_u64(), Some(added));
    });
}

fn recipients(numbers: std::ops::Range<u32>) -> Vec<Value> {
    numbers
        .map(|n| json!({"to": format!("+973000{n:05}"), "name": format!("Person {n}")}))
        .collect()
}

/// S2.15, S2.86, S2.114: a campaign reaches everybody once, its bad rows are told, its totals always sum.
fn everybody(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("campaign", json!([])).await;
        let on: Value = serde_json::from_str(OPEN).unwrap();
        assert_eq!(acme.put("/v1/settings", &on).await.status, 200);
        let mut all = recipients(41_000..41_008);
        all.insert(3, json!({"to": "12", "name": "Nobody"}));
        let mut job = json!({"text": {"body": "Dear {name}, we moved."}, "recipients": all});
        let refused = acme.api.post("/v1/jobs", &job).await.unwrap();
        assert_eq!(refused.status, 422, "{}", refused.body);
        job["keep_good_rows"] = json!(true);
        let opened = acme.api.post("/v1/jobs", &job).await.unwrap();
        assert_eq!(opened.status, 202, "{}", opened.body);
        let opened = opened.data().unwrap().clone();
        assert_eq!(
            (opened["size"].as_u64(), opened["left_out"].as_u64()),
            (Some(8), Some(1))
        );
        let path = format!("/v1/jobs/{}", opened["id"].as_str().unwrap());
        world
            .until("everybody was written to", async || {
                world.sweep().await;
                let totals = acme.get(&path).await["totals"].clone();
                let counts = totals.as_object().unwrap().values();
                let sum: u64 = counts.map(|count| count.as_u64().unwrap()).sum();
                assert_eq!(sum, 8, "{totals}");
                (totals["sent"] == 8).then_some(())
            })
            .await;
        let taken = acme.taken();
        let people: BTreeSet<_> = taken
            .iter()
            .map(|message| message.chat_id.clone())
            .collect();
        assert_eq!((taken.len(), people.len()), (8, 8));
        let listed = acme.get(&format!("{path}/messages?limit=100")).await;
        assert_eq!(listed["items"].as_array().unwrap().len(), 8);
        let log = acme
            .get("/v1/messages?message_type=promotion&status=Sent&limit=100")
            .await;
        assert_eq!(log["items"].as_array().unwrap().len(), 8);
    });
}

/// A job that is cancelled while it waits sends nothing, and gives back what it reserved.
fn cancelled(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("cancelling", json!([])).await;
        let on: Value = serde_json::from_str(OPEN).unwrap();
        assert_eq!(acme.put("/v1/settings", &on).await.status, 200);
        let used = acme.get("/v1/usage").await["used"].clone();
        let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
        let job = json!({"text": {"body": "Dear {name}, not yet."}, "recipients": recipients(42_000..42_005),
            "scheduled_for": later.to_string()});
        let opened = acme.api.post("/v1/jobs", &job).await.unwrap();
        assert_eq!(opened.status, 202, "{}", opened.body);
        let path = format!("/v1/jobs/{}", opened.data().unwrap()["id"].as_str().unwrap());
        assert_eq!(opened.data().unwrap()["state"], "scheduled");
        world.sweep().await;
        let cancelled = acme.api.post(&format!("{path}/cancel"), &json!({})).await.unwrap();
        assert_eq!(cancelled.status, 200, "{}", cancelled.body);
        world.sweep().await;
        world
            .until("the whole job is cancelled", async || {
                let shown = acme.get(&path).await;
                (shown["totals"]["cancelled"] == 5).then_some(())
            })
            .await;
        assert!(acme.taken().is_empty());
        world
            .until("the day is given back", async || {
                (acme.get("/v1/usage").await["used"] == used).then_some(())
            })
            .await;
    });
}
