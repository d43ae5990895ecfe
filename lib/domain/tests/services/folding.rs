//! Replay: the journal alone tells what is stored, and every lie of either is found.

use domain::{
    failure::ProviderFailure,
    message::{Fact, FailedFact, FailureOrigin},
    ports::Clock,
    principal::Role,
    service::{
        converse::say,
        replay::{Report, replay},
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{builders::APP_SECRET, memory::FailWhen};

use crate::{
    asking::{Floor, delivery},
    cloud::{
        Cloud, MONA, MONA_USER, NASR, body, echoes, messages, notice, preferences, stamped, status,
        statuses, text, wamid, with,
    },
    world::World,
};

/// What somebody invents about a message.
type Spoil = fn(&mut domain::message::Facts);

async fn fold(world: &World, from: Timestamp) -> Report {
    let store = &world.store;
    let (tenant, to) = (world.acme.tenant.id, world.clock.now());
    let to = to + SignedDuration::from_mins(2);
    replay(store, store, providers::adapter, tenant, from, to)
        .await
        .unwrap()
}

fn beginning() -> Timestamp {
    "2026-11-20T00:00:00Z".parse().unwrap()
}

/// A day with something of everything, ending in no difference.
async fn day() -> Cloud {
    let cloud = Cloud::new();
    let world = &cloud.world;
    {
        let mut state = world.store.state();
        let acme = state.tenants.get_mut(&cloud.own.tenant).unwrap();
        acme.settings = acme.settings.clone().answering("We are closed.");
    }
    // Sent, delivered, read, in the wrong order and twice; one status before its answer.
    let early = status(&wamid(1), "delivered", 1);
    cloud.own(&[statuses(&cloud.own, &[early])]).await;
    world.send(notice()).await.unwrap();
    for word in ["read", "sent", "delivered", "read"] {
        let news = status(&wamid(1), word, 2);
        cloud.own(&[statuses(&cloud.own, &[news])]).await;
    }
    // The answer is lost, and the token brings it back.
    world.gate.next(Err(ProviderFailure::OutcomeUnknown {
        what: "timeout".into(),
    }));
    world.send(notice()).await.unwrap();
    let (_, request) = world.gate.sent().pop().unwrap();
    let token = request.body.unwrap()["biz_opaque_callback_data"].clone();
    let healed = stamped("wamid.LOST", "delivered", 3, token.as_str().unwrap());
    cloud.own(&[statuses(&cloud.own, &[healed])]).await;
    // Failed at Meta, and refused at once.
    world.send(notice()).await.unwrap();
    let errors = json!([{"code": 131_026, "title": "Message undeliverable"}]);
    let failed = with(status(&wamid(3), "failed", 4), "errors", errors);
    cloud.own(&[statuses(&cloud.own, &[failed])]).await;
    let no = json!({"error": {"code": 131_008, "message": "A parameter is missing."}});
    world.gate.next(Ok(crate::world::answer(400, &no)));
    world.send(notice()).await.unwrap();
    // A time from the future, and one from the past that is too old.
    let ahead = text("wamid.F", NASR, 86_400, "From tomorrow");
    let old = text("wamid.O", NASR, -900_000, "From long ago");
    cloud.own(&[messages(&cloud.own, &[ahead, old])]).await;
    // People write, quote, stop and start, and turn out to be one; the phone answers too.
    let quote = json!({"id": wamid(1)});
    let mut named = with(
        text("wamid.U", MONA, 5, "It is me"),
        "from_user_id",
        MONA_USER,
    );
    named.as_object_mut().unwrap().remove("from");
    cloud
        .own(&[
            messages(
                &cloud.own,
                &[
                    with(text("wamid.Q", MONA, 5, "Thanks"), "context", quote),
                    named,
                    text("wamid.S", MONA, 6, "STOP"),
                    text("wamid.T", MONA, 7, "START"),
                    json!({"id": 7}),
                ],
            ),
            echoes(
                &cloud.own,
                &[with(
                    text("wamid.E", "97333000000", 8, "On my way"),
                    "to",
                    MONA,
                )],
            ),
            preferences(
                &cloud.own,
                &[json!({"wa_id": NASR, "value": "stop", "timestamp": 9})],
            ),
        ])
        .await;
    let both = with(text("wamid.B", MONA, 10, "Both"), "from_user_id", MONA_USER);
    cloud.own(&[messages(&cloud.own, &[both])]).await;
    world.drain().await;
    // An answer by hand; a webhook that had to be tried again; one for a number that came later.
    let agent = world.acme.user(Role::Agent);
    let (accept, attempt) = (world.accept(), world.attempt());
    let thread = cloud.thread();
    say(&accept, &attempt, &agent, thread, "At nine.".into(), None)
        .await
        .unwrap();
    world.store.fail("pointers.pointer", 1, FailWhen::Before);
    let late = status(&wamid(5), "read", 3_000);
    cloud.own(&[statuses(&cloud.own, &[late])]).await;
    let key = (cloud.shared.tenant, cloud.shared.id);
    let away = world.store.state().channels.remove(&key).unwrap();
    let waits = text("wamid.W", NASR, 11, "Hello?");
    cloud.platform(&[messages(&cloud.shared, &[waits])]).await;
    world.store.state().channels.insert(key, away);
    world.minutes(5).await;
    cloud
}

async fn differences(cloud: &Cloud) -> Vec<String> {
    fold(&cloud.world, beginning()).await.differences
}

/// S2.4, S2.109: every effect has its webhook and every webhook its effect; folding writes nothing.
#[tokio::test]
async fn a_day_folds_to_no_difference() {
    let cloud = day().await;
    let before = format!("{:?}", cloud.world.store.state().messages);
    let journal = cloud.world.store.state().journal.len();
    let report = fold(&cloud.world, beginning()).await;
    assert_eq!(report.differences, Vec::<String>::new());
    assert_eq!((report.messages, report.inbound), (9, 8));
    assert_eq!((report.entries, report.items), (12, 19));
    let state = cloud.world.store.state();
    assert_eq!(format!("{:?}", state.messages), before);
    assert_eq!(state.journal.len(), journal);
    assert!(cloud.world.lanes.waiting().is_empty());
}

/// What webhooks told is taken away by hand, or something is there that none told.
#[tokio::test]
async fn a_fact_without_webhook_or_a_webhook_without_fact_is_found() {
    let cloud = day().await;
    let ids: Vec<_> = cloud.world.store.state().messages.keys().copied().collect();
    let at: Timestamp = "2026-11-20T10:31:00Z".parse().unwrap();
    let mut found = 0;
    for key in ids {
        let whole = cloud.world.store.state().messages[&key].clone();
        let spoil: [(&str, Spoil); 5] = [
            ("delivered", |facts| facts.delivered = None),
            ("read", |facts| facts.read = None),
            ("reply", |facts| facts.reply = None),
            ("sent", |facts| facts.sent.clear()),
            ("failed", |facts| facts.failed.clear()),
        ];
        for (what, spoil) in spoil {
            let mut spoilt = whole.clone();
            spoil(&mut spoilt.facts);
            let answered = what == "failed" && whole.facts.accepted.is_empty();
            if spoilt == whole || answered {
                continue;
            }
            cloud.world.store.state().messages.insert(key, spoilt);
            let told = format!("message {}: `{what}` differs", whole.id);
            assert_eq!(differences(&cloud).await, [told]);
            found += 1;
        }
        let reason = FailedFact {
            at,
            origin: FailureOrigin::Provider,
            code: "INVENTED".into(),
            reason: "Nobody said so.".into(),
        };
        for (what, fact) in [
            ("delivered", Fact::Delivered { at }),
            ("read", Fact::Read { at }),
            ("sent", Fact::Sent { attempt: 9, at }),
            (
                "failed",
                Fact::Failed {
                    attempt: 1,
                    failure: reason,
                },
            ),
        ] {
            let mut invented = whole.clone();
            // Of a refused request the failure is the answer itself, which no journal has.
            let answered = what == "failed" && whole.facts.accepted.is_empty();
            if answered || !invented.facts.merge(fact) {
                continue;
            }
            cloud.world.store.state().messages.insert(key, invented);
            let told = differences(&cloud).await;
            assert_eq!(told, [format!("message {}: `{what}` differs", whole.id)]);
            found += 1;
        }
        cloud.world.store.state().messages.insert(key, whole);
    }
    assert!(found > 20, "{found}");
    assert!(differences(&cloud).await.is_empty());
}

/// A failure that Meta reported is taken for our own conclusion: found too.
#[tokio::test]
async fn our_own_conclusion_does_not_stand_for_metas_word() {
    let cloud = day().await;
    {
        let mut state = cloud.world.store.state();
        let failed = state.messages.values_mut().find(|message| {
            let failed = message.facts.failed.get(&1);
            !message.facts.accepted.is_empty() && failed.is_some()
        });
        let failure = failed.unwrap().facts.failed.get_mut(&1).unwrap();
        failure.origin = FailureOrigin::Ourselves;
        failure.at = beginning();
    }
    assert_eq!(differences(&cloud).await.len(), 1);
}

/// An inbound message is gone, or says something else, or came from nowhere.
#[tokio::test]
async fn an_inbound_message_and_its_webhook_belong_together() {
    let cloud = day().await;
    let keys: Vec<_> = cloud.world.store.state().inbound.keys().copied().collect();
    for key in keys {
        let whole = cloud.world.store.state().inbound.remove(&key).unwrap();
        let told = differences(&cloud).await;
        let missing = format!("inbound {}: in the journal, but not stored", whole.id);
        assert!(told.contains(&missing), "{told:?}");

        let mut other = whole.clone();
        other.at += SignedDuration::from_secs(1);
        cloud.world.store.state().inbound.insert(key, other);
        let otherwise = format!("inbound {}: stored otherwise than it came", whole.id);
        assert!(differences(&cloud).await.contains(&otherwise));

        let mut invented = whole.clone();
        invented.id = domain::ids::MessageId::fresh();
        let at = (key.0, invented.id);
        let id = invented.id;
        {
            let mut state = cloud.world.store.state();
            state.inbound.insert(key, whole);
            state.inbound.insert(at, invented);
        }
        let nowhere = format!("inbound {id}: stored, but no webhook of the journal brought it");
        assert_eq!(differences(&cloud).await, [nowhere]);
        cloud.world.store.state().inbound.remove(&at);
    }
    assert!(differences(&cloud).await.is_empty());
}

/// A webhook is gone from the journal: what it told has no proof any more.
#[tokio::test]
async fn a_webhook_that_is_gone_leaves_its_effects_without_proof() {
    let cloud = day().await;
    let entries = cloud.journal(cloud.own.tenant);
    let mut told = 0;
    for entry in entries {
        {
            let mut state = cloud.world.store.state();
            state.journal.remove(&entry.key).unwrap();
        }
        told += usize::from(!differences(&cloud).await.is_empty());
        let mut state = cloud.world.store.state();
        state.journal.insert(entry.key.clone(), entry);
    }
    // Of two webhooks that say the same one is proof enough.
    assert!(told >= 9, "{told}");
}

/// A webhook whose item still cannot be applied says so.
#[tokio::test]
async fn a_store_that_fails_while_folding_is_told() {
    let cloud = day().await;
    cloud
        .world
        .store
        .fail("pointers.pointer", 1, FailWhen::Before);
    let told = differences(&cloud).await;
    assert!(told[0].ends_with("an item cannot be applied"), "{told:?}");
}

/// Statuses that were asked for are in no journal; they may be more, and earlier, than webhooks told.
#[tokio::test]
async fn what_was_asked_for_needs_no_webhook() {
    let floor = Floor::new();
    let id = floor.send().await;
    floor.becomes("device");
    floor.world.minutes(1).await;
    floor.world.clock.advance(SignedDuration::from_secs(30));
    floor.webhook(&delivery(2)).await;
    floor.becomes("read");
    floor.world.minutes(3).await;
    assert!(floor.world.message(id).facts.read.is_some());
    let report = fold(&floor.world, beginning()).await;
    assert_eq!(
        (report.differences.len(), report.messages),
        (0, 1),
        "{report:?}"
    );
    // What a webhook did tell must be there all the same.
    let key = (floor.channel.tenant, id);
    {
        let mut state = floor.world.store.state();
        state.messages.get_mut(&key).unwrap().facts.delivered = None;
    }
    assert_eq!(fold(&floor.world, beginning()).await.differences.len(), 1);
}

/// Only the range counts, and another company's journal is not read.
#[tokio::test]
async fn a_replay_keeps_to_its_range_and_tenant() {
    let cloud = day().await;
    let later = cloud.world.clock.now() + SignedDuration::from_mins(1);
    let report = fold(&cloud.world, later).await;
    assert_eq!(report, Report::default());
    let theirs: Value = messages(&cloud.theirs, &[text("wamid.X", NASR, 0, "Hi")]);
    cloud.platform(std::slice::from_ref(&theirs)).await;
    let before = fold(&cloud.world, beginning()).await.entries;
    let key = cloud.own.key.clone();
    let foreign = body(&[theirs]);
    cloud.post(Some(&key), APP_SECRET, &foreign).await.unwrap();
    let report = fold(&cloud.world, beginning()).await;
    assert_eq!((report.entries, report.differences.len()), (before + 1, 0));
}
