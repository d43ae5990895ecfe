//! Meta's 24 hours: asked when a message is accepted, and once more before it is sent.

use domain::{
    failure::Code,
    message::{Phase, Status},
    ports::Task,
    principal::Role,
    provider::ProviderKind,
    service::{attempt::Worked, send::FirstAttempt},
};
use jiff::SignedDuration;
use serde_json::json;
use testkit::builders::{interactive_draft, text_draft};

use super::{Cloud, MONA, MONA_USER, NASR, echoes, hello, messages, notice, text, with};

const DAY: i64 = 24 * 3_600;

async fn mona_writes(cloud: &Cloud, second: i64) {
    let id = format!("wamid.M{second}");
    let verdicts = cloud
        .own(&[messages(&cloud.own, &[text(&id, MONA, second, "Hi")])])
        .await;
    assert_eq!(verdicts, ["applied"]);
}

/// X45, S2.113: who has not written for a day gets templates only; nothing of a refused message is
/// stored or sent.
#[tokio::test]
async fn outside_of_the_window_only_templates_are_accepted() {
    let cloud = Cloud::new();
    let to = format!("+{MONA}");
    for (draft, second) in [(hello(), None), (interactive_draft(&to), Some(-DAY))] {
        if let Some(second) = second {
            mona_writes(&cloud, second).await;
        }
        let refused = cloud.world.send(draft).await.unwrap_err();
        assert_eq!(refused.code(), Code::Conflict);
        assert_eq!(refused.details()["reason"], "WINDOW_CLOSED");
        assert!(refused.message().contains("Send a template"), "{refused}");
    }
    assert!(cloud.world.store.state().messages.is_empty());
    assert_eq!(cloud.world.sends(), 0);
    assert!(cloud.world.store.state().usage.values().all(|n| *n == 0));
    let sent = cloud.world.send(notice()).await.unwrap().message;
    assert_eq!(sent.status(), Status::Sent);

    mona_writes(&cloud, -DAY + 1).await;
    let sent = cloud.world.send(hello()).await.unwrap().message;
    assert_eq!(sent.status(), Status::Sent);
    cloud.world.clock.advance(SignedDuration::from_secs(1));
    cloud.world.send(hello()).await.unwrap_err();
    assert_eq!(cloud.world.sends(), 2);
}

/// What our own phone sends opens nothing, and another person's message opens nothing for this one.
#[tokio::test]
async fn only_their_own_words_open_the_window() {
    let cloud = Cloud::new();
    let echo = with(text("wamid.E", "97333000000", 0, "On my way"), "to", MONA);
    cloud.own(&[echoes(&cloud.own, &[echo])]).await;
    let nasr = text("wamid.N", NASR, 0, "Hi");
    cloud.own(&[messages(&cloud.own, &[nasr])]).await;
    let elsewhere = text("wamid.S", MONA, 0, "Hi");
    cloud
        .platform(&[messages(&cloud.shared, &[elsewhere])])
        .await;
    assert_eq!(cloud.world.store.state().inbound.len(), 3);
    let refused = cloud.world.send(hello()).await.unwrap_err();
    assert_eq!(refused.details()["reason"], "WINDOW_CLOSED");
}

/// It closed while the message waited: the message ends as such without a call, mailed as any failure;
/// it is not tried again. A template goes.
#[tokio::test]
async fn a_window_that_closed_meanwhile_ends_the_message_without_a_call() {
    let cloud = Cloud::new();
    mona_writes(&cloud, -DAY + 30).await;
    let lane = FirstAttempt::InLane;
    let queue = async |draft| {
        let accepted = cloud.world.send_with(draft, None, lane).await.unwrap();
        accepted.message.id
    };
    let (plain, template) = (queue(hello()).await, queue(notice()).await);
    cloud.world.clock.advance(SignedDuration::from_secs(30));
    cloud.world.drain().await;
    let message = cloud.world.message(plain);
    assert_eq!(message.facts.failed[&1].code, "WINDOW_CLOSED");
    assert!(message.is_dead());
    assert_eq!(cloud.world.message(template).status(), Status::Sent);
    cloud.world.minutes(120).await;
    assert_eq!(
        (cloud.world.sends(), cloud.world.mailer.sent().len()),
        (1, 1)
    );
    cloud.world.assert_consistent().await;

    // They write, and a person tries it again.
    mona_writes(&cloud, 7_000).await;
    let manager = cloud.world.acme.user(Role::Manager);
    cloud.world.change().retry(&manager, plain).await.unwrap();
    assert!(matches!(
        cloud.world.work(plain).await,
        Worked::Attempted(_)
    ));
    assert_eq!(cloud.world.message(plain).status(), Status::Sent);
}

/// For a scheduled message the window counts when its time has come, either way.
#[tokio::test]
async fn a_scheduled_message_meets_the_window_of_its_time() {
    for (writes, shown) in [(false, Status::Failed), (true, Status::Sent)] {
        let cloud = Cloud::new();
        let mut draft = hello();
        draft.scheduled_for = Some("2026-11-20T11:00:00Z".into());
        let id = cloud.world.send(draft).await.unwrap().message.id;
        if writes {
            mona_writes(&cloud, 60).await;
        }
        cloud.world.minutes(31).await;
        let message = cloud.world.message(id);
        assert_eq!(message.status(), shown);
        assert_eq!(cloud.world.sends(), usize::from(writes));
    }
}

/// They wrote under Meta's name, and turned out to be the person with the number while a message for
/// the number waited: the window is that person's.
#[tokio::test]
async fn the_window_of_a_merged_thread_counts() {
    let cloud = Cloud::new();
    let by_user = |id: &str, second| {
        let mut item = with(text(id, MONA, second, "Hi"), "from_user_id", MONA_USER);
        item.as_object_mut().unwrap().remove("from");
        item
    };
    mona_writes(&cloud, -DAY + 30).await;
    cloud
        .own(&[messages(&cloud.own, &[by_user("wamid.U", -60)])])
        .await;
    let by_number = cloud.thread();
    let queued = cloud
        .world
        .send_with(hello(), None, FirstAttempt::InLane)
        .await
        .unwrap()
        .message;
    assert_eq!(queued.conversation, by_number);
    // A person joins the number into the name: the message's own thread is the joined one.
    let manager = cloud.world.acme.user(Role::Manager);
    let user = domain::contact::Alias::provider_user(MONA_USER);
    let (named, numbered) = (cloud.person(&user).unwrap().id, cloud.mona().id);
    let desk = cloud.world.contacts();
    desk.merge(&manager, named, numbered).await.unwrap();
    assert_ne!(cloud.thread(), by_number);
    cloud.world.clock.advance(SignedDuration::from_secs(45));
    cloud.world.drain().await;
    assert_eq!(cloud.world.message(queued.id).status(), Status::Sent);
}

/// The other providers know no window.
#[tokio::test]
async fn whapi_has_no_window() {
    let world = crate::world::World::new();
    assert_eq!(world.acme.channel.provider, ProviderKind::Whapi);
    let sent = world.send(text_draft("+97333000021", "Hello")).await;
    assert_eq!(sent.unwrap().message.status(), Status::Sent);
}

/// A message to somebody who is known by Meta's name alone is answered in their thread (X13).
#[tokio::test]
async fn who_shows_no_number_is_answered_by_their_name() {
    let cloud = Cloud::new();
    let mut item = with(text("wamid.U", MONA, 0, "Hi"), "from_user_id", MONA_USER);
    item.as_object_mut().unwrap().remove("from");
    cloud.own(&[messages(&cloud.own, &[item])]).await;
    let user = domain::contact::Alias::provider_user(MONA_USER);
    let contact = cloud.person(&user).unwrap();
    let thread = domain::ids::ConversationId::of(cloud.own.id, contact.id);
    let (accept, attempt) = (cloud.world.accept(), cloud.world.attempt());
    let agent = cloud.world.acme.user(Role::Agent);
    let said =
        domain::service::converse::say(&accept, &attempt, &agent, thread, "At nine.".into(), None);
    let message = said.await.unwrap().message;
    assert_eq!(message.sending.phase, Phase::Accepted);
    let (_, request) = cloud.world.gate.sent().pop().unwrap();
    assert_eq!(request.body.unwrap()["recipient"], json!(MONA_USER));
    assert!(
        cloud
            .world
            .lanes
            .waiting()
            .iter()
            .all(|h| !matches!(h.task, Task::Media(..)))
    );
}
