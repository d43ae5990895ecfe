//! Whether PayPal itself sent a webhook.

use domain::{failure::ProviderFailure, ports::PayPal};
use sandbox::{
    faults::{BodyShape, Fault},
    paypal::{EventSpec, Signed},
};
use serde_json::Value;

use crate::world::{CLIENT, Received, Receiver, World, app};

const VERIFY: &str = "notifications/verify-webhook-signature";

/// Bytes that no serialiser would write again: spaces, an escape, `1.0`, keys out of order.
const EVENT: &str =
    "{ \"id\":\"WH-1\", \"event_type\" : \"A\\u002fB\",\"z\":1.0, \"a\":[ 1e2,\"\\/\" ] }";

async fn posted(world: &World, signature: Signed) -> Received {
    let receiver = Receiver::start().await;
    world.sandbox.paypal_app(app(Some(&receiver.url))).unwrap();
    let event = EventSpec {
        client_id: CLIENT.into(),
        body: Value::from(EVENT),
        signature,
    };
    let told = world.sandbox.paypal_event(event).await.unwrap();
    assert_eq!(told.status, Some(200));
    receiver.last()
}

async fn judged(world: &World, received: &Received) -> Result<(), ProviderFailure> {
    world.paypal.verify(&received.headers, &received.body).await
}

/// X49: the body reaches PayPal byte for byte, and only PayPal's own yes is a yes.
#[tokio::test]
async fn only_paypals_own_bytes_are_believed() {
    let world = World::start().await;
    for (signature, believed) in [
        (Signed::Valid, true),
        (Signed::Forged, false),
        (Signed::OtherWebhook, false),
        (Signed::OtherBody, false),
        (Signed::Missing, false),
    ] {
        let received = posted(&world, signature).await;
        let verdict = judged(&world, &received).await;
        assert_eq!(verdict.is_ok(), believed, "{signature:?} {verdict:?}");
        if !believed {
            assert_eq!(verdict, Err(ProviderFailure::Unverified));
        }
    }
}

#[tokio::test]
async fn a_changed_byte_or_another_webhooks_headers_are_not_believed() {
    let world = World::start().await;
    let received = posted(&world, Signed::Valid).await;
    assert_eq!(judged(&world, &received).await, Ok(()));
    let anew: Value = serde_json::from_slice(&received.body).unwrap();
    let mut changed = received.clone();
    changed.body = anew.to_string().into_bytes();
    assert_eq!(
        judged(&world, &changed).await,
        Err(ProviderFailure::Unverified)
    );
    let other = posted(&world, Signed::Forged).await;
    changed.body.clone_from(&received.body);
    changed.headers = other.headers;
    assert_eq!(
        judged(&world, &changed).await,
        Err(ProviderFailure::Unverified)
    );
}

/// What cannot be PayPal's is not worth a question: a stranger cannot make us ask.
#[tokio::test]
async fn what_cannot_be_paypals_is_refused_without_asking() {
    let world = World::start().await;
    let received = posted(&world, Signed::Valid).await;
    let unsigned = posted(&world, Signed::Missing).await;
    let asked = world.calls().len();
    let mut odd = vec![unsigned];
    for body in [&b""[..], b"no json", b"{}{}", b"\xff", &[b' '; 300_000]] {
        odd.push(Received {
            body: body.to_vec(),
            ..received.clone()
        });
    }
    for webhook in odd {
        let verdict = judged(&world, &webhook).await;
        assert_eq!(verdict, Err(ProviderFailure::Unverified));
    }
    assert_eq!(world.calls().len(), asked);
}

/// X49: when PayPal cannot be asked, nobody says that it is forged: PayPal will repeat it.
#[tokio::test]
async fn when_paypal_cannot_be_asked_nothing_is_believed_or_called_forged() {
    let status = |code| Fault::Status {
        code,
        body_shape: BodyShape::Nested,
        message: None,
        retry_after: None,
    };
    let world = World::start().await;
    let received = posted(&world, Signed::Valid).await;
    for fault in [
        status(500),
        status(503),
        status(429),
        status(403),
        Fault::TimeoutBeforeAccept { ms: 60_000 },
        Fault::ResetBeforeAccept,
        Fault::GarbageBody,
    ] {
        world.fault(VERIFY, fault.clone());
        let failure = judged(&world, &received).await.unwrap_err();
        assert_ne!(failure, ProviderFailure::Unverified, "{fault:?}");
    }
    for code in [400, 422] {
        world.fault(VERIFY, status(code));
        let verdict = judged(&world, &received).await;
        assert_eq!(verdict, Err(ProviderFailure::Unverified), "{code}");
    }
    assert_eq!(judged(&world, &received).await, Ok(()));
}
