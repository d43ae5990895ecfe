//! Files that people sent, and the links to our copies of them.

use domain::{
    failure::Code,
    ids::{ConversationId, MessageId},
    message::MediaCopy,
    principal::Role,
};

use crate::{
    desks::{AMAL, BASIL},
    world::World,
};

/// Amal's only message has a file, whose copy stands like this.
async fn file(world: &World, copy: Option<MediaCopy>) -> (ConversationId, MessageId) {
    let thread = world.hears(AMAL, "Amal", 1, "Look").await;
    let mut state = world.store.state();
    let (key, message) = state.inbound.iter_mut().next().unwrap();
    message.copy = copy;
    (thread, key.1)
}

fn stored() -> Option<MediaCopy> {
    Some(MediaCopy::Stored {
        key: "media/acme/1.jpg".into(),
        mime: "image/jpeg".into(),
        bytes: 2_048,
    })
}

#[tokio::test]
async fn a_link_leads_to_our_copy() {
    let world = World::new();
    let (thread, id) = file(&world, stored()).await;
    let viewer = world.acme.user(Role::Viewer);
    let url = world
        .inbox()
        .file_link(&world.store, &viewer, thread, id)
        .await;
    assert!(url.unwrap().contains("media/acme/1.jpg"));
    let links = world.store.state().links.clone();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].filename, format!("{id}.jpg"));
}

#[tokio::test]
async fn what_is_not_there_yet_or_not_kept_says_so() {
    let refused = MediaCopy::Refused {
        code: "TOO_LARGE".into(),
        reason: "it is larger than 16 MB".into(),
    };
    for (copy, code, reason) in [
        (
            Some(MediaCopy::Wanted { tries: 0 }),
            Code::Conflict,
            Some("NOT_YET"),
        ),
        (Some(refused), Code::Conflict, Some("TOO_LARGE")),
        (None, Code::NotFound, None),
    ] {
        let world = World::new();
        let (thread, id) = file(&world, copy).await;
        let viewer = world.acme.user(Role::Viewer);
        let link = world
            .inbox()
            .file_link(&world.store, &viewer, thread, id)
            .await;
        let failure = link.unwrap_err();
        let told = failure.details().get("reason").map(String::as_str);
        assert_eq!((failure.code(), told), (code, reason));
        assert!(world.store.state().links.is_empty());
    }
}

/// A file is reached through its own conversation alone, by its own company alone.
#[tokio::test]
async fn a_file_belongs_to_its_conversation() {
    let world = World::new();
    let (thread, id) = file(&world, stored()).await;
    let elsewhere = world.hears(BASIL, "Basil", 2, "Hello").await;
    let viewer = world.acme.user(Role::Viewer);
    let stranger = world.other.user(Role::Manager);
    for (who, thread, id) in [
        (&viewer, elsewhere, id),
        (&viewer, ConversationId::fresh(), id),
        (&viewer, thread, MessageId::fresh()),
        (&stranger, thread, id),
    ] {
        let link = world.inbox().file_link(&world.store, who, thread, id).await;
        assert_eq!(link.unwrap_err().code(), Code::NotFound);
    }
    assert!(world.store.state().links.is_empty());

    let manager = world.acme.user(Role::Manager);
    let (amal, basil) = (world.contact_id(AMAL), world.contact_id(BASIL));
    world.contacts().merge(&manager, basil, amal).await.unwrap();
    for thread in [thread, elsewhere] {
        let link = world
            .inbox()
            .file_link(&world.store, &viewer, thread, id)
            .await;
        assert!(link.is_ok(), "the threads are one now");
    }
}
