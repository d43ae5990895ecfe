//! Copies of files, and the gate they come through.

use domain::{
    channel::Secret,
    ports::{FileGate, MediaFiles},
    provider::MediaPlace,
};
use testkit::{
    builders::Company,
    fakes::FakeFiles,
    memory::{FailWhen, KeptFile, Link, MemoryStore},
};

#[tokio::test]
async fn copies_are_kept_under_their_type_and_links_are_remembered() {
    let store = MemoryStore::new();
    store.fail("media.keep", 1, FailWhen::Before);
    assert!(
        store
            .keep("media/1.png", vec![1], "image/png")
            .await
            .is_err()
    );
    assert!(store.state().media.is_empty());
    store
        .keep("media/1.png", vec![1], "image/png")
        .await
        .unwrap();
    let kept = KeptFile {
        bytes: vec![1],
        mime: "image/png".into(),
    };
    assert_eq!(store.state().media["media/1.png"], kept);
    let link = store.link("media/1.png", "heron.png", "image/png").await;
    assert_eq!(link.unwrap(), "https://files.example/media/1.png?link=1");
    let asked = Link {
        key: "media/1.png".into(),
        filename: "heron.png".into(),
        mime: "image/png".into(),
    };
    assert_eq!(store.state().links, [asked]);
}

#[tokio::test]
async fn files_come_from_the_script_and_never_larger_than_wanted() {
    let (files, channel) = (FakeFiles::default(), Company::named("acme").meta_channel());
    files.next_file(b"%PDF-1.7", "application/pdf", "pdf");
    files.next_failure("GONE", false);
    files.next_file(&[0; 11], "video/mp4", "mp4");
    let place = MediaPlace::Url("https://media.example/1".into());
    let (token, mut codes) = (Secret::from("token"), Vec::new());
    for _ in 0..4 {
        let fetched = files.fetch(&channel, &token, &place, 40).await;
        codes.push(fetched.map_or_else(
            |failure| failure.code,
            |file| match file.extension.as_str() {
                "pdf" => "pdf",
                "mp4" => "mp4",
                _ => "picture",
            },
        ));
    }
    assert_eq!(codes, ["pdf", "GONE", "mp4", "picture"]);
    files.next_file(&[0; 11], "video/mp4", "mp4");
    let failure = files.fetch(&channel, &token, &place, 10).await.unwrap_err();
    assert_eq!((failure.code, failure.again), ("TOO_LARGE", false));
    let sent = files.sent();
    assert_eq!(sent.len(), 5);
    assert!(
        sent.iter()
            .all(|asked| asked.channel == channel.id && asked.place == place)
    );
    assert_eq!((sent[0].most, sent[4].most), (40, 10));
}
