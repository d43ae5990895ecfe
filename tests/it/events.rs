//! What happened in a company's own system, and what follows from it.

use std::sync::Arc;

use domain::{
    ports::{Days, Saved},
    reminder::DayWork,
};
use jiff::{Span, Timestamp, civil::Date};
use serde_json::{Value, json};

use crate::{
    Case,
    world::{Company, World},
};

const OPEN: &str = r#"{"marketing": true, "quiet_hours": null, "zone": "Asia/Bahrain"}"#;

pub fn cases() -> Vec<Case> {
    vec![
        ("events::an_invoice_is_sent_recalled_and_paid", invoices),
        ("events::each_event_has_its_message", each),
        ("events::the_bus_speaks_for_the_company_of_its_source", bus),
        ("events::a_festival_greets_everybody_once", festivals),
    ]
}

async fn opened(world: &Arc<World>, name: &str) -> Company {
    let company = world.company(name, json!([])).await;
    let open: Value = serde_json::from_str(OPEN).unwrap();
    assert_eq!(company.put("/v1/settings", &open).await.status, 200);
    company
}

fn today() -> Date {
    Timestamp::now().in_tz("Asia/Bahrain").unwrap().date()
}

fn days_ago(days: i32) -> Date {
    today().checked_sub(Span::new().days(days)).unwrap()
}

impl Company {
    /// Waits until an event is worked through.
    async fn until_done(&self, id: &str) -> Value {
        let path = format!("/v1/events/{id}");
        let done = async || {
            let shown = self.api.get(&path).await.unwrap();
            let shown = shown.data().ok()?.clone();
            (shown["status"] == "done").then_some(shown)
        };
        self.world.until(&format!("event {id} is done"), done).await
    }

    /// Lets the company's morning come, now.
    async fn morning(&self) {
        let (store, tenant) = (&self.world.worlds.store, self.seeded.tenant.id);
        for _ in 0..10 {
            let known = store.day_work(tenant).await.unwrap();
            let mut work: DayWork = known.expect("an open invoice arms the mornings");
            work.day = Some(days_ago(2));
            work.after = None;
            work.due = Some(Timestamp::now());
            if store.save_day_work(&mut work).await.unwrap() == Saved::Done {
                self.world.sweep().await;
                self.world
                    .until("the morning's work is done", async || {
                        let work = store.day_work(tenant).await.unwrap().unwrap();
                        work.due
                            .is_none_or(|due| due > Timestamp::now())
                            .then_some(())
                    })
                    .await;
                return;
            }
        }
        panic!("the morning's work keeps changing");
    }

    /// What the provider took that says this.
    fn saying(&self, words: &str) -> usize {
        let rows = self.taken().into_iter();
        rows.filter(|row| row.body.to_string().contains(words))
            .count()
    }
}

fn invoice(url: &str, amount: &str) -> Value {
    json!({"id": "inv-1", "type": "invoice.issued",
        "customer": {"id": "C-1", "phone": "+97300000611", "name": "Amal Heron"},
        "data": {"invoice_id": "I-1", "invoice_number": "INV-77", "invoice_date": days_ago(4),
            "due_date": days_ago(4), "amount": amount, "document_url": url}})
}

/// S1.2, S1.6, S1.17, S1.18, S1.25–S1.32, S1.124–S1.128: an invoice goes out with its own file; while it is
/// not paid it is recalled once on its days, however often the morning's work is done; paid, never again.
fn invoices(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = opened(&world, "invoicing").await;
        let file = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\n%%EOF\n".to_vec();
        world.sandbox.document("inv-77", "text/plain", file.clone());
        let url = format!("{}/_sandbox/documents/inv-77", world.sandbox.base_url());
        let event = invoice(&url, "1250.500");
        let told = acme.api.post("/v1/events", &event).await.unwrap();
        assert_eq!(told.status, 202, "{}", told.body);
        let again = acme.api.post("/v1/events", &event).await.unwrap();
        assert_eq!(
            (again.status, &again.body["data"]["repeated"]),
            (200, &json!(1))
        );
        let other = acme
            .api
            .post("/v1/events", &invoice(&url, "9"))
            .await
            .unwrap();
        assert_eq!(other.status, 409);
        assert_eq!(other.body["error"]["details"]["reason"], "EVENT_ID_REUSED");

        let done = acme.until_done("inv-1").await;
        let message = done["messages"][0]["message_id"].as_str().unwrap();
        let shown = acme.until_status(message, "sent").await;
        assert_eq!(
            (&shown["message_type"], &shown["type"]),
            (&json!("invoice"), &json!("document"))
        );
        assert_eq!(shown["context"], json!({"type": "invoice", "id": "I-1"}));
        let taken = acme.taken();
        assert_eq!((taken.len(), taken[0].kind.as_str()), (1, "document"));
        // The provider was given a link of ours, and fetches the very file there.
        let link = taken[0].body["media"].as_str().unwrap();
        assert!(!link.contains("_sandbox"), "{link}");
        let fetched = world.http.get(link).send().await.unwrap();
        assert_eq!(fetched.bytes().await.unwrap().to_vec(), file);
        // Nothing of the link is stored.
        assert!(
            !shown["payload"].to_string().contains("X-Amz"),
            "{}",
            shown["payload"]
        );

        for _ in 0..2 {
            acme.morning().await;
        }
        world
            .until("the reminder is sent", async || {
                (acme.taken().len() == 2).then_some(())
            })
            .await;
        acme.morning().await;
        assert_eq!((acme.saying("INV-77"), acme.taken().len()), (2, 2));
        assert_eq!(acme.saying("days overdue"), 1);

        let paid = json!({"id": "paid-1", "type": "invoice.paid", "data": {"invoice_id": "I-1"}});
        assert_eq!(
            acme.api.post("/v1/events", &paid).await.unwrap().status,
            202
        );
        acme.until_done("paid-1").await;
        let later = json!({"reminder_days": [4]});
        assert_eq!(acme.put("/v1/settings", &later).await.status, 200);
        acme.morning().await;
        assert_eq!(acme.taken().len(), 2, "what is paid is not recalled");
        let stranger = world.company("not-invoicing", json!([])).await;
        let theirs = stranger.api.get("/v1/events/inv-1").await.unwrap();
        assert_eq!(theirs.status, 404);
    });
}

/// S1.1, S1.20, S1.23, S2.3, S2.9, S2.80–S2.82, S2.84, S2.85, S2.87–S2.89, S2.97, S2.118, S2.119: each workflow runs from its
/// event, good ones whatever is wrong beside them; by hand; with the company's own words; not when it is off.
fn each(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = opened(&world, "happening").await;
        let own = json!({"name": "Our welcome", "message_type": "welcome", "content": "Marhaba {customerName}!"});
        assert_eq!(acme.api.post("/v1/templates", &own).await.unwrap().status, 201);
        let customer = json!({"phone": "+97300000612", "name": "Noor Example"});
        let event = |id: &str, kind: &str, data: Value| {
            json!({"id": id, "type": kind, "customer": customer, "data": data})
        };
        let events = json!({"events": [
            event("order", "order.delivered", json!({"order_number": "A-9", "delivery_date": "2026-11-20",
                "items": ["2 lamps", "1 chair"]})),
            event("new", "customer.created", json!({})),
            event("eaten", "order.eaten", json!({})),
            event("booking", "booking.created", json!({"booking_id": "b7c1d2e3f4"})),
            event("inquiry", "inquiry.created", json!({"inquiry_id": "q-1", "destination": "Hawar"})),
            event("tour", "tour.details_ready", json!({"booking_id": "b7c1d2e3f4", "package_name": "Pearls"})),
            {"id": "whom", "type": "customer.created"},
        ]});
        let told = acme.api.post("/v1/events", &events).await.unwrap();
        let told = told.data().unwrap().clone();
        assert_eq!((&told["accepted"], &told["refused"]), (&json!(5), &json!(2)), "{told}");
        assert_eq!(told["items"][2]["error"]["fields"][0]["field"], "type");
        assert_eq!(told["items"][6]["error"]["fields"][0]["field"], "customer");
        for (id, words) in [
            ("order", "A-9"),
            ("new", "Marhaba Noor Example!"),
            ("booking", "B7C1D2E3"),
            ("inquiry", "Hawar"),
            ("tour", "Pearls"),
        ] {
            let done = acme.until_done(id).await;
            let first = done["messages"][0]["message_id"].as_str();
            let first = first.unwrap_or_else(|| panic!("{done}"));
            acme.until_status(first, "sent").await;
            assert_eq!(acme.saying(words), 1, "{id}");
        }
        let booking = acme.until_done("booking").await;
        let booking = booking["messages"][0]["message_id"].as_str().unwrap();
        let at_provider = acme.shown(booking).await["provider_message_id"].clone();
        let path = format!("/_sandbox/messages/{}/status", at_provider.as_str().unwrap());
        acme.control(&path, &json!({"status": "delivered"})).await;
        acme.until_status(booking, "delivered").await;

        let inquiry = acme.until_done("inquiry").await;
        let follow_up = inquiry["messages"][1]["message_id"].as_str().unwrap();
        let follow_up = acme.shown(follow_up).await;
        let at: Timestamp = follow_up["scheduled_for"].as_str().unwrap().parse().unwrap();
        let wait = at.duration_since(Timestamp::now()).as_hours();
        assert!((70..=72).contains(&wait), "{follow_up}");
        let list = acme.get("/v1/events?limit=3").await;
        assert_eq!(list["items"].as_array().unwrap().len(), 3);
        assert!(list["next_cursor"].is_string());

        let run = json!({"to": "+97300000613", "variables": {"packageName": "Dunes", "startDate": "1 May"}});
        let ran = acme.api.post("/v1/workflows/tour_details/run", &run).await.unwrap();
        assert_eq!(ran.status, 202, "{}", ran.body);
        acme.until_status(ran.data().unwrap()["id"].as_str().unwrap(), "sent").await;
        assert_eq!(acme.saying("Dunes"), 1);
        let none = acme.api.post("/v1/workflows/lottery/run", &run).await.unwrap();
        assert_eq!(none.status, 404);
        let off = acme.put("/v1/workflows/welcome", &json!({"enabled": false})).await;
        assert_eq!((off.status, &off.body["data"]["version"]), (200, &json!(1)));
        let second = event("newer", "customer.created", json!({}));
        assert_eq!(acme.api.post("/v1/events", &second).await.unwrap().status, 202);
        assert_eq!(acme.until_done("newer").await["messages"][0]["status"], "off");
        assert_eq!(acme.saying("Marhaba"), 1);
        let line = &acme.get("/v1/audit?limit=1").await["items"][0];
        assert_eq!((&line["entity_type"], &line["after"]["enabled"]), (&json!("workflow"), &json!("false")));
    });
}

/// design.md §9: the same events over the bus, for the company that the source names, once however often
/// they are put.
fn bus(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = opened(&world, "on-the-bus").await;
        let source = format!("waypost.tenant.{}", acme.seeded.tenant.id);
        let detail =
            json!({"id": "bus-1", "customer": {"phone": "+97300000614", "name": "Noor Example"}});
        for _ in 0..2 {
            world
                .stack
                .put_event(&source, "customer.created", &detail.to_string())
                .unwrap();
        }
        let done = acme.until_done("bus-1").await;
        let message = done["messages"][0]["message_id"].as_str().unwrap();
        acme.until_status(message, "sent").await;
        assert_eq!(acme.taken().len(), 1);
        assert_eq!(
            acme.get("/v1/events").await["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    });
}

/// S1.4, S1.34–S1.37: everybody with a number, or with the tag, once, however often the day is gone through.
fn festivals(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = opened(&world, "festive").await;
        for n in 0..3 {
            let contact =
                json!({"phone": format!("+9730000062{n}"), "name": format!("Person {n}")});
            let made = acme.api.post("/v1/contacts", &contact).await.unwrap();
            assert_eq!(made.status, 201, "{}", made.body);
        }
        let festival = json!({"name": "Harvest Day", "date": today(), "time": "00:00",
            "text": {"content": "Dear {customerName}, a happy {festivalName}!"}});
        let made = acme.api.post("/v1/festivals", &festival).await.unwrap();
        assert_eq!(made.status, 201, "{}", made.body);
        world
            .until("three are greeted", async || {
                world.sweep().await;
                (acme.saying("a happy Harvest Day!") == 3).then_some(())
            })
            .await;
        for _ in 0..2 {
            world.sweep().await;
        }
        assert_eq!(acme.taken().len(), 3);
        let id = made.data().unwrap()["id"].as_str().unwrap().to_owned();
        let shown = acme.get(&format!("/v1/festivals/{id}")).await;
        assert_eq!(shown["last"]["day"], json!(today()), "{shown}");
    });
}
