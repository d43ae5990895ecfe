//! All three providers in one sandbox, ordered by a handle in the same process.

use sandbox::{
    deliver::RawSpec,
    m360::{AccountSpec, DeliverySpec, M360Inbound},
    meta::{
        AppSpec, BatchSpec, MediaSpec, MetaInbound, MetaRaw, MetaUpdate, NumberSpec, TemplateSpec,
        VerifySpec, WabaSpec,
    },
    orders::{PressAs, PressSpec, StatusSpec},
    provider::Provider,
    whapi::InboundSpec,
};
use serde_json::json;

use crate::support::{PATIENCE, VERIFY, World, silent};

#[tokio::test]
async fn every_order_has_a_method() {
    let world = World::empty().await;
    let (sandbox, url) = (&world.sandbox, world.receiver.url());
    let person = "97333000001";
    sandbox
        .register(silent("whapi-token").posting_to(&url))
        .unwrap();
    sandbox
        .m360_account(AccountSpec::new("k360-key", "97333000008").posting_to(&url))
        .unwrap();
    sandbox
        .meta_app(AppSpec::new("400", "secret", VERIFY).posting_to(&url))
        .unwrap();
    sandbox
        .meta_waba(WabaSpec::new("820", "400", "bearer"))
        .unwrap();
    sandbox
        .meta_number(NumberSpec::new("710", "820", "+97333000009"))
        .unwrap();
    let components = vec![json!({"type": "BODY", "text": "We are open again."})];
    sandbox
        .meta_template(TemplateSpec::new("820", "open", "en_US", components))
        .unwrap();
    let medium = MediaSpec {
        id: "5".into(),
        mime_type: "image/png".into(),
        base64: "UE5H".into(),
        expired: false,
    };
    sandbox.meta_media(medium).unwrap();

    assert!(
        sandbox
            .meta_verify(VerifySpec::of("400"))
            .await
            .unwrap()
            .verified
    );
    let mut caused = vec![
        sandbox
            .inbound(&InboundSpec::text("whapi-token", person, "one"))
            .unwrap(),
        sandbox
            .m360_inbound(&M360Inbound::chat("k360-key", person, "two"))
            .unwrap(),
        sandbox
            .meta_inbound(&MetaInbound::text("710", person, "three"))
            .unwrap(),
        sandbox
            .m360_delivery(&DeliverySpec::new("k360-key", "7", 3))
            .unwrap(),
    ];
    let body = json!({
        "messaging_product": "whatsapp", "to": person, "type": "interactive", "interactive": {
            "type": "button", "body": {"text": "?"}, "action": {"buttons": [
                {"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]}},
    });
    let request = world
        .client
        .post(world.url("/meta/v23.0/710/messages"))
        .bearer_auth("bearer");
    assert_eq!(
        request
            .body(body.to_string())
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    let sent = sandbox
        .messages(Some("710"))
        .into_iter()
        .find(|message| message.from_me)
        .unwrap();
    caused.push(
        sandbox
            .status(&sent.id, &StatusSpec::failed(131_026))
            .unwrap(),
    );
    caused.push(
        sandbox
            .press(&sent.id, &PressSpec::of(0, PressAs::Reply))
            .unwrap(),
    );
    let batch = BatchSpec {
        phone_number_id: "710".into(),
        texts: 2,
        ..BatchSpec::default()
    };
    caused.push(sandbox.meta_batch(&batch).unwrap());
    let update = MetaUpdate::Account {
        waba_id: "820".into(),
        event: "DISABLED_UPDATE".into(),
        change: serde_json::Map::new(),
    };
    caused.push(sandbox.meta_update(&update).unwrap());
    assert!(
        caused.iter().all(|caused| caused.webhooks.len() == 1),
        "{caused:?}"
    );
    let raw = sandbox
        .meta_raw(MetaRaw::new("710", json!({"entry": []})))
        .await
        .unwrap();
    assert_eq!(raw.status, Some(200));
    for token in ["whapi-token", "k360-key", "710", "820", "400"] {
        let spec: RawSpec = serde_json::from_value(json!({"token": token, "body": {}})).unwrap();
        assert_eq!(
            sandbox.raw(spec).await.unwrap().status,
            Some(200),
            "{token}"
        );
    }
    assert!(sandbox.idle(PATIENCE).await);
    let webhooks = sandbox.webhooks(None);
    let of = |provider| {
        webhooks
            .iter()
            .filter(|webhook| webhook.provider == provider)
            .count()
    };
    let counts = [Provider::Whapi, Provider::Messenger360, Provider::Meta].map(of);
    assert_eq!(counts, [2, 3, 9]);
    assert_eq!(world.receiver.all().len(), 14);
    sandbox.meta_heard("710", person, None).unwrap();
    sandbox.reset(false);
    assert!(sandbox.meta_heard("710", person, None).is_err());
}
