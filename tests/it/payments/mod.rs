//! Paying by transfer: from the plan to the days, and what the company is told of it.

mod proofs;

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use xtask::client::{Answer, Api};

use crate::{
    Case, users,
    world::{Company, World},
};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF";
const COPY: &str = "Your plan is now active. You can add your first WhatsApp channel.";

pub fn cases() -> Vec<Case> {
    vec![
        ("payments::a_transfer_becomes_days", transfer),
        ("payments::two_who_approve_at_once_credit_once", at_once),
        ("payments::attacks_on_proofs_are_answered", proofs::attacks),
        ("payments::what_has_expired_s3_refuses", proofs::expired),
        ("payments::a_quote_is_asked_for_and_listed", quotes),
    ]
}

/// A paid plan of 30 days with one channel; its id.
pub async fn plan(operator: &Api) -> String {
    plan_of(operator, 500).await
}

/// The same with so many messages a day.
async fn plan_of(operator: &Api, daily: u32) -> String {
    let plan = json!({"name": "Starter", "price_fils": 9500, "billing_period": "monthly",
        "channels_limit": 1, "daily_messages_limit": daily, "bulk_messages_limit": 2000,
        "request_type": "paid", "features": ["One channel"]});
    let made = operator.post("/v1/plans", &plan).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    made.data().unwrap()["id"].as_str().unwrap().to_owned()
}

/// A company's order of a plan, and a form for its proof.
pub async fn order(company: &Company, plan: &str) -> (String, Value) {
    let wanted = json!({"plan_id": plan, "method": "offline"});
    let opened = company.api.post("/v1/subscriptions", &wanted).await;
    let opened = opened.unwrap();
    assert_eq!(opened.status, 201, "{}", opened.body);
    let id = opened.data().unwrap()["id"].as_str().unwrap().to_owned();
    let form = form(company, &id, "application/pdf").await;
    (id, form)
}

async fn form(company: &Company, subscription: &str, content_type: &str) -> Value {
    let wanted = json!({"subscription_id": subscription, "content_type": content_type});
    let form = company.api.post("/v1/proofs", &wanted).await.unwrap();
    assert_eq!(form.status, 201, "{}", form.body);
    form.data().unwrap().clone()
}

/// Posts a file to a form, with some fields as somebody would like them; S3's answer.
async fn post(world: &World, form: &Value, instead: &[(&str, &str)], file: &[u8]) -> u16 {
    const BOUNDARY: &str = "waypost-tests-0b6d1c";
    let mut body = Vec::new();
    for (name, value) in form["fields"].as_object().unwrap() {
        let signed = value.as_str().unwrap();
        let other = instead.iter().find(|(field, _)| field == name);
        let value = other.map_or(signed, |(_, value)| value);
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"proof.pdf\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let request = world
        .http
        .post(form["url"].as_str().unwrap())
        .header(
            "content-type",
            format!("multipart/form-data; boundary={BOUNDARY}"),
        )
        .body(body);
    request.send().await.unwrap().status().as_u16()
}

async fn hand_in(company: &Company, form: &Value, reference: &str) -> Answer {
    let paid = json!({"proof_id": form["proof_id"], "reference": reference});
    company.api.post("/v1/payments", &paid).await.unwrap()
}

/// A payment of this company that waits for its review; its id.
async fn waiting(world: &World, company: &Company, operator: &Api) -> String {
    waiting_for(world, company, &plan(operator).await).await
}

async fn waiting_for(world: &World, company: &Company, plan: &str) -> String {
    let (_, form) = order(company, plan).await;
    let receipt = [PDF, form["proof_id"].to_string().as_bytes()].concat();
    let put = post(world, &form, &[], &receipt).await;
    assert!((200..300).contains(&put), "{put}");
    let paid = hand_in(company, &form, "TRX-2026-0042").await;
    assert_eq!(paid.status, 201, "{}", paid.body);
    paid.data().unwrap()["id"].as_str().unwrap().to_owned()
}

async fn approve(operator: &Api, id: &str) -> Answer {
    let path = format!("/v1/payments/{id}/approve");
    operator.call(Method::POST, &path, &[], None).await.unwrap()
}

/// A company orders a plan of 30 days and one channel, pays it by transfer, and it is approved.
pub async fn buy(world: &World, company: &Company, daily: u32) {
    let operator = users::operator(world);
    let plan = plan_of(&operator, daily).await;
    let payment = waiting_for(world, company, &plan).await;
    let approved = approve(&operator, &payment).await;
    assert_eq!(approved.status, 200, "{}", approved.body);
}

/// S3.39 to S3.48, S3.72, S3.75: an order, its proof, the review with a preview, the days, the words.
fn transfer(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("transfer", json!([])).await;
        let operator = users::operator(&world);
        let id = waiting(&world, &acme, &operator).await;
        let before = acme.get("/v1/billing").await;
        assert_eq!(before["pending_payment"]["id"], json!(id));
        assert_eq!(before["days"]["total"], 0);

        let list = operator.get("/v1/payments?status=pending&limit=100").await;
        let list = list.unwrap().data().unwrap()["items"].clone();
        let mine = list
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["id"] == json!(id));
        assert_eq!(mine.unwrap()["tenant_id"], before["tenant_id"]);
        let shown = operator.get(&format!("/v1/payments/{id}")).await.unwrap();
        let link = shown.data().unwrap()["preview_url"]
            .as_str()
            .unwrap()
            .to_owned();
        world.plant(&link);
        let file = world.http.get(&link).send().await.unwrap();
        assert_eq!(file.status().as_u16(), 200);
        assert_eq!(file.headers()["content-type"], "application/pdf");
        assert!(
            file.headers()["content-disposition"]
                .to_str()
                .unwrap()
                .starts_with("inline")
        );
        assert!(file.bytes().await.unwrap().starts_with(PDF));
        assert!(link.contains("X-Amz-Expires=300"), "five minutes");

        let approved = approve(&operator, &id).await;
        assert_eq!(approved.data().unwrap()["status"], "approved");
        let after = acme.get("/v1/billing").await;
        assert_eq!(
            (&after["status"], &after["plan_name"]),
            (&json!("active"), &json!("Starter"))
        );
        let days = &after["days"];
        assert_eq!(
            (&days["total"], &days["remaining"]),
            (&json!(30), &json!(30))
        );
        assert_eq!(after["channels"]["limit"], 1);
        assert_eq!(after["pending_payment"], Value::Null);
        let entries = acme.get("/v1/billing/entries").await;
        assert_eq!(
            entries["items"][0]["name"],
            json!(format!("proof:{id}:approve"))
        );
        let told = acme.get("/v1/notifications").await;
        assert_eq!(told["items"][0]["text"], COPY);
        mailed(&world, &acme).await;
        let account = format!("/v1/platform/accounts/{}", acme.seeded.tenant.id);
        let account = operator.get(&account).await.unwrap();
        assert_eq!(account.data().unwrap()["days"], *days);
    });
}

/// S3.46: whoever handed the proof in gets the exact words by mail, once.
async fn mailed(world: &World, company: &Company) {
    world.sweep().await;
    let mails = world
        .until("the decision is mailed", async || {
            let mails = world.mails(&company.email).await;
            (!mails.is_empty()).then_some(mails)
        })
        .await;
    assert_eq!(mails[0]["To"], json!([company.email]), "{}", mails[0]);
    assert_eq!(mails[0]["Subject"], "Your plan is active");
    assert_eq!(mails[0]["BodyText"], COPY);
    for _ in 0..2 {
        world.sweep().await;
    }
    let told = company.get("/v1/notifications").await;
    assert_eq!(told["items"].as_array().unwrap().len(), 1);
    assert_eq!(world.mails(&company.email).await.len(), 1);
}

/// S3.75: two of the platform's people at the same moment.
fn at_once(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("at-once", json!([])).await;
        let (one, two) = (users::operator(&world), users::operator(&world));
        let id = waiting(&world, &acme, &one).await;
        let (first, second) = futures::join!(approve(&one, &id), approve(&two, &id));
        let mut answered = [(first, &one), (second, &two)];
        answered.sort_by_key(|(answer, _)| answer.status);
        let [(won, winner), (lost, _)] = &answered;
        assert_eq!(
            (won.status, lost.status),
            (200, 409),
            "{} {}",
            won.body,
            lost.body
        );
        let details = &lost.body["error"]["details"];
        assert_eq!(details["reviewed_by"], won.data().unwrap()["reviewed_by"]);
        let again = approve(winner, &id).await;
        assert_eq!(again.data().unwrap(), won.data().unwrap());
        let billing = acme.get("/v1/billing").await;
        assert_eq!(billing["days"]["total"], 30);
        let entries = acme.get("/v1/billing/entries").await;
        assert_eq!(entries["items"].as_array().unwrap().len(), 1);
        let told = acme.get("/v1/notifications").await;
        assert_eq!(told["items"].as_array().unwrap().len(), 1);
    });
}

/// S3.76: a quote is recorded for the company and for the platform.
fn quotes(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("quotes", json!([])).await;
        let operator = users::operator(&world);
        let plan = json!({"name": "Fleet", "price_fils": 0, "billing_period": "yearly",
            "channels_limit": 50, "daily_messages_limit": 100_000, "bulk_messages_limit": 1_000_000,
            "request_type": "request_quote"});
        let plan = operator.post("/v1/plans", &plan).await.unwrap();
        let plan = plan.data().unwrap().clone();
        assert_eq!(plan["label"], "Request Quote");
        let order = json!({"plan_id": plan["id"], "method": "offline"});
        let refused = acme.api.post("/v1/subscriptions", &order).await.unwrap();
        assert_eq!(refused.status, 422, "{}", refused.body);
        let asked = json!({"plan_id": plan["id"], "message": "We have 30 vans."});
        let asked = acme.api.post("/v1/plan-requests", &asked).await.unwrap();
        assert_eq!(asked.status, 201, "{}", asked.body);
        let id = asked.data().unwrap()["id"].clone();
        let own = acme.get("/v1/plan-requests").await;
        assert_eq!(
            (&own["items"][0]["id"], &own["items"][0]["status"]),
            (&id, &json!("open"))
        );
        let done = format!("/v1/plan-requests/{}/done", id.as_str().unwrap());
        let done = operator.call(Method::POST, &done, &[], None).await.unwrap();
        assert_eq!(done.data().unwrap()["status"], "done");
    });
}
