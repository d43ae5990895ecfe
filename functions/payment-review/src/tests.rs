//! The routes, as far as they go without storage: who is asked, and what is refused.

use testkit::routes::{Routes, nowhere};

use crate::{App, router};

fn routes() -> Routes {
    Routes::new(
        include_str!("../../../events/payment-review/start.json"),
        || router(App::from_env(&nowhere()).unwrap()),
    )
}

/// S1.12, S1.153, X37: every route asks who it is, and lets only those in that its action is for,
/// before it looks at what they sent.
#[test]
fn nobody_does_what_their_role_does_not_allow() {
    let document = serde_json::to_value(crate::openapi()).unwrap();
    assert_eq!(routes().refuse_whoever_may_not(&document), (25, 55));
}
