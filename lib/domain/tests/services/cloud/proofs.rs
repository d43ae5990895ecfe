//! What proves a webhook, and what is refused although it is proven.

use domain::{failure::Code, ids::TenantId};
use jiff::SignedDuration;
use testkit::builders::{APP_SECRET, PLATFORM_SECRET};

use super::{
    Cloud, MONA, NOON, body, messages, preferences, signature, status, statuses, text, wamid,
};
use crate::world;

/// Everything a webhook may write, as one text.
fn stored(cloud: &Cloud) -> String {
    let state = cloud.world.store.state();
    let mut sorted: Vec<String> = Vec::new();
    sorted.extend(state.contacts.values().map(|c| format!("{c:?}")));
    sorted.extend(state.conversations.values().map(|c| format!("{c:?}")));
    sorted.extend(state.journal.values().map(|e| format!("{e:?}")));
    sorted.extend(state.pointers.iter().map(|p| format!("{p:?}")));
    sorted.extend(state.parked.iter().map(|p| format!("{p:?}")));
    sorted.extend(state.templates.iter().map(|t| format!("{t:?}")));
    sorted.sort();
    let rest = (
        &state.messages,
        &state.inbound,
        &state.channels,
        &state.audit,
    );
    format!("{sorted:?}{rest:?}{:?}", state.files.keys())
}

/// X33, S2.106: nothing is taken on trust. Without the right signature nothing at all is written,
/// whatever the body says, an empty one included; nor does a stranger learn which keys exist.
#[tokio::test]
async fn what_is_not_proven_writes_nothing_at_all() {
    let cloud = Cloud::new();
    cloud
        .own(&[messages(&cloud.own, &[text("wamid.A", MONA, 0, "Hi")])])
        .await;
    let before = stored(&cloud);
    let forged = body(&[
        messages(&cloud.own, &[text("wamid.B", MONA, 1, "STOP")]),
        statuses(&cloud.own, &[status(&wamid(1), "read", 1)]),
    ]);
    let hook = "x-hub-signature-256".to_owned();
    for content in [forged.clone(), body(&[])] {
        let bytes = content.to_string().into_bytes();
        let right = signature(APP_SECRET, &bytes);
        let upper = String::from_utf8(right.clone()).unwrap().to_uppercase();
        let other = signature(APP_SECRET, b"{}");
        let platform = signature(PLATFORM_SECRET, &bytes);
        let theirs = cloud.world.acme.meta_channel().key;
        let own = Some(&cloud.own.key);
        for (key, headers) in [
            (own, vec![]),
            (own, vec![(hook.clone(), b"sha256=".to_vec())]),
            (own, vec![(hook.clone(), right[..70].to_vec())]),
            (own, vec![(hook.clone(), upper.into_bytes())]),
            (own, vec![(hook.clone(), other)]),
            (own, vec![(hook.clone(), platform.clone())]),
            // Another provider's channel is no way in, whoever signed.
            (
                Some(&cloud.world.acme.channel.key),
                vec![(hook.clone(), platform)],
            ),
            (
                own,
                vec![(hook.clone(), right.clone()), (hook.clone(), right.clone())],
            ),
            (None, vec![(hook.clone(), right.clone())]),
            (Some(&cloud.shared.key), vec![(hook.clone(), right.clone())]),
            (Some(&theirs), vec![(hook.clone(), right.clone())]),
            (
                Some(&cloud.world.acme.channel.key),
                vec![(hook.clone(), right)],
            ),
        ] {
            let refused = cloud.post_raw(key, headers, bytes.clone()).await;
            let refused = refused.unwrap_err();
            assert_eq!(refused.code(), Code::Unauthorized);
            assert_eq!(refused.message(), "The webhook could not be verified.");
        }
    }
    assert_eq!(stored(&cloud), before);
    let key = cloud.own.key.clone();
    cloud.post(Some(&key), APP_SECRET, &forged).await.unwrap();
    assert_ne!(stored(&cloud), before, "the same body, proven");
}

/// S2.105, S2.106: the console's test is taken, signed, at either URL; it holds nothing.
#[tokio::test]
async fn an_empty_webhook_is_taken() {
    let cloud = Cloud::new();
    assert!(cloud.own(&[]).await.is_empty());
    assert!(cloud.platform(&[]).await.verdicts.is_empty());
    assert!(cloud.journal(TenantId::PLATFORM).is_empty());
}

/// What cannot be read at all stands in a journal once; nobody tries it again for a day.
#[tokio::test]
async fn what_cannot_be_read_is_kept_and_not_tried_again() {
    let cloud = Cloud::new();
    let odd = serde_json::json!({"object": "page", "entry": []});
    for (key, secret, tenant) in [
        (None, PLATFORM_SECRET, TenantId::PLATFORM),
        (Some(&cloud.own.key), APP_SECRET, cloud.own.tenant),
    ] {
        let came = cloud.post(key, secret, &odd).await.unwrap();
        assert!(!came.unapplied);
        assert!(came.verdicts[0].starts_with("unreadable:"), "{came:?}");
        let journal = cloud.journal(tenant);
        assert_eq!((journal.len(), journal[0].retry_at), (1, None));
    }
}

/// Meta signs no time and repeats for seven days: what is older is a replay. To the second.
#[tokio::test]
async fn a_webhook_older_than_metas_own_retries_is_refused() {
    const WEEK: i64 = 7 * 24 * 3_600;
    let cloud = Cloud::new();
    let at = |second: i64| text(&format!("wamid.T{second}"), MONA, second, "Hi");
    let wish = |second: i64, value: &str| {
        serde_json::json!({"wa_id": MONA, "category": "marketing_messages", "value": value,
            "timestamp": NOON + second})
    };
    let verdicts = cloud
        .own(&[
            messages(&cloud.own, &[at(-WEEK - 1), at(-WEEK)]),
            statuses(&cloud.own, &[status(&wamid(9), "read", -WEEK - 1)]),
            preferences(&cloud.own, &[wish(-WEEK - 1, "resume")]),
        ])
        .await;
    let refused = "refused:too old";
    assert_eq!(verdicts, [refused, "applied", refused, refused]);
    let state = cloud.world.store.state();
    assert_eq!(state.inbound.len(), 1);
    assert!(state.parked.is_empty());
}

/// It came in time and could not be applied then: trying again later makes it no replay, and changes
/// nothing of when it came.
#[tokio::test]
async fn what_came_in_time_is_no_replay_when_it_is_tried_again() {
    const NEARLY_A_WEEK: i64 = 7 * 24 * 3_600 - 60;
    let cloud = Cloud::new();
    let late = text("wamid.A", MONA, -NEARLY_A_WEEK, "Hi");
    let ahead = text("wamid.B", MONA, 3_600, "From tomorrow");
    let store = &cloud.world.store;
    store.fail("inbox.receive", 2, testkit::memory::FailWhen::Before);
    let verdicts = cloud.own(&[messages(&cloud.own, &[late, ahead])]).await;
    assert_eq!(verdicts, ["failed", "failed"]);
    let came = cloud.journal(cloud.own.tenant)[0].key.arrived_at;
    cloud.world.minutes(2).await;
    let state = store.state();
    assert_eq!(state.inbound.len(), 2);
    assert!(state.inbound.values().all(|m| m.arrived_at == came));
    // A clock that is ahead counts as the moment it came, not as the moment it was tried.
    assert!(state.inbound.values().any(|m| m.at == came));
}

/// A status from the future counts as the moment it came.
#[tokio::test]
async fn a_status_from_the_future_is_of_now() {
    let cloud = Cloud::new();
    let id = cloud.world.send(super::notice()).await.unwrap().message.id;
    let ahead = status(&wamid(1), "delivered", 86_400);
    cloud.own(&[statuses(&cloud.own, &[ahead])]).await;
    let facts = cloud.world.message(id).facts;
    assert_eq!(facts.delivered, Some(super::at(0)));
}

/// WHAPI knows no such limit: its webhooks carry a secret of their own, and may be late.
#[tokio::test]
async fn whapi_may_be_late() {
    let world = world::World::new();
    world.clock.advance(SignedDuration::from_hours(24 * 30));
    let came = world
        .webhook(&world::messages(&[world::text("in-1-aBcDeF", "Late")]))
        .await;
    assert_eq!(came.verdicts, ["applied"]);
}

/// Times from the beginning and the end of the calendar: refused, or taken for now; nothing breaks.
#[tokio::test]
async fn times_of_any_size_break_nothing() {
    let cloud = Cloud::new();
    for second in [
        -377_705_023_201_i64,
        -1,
        0,
        253_402_207_200,
        253_402_207_201,
        i64::MAX,
        i64::MIN,
    ] {
        let mut item = text(&format!("wamid.T{second}"), MONA, 0, "Hi");
        item["timestamp"] = second.to_string().into();
        let neighbour = text(&format!("wamid.N{second}"), MONA, 0, "Hi");
        let verdicts = cloud.own(&[messages(&cloud.own, &[item, neighbour])]).await;
        let taken = ["refused:", "applied", "unreadable:"];
        let known = taken.iter().any(|word| verdicts[0].starts_with(word));
        assert!(known, "{second}: {verdicts:?}");
        assert_eq!(verdicts[1], "applied", "{second}");
    }
    let state = cloud.world.store.state();
    let now = super::at(1);
    assert!(state.inbound.values().all(|message| message.at < now));
}
