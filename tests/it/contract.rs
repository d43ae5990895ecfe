//! The service contract of source 4, in its own spelling.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    Case,
    world::{World, text},
};

const TO: &str = "+97300000606";

pub fn cases() -> Vec<Case> {
    vec![(
        "contract::the_service_contract_answers_in_its_own_words",
        contract,
    )]
}

/// S4.56–S4.61, S2.90, S2.98; with S2.29, S2.30, S2.53, S2.55: found by its context, told by its ids and status.
fn contract(world: Arc<World>) {
    world.clone().block_on(async {
        let acme = world.company("contract", json!([])).await;
        let post = async |body: Value| acme.api.post("/api/whatsapp/send", &body).await.unwrap();
        let sent = post(json!({"recipientPhoneNumber": TO, "text": "Your order is ready."})).await;
        assert_eq!((sent.status, &sent.body["success"]), (200, &json!(true)));
        // S2.98: the old entry point says what takes its place.
        let successor = Some("</v1/messages>; rel=\"successor-version\"");
        assert_eq!(sent.successor.as_deref(), successor);
        let provider_id = acme.taken()[0].id.clone();
        assert_eq!(sent.body["data"]["providerMessageId"], provider_id.as_str());
        acme.fault(json!({"kind": "status", "code": 400})).await;
        let failed = post(json!({"recipientPhoneNumber": TO, "text": "Again"})).await;
        assert_eq!(failed.body["success"], false);
        let error = &failed.body["error"];
        assert_eq!(
            (failed.status, &error["code"], &error["retryable"]),
            (503, &json!("PROVIDER_ERROR"), &json!(true))
        );
        let wrong = post(json!({"recipientPhoneNumber": "12", "text": ""})).await;
        let fields = wrong.body["error"]["details"]["fields"].to_string();
        assert_eq!(wrong.status, 422);
        assert!(
            fields.contains("recipientPhoneNumber") && fields.contains("\"text\""),
            "{fields}"
        );
        // S2.29, S2.30: found again by what it is about.
        let mut about = text(TO, "Your order is on its way.");
        about["context"] = json!({"type": "order", "id": "A-1001"});
        let first = acme.send(&about).await;
        let found = acme
            .get("/v1/messages?context_type=order&context_id=A-1001")
            .await;
        assert_eq!(found["items"][0]["id"], first["id"]);
        assert_eq!(found["items"][0]["context"], about["context"]);
        let none = acme
            .get("/v1/messages?context_type=order&context_id=A-1002")
            .await;
        assert_eq!(none["items"], json!([]));
        let other = post(json!({"companyId": 7, "recipientPhoneNumber": TO, "text": "x"})).await;
        assert_eq!(other.status, 403, "{}", other.body);
        assert_eq!(acme.taken().len(), 2);
    });
}
