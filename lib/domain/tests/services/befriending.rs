//! Contacts as people enter and change them.

use domain::{
    contact::Consent,
    failure::Code,
    ids::ContactId,
    principal::Role,
    service::contacts::{ContactEdit, Entered, NewContact},
};
use jiff::SignedDuration;
use testkit::builders::text_draft;

use crate::{
    desks::{AMAL, BASIL, change},
    world::World,
};

fn named(name: &str) -> ContactEdit {
    ContactEdit {
        name: Some(name.into()),
        ..ContactEdit::default()
    }
}

fn consent(word: &str) -> ContactEdit {
    ContactEdit {
        consent: Some(word.into()),
        ..ContactEdit::default()
    }
}

fn further(number: &str) -> ContactEdit {
    ContactEdit {
        add_phone: Some(number.into()),
        ..ContactEdit::default()
    }
}

#[tokio::test]
async fn a_change_is_stored_and_audited_with_what_was_before() {
    let world = World::new();
    world.hears(AMAL, "Amal", 1, "Hello").await;
    let id = world.contact_id(AMAL);
    let agent = world.acme.user(Role::Agent);
    let desk = world.contacts();
    desk.edit(&agent, id, &named(" Amal Heron ")).await.unwrap();
    desk.edit(&agent, id, &named("Amal Heron")).await.unwrap();
    desk.edit(&agent, id, &consent("given")).await.unwrap();
    desk.edit(&agent, id, &further(BASIL)).await.unwrap();
    let amal = desk.edit(&agent, id, &named("")).await.unwrap();
    assert_eq!((amal.name, amal.consent), (None, Consent::Given));
    assert_eq!(world.person(BASIL).id, id);
    let audited = world.audited("contacts");
    assert_eq!(world.actions("contacts"), ["edit"; 4]);
    assert_eq!(change(&audited[0], "name"), ("Amal", "Amal Heron"));
    assert_eq!(change(&audited[1], "consent"), ("unasked", "given"));
    assert_eq!(audited[2].after["phone"], "+973…18");
    assert_eq!(change(&audited[3], "name"), ("Amal Heron", ""));
    for entry in &audited {
        assert!(!format!("{entry:?}").contains("33000018"), "{entry:?}");
    }
}

/// Whoever writes from the further number is the same person in the same thread.
#[tokio::test]
async fn a_further_number_leads_to_the_same_person() {
    let world = World::new();
    let thread = world.hears(AMAL, "Amal", 1, "Hello").await;
    let agent = world.acme.user(Role::Agent);
    let id = world.contact_id(AMAL);
    world
        .contacts()
        .edit(&agent, id, &further(BASIL))
        .await
        .unwrap();
    assert_eq!(
        world.hears(BASIL, "Amal", 2, "From my other phone").await,
        thread
    );
    assert_eq!(world.conversation(thread).unread, 2);
    assert_eq!(world.store.state().conversations.len(), 1);
}

#[tokio::test]
async fn a_number_of_somebody_else_is_refused_with_whose_it_is() {
    let world = World::new();
    world.hears(AMAL, "Amal", 1, "Hello").await;
    world.hears(BASIL, "Basil", 2, "Hello").await;
    let agent = world.acme.user(Role::Agent);
    let before = world.person(AMAL);
    let taken = world
        .contacts()
        .edit(&agent, before.id, &further(BASIL))
        .await;
    let taken = taken.unwrap_err();
    assert_eq!(taken.code(), Code::Conflict);
    assert_eq!(taken.details()["reason"], "ALIAS_TAKEN");
    assert_eq!(
        taken.details()["contact_id"],
        world.contact_id(BASIL).to_string()
    );
    assert_eq!(world.person(AMAL), before);
    assert!(world.audited("contacts").is_empty());
}

/// S4.36, S4.86: every wrong field at once, and nothing is stored.
#[tokio::test]
async fn everything_wrong_about_a_change_is_told_at_once() {
    let world = World::new();
    world.hears(AMAL, "Amal", 1, "Hello").await;
    let before = world.person(AMAL);
    let edit = ContactEdit {
        name: Some("x".repeat(129)),
        consent: Some("maybe".into()),
        add_phone: Some("12".into()),
        zone: Some("Bahrain".into()),
        tags: Some(vec!["good".into(), "a,b".into(), " ".into()]),
    };
    let agent = world.acme.user(Role::Agent);
    let failure = world
        .contacts()
        .edit(&agent, before.id, &edit)
        .await
        .unwrap_err();
    let fields: Vec<_> = failure.fields().iter().map(|f| f.field.as_str()).collect();
    assert_eq!(
        (failure.code(), fields),
        (
            Code::Validation,
            vec!["name", "consent", "add_phone", "zone", "tags[1]", "tags[2]"]
        )
    );
    assert_eq!(world.person(AMAL), before);
}

/// Where a person lives and which groups they belong to is kept, noted, and taken away again.
#[tokio::test]
async fn a_zone_and_tags_are_kept_and_taken_away() {
    let world = World::new();
    world.hears(AMAL, "Amal", 1, "Hello").await;
    let before = world.person(AMAL);
    let change = |zone: &str, tags: &[&str]| ContactEdit {
        zone: Some(zone.into()),
        tags: Some(tags.iter().map(|tag| (*tag).into()).collect()),
        ..ContactEdit::default()
    };
    let agent = world.acme.user(Role::Agent);
    let edit = change("Asia/Dubai", &["Wholesale ", "north", "wholesale"]);
    let after = world
        .contacts()
        .edit(&agent, before.id, &edit)
        .await
        .unwrap();
    assert_eq!(after.zone.as_deref(), Some("Asia/Dubai"));
    let tags: Vec<_> = after.tags.iter().map(String::as_str).collect();
    assert_eq!(tags, ["north", "wholesale"]);
    assert_eq!(world.person(AMAL), after);
    let [line] = world.audited("contacts").try_into().unwrap();
    assert_eq!(
        (line.after["zone"].as_str(), line.after["tags"].as_str()),
        ("Asia/Dubai", "north,wholesale")
    );
    let edit = change("", &[]);
    let after = world
        .contacts()
        .edit(&agent, before.id, &edit)
        .await
        .unwrap();
    assert_eq!((after.zone, after.tags.len()), (None, 0));
}

/// A stop that an agent notes keeps messages back, and lifting it lets them go again.
#[tokio::test]
async fn a_noted_stop_counts_until_it_is_lifted() {
    let world = World::new();
    world.hears(AMAL, "Amal", 1, "Hello").await;
    let agent = world.acme.user(Role::Agent);
    let id = world.contact_id(AMAL);
    world
        .contacts()
        .edit(&agent, id, &consent("stopped"))
        .await
        .unwrap();
    let refused = world.send(text_draft(AMAL, "Offer")).await.unwrap_err();
    assert_eq!(refused.details()["reason"], "CONSENT_STOPPED");
    assert_eq!(world.sends(), 0);
    world.clock.advance(SignedDuration::from_mins(1));
    world
        .contacts()
        .edit(&agent, id, &consent("given"))
        .await
        .unwrap();
    world.send(text_draft(AMAL, "Offer")).await.unwrap();
    assert_eq!(world.sends(), 1);
}

/// Two agents change one contact: neither change is lost.
#[tokio::test]
async fn a_change_meets_another_one() {
    let world = World::new();
    world.hears(AMAL, "Amal", 1, "Hello").await;
    let key = (world.acme.tenant.id, world.contact_id(AMAL));
    world.store.meanwhile("contacts.save", move |state| {
        let amal = state.contacts.get_mut(&key).unwrap();
        amal.consent = Consent::Given;
        amal.version += 1;
    });
    let agent = world.acme.user(Role::Agent);
    let amal = world
        .contacts()
        .edit(&agent, key.1, &named("Amal Heron"))
        .await;
    let amal = amal.unwrap();
    assert_eq!(amal.consent, Consent::Given);
    assert_eq!(world.person(AMAL), amal);
    assert_eq!(world.actions("contacts"), ["edit"]);
}

fn new(number: &str, name: Option<&str>, consent: Option<&str>) -> NewContact {
    NewContact::parse(number, name, consent).unwrap()
}

#[tokio::test]
async fn entering_makes_changes_or_leaves_a_contact() {
    let world = World::new();
    let manager = world.acme.user(Role::Manager);
    let desk = world.contacts();
    let mut came = Vec::new();
    for entry in [
        new(AMAL, None, None),
        new(AMAL, None, None),
        new(AMAL, Some("Amal Heron"), Some("given")),
        new("973 3300-0017", Some("Amal Heron"), Some("given")),
        new(AMAL, None, Some("stopped")),
        new(AMAL, None, Some("given")),
        new(AMAL, None, Some("unasked")),
    ] {
        world.clock.advance(SignedDuration::from_mins(1));
        came.push(desk.enter(&manager, &entry).await.unwrap().0);
    }
    use Entered::{Changed, New, Same};
    assert_eq!(came, [New, Same, Changed, Same, Changed, Same, Same]);
    let amal = world.person(AMAL);
    assert_eq!(amal.name.as_deref(), Some("Amal Heron"));
    assert_eq!(amal.consent, Consent::Stopped, "a list never lifts a stop");
    let audited = world.audited("contacts");
    assert_eq!(world.actions("contacts"), ["enter"; 3]);
    assert_eq!(change(&audited[1], "name"), ("", "Amal Heron"));
    assert_eq!(change(&audited[1], "consent"), ("unasked", "given"));
    assert_eq!(change(&audited[2], "consent"), ("given", "stopped"));
    assert!(!audited[2].after.contains_key("name"), "it did not change");
    assert_eq!(audited[0].after["phone"], "+973…17");
}

#[tokio::test]
async fn another_companys_contacts_do_not_exist() {
    let world = World::new();
    world.hears(AMAL, "Amal", 1, "Hello").await;
    let before = world.person(AMAL);
    let stranger = world.other.user(Role::Manager);
    let desk = world.contacts();
    for id in [before.id, ContactId::fresh()] {
        let codes = [
            desk.contact(&stranger, id).await.unwrap_err().code(),
            desk.edit(&stranger, id, &named("X"))
                .await
                .unwrap_err()
                .code(),
            desk.merge(&stranger, id, before.id)
                .await
                .unwrap_err()
                .code(),
        ];
        assert_eq!(codes, [Code::NotFound; 3]);
    }
    // The same number is another person there.
    let (entered, theirs) = desk.enter(&stranger, &new(AMAL, None, None)).await.unwrap();
    assert_eq!(entered, Entered::New);
    assert_ne!(theirs.id, before.id);
    assert_eq!(world.person(AMAL), before);
}
