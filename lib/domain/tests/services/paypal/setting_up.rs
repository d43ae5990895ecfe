//! What the platform is at PayPal.

use domain::{
    failure::Code,
    ids::{TenantId, UserId},
    principal::{Principal, Role},
    service::paypal::{PayPalEdit, PayPalSetup},
};
use secrecy::ExposeSecret;
use testkit::{
    fakes::{FakeClock, FakeVault},
    memory::MemoryStore,
};

const SECRET: &str = "EFalcon-secret-of-the-app-7fQ2";

struct Platform {
    store: MemoryStore,
    vault: FakeVault,
    clock: FakeClock,
}

impl Platform {
    fn new() -> Self {
        Self {
            store: MemoryStore::new(),
            vault: FakeVault,
            clock: FakeClock::at(super::NOW),
        }
    }

    fn setup(&self) -> PayPalSetup<'_, MemoryStore, FakeVault, FakeClock> {
        PayPalSetup {
            store: &self.store,
            vault: &self.vault,
            clock: &self.clock,
        }
    }
}

fn admin() -> Principal {
    let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(7));
    Principal::verified(tenant, UserId::new("admin-1"), Role::PlatformAdmin)
}

fn edit(secret: Option<&str>) -> PayPalEdit {
    PayPalEdit {
        client_id: "Afalcon-client_1".into(),
        secret: secret.map(Into::into),
        webhook_id: "4WEBHOOKFALCON1".into(),
        return_url: "https://console.falcon.example/paid".into(),
        cancel_url: "http://localhost:3000/plans".into(),
    }
}

/// S0.44, S3.39: the secret is sealed for PayPal alone and shown as its last four characters.
#[tokio::test]
async fn the_secret_is_sealed_and_only_its_end_is_shown() {
    let platform = Platform::new();
    assert_eq!(platform.setup().settings(&admin()).await.unwrap(), None);
    let failure = platform.setup().access().await.unwrap_err();
    assert_eq!(failure.details()["reason"], "PAYPAL_NOT_SET_UP");
    let set = platform
        .setup()
        .set(&admin(), &edit(Some(SECRET)))
        .await
        .unwrap();
    assert_eq!((set.hint.as_str(), set.version), ("7fQ2", 1));
    let access = platform.setup().access().await.unwrap();
    assert_eq!(access.secret.expose_secret(), SECRET);
    assert_eq!(access.webhook_id, "4WEBHOOKFALCON1");
    let audit = platform.store.state().audit.clone();
    let [(tenant, line)] = &audit[..] else {
        panic!("{audit:?}")
    };
    assert_eq!((*tenant, line.action), (admin().tenant(), "set_paypal"));
    let printed = format!("{set:?} {access:?} {line:?} {:?}", edit(Some(SECRET)));
    assert!(!printed.contains(SECRET), "{printed}");
}

/// The secret stays when none is given; the same again changes nothing.
#[tokio::test]
async fn without_a_secret_the_one_before_stays() {
    let platform = Platform::new();
    platform
        .setup()
        .set(&admin(), &edit(Some(SECRET)))
        .await
        .unwrap();
    let same = platform.setup().set(&admin(), &edit(None)).await.unwrap();
    assert_eq!(same.version, 1);
    let other = PayPalEdit {
        webhook_id: "5WEBHOOK2".into(),
        ..edit(None)
    };
    let changed = platform.setup().set(&admin(), &other).await.unwrap();
    assert_eq!((changed.version, changed.hint.as_str()), (2, "7fQ2"));
    let access = platform.setup().access().await.unwrap();
    assert_eq!(access.secret.expose_secret(), SECRET);
    assert_eq!(platform.store.state().audit.len(), 2);
    platform.store.meanwhile("platform.save_paypal", |state| {
        state.paypal_settings.as_mut().unwrap().version += 1;
    });
    let failure = platform.setup().set(&admin(), &edit(Some(SECRET))).await;
    assert_eq!(failure.unwrap_err().code(), Code::Conflict);
}

/// Every field that is wrong is named, with what to do.
#[tokio::test]
async fn what_cannot_be_right_is_named() {
    let platform = Platform::new();
    let odd = PayPalEdit {
        client_id: "a b".into(),
        secret: None,
        webhook_id: String::new(),
        return_url: "http://console.falcon.example/".into(),
        cancel_url: "https://user@evil.example/".into(),
    };
    let failure = platform.setup().set(&admin(), &odd).await.unwrap_err();
    let fields: Vec<_> = failure
        .fields()
        .iter()
        .map(|one| one.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "client_id",
            "webhook_id",
            "secret",
            "return_url",
            "cancel_url"
        ]
    );
    let short = PayPalEdit {
        secret: Some("short".into()),
        ..edit(None)
    };
    let failure = platform.setup().set(&admin(), &short).await.unwrap_err();
    assert_eq!(failure.fields()[0].field, "secret");
    assert!(platform.store.state().paypal_settings.is_none());
}
