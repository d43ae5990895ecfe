//! One URL for many tenants: each gets its own part, and nobody another's.

use domain::{
    channel::{AuthStatus, Channel},
    failure::StoreFailureKind,
    ids::TenantId,
    message::InboundContent,
    webhook::{JournalBody, JournalEntry},
};
use serde_json::json;
use testkit::{
    builders::{APP_SECRET, PLATFORM_SECRET, meta_channel},
    memory::FailWhen,
};

use super::{Cloud, MONA, NASR, body, change, messages, text};

fn kept(entry: &JournalEntry) -> String {
    match &entry.body {
        JournalBody::Here(bytes) => String::from_utf8(bytes.clone()).unwrap(),
        JournalBody::File(name) => format!("a file: {name}"),
    }
}

/// What people wrote to a tenant, sorted.
fn heard(cloud: &Cloud, tenant: TenantId) -> Vec<String> {
    let state = cloud.world.store.state();
    let own = state.inbound.values().filter(|m| m.tenant == tenant);
    let mut texts: Vec<_> = own
        .map(|m| match &m.content {
            InboundContent::Text { body } => body.clone(),
            other => format!("{other:?}"),
        })
        .collect();
    texts.sort();
    texts
}

/// A platform number that nobody has a channel for yet.
fn coming(cloud: &Cloud) -> Channel {
    Channel {
        sealed_app_secret: None,
        ..meta_channel(cloud.world.other.tenant.id)
    }
}

/// S2.5, S2.26, S2.58, S4.12, S4.75: every entry and change counts, each for the tenant of its number;
/// two tenants in one body each keep their own part of it.
#[tokio::test]
async fn each_tenant_keeps_its_own_part_of_a_body() {
    let cloud = Cloud::new();
    let ours = messages(&cloud.shared, &[text("wamid.A", MONA, 0, "for acme")]);
    let theirs = messages(&cloud.theirs, &[text("wamid.B", NASR, 0, "for other")]);
    let more = messages(&cloud.shared, &[text("wamid.C", MONA, 1, "again")]);
    let came = cloud.platform(&[ours, theirs, more]).await;
    assert_eq!((came.verdicts.len(), came.unapplied), (3, false));
    let (acme, other) = (cloud.shared.tenant, cloud.theirs.tenant);
    assert_eq!(heard(&cloud, acme), ["again", "for acme"]);
    assert_eq!(heard(&cloud, other), ["for other"]);
    assert_eq!(cloud.world.store.state().journal.len(), 2);
    for (tenant, channel, own, foreign) in [
        (acme, &cloud.shared, ["for acme", "again"], "for other"),
        (other, &cloud.theirs, ["for other", NASR], "for acme"),
    ] {
        let journal = cloud.journal(tenant);
        assert_eq!((journal.len(), journal[0].channel), (1, channel.id));
        let kept = kept(&journal[0]);
        assert!(own.iter().all(|word| kept.contains(word)), "{kept}");
        assert!(!kept.contains(foreign), "{kept}");
        // What is kept can be applied again, to no effect.
        let again = cloud.world.ingest().reapply(&journal[0]).await.unwrap();
        assert!(again.unwrap().verdicts.iter().all(|v| v == "duplicate"));
    }
    assert_eq!(heard(&cloud, acme).len(), 2);
}

/// The platform's app may speak to the URL of one of its channels: the same parts, the same owners.
#[tokio::test]
async fn the_platforms_app_is_one_app_at_whichever_url() {
    let cloud = Cloud::new();
    let ours = messages(&cloud.shared, &[text("wamid.A", MONA, 0, "for acme")]);
    let theirs = messages(&cloud.theirs, &[text("wamid.B", NASR, 0, "for other")]);
    let key = cloud.shared.key.clone();
    let both = body(&[ours, theirs]);
    let came = cloud.post(Some(&key), PLATFORM_SECRET, &both).await;
    assert_eq!(came.unwrap().verdicts, ["applied", "applied"]);
    assert_eq!(heard(&cloud, cloud.theirs.tenant), ["for other"]);
    let journal = cloud.journal(cloud.shared.tenant);
    assert!(!kept(&journal[0]).contains("for other"));
}

/// A number of the platform's app that is no channel yet: kept by the platform, tried again, and applied
/// once the channel is there; then it stands in the tenant's journal, and nothing of it in the platform's.
#[tokio::test]
async fn an_unknown_number_waits_for_its_channel() {
    let cloud = Cloud::new();
    let coming = coming(&cloud);
    let waits = messages(&coming, &[text("wamid.B", NASR, 0, "are you there")]);
    let ours = messages(&cloud.shared, &[text("wamid.A", MONA, 0, "for acme")]);
    let came = cloud.platform(&[waits, ours]).await;
    assert!(came.unapplied);
    assert_eq!(came.verdicts, ["unknown channel", "applied"]);
    let platform = cloud.journal(TenantId::PLATFORM);
    assert_eq!((platform.len(), platform[0].tries), (1, 1));
    assert!(kept(&platform[0]).contains("are you there"));
    assert!(!kept(&platform[0]).contains("for acme"));

    cloud.world.minutes(20).await;
    let platform = cloud.journal(TenantId::PLATFORM);
    assert!(platform[0].tries > 3 && platform[0].retry_at.is_some());
    assert!(heard(&cloud, coming.tenant).is_empty());

    let key = (coming.tenant, coming.id);
    {
        let mut state = cloud.world.store.state();
        state.channels.insert(key, coming.clone());
    }
    cloud.world.minutes(120).await;
    assert_eq!(heard(&cloud, coming.tenant), ["are you there"]);
    let platform = cloud.journal(TenantId::PLATFORM);
    assert_eq!((platform.len(), platform[0].retry_at), (1, None));
    assert!(!kept(&platform[0]).contains("are you there"));
    let theirs = cloud.journal(coming.tenant);
    assert_eq!(theirs.len(), 1);
    assert_eq!(theirs[0].verdicts, ["applied"]);
    assert_eq!(theirs[0].channel, coming.id);
    assert_eq!(theirs[0].key.arrived_at, platform[0].key.arrived_at);
    assert!(kept(&theirs[0]).contains("are you there"));
}

/// Either journal cannot be written: the platform keeps the item, and the next try is neither a second
/// message nor a second entry.
#[tokio::test]
async fn what_moves_to_its_tenant_is_not_lost_on_the_way() {
    for written in 0..3 {
        let cloud = Cloud::new();
        let coming = coming(&cloud);
        let waits = messages(&coming, &[text("wamid.B", NASR, 0, "are you there")]);
        cloud.platform(&[waits]).await;
        let key = (coming.tenant, coming.id);
        let store = &cloud.world.store;
        store.state().channels.insert(key, coming.clone());
        let kind = StoreFailureKind::Unavailable;
        store.fail_after("journal.write", written, 1, FailWhen::Before, kind);
        cloud.world.minutes(10).await;
        assert_eq!(heard(&cloud, coming.tenant), ["are you there"]);
        assert_eq!(cloud.journal(coming.tenant).len(), 1, "{written}");
        assert_eq!(cloud.journal(TenantId::PLATFORM)[0].retry_at, None);
        let unread: Vec<_> = {
            let state = store.state();
            state.conversations.values().map(|c| c.unread).collect()
        };
        assert_eq!(unread, [1]);
    }
}

/// The channel is there, and applying fails: from then on it is the tenant's to be tried again.
#[tokio::test]
async fn what_moved_and_failed_is_tried_again_from_its_own_journal() {
    let cloud = Cloud::new();
    let coming = coming(&cloud);
    let waits = messages(&coming, &[text("wamid.B", NASR, 0, "are you there")]);
    cloud.platform(&[waits]).await;
    let key = (coming.tenant, coming.id);
    let store = &cloud.world.store;
    store.state().channels.insert(key, coming.clone());
    store.fail("inbox.receive", 1, FailWhen::Before);
    cloud.world.minutes(1).await;
    assert_eq!(cloud.journal(TenantId::PLATFORM)[0].retry_at, None);
    let theirs = cloud.journal(coming.tenant);
    assert_eq!(theirs[0].verdicts, ["failed"]);
    assert!(theirs[0].retry_at.is_some());
    cloud.world.minutes(2).await;
    assert_eq!(cloud.journal(coming.tenant)[0].verdicts, ["applied"]);
    assert_eq!(heard(&cloud, coming.tenant), ["are you there"]);
}

/// Finding out whose a number is fails for a moment: the item is in a journal all the same.
#[tokio::test]
async fn an_item_whose_owner_could_not_be_asked_is_kept_and_applied() {
    let cloud = Cloud::new();
    let ours = messages(&cloud.shared, &[text("wamid.A", MONA, 0, "for acme")]);
    let theirs = messages(&cloud.theirs, &[text("wamid.B", NASR, 0, "for other")]);
    cloud
        .world
        .store
        .fail("channels.by_ref", 1, FailWhen::Before);
    let came = cloud.platform(&[ours, theirs]).await;
    assert_eq!(came.verdicts, ["failed", "applied"]);
    assert!(heard(&cloud, cloud.shared.tenant).is_empty());
    cloud.world.minutes(2).await;
    assert_eq!(heard(&cloud, cloud.shared.tenant), ["for acme"]);
    assert!(!kept(&cloud.journal(cloud.theirs.tenant)[0]).contains("for acme"));
}

/// A tenant's own app speaks for that tenant alone: neither another's numbers nor the platform's are
/// reached, and the platform's own secret says nothing of a tenant's own app.
#[tokio::test]
async fn a_secret_reaches_only_what_it_signs_for() {
    let cloud = Cloud::new();
    let stranger = messages(&cloud.theirs, &[text("wamid.B", NASR, 0, "not yours")]);
    let nobodys = messages(&coming(&cloud), &[text("wamid.C", NASR, 0, "nobody's")]);
    let mixed = messages(&cloud.own, &[text("wamid.A", MONA, 0, "ours")]);
    let verdicts = cloud.own(&[stranger, nobodys, mixed]).await;
    assert_eq!(verdicts, ["unknown channel", "unknown channel", "applied"]);
    assert!(heard(&cloud, cloud.theirs.tenant).is_empty());
    assert_eq!(heard(&cloud, cloud.own.tenant), ["ours"]);
    assert!(cloud.journal(TenantId::PLATFORM).is_empty());
    assert!(cloud.journal(cloud.theirs.tenant).is_empty());
    assert_eq!(cloud.journal(cloud.own.tenant)[0].retry_at, None);

    let own = messages(&cloud.own, &[text("wamid.D", MONA, 1, "forged")]);
    let came = cloud.platform(&[own]).await;
    assert_eq!(came.verdicts, ["unknown channel"]);
    assert_eq!(heard(&cloud, cloud.own.tenant), ["ours"]);
}

/// S2.6, S2.47: what is said of an account counts for each of its channels, of a number for that one.
#[tokio::test]
async fn news_of_an_account_reach_all_its_channels() {
    let cloud = Cloud::new();
    let second = Channel {
        account: cloud.own.account.clone(),
        ..cloud.world.acme.meta_channel()
    };
    let key = (second.tenant, second.id);
    {
        let mut state = cloud.world.store.state();
        state.channels.insert(key, second.clone());
    }
    let auth = |channel: &Channel| {
        let state = cloud.world.store.state();
        let channel = &state.channels[&(channel.tenant, channel.id)];
        (channel.auth, channel.health.clone().map(|note| note.word))
    };
    let rated = json!({"display_phone_number": second.phone.as_ref().unwrap().digits(),
        "event": "FLAGGED", "current_limit": "TIER_1K"});
    let verdicts = cloud
        .own(&[change(&cloud.own, "phone_number_quality_update", &rated)])
        .await;
    assert_eq!(verdicts, ["account:FLAGGED"]);
    assert_eq!(auth(&cloud.own), (AuthStatus::Authorized, None));
    let flagged = (AuthStatus::Authorized, Some("FLAGGED".to_owned()));
    assert_eq!(auth(&second), flagged);

    let banned = json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}});
    cloud
        .own(&[change(&cloud.own, "account_update", &banned)])
        .await;
    let stopped = (AuthStatus::Disconnected, Some("DISABLED_UPDATE".to_owned()));
    assert_eq!(
        (auth(&cloud.own), auth(&second)),
        (stopped.clone(), stopped)
    );
    assert_eq!(auth(&cloud.shared), (AuthStatus::Authorized, None));

    // One of the two fails: the other is told again, and both end the same.
    let lifted = json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}});
    cloud
        .world
        .clock
        .advance(jiff::SignedDuration::from_secs(1));
    cloud
        .world
        .store
        .fail("directory.note_health", 1, FailWhen::Before);
    let key = cloud.own.key.clone();
    let lifted = body(&[change(&cloud.own, "account_update", &lifted)]);
    let came = cloud.post(Some(&key), APP_SECRET, &lifted).await.unwrap();
    assert!(came.unapplied);
    cloud.world.minutes(2).await;
    let details: Vec<_> = [&cloud.own, &second]
        .map(|channel| {
            let state = cloud.world.store.state();
            let channel = &state.channels[&(channel.tenant, channel.id)];
            channel.health.clone().unwrap().detail
        })
        .into();
    assert_eq!(details, ["Meta lets the account send again."; 2]);
}
