//! What is shown to whom.

use domain::{
    channel::{AuthStatus, Channel, HealthNote},
    managed::{ManagedChannel, Stage},
    principal::{Principal, Role},
    service::channels::ChannelView,
};
use jiff::{SignedDuration, Timestamp};
use runtime::http::Success;
use serde_json::{Value, json};
use testkit::{
    billing,
    builders::{APP_SECRET, Company, PLATFORM_SECRET, PLATFORM_VERIFY_TOKEN, platform_app},
};

use crate::{
    view::{ChannelList, ChannelMade, ChannelShown, PlatformAppShown},
    webhook_urls::WebhookUrls,
};

const BASE: &str = "https://hooks.example/";

fn now() -> Timestamp {
    "2026-11-20T10:30:00Z".parse().unwrap()
}

fn view(channel: &Channel) -> ChannelView {
    ChannelView {
        channel: channel.clone(),
        is_default: true,
        managed: None,
    }
}

fn shown(channel: &Channel, principal: &Principal) -> Value {
    let shown = ChannelShown::new(view(channel), principal, &WebhookUrls::below(BASE), now());
    serde_json::to_value(shown).unwrap()
}

/// S1.14, S1.15, S2.14: a channel shows what tells a company's numbers apart, and of its secrets four
/// characters.
#[test]
fn a_manager_sees_everything_but_secrets() {
    let acme = Company::named("acme");
    let mut channel = acme.meta_channel();
    channel.health = Some(HealthNote {
        word: "CONNECTED".into(),
        detail: "The provider says: CONNECTED.".into(),
        at: "2026-11-20T08:00:00Z".parse().unwrap(),
    });
    let url = format!(
        "https://hooks.example/webhooks/meta/{}",
        channel.key.as_str()
    );
    assert_eq!(
        shown(&channel, &acme.user(Role::Manager)),
        json!({
            "id": channel.id.to_string(), "provider": "meta", "name": "Cloud",
            "phone": channel.phone.as_ref().unwrap().as_str(),
            "provider_ref": channel.provider_ref, "account": channel.account, "api_version": "v22.0",
            "active": true, "auth": "authorized",
            "health": {"word": "CONNECTED", "detail": "The provider says: CONNECTED.",
                "at": "2026-11-20T08:00:00Z"},
            "is_default": true, "token_hint": "c0de", "webhook_url": url,
            "pace": {"per_second": 80, "sub_lanes": 4}, "state": "active", "billing": null,
            "paid_until": null, "days_left": null, "auto_extend": null, "extension": null,
            "problem": null, "created_at": "2026-11-01T08:00:00Z",
        })
    );
}

/// S3.49, S3.58, S3.70, X29: what a channel costs and whether it is linked, and the one word for both.
#[test]
fn a_managed_channel_shows_what_it_costs_and_one_word() {
    let acme = Company::named("acme");
    let manager = acme.user(Role::Manager);
    let mut record = billing::managed(acme.tenant.id, now());
    let show = |record: &ManagedChannel, auth| {
        let channel = Channel {
            auth,
            ..record.as_channel()
        };
        let view = ChannelView {
            managed: Some(record.clone()),
            ..view(&channel)
        };
        let urls = WebhookUrls::below(BASE);
        let shown = ChannelShown::new(view, &manager, &urls, now());
        let shown = serde_json::to_value(shown).unwrap();
        let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
        (text("state"), text("billing"), shown["days_left"].as_u64())
    };
    let words = |state: &str, billing: &str, days| (state.to_owned(), billing.to_owned(), days);
    let pending = AuthStatus::Pending;
    assert_eq!(show(&record, pending), words("pending", "pending", None));
    record.stage = Stage::Live;
    record.trial = true;
    record.active_till = Some(now() + SignedDuration::from_hours(24 * 5 + 3));
    assert_eq!(show(&record, pending), words("pending", "trial", Some(5)));
    let code = AuthStatus::QrGenerated;
    assert_eq!(show(&record, code), words("qr_generated", "trial", Some(5)));
    let linked = AuthStatus::Authorized;
    assert_eq!(show(&record, linked), words("authorized", "trial", Some(5)));
    record.trial = false;
    assert_eq!(show(&record, linked), words("active", "active", Some(5)));
    let gone = AuthStatus::Disconnected;
    assert_eq!(
        show(&record, gone),
        words("disconnected", "active", Some(5))
    );
    record.stopped = true;
    assert_eq!(show(&record, gone), words("stopped", "stopped", Some(5)));
    record.active_till = Some(now());
    assert_eq!(show(&record, linked), words("expired", "expired", Some(0)));
    record.stage = Stage::Failed;
    assert_eq!(show(&record, pending), words("failed", "pending", Some(0)));
}

#[test]
fn a_webhook_address_is_the_channels_own_or_the_platforms() {
    let acme = Company::named("acme");
    let manager = acme.user(Role::Manager);
    let own = |channel: &Channel| {
        let provider = channel.provider.as_str();
        format!(
            "https://hooks.example/webhooks/{provider}/{}",
            channel.key.as_str()
        )
    };
    for channel in [
        &acme.channel,
        &acme.meta_channel(),
        &acme.messenger360_channel(),
    ] {
        assert_eq!(shown(channel, &manager)["webhook_url"], own(channel));
    }
    let shared = acme.shared_meta_channel();
    let platforms = "https://hooks.example/webhooks/meta";
    assert_eq!(shown(&shared, &manager)["webhook_url"], platforms);
    assert_eq!(
        WebhookUrls::below("https://hooks.example").of_platform(),
        platforms
    );
}

/// Whoever knows a channel's address may try to speak as its provider.
#[test]
fn a_viewer_sees_no_address() {
    let acme = Company::named("acme");
    let viewer = acme.user(Role::Viewer);
    for channel in [
        acme.channel.clone(),
        acme.meta_channel(),
        acme.shared_meta_channel(),
        acme.messenger360_channel(),
    ] {
        let one = shown(&channel, &viewer);
        assert_eq!(one["webhook_url"], Value::Null);
        let list = ChannelList::new(
            vec![view(&channel)],
            &viewer,
            &WebhookUrls::below(BASE),
            now(),
        );
        let list = serde_json::to_value(list).unwrap();
        assert_eq!(list["items"], json!([one]));
        assert!(!list.to_string().contains(channel.key.as_str()));
    }
}

#[test]
fn what_is_shown_once_and_the_address_are_not_printed() {
    let acme = Company::named("acme");
    let channel = acme.messenger360_channel();
    let manager = acme.user(Role::Manager);
    let shown = ChannelShown::new(view(&channel), &manager, &WebhookUrls::below(BASE), now());
    let answer = Success::created(ChannelMade::new(shown, Some("shown-once-0001".into())));
    let printed = format!("{answer:?}");
    assert!(
        !printed.contains("shown-once") && !printed.contains(channel.key.as_str()),
        "{printed}"
    );

    let shown = ChannelShown::new(view(&channel), &manager, &WebhookUrls::below(BASE), now());
    let made = ChannelMade::new(shown, Some("shown-once-0001".into()));
    let made = serde_json::to_value(made).unwrap();
    assert_eq!(made["verify_token"], "shown-once-0001");
    assert_eq!(made["id"], channel.id.to_string());
}

/// S1.156.
#[test]
fn the_platforms_app_shows_four_characters() {
    let shown = PlatformAppShown::new(platform_app(), &WebhookUrls::below(BASE));
    let shown = serde_json::to_value(shown).unwrap();
    assert_eq!(
        shown,
        json!({
            "app_secret_hint": "-012", "has_verify_token": true, "changed_at": "2026-11-01T08:00:00Z",
            "webhook_url": "https://hooks.example/webhooks/meta",
        })
    );
    for secret in [APP_SECRET, PLATFORM_SECRET, PLATFORM_VERIFY_TOKEN] {
        assert!(!shown.to_string().contains(secret));
    }
}
