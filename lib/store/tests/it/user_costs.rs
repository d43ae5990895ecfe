//! What companies and users cost. README.md repeats these numbers.

use domain::{
    ids::UserId,
    ports::{AuditEntry, Begun, Changed, Saved, Standings, TenantBook, UserBook},
    principal::Role,
    user::UserState,
};
use testkit::{builders::Company, meter::Meter};

use crate::{
    costs::check,
    invitations::key,
    users::{active, invited, known, line},
    world::{World, later},
};

#[tokio::test]
async fn users_cost_what_the_readme_says() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let (store, tenant) = (meter.store(&world.database), world.tenant);
    let manager = active(&world.store, tenant, "noor@acme.example", Role::Manager).await;
    meter.step("begin");
    let first = invited(tenant, "mona@acme.example");
    assert_eq!(
        store.begin_invitation(&first, None).await.unwrap(),
        Begun::Done
    );
    meter.step("adopt");
    let mut user = known(&first);
    let adopted = store.adopt_user(&first, &user, &line(&user)).await;
    assert_eq!(adopted.unwrap(), Saved::Done);
    meter.step("settle");
    user.settled = true;
    assert_eq!(store.save_user(&mut user).await.unwrap(), Saved::Done);
    meter.step("change");
    user.state = UserState::Inactive;
    let entry = line(&user);
    let changed = store.change_user(&manager.id, &mut user, &entry).await;
    assert_eq!(changed.unwrap(), Changed::Done);
    meter.step("begin with a key");
    let third = invited(tenant, "zoe@acme.example");
    let named = key("key-1", "request-1");
    let begun = store.begin_invitation(&third, Some(&named)).await;
    assert_eq!(begun.unwrap(), Begun::Done);
    meter.step("take back");
    assert_eq!(store.withdraw_invitation(&user).await.unwrap(), Saved::Done);
    meter.step("withdraw");
    let second = invited(tenant, "ada@acme.example");
    world.store.begin_invitation(&second, None).await.unwrap();
    let withdrawn = store.withdraw_invitation(&second).await.unwrap();
    assert_eq!(withdrawn, Saved::Done);
    check(
        &meter,
        &[
            ("begin", 5),
            ("begin with a key", 7),
            ("adopt", 10),
            ("settle", 1),
            ("change", 6),
            ("take back", 5),
            ("withdraw", 5),
        ],
    );
}

/// Paid by every request of everybody: two strong reads.
#[tokio::test]
async fn companies_and_standings_cost_what_the_readme_says() {
    let world = World::start().await;
    let meter = Meter::start(&world.database);
    let store = meter.store(&world.database);
    let tenant = Company::named("acme").tenant;
    meter.step("seed");
    store.put_tenant(&tenant).await.unwrap();
    meter.step("found");
    let other = Company::named("heron").tenant;
    let founder = invited(other.id, "noor@heron.example");
    let by = UserId::new("operator-1");
    let entry = AuditEntry::new(&by, "tenants", "create", other.id, later(1));
    let begun = store.found_tenant(&other, &founder, &entry).await.unwrap();
    assert_eq!(begun, Begun::Done);
    meter.step("switch");
    let switched = store.switch_tenant(other.id, false, &entry).await.unwrap();
    assert_eq!(switched, Saved::Done);
    let user = active(&world.store, tenant.id, "mona@acme.example", Role::Agent).await;
    for (step, id) in [
        ("known", user.id.clone()),
        ("unknown", UserId::new("by-hand")),
    ] {
        meter.step(step);
        store.standing(tenant.id, &id).await.unwrap();
        assert!((meter.of(step).reads - 2.0).abs() < f64::EPSILON, "{step}");
        assert_eq!(meter.of(step).requests, 1, "{step}");
    }
    check(&meter, &[("seed", 2), ("found", 10), ("switch", 4)]);
}
