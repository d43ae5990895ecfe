//! What the platform is at PayPal.

use domain::{
    billing::PayPalSettings,
    channel::SealedSecret,
    ports::{PayPalBook, Saved},
};

use crate::world::{World, audit, start};

pub fn settings() -> PayPalSettings {
    PayPalSettings {
        client_id: "Afalcon-client_1".into(),
        sealed_secret: SealedSecret(vec![1, 2, 3]),
        hint: "7fQ2".into(),
        webhook_id: "4WEBHOOKFALCON1".into(),
        return_url: "https://console.falcon.example/paid".into(),
        cancel_url: "https://console.falcon.example/plans".into(),
        changed_at: start(),
        version: 0,
    }
}

/// S3.39: kept once for all companies, with nothing but a ciphertext of its secret; whoever read it before
/// somebody else wrote does not write. Four units: the item and the audit line, in one transaction.
#[tokio::test]
async fn the_platforms_settings_at_paypal_belong_to_no_tenant() {
    let world = World::start().await;
    let store = &world.store;
    assert_eq!(store.paypal_settings().await.unwrap(), None);
    let mut first = settings();
    let mut late = PayPalSettings {
        webhook_id: "6WEBHOOK3".into(),
        ..settings()
    };
    let line = audit(start());
    let by = world.tenant;
    let save = store.save_paypal_settings(&mut first, by, &line).await;
    assert_eq!((save.unwrap(), first.version), (Saved::Done, 1));
    assert_eq!(store.paypal_settings().await.unwrap(), Some(first.clone()));
    let save = store.save_paypal_settings(&mut late, by, &line).await;
    assert_eq!((save.unwrap(), late.version), (Saved::Stale, 0));
    let mut next = PayPalSettings {
        webhook_id: "5WEBHOOK2".into(),
        ..first.clone()
    };
    let save = store.save_paypal_settings(&mut next, by, &line).await;
    assert_eq!(save.unwrap(), Saved::Done);
    let save = store.save_paypal_settings(&mut first, by, &line).await;
    assert_eq!(save.unwrap(), Saved::Stale);
    assert_eq!(store.paypal_settings().await.unwrap(), Some(next));
    let own = world.database.item("PF", "PAYPAL").await.unwrap();
    assert_eq!(own["hint"].as_s().unwrap(), "7fQ2");
}
