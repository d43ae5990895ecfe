//! Requests for quotes and demos.

use domain::{
    billing::{RequestState, RequestType},
    failure::Code,
    ids::RequestId,
    service::billing::{PlanGiven, RequestGiven},
};

use super::{Shop, admin, key, reason, starter};

fn asking(shop_plan: domain::ids::PlanId) -> RequestGiven {
    RequestGiven {
        plan: shop_plan,
        message: " We have 30 vans. ".into(),
        phone: Some("+973 3300 0042".into()),
    }
}

/// S3.76: a quote or a demo is recorded once, seen by the company and by the platform's people, and done
/// when somebody looked after it.
#[tokio::test]
async fn a_quote_is_recorded_and_looked_after() {
    let shop = Shop::new();
    for request in [RequestType::RequestQuote, RequestType::BookDemo] {
        let plan = PlanGiven {
            request,
            ..starter()
        };
        let plan = shop.plan(plan).await;
        let (desk, manager) = (shop.desk(), shop.manager());
        let named = key(request.as_str());
        let made = desk.request_plan(&manager, asking(plan.id), Some(&named));
        let made = made.await.unwrap();
        assert_eq!((made.kind, made.state), (request, RequestState::Open));
        assert_eq!(made.message, "We have 30 vans.");
        assert_eq!(made.phone.as_deref(), Some("+97333000042"));
        let again = desk.request_plan(&manager, asking(plan.id), Some(&named));
        assert_eq!(again.await.unwrap(), made);
        let mut other = asking(plan.id);
        other.message = "Another question".into();
        let other = desk.request_plan(&manager, other, Some(&named)).await;
        assert_eq!(reason(&other.unwrap_err()), "IDEMPOTENCY_KEY_REUSED");

        let own = desk.plan_requests(&manager, None, 10).await.unwrap();
        assert_eq!(own.items[0], made);
        let theirs = desk.plan_requests(&shop.stranger(), None, 10).await;
        assert!(theirs.unwrap().items.is_empty());
        let all = desk.plan_requests(&admin("a"), None, 10).await.unwrap();
        assert_eq!(all.items, own.items);

        let done = desk.finish_request(&admin("a"), made.id).await.unwrap();
        assert_eq!(done.state, RequestState::Done);
        let again = desk.finish_request(&admin("b"), made.id).await.unwrap();
        assert_eq!(again, done);
        shop.clock.advance(jiff::SignedDuration::from_secs(1));
    }
    let (desk, one) = (shop.desk(), admin("a"));
    let nobodys = desk.finish_request(&one, RequestId::fresh());
    assert_eq!(nobodys.await.unwrap_err().code(), Code::NotFound);
}

/// S3.76: a plan with a price is subscribed to, and the refusal says how.
#[tokio::test]
async fn nobody_asks_for_what_has_a_price() {
    let shop = Shop::new();
    let plan = shop.plan(starter()).await;
    let mut wrong = asking(plan.id);
    wrong.phone = Some("12".into());
    wrong.message = "x".repeat(2_001);
    let refused = shop.desk().request_plan(&shop.manager(), wrong, None).await;
    let refused = refused.unwrap_err();
    let fields: Vec<_> = refused.fields().iter().map(|p| p.field.as_str()).collect();
    assert_eq!(fields, ["plan_id", "message", "phone"]);
    assert!(refused.fields()[0].message.contains("/v1/subscriptions"));
    assert!(shop.store.state().plan_requests.is_empty());
}
