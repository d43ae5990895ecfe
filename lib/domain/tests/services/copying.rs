//! Files that people send: fetched once, kept under the tenant, or refused with a reason.

use domain::{
    failure::{ProviderFailure, StoreFailureKind},
    ids::MessageId,
    message::{InboundMessage, MediaCopy},
    ports::Task,
    provider::MediaPlace,
    service::media::LARGEST,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{fakes::FakeFiles, memory::FailWhen};

use crate::{
    cloud::{self, Cloud, MONA},
    world::{World, inbound, messages, text},
};

const LINK: &str = "https://media.example/in/1.jpeg";

fn picture(id: &str) -> Value {
    inbound(
        id,
        json!({"type": "image", "image": {"id": "jpeg-0001", "mime_type": "image/jpeg", "link": LINK,
            "caption": "The broken part"}}),
    )
}

fn message(world: &World) -> InboundMessage {
    let state = world.store.state();
    let only = state.inbound.values().next().unwrap();
    assert_eq!(state.inbound.len(), 1);
    only.clone()
}

fn copy(world: &World) -> MediaCopy {
    message(world).copy.unwrap()
}

fn stored(message: &InboundMessage) -> MediaCopy {
    let (tenant, id) = (message.tenant.key(), message.id.key());
    MediaCopy::Stored {
        key: format!("media/{tenant}/{id}.jpg"),
        mime: "image/jpeg".into(),
        bytes: u64::try_from(FakeFiles::PICTURE.len()).unwrap(),
    }
}

/// It is there exactly once, under the tenant, with nothing left to do.
fn assert_kept(world: &World) {
    let message = message(world);
    assert_eq!(message.copy, Some(stored(&message)));
    let state = world.store.state();
    assert_eq!(state.media.len(), 1);
    let (key, kept) = state.media.iter().next().unwrap();
    assert!(key.starts_with(&format!("media/{}/", message.tenant.key())));
    assert_eq!(
        (kept.bytes.as_slice(), kept.mime.as_str()),
        (FakeFiles::PICTURE, "image/jpeg")
    );
    assert!(state.copies_due.is_empty());
}

#[tokio::test]
async fn a_file_is_fetched_and_kept_under_its_tenant() {
    let world = World::new();
    world.webhook(&messages(&[picture("in-1")])).await;
    assert_eq!(copy(&world), MediaCopy::Wanted { tries: 0 });
    assert!(
        world.files.sent().is_empty(),
        "the lane fetches, not the webhook"
    );
    let waiting = world.lanes.waiting();
    assert_eq!(waiting.len(), 1);
    assert!(
        waiting[0].lane.starts_with("media-"),
        "beside the channel's messages"
    );
    world.drain().await;
    assert_kept(&world);
    let asked = world.files.sent();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].place, MediaPlace::Url(LINK.into()));
    assert_eq!(
        (asked[0].channel, asked[0].most),
        (world.acme.channel.id, LARGEST)
    );
    assert!(message(&world).file_name().ends_with(".jpg"));
}

/// Where the provider must be asked for the place first, it is, with the channel's own token.
#[tokio::test]
async fn metas_files_are_asked_for_by_their_id() {
    let cloud = Cloud::new();
    let item = cloud::with(cloud::text("wamid.P", MONA, 0, ""), "type", "image");
    let image = json!({"id": "401700000000001", "mime_type": "image/jpeg"});
    let item = cloud::with(item, "image", image);
    cloud.own(&[cloud::messages(&cloud.own, &[item])]).await;
    cloud.world.drain().await;
    assert_kept(&cloud.world);
    let (channel, request) = cloud.world.gate.sent().remove(0);
    assert_eq!(
        (channel, request.path.as_str()),
        (cloud.own.id, "/v22.0/401700000000001")
    );
    let place = MediaPlace::Url("https://files.heron.example/1".into());
    assert_eq!(cloud.world.files.sent()[0].place, place);
}

/// The same webhook again, the same task again, two at once: one file, fetched once.
#[tokio::test]
async fn a_file_that_comes_again_is_not_fetched_again() {
    let world = World::new();
    for _ in 0..3 {
        world.webhook(&messages(&[picture("in-1")])).await;
    }
    let task = world.lanes.take().unwrap();
    assert!(
        world.lanes.waiting().is_empty(),
        "one hand-over in a minute"
    );
    tokio::join!(world.task(&task), world.task(&task));
    let fetched = world.files.sent().len();
    world.task(&task).await;
    world.webhook(&messages(&[picture("in-1")])).await;
    world.minutes(10).await;
    assert_eq!(world.files.sent().len(), fetched);
    assert_kept(&world);
    assert_eq!(world.store.state().inbound.len(), 1);
}

/// What the content shows to be of a kind that is not kept, or too large, says why; nobody tries again.
#[tokio::test]
async fn a_file_that_is_refused_says_why_and_is_not_tried_again() {
    let world = World::new();
    world.files.next_failure("TYPE_REFUSED", false);
    world.webhook(&messages(&[picture("in-1")])).await;
    world.minutes(30).await;
    let refused = MediaCopy::Refused {
        code: "TYPE_REFUSED".into(),
        reason: "The file could not be fetched.".into(),
    };
    assert_eq!(copy(&world), refused);
    assert_eq!(world.files.sent().len(), 1);

    let world = World::new();
    let large = vec![0; usize::try_from(LARGEST).unwrap() + 1];
    world.files.next_file(&large, "video/mp4", "mp4");
    world.webhook(&messages(&[picture("in-1")])).await;
    world.minutes(30).await;
    assert!(matches!(copy(&world), MediaCopy::Refused { code, .. } if code == "TOO_LARGE"));
    let state = world.store.state();
    assert!(state.media.is_empty() && state.copies_due.is_empty());
}

/// A message that shows neither id nor link, and a channel that is gone: said, and not asked for.
#[tokio::test]
async fn a_file_that_nobody_offers_is_refused_without_a_question() {
    let world = World::new();
    let bare = json!({"type": "document", "document": {"mime_type": "application/pdf"}});
    world.webhook(&messages(&[inbound("in-1", bare)])).await;
    world.drain().await;
    assert!(matches!(copy(&world), MediaCopy::Refused { code, .. } if code == "NOT_OFFERED"));

    let gone = World::new();
    gone.webhook(&messages(&[picture("in-1")])).await;
    let key = (gone.acme.tenant.id, gone.acme.channel.id);
    gone.store.state().channels.remove(&key);
    gone.drain().await;
    assert!(matches!(copy(&gone), MediaCopy::Refused { code, .. } if code == "CHANNEL_GONE"));
    assert!(world.files.sent().is_empty() && gone.files.sent().is_empty());
}

/// Tried after one, two, four, eight minutes, five times in all; then it is refused.
#[tokio::test]
async fn a_file_that_cannot_be_fetched_is_tried_at_growing_distances() {
    let world = World::new();
    for _ in 0..9 {
        world.files.next_failure("UNREACHABLE", true);
    }
    world.webhook(&messages(&[picture("in-1")])).await;
    world.drain().await;
    let mut tried_at = vec![0];
    for minute in 1..120 {
        world.minutes(1).await;
        if world.files.sent().len() > tried_at.len() {
            tried_at.push(minute);
        }
    }
    assert_eq!(tried_at, [0, 1, 3, 7, 15]);
    assert!(matches!(copy(&world), MediaCopy::Refused { code, .. } if code == "UNREACHABLE"));
    assert!(world.store.state().copies_due.is_empty());
}

#[tokio::test]
async fn a_file_that_is_there_at_the_second_try_is_kept() {
    let world = World::new();
    world.files.next_failure("UNREACHABLE", true);
    world.webhook(&messages(&[picture("in-1")])).await;
    world.drain().await;
    assert_eq!(copy(&world), MediaCopy::Wanted { tries: 1 });
    world.minutes(2).await;
    assert_kept(&world);
    assert_eq!(world.files.sent().len(), 2);
}

/// A provider that cannot say now where the file is, is asked again; one that says no is not.
#[tokio::test]
async fn the_question_for_the_place_may_fail_too() {
    for (failure, asked, kept) in [
        (ProviderFailure::NotSent { what: "connect" }, 2, true),
        (ProviderFailure::RateLimited { retry_after: None }, 2, true),
        (
            ProviderFailure::Rejected {
                code: "MEDIA_GONE".into(),
                reason: "It is gone.".into(),
            },
            1,
            false,
        ),
    ] {
        let cloud = Cloud::new();
        cloud.world.gate.next(Err(failure));
        let item = cloud::with(cloud::text("wamid.P", MONA, 0, ""), "type", "image");
        let item = cloud::with(item, "image", json!({"id": "401700000000001"}));
        cloud.own(&[cloud::messages(&cloud.own, &[item])]).await;
        cloud.world.minutes(10).await;
        assert_eq!(cloud.world.gate.sent().len(), asked);
        let is_kept = matches!(copy(&cloud.world), MediaCopy::Stored { .. });
        assert_eq!(is_kept, kept);
    }
}

/// The hand-over is lost, or the process dies before or after any write: the sweep ends it in one file.
#[tokio::test]
async fn a_crash_at_any_step_ends_in_one_file() {
    let world = World::new();
    world.lanes.set_broken(true);
    world.webhook(&messages(&[picture("in-1")])).await;
    world.lanes.set_broken(false);
    world.minutes(2).await;
    assert_kept(&world);
    for operation in [
        "inbox.receive",
        "inbox.inbound",
        "directory.channel",
        "media.keep",
        "inbox.move_copy",
    ] {
        for when in [FailWhen::Before, FailWhen::After] {
            let world = World::new();
            world.store.fail(operation, 1, when);
            world.webhook(&messages(&[picture("in-1")])).await;
            world.drain().await;
            world.minutes(5).await;
            assert_kept(&world);
            world.minutes(30).await;
            assert!(world.files.sent().len() <= 2, "{operation} {when:?}");
        }
    }
}

/// A text has no file, and a file of nobody is nothing to do.
#[tokio::test]
async fn only_files_are_copied() {
    let world = World::new();
    world.webhook(&messages(&[text("in-1", "Hello")])).await;
    assert_eq!(message(&world).copy, None);
    assert!(world.lanes.waiting().is_empty());
    let tenant = world.acme.tenant.id;
    for id in [MessageId::fresh(), message(&world).id] {
        world.task(&Task::Media(tenant, id)).await;
    }
    // Another company's task finds nothing either.
    world.webhook(&messages(&[picture("in-2")])).await;
    let file = world.lanes.take();
    let Some(Task::Media(_, id)) = file else {
        panic!("{file:?}");
    };
    world.task(&Task::Media(world.other.tenant.id, id)).await;
    assert!(world.files.sent().is_empty());
    world.clock.advance(SignedDuration::from_mins(2));
    let kind = StoreFailureKind::Throttled;
    world
        .store
        .fail_after("inbox.inbound", 0, 1, FailWhen::Before, kind);
    assert_eq!(world.sweep().await.failed, 1);
    world.minutes(1).await;
    assert_eq!(world.files.sent().len(), 1);
}
