//! Beginning, reading and cancelling; tokens.

use domain::{
    failure::ProviderFailure,
    ports::{PayPal, PayPalOrder},
};
use sandbox::{
    faults::{BodyShape, Fault},
    paypal::OrderSpec,
};

use crate::world::{CLIENT, SECRET, World, access, order};

fn code(failure: &ProviderFailure) -> &str {
    match failure {
        ProviderFailure::Rejected { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

/// S3.39, X49: a subscription begins with what we call it, and its buyer's link comes back.
#[tokio::test]
async fn a_subscription_begins_with_our_name_on_it() {
    let world = World::start().await;
    let (ours, begun) = world.begun().await;
    assert!(begun.id.starts_with("I-"), "{begun:?}");
    assert_eq!(begun.status, "APPROVAL_PENDING");
    assert!(begun.approve_url.as_ref().unwrap().contains("ba_token="));
    assert_eq!(begun.custom_id, Some(ours.to_string()));
    let read = world.paypal.paypal_subscription(&begun.id).await.unwrap();
    assert_eq!(read, Some(begun));
    assert_eq!(
        world.paypal.paypal_subscription("I-../x").await.unwrap(),
        None
    );
    let sent = &world.sandbox.requests(Some(CLIENT))[1];
    assert_eq!(sent.headers["paypal-request-id"], ours.to_string());
    assert_eq!(
        sent.body["application_context"]["return_url"],
        "https://console.falcon.example/paid"
    );
    assert_eq!(
        sent.body["subscriber"]["email_address"],
        "ada@falcon.example"
    );
}

/// X49: a lost answer is asked for again by the same name, and is the same subscription.
#[tokio::test]
async fn a_lost_answer_is_repeated_safely() {
    for lost in [
        Fault::ResetAfterAccept,
        Fault::TimeoutAfterAccept { ms: 60_000 },
        Fault::ErrorAfterAccept {
            code: 500,
            body_shape: BodyShape::Nested,
        },
        Fault::GarbageBody,
        Fault::OkWithoutId,
    ] {
        let world = World::start().await;
        world.fault("billing/subscriptions", lost.clone());
        let order = order();
        let failure = world.paypal.begin(&order).await.unwrap_err();
        let doubt = matches!(failure, ProviderFailure::OutcomeUnknown { .. });
        assert!(doubt, "{lost:?} {failure:?}");
        let begun = world.paypal.begin(&order).await.unwrap();
        let known = world.sandbox.paypal_subscriptions();
        assert_eq!(known.len(), 1, "{lost:?}");
        assert_eq!(known[0].id, begun.id);
    }
}

#[tokio::test]
async fn what_was_not_taken_says_so() {
    let world = World::start().await;
    world.fault("oauth2/token", Fault::ResetBeforeAccept);
    let failure = world.paypal.begin(&order()).await.unwrap_err();
    assert!(matches!(failure, ProviderFailure::OutcomeUnknown { .. }));
    let slow = Fault::Status {
        code: 429,
        body_shape: BodyShape::Nested,
        message: None,
        retry_after: Some(7),
    };
    world.fault("billing/subscriptions", slow);
    let failure = world.paypal.begin(&order()).await.unwrap_err();
    let seven = Some(std::time::Duration::from_secs(7));
    assert_eq!(failure, ProviderFailure::RateLimited { retry_after: seven });
    let unknown = PayPalOrder {
        plan: "P-NOBODYS".into(),
        ..order()
    };
    let failure = world.paypal.begin(&unknown).await.unwrap_err();
    assert_eq!(code(&failure), "PAYPAL_REFUSED");
    assert!(failure.to_string().contains("INVALID_RESOURCE_ID"));
    assert!(world.sandbox.paypal_subscriptions().is_empty());
}

/// S3.39: a customer may end it; ending it twice is fine, and what never began cannot be ended.
#[tokio::test]
async fn ending_what_has_ended_is_fine() {
    let world = World::start().await;
    let (_, begun) = world.begun().await;
    let failure = world.paypal.cancel(&begun.id, "Not needed").await;
    assert!(
        failure
            .unwrap_err()
            .to_string()
            .contains("SUBSCRIPTION_STATUS_INVALID")
    );
    let orders = OrderSpec::default();
    world
        .sandbox
        .paypal_order(&begun.id, "approve", &orders)
        .unwrap();
    let path = format!("billing/subscriptions/{}/cancel", begun.id);
    world.fault(&path, Fault::ResetAfterAccept);
    world
        .paypal
        .cancel(&begun.id, "Not needed")
        .await
        .unwrap_err();
    for _ in 0..2 {
        world.paypal.cancel(&begun.id, "Not needed").await.unwrap();
    }
    assert_eq!(world.sandbox.paypal_subscriptions()[0].status, "CANCELLED");
}

#[tokio::test]
async fn one_token_serves_many_calls_until_paypal_ends_it() {
    let world = World::start().await;
    world.begun().await;
    world.begun().await;
    let tokens = |world: &World| {
        let calls = world.calls();
        calls
            .iter()
            .filter(|(path, _)| path == "oauth2/token")
            .count()
    };
    assert_eq!(tokens(&world), 1);
    world.sandbox.paypal_end_tokens(CLIENT).unwrap();
    world.begun().await;
    assert_eq!(tokens(&world), 2);
    // A changed secret does not go on with the token of the old one.
    let other = world.account.open(access("another secret"));
    let failure = other.begin(&order()).await.unwrap_err();
    assert_eq!(code(&failure), "PAYPAL_LOGIN");
    assert_eq!(tokens(&world), 3);
    assert_eq!(world.sandbox.paypal_subscriptions().len(), 3);
}

#[tokio::test]
async fn a_token_that_is_nearly_over_is_not_used() {
    let world = World::start().await;
    let app = sandbox::paypal::AppSpec {
        token_seconds: 299,
        ..crate::world::app(None)
    };
    world.sandbox.paypal_app(app).unwrap();
    world.begun().await;
    world.begun().await;
    let paths: Vec<_> = world.calls().into_iter().map(|(path, _)| path).collect();
    let (token, begin) = ("oauth2/token", "billing/subscriptions");
    assert_eq!(paths, [token, begin, token, begin]);
}

/// S0.44: neither the secret nor a token is in anything that may be printed.
#[tokio::test]
async fn secrets_are_never_printed() {
    let world = World::start().await;
    world.begun().await;
    let printed = format!("{:?} {:?}", world.account, world.paypal);
    assert!(
        !printed.contains(SECRET) && !printed.contains("A21AA"),
        "{printed}"
    );
}
