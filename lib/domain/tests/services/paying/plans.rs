//! Plans, made and changed by the platform's people.

use domain::{
    billing::{BillingPeriod, RequestType},
    failure::Code,
    principal::Role,
    service::billing::{PlanEdit, PlanGiven},
};

use super::{Shop, admin, key, starter};

/// S3.55, S3.59: every field is kept, and everything wrong is named with its field and the remedy at once.
#[tokio::test]
async fn a_plan_is_kept_as_it_was_given_and_every_wrong_field_is_named() {
    let shop = Shop::new();
    let given = PlanGiven {
        name: "  Fleet ".into(),
        period: BillingPeriod::HalfYearly,
        paypal_plan: Some(" P-ACMESTARTER0000000000001 ".into()),
        ..starter()
    };
    let plan = shop.plan(given).await;
    assert_eq!(plan.name, "Fleet");
    assert_eq!(
        plan.paypal_plan.as_deref(),
        Some("P-ACMESTARTER0000000000001")
    );
    assert_eq!((plan.period.days(), plan.version), (180, 1));
    let stored = shop.store.state().plans[&plan.id].clone();
    assert_eq!(stored, plan);

    let wrong = PlanGiven {
        name: " ".into(),
        price_fils: 0,
        channels: 0,
        daily_messages: 0,
        bulk_per_cycle: 10_000_001,
        features: vec!["fine".into(), "two\nlines".into()],
        paypal_plan: Some("<script>".into()),
        ..starter()
    };
    let refused = shop.desk().make_plan(&admin("a"), wrong, None).await;
    let refused = refused.unwrap_err();
    let fields: Vec<_> = refused.fields().iter().map(|p| p.field.as_str()).collect();
    let all = [
        "name",
        "price_fils",
        "channels_limit",
        "daily_messages_limit",
        "bulk_messages_limit",
        "features[1]",
        "paypal_plan_id",
    ];
    assert_eq!(fields, all);
    assert!(
        refused
            .fields()
            .iter()
            .all(|problem| problem.message.len() > 20)
    );
    assert_eq!(shop.store.state().plans.len(), 1, "nothing was stored");
    let quote = PlanGiven {
        price_fils: 0,
        request: RequestType::RequestQuote,
        ..starter()
    };
    assert_eq!(
        shop.plan(quote).await.price_fils,
        0,
        "a quote has no price yet"
    );
}

/// S3.59: companies see what is on offer; the platform's people see everything.
#[tokio::test]
async fn companies_see_what_is_on_offer() {
    let shop = Shop::new();
    let offered = shop.plan(starter()).await;
    let kept_back = PlanGiven {
        active: false,
        ..starter()
    };
    let kept_back = shop.plan(kept_back).await;
    for role in [Role::Manager, Role::Viewer] {
        let seen = shop.desk().plans(&shop.acme.user(role)).await.unwrap();
        assert_eq!(seen.as_slice(), std::slice::from_ref(&offered));
    }
    let one = shop.desk().plan(&shop.manager(), kept_back.id).await;
    assert_eq!(one.unwrap_err().code(), Code::NotFound);
    let all = shop.desk().plans(&admin("a")).await.unwrap();
    assert_eq!(all.len(), 2);
    assert!(shop.desk().plan(&admin("a"), kept_back.id).await.is_ok());
}

/// A repeated request makes no second plan, and a key names one request alone.
#[tokio::test]
async fn a_plan_is_made_once() {
    let shop = Shop::new();
    let (admin, named) = (admin("a"), key("k"));
    let first = shop.desk().make_plan(&admin, starter(), Some(&named)).await;
    let again = shop.desk().make_plan(&admin, starter(), Some(&named)).await;
    assert_eq!(first.unwrap(), again.unwrap());
    let dearer = PlanGiven {
        price_fils: 10_000,
        ..starter()
    };
    let other = shop.desk().make_plan(&admin, dearer, Some(&named)).await;
    assert_eq!(other.unwrap_err().code(), Code::Conflict);
    assert_eq!(shop.store.state().plans.len(), 1);
}

/// S3.55: a change is refused when somebody else was first, and noted with what it was before.
#[tokio::test]
async fn a_plan_is_changed_by_who_saw_it() {
    let shop = Shop::new();
    let plan = shop.plan(starter()).await;
    let (desk, a, b) = (shop.desk(), admin("a"), admin("b"));
    let dearer = |version, price| PlanEdit {
        version,
        price_fils: Some(price),
        ..PlanEdit::default()
    };
    let changed = desk.change_plan(&a, plan.id, dearer(1, 12_000));
    let changed = changed.await.unwrap();
    assert_eq!((changed.price_fils, changed.version), (12_000, 2));
    let late = desk.change_plan(&b, plan.id, dearer(1, 7_000));
    let late = late.await.unwrap_err();
    assert_eq!(
        (late.code(), super::reason(&late)),
        (Code::Conflict, "PLAN_CHANGED")
    );
    let again = desk.change_plan(&a, plan.id, dearer(1, 12_000));
    assert_eq!(
        again.await.unwrap(),
        changed,
        "its own change, answered again"
    );
    let state = shop.store.state();
    let (_, line) = state.audit.last().unwrap();
    assert_eq!(line.before["price_fils"], "9500");
    assert_eq!(line.after["price_fils"], "12000");
    assert_eq!(line.after.len(), 1);
}
