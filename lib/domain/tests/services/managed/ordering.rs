//! Ordering a channel, and what WHAPI makes of it.

use domain::{
    channel::{AuthStatus, Pace, SealedSecret},
    failure::Code,
    ids::UserId,
    managed::{BillingStatus, Stage},
    phone::PhoneNumber,
    ports::{AuditEntry, ChannelBook, Clock, Made, Vault},
    provider::ProviderKind,
    service::managed::{Order, ShownState},
};
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use testkit::fakes::{FakeVault, Trouble};

use super::{EMAIL, HOOKS, Yard, key, order, reason};

/// S3.1, S3.4, S3.7–S3.12, S3.63: made at WHAPI, confirmed, told where its webhooks go, and extended.
#[tokio::test]
async fn a_channel_is_made_confirmed_and_extended() {
    let yard = Yard::with_days(45).await;
    let wanted = Order {
        phone: PhoneNumber::parse("+97333000042").ok(),
        ..order(" Main ")
    };
    let made = yard
        .desk()
        .order(&yard.manager(), &wanted, None)
        .await
        .unwrap();
    let calls = ["create", "show", "webhooks", "extend", "show"];
    assert_eq!(yard.partner.calls(), calls);
    let there = yard.only();
    assert_eq!(there.name, format!("Main {}", made.id.key()));
    assert_eq!(there.extended, [(30, format!("Auto top-up for {EMAIL}"))]);

    assert_eq!((made.stage, made.webhooks_set), (Stage::Live, true));
    assert_eq!(made.provider_ref.as_deref(), Some(there.id.as_str()));
    assert_eq!(made.active_till, Some(there.active_till));
    assert_eq!((made.spent, made.trial, made.stopped), (30, false, false));
    assert_eq!(
        (made.lease, &made.problem, &made.extension),
        (None, &None, &None)
    );
    // Three days before its end it is looked at again.
    let ahead = there.active_till - SignedDuration::from_hours(72);
    assert_eq!(made.due, Some(ahead));

    let tenant = yard.acme.tenant.id;
    let channel = yard.store.state().channels[&(tenant, made.id)].clone();
    assert_eq!(channel.provider, ProviderKind::Whapi);
    assert_eq!((channel.name.as_str(), channel.active), ("Main", true));
    assert_eq!(channel.provider_ref, there.id);
    assert_eq!(channel.phone, wanted.phone);
    assert_eq!(
        (channel.auth, channel.pace),
        (AuthStatus::Pending, Pace::WHAPI)
    );
    assert_eq!(channel.paid_until, Some(there.active_till));
    assert_eq!(channel.created_at, there.made_at);
    let token = FakeVault.token(&channel).await.unwrap();
    assert_eq!(token.expose_secret(), there.token());
    assert_ne!(
        channel.sealed_token,
        SealedSecret(there.token().into_bytes())
    );
    // X31: a secret of its own, of which the hash is kept.
    let (url, secret) = there.webhooks.unwrap();
    assert_eq!(url, format!("{HOOKS}/whapi/{}", made.key.as_str()));
    assert_eq!(secret, channel.webhook_secret);
    let default = yard.store.state().tenants[&tenant].settings.default_channel;
    assert_eq!(default, Some(made.id), "the first one");

    assert_eq!(yard.entries()[1..], ["hold:1 30", "extend:1 30"]);
    assert_eq!((yard.balances().free, yard.balances().spent), (15, 30));
    yard.assert_exact();
    let now = yard.clock.now();
    assert_eq!(made.billing(now), BillingStatus::Active);
    let state = ShownState::of(Some(&made), channel.auth, now);
    assert_eq!(state.as_str(), "pending", "nobody linked its phone");
}

/// S3.33, S3.38: the exact copy, and WHAPI is not asked.
#[tokio::test]
async fn a_plan_has_so_many_channels_and_no_more() {
    let yard = Yard::with_days(90).await;
    for name in ["One", "Two"] {
        yard.order(name).await.unwrap();
    }
    let asked = yard.partner.calls().len();
    let refused = yard.order("Three").await.unwrap_err();
    assert_eq!(refused.code(), Code::Forbidden);
    assert_eq!(refused.message(), "Channel limit reached for your plan.");
    assert_eq!(reason(&refused), "CHANNEL_LIMIT");
    assert_eq!(yard.partner.calls().len(), asked);
    yard.assert_exact();

    // What the company brought itself takes a place too.
    let other = Yard::with_days(90).await;
    let meta = other.acme.meta_channel();
    let line = AuditEntry::new(
        &UserId::new("user-1"),
        "channels",
        "create",
        meta.id,
        other.clock.now(),
    );
    let made = other.store.make_channel_within(2, &meta, &line).await;
    assert_eq!(made.unwrap(), Made::Done);
    other.order("One").await.unwrap();
    let refused = other.order("Two").await.unwrap_err();
    assert_eq!(reason(&refused), "CHANNEL_LIMIT");
}

/// S3.38: two requests at once for the last place make one channel.
#[tokio::test]
async fn the_last_place_is_taken_once() {
    let yard = Yard::with_days(90).await;
    yard.order("One").await.unwrap();
    let tenant = yard.acme.tenant.id;
    yard.store.meanwhile("money.apply", move |state| {
        state.accounts.get_mut(&tenant).unwrap().channels += 1;
    });
    let refused = yard.order("Two").await.unwrap_err();
    assert_eq!(reason(&refused), "CHANNEL_LIMIT");
    assert_eq!(yard.partner.counts().0, 1);
}

/// S3.50, X26: no free days, no channel; and no plan, no channel.
#[tokio::test]
async fn without_days_or_a_plan_nothing_is_ordered() {
    let yard = Yard::with_days(0).await;
    let refused = yard.order("Main").await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::Forbidden, "DAYS_EXHAUSTED")
    );

    let yard = Yard::with_days(30).await;
    let tenant = yard.acme.tenant.id;
    let until = Some(yard.clock.now());
    yard.store
        .state()
        .tenants
        .get_mut(&tenant)
        .unwrap()
        .plan
        .as_mut()
        .unwrap()
        .until = until;
    let refused = yard.order("Main").await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused)),
        (Code::Forbidden, "NO_PLAN")
    );
    yard.store.state().tenants.get_mut(&tenant).unwrap().plan = None;
    assert_eq!(reason(&yard.order("Main").await.unwrap_err()), "NO_PLAN");
    assert!(yard.partner.calls().is_empty() && yard.store.state().managed.is_empty());
}

/// S3.30, S3.31: without the platform's token nothing is stored, and the banner says why.
#[tokio::test]
async fn a_missing_partner_token_is_told_and_nothing_is_stored() {
    let yard = Yard::with_days(30).await;
    yard.partner.shut(true);
    let failed = yard.order("Main").await.unwrap_err();
    assert_eq!(failed.code(), Code::Conflict);
    assert_eq!(
        failed.message(),
        "WHAPI Partner Token missing or invalid — please update integration settings."
    );
    assert!(yard.store.state().managed.is_empty());
    assert_eq!(yard.slots(), 0);
}

/// S3.30: refused by WHAPI, an order says so, gives its place back and costs nothing.
#[tokio::test]
async fn a_refused_order_fails_with_its_reason_and_gives_its_place_back() {
    let yard = Yard::with_days(30).await;
    yard.partner.meets("create", Trouble::Refused);
    let (wanted, again) = (order("Main"), key("k"));
    let desk = yard.desk();
    let failed = desk
        .order(&yard.manager(), &wanted, Some(&again))
        .await
        .unwrap_err();
    assert_eq!(
        (failed.code(), failed.retryable()),
        (Code::ProviderError, false)
    );
    assert_eq!(failed.message(), "WHAPI refuses this.");
    assert_eq!(yard.slots(), 0);
    assert_eq!(yard.told(), ["CHANNEL_NOT_MADE"]);
    // The same key tells the same; another orders anew.
    let same = desk
        .order(&yard.manager(), &wanted, Some(&again))
        .await
        .unwrap_err();
    assert_eq!(same.message(), failed.message());
    assert_eq!(yard.order("Main").await.unwrap().stage, Stage::Live);
    assert_eq!(
        yard.partner
            .calls()
            .iter()
            .filter(|call| **call == "create")
            .count(),
        2
    );
    yard.assert_exact();
}

/// S3.12: what is not confirmed yet is asked for again; webhooks that are not set are set later.
#[tokio::test]
async fn what_does_not_work_at_once_is_done_by_the_schedule() {
    let yard = Yard::with_days(60).await;
    yard.partner.meets("show", Trouble::NotSent);
    yard.partner.meets("webhooks", Trouble::Lost);
    yard.partner.meets("webhooks", Trouble::Refused);
    let made = yard.order("Main").await.unwrap();
    assert_eq!((made.stage, made.webhooks_set), (Stage::Creating, false));
    yard.minutes(1);
    yard.round().await;
    let made = yard.record(made.id).await;
    assert_eq!(
        (made.stage, made.webhooks_set, made.spent),
        (Stage::Live, false, 30)
    );
    yard.rounds(10).await;
    let made = yard.record(made.id).await;
    assert!(made.webhooks_set && made.problem.is_none());
    let channel = yard.store.state().channels[&(made.tenant, made.id)].clone();
    let (_, secret) = yard.only().webhooks.unwrap();
    assert_eq!(
        secret, channel.webhook_secret,
        "the last one told is the one kept"
    );
    yard.assert_exact();
}

/// What is ordered with fewer days gets those, and one that nobody extends stays in its trial.
#[tokio::test]
async fn an_order_says_how_many_days_it_gets() {
    let yard = Yard::with_days(20).await;
    let seven = Order {
        days: Some(7),
        ..order("Seven")
    };
    let made = yard
        .desk()
        .order(&yard.manager(), &seven, None)
        .await
        .unwrap();
    assert_eq!((made.spent, yard.balances().free), (7, 13));
    for days in [0, 366] {
        let wrong = Order {
            days: Some(days),
            ..order("Wrong")
        };
        let refused = yard
            .desk()
            .order(&yard.manager(), &wrong, None)
            .await
            .unwrap_err();
        assert_eq!(refused.fields()[0].field, "days");
    }
    let nameless = yard.order(" ").await.unwrap_err();
    assert_eq!(nameless.fields()[0].field, "name");
    let rest = yard.order("Rest").await.unwrap();
    assert_eq!(
        (rest.spent, yard.balances().free),
        (13, 0),
        "30, as far as they are free"
    );
    yard.assert_exact();
}
