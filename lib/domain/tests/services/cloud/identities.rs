//! One person under several names: a number, a name of Meta's, and what becomes of both.

use domain::{
    contact::{Alias, Contact},
    ids::{ContactId, ConversationId},
    message::Status,
    ports::ThreadItem,
    principal::Role,
};
use serde_json::{Value, json};
use testkit::memory::FailWhen;

use super::{
    Cloud, MONA, MONA_USER, NASR, NOON, change, hello, messages, notice, phone, text, with,
};

const OTHER_USER: &str = "BH.7HeronReed0002";
const THIRD: &str = "97333000023";

fn user(name: &str) -> Alias {
    Alias::provider_user(name)
}

/// Mona writes; which of her names shows is said.
fn writes(cloud: &Cloud, id: &str, second: i64, number: Option<&str>, name: Option<&str>) -> Value {
    let mut item = text(id, number.unwrap_or_default(), second, id);
    if number.is_none() {
        item.as_object_mut().unwrap().remove("from");
    }
    if let Some(name) = name {
        item = with(item, "from_user_id", name);
    }
    messages(&cloud.own, &[item])
}

fn changed_number(cloud: &Cloud, id: &str, from: &str, to: &str) -> Value {
    let item = json!({"from": from, "id": id, "timestamp": NOON.to_string(), "type": "system",
        "system": {"type": "user_changed_number", "wa_id": to, "body": "changed"}});
    messages(&cloud.own, &[item])
}

fn changed_user(cloud: &Cloud, before: &str, now: &str) -> Value {
    let metadata = json!({"phone_number_id": cloud.own.provider_ref});
    let item = json!({"user_id": {"previous": before, "current": now}, "timestamp": NOON});
    let value = json!({"metadata": metadata, "user_id_update": [item]});
    change(&cloud.own, "user_id_update", &value)
}

fn people(cloud: &Cloud) -> Vec<Contact> {
    let state = cloud.world.store.state();
    state.contacts.values().cloned().collect()
}

/// What was written in Mona's thread, newest first.
async fn thread(cloud: &Cloud, id: ConversationId) -> Vec<String> {
    let viewer = cloud.world.acme.user(Role::Viewer);
    let desk = cloud.world.inbox();
    let page = desk.thread(&viewer, id, None, 50).await.unwrap();
    let said = page.items.into_iter().filter_map(|item| match item {
        ThreadItem::Inbound(theirs) => Some(theirs.content.preview()),
        ThreadItem::Outbound(_) => None,
    });
    said.collect()
}

/// X13, S2.20, S4.6, S4.76, S4.77: however she is named, in whichever order her names become known,
/// she is one person with one thread.
#[tokio::test]
async fn one_person_by_number_and_name_is_one_contact_and_one_thread() {
    let (number, name) = (Some(MONA), Some(MONA_USER));
    for names in [
        [(number, name), (number, None), (None, name)],
        [(number, None), (number, name), (None, name)],
        [(None, name), (number, name), (number, None)],
        [(None, name), (number, None), (number, name)],
        [(number, None), (None, name), (number, name)],
    ] {
        let cloud = Cloud::new();
        for (step, (number, name)) in names.iter().enumerate() {
            let second = i64::try_from(step).unwrap();
            let said = writes(&cloud, &format!("wamid.{step}"), second, *number, *name);
            assert_eq!(cloud.own(&[said]).await, ["applied"], "{names:?}");
        }
        let people = people(&cloud);
        assert_eq!(people.len(), 1, "{names:?}");
        let mona = &people[0];
        assert_eq!(mona.phone.as_ref().unwrap().digits(), MONA);
        let mut aliases = mona.aliases.clone();
        aliases.sort();
        assert_eq!(aliases, [phone(MONA), user(MONA_USER)]);
        assert_eq!(cloud.person(&user(MONA_USER)).unwrap().id, mona.id);
        let id = ConversationId::of(cloud.own.id, mona.id);
        let expected = ["wamid.2", "wamid.1", "wamid.0"];
        assert_eq!(thread(&cloud, id).await, expected, "{names:?}");
        let conversation = cloud.world.conversation(id);
        assert_eq!(
            (conversation.unread, conversation.preview.as_str()),
            (3, "wamid.2")
        );
        // Answers go to the number.
        cloud.world.send(hello()).await.unwrap();
        let (_, request) = cloud.world.gate.sent().pop().unwrap();
        assert_eq!(request.body.unwrap()["to"], format!("+{MONA}"));
    }
}

/// Both names were known as two people: one webhook with both joins them, and the one with the number
/// stays, whichever was there first.
#[tokio::test]
async fn two_people_who_are_one_are_joined() {
    for first in [true, false] {
        let cloud = Cloud::new();
        let mut known = [
            writes(&cloud, "wamid.0", 0, Some(MONA), None),
            writes(&cloud, "wamid.1", 1, None, Some(MONA_USER)),
        ];
        if !first {
            known.reverse();
        }
        cloud.own(&known).await;
        assert_eq!(people(&cloud).len(), 2);
        let numbered = cloud.mona().id;
        let both = writes(&cloud, "wamid.2", 2, Some(MONA), Some(MONA_USER));
        assert_eq!(cloud.own(std::slice::from_ref(&both)).await, ["applied"]);
        assert_eq!(cloud.own(&[both]).await, ["duplicate"]);
        assert_eq!(people(&cloud).len(), 1);
        assert_eq!(cloud.person(&user(MONA_USER)).unwrap().id, numbered);
        let id = cloud.thread();
        let expected = ["wamid.2", "wamid.1", "wamid.0"];
        assert_eq!(thread(&cloud, id).await, expected);
        assert_eq!(cloud.world.conversation(id).unread, 3);
        assert!(cloud.world.audited("contacts").is_empty(), "nobody did it");
    }
}

/// Wherever it breaks off, the same webhook again ends in one person and one message.
#[tokio::test]
async fn joining_survives_a_crash() {
    for operation in ["contacts.save", "contacts.merge", "inbox.receive"] {
        for when in [FailWhen::Before, FailWhen::After] {
            let cloud = Cloud::new();
            let by_name = writes(&cloud, "wamid.1", 1, None, Some(MONA_USER));
            let mut known = vec![by_name];
            if operation == "contacts.merge" {
                known.push(writes(&cloud, "wamid.0", 0, Some(MONA), None));
            }
            cloud.own(&known).await;
            cloud.world.store.fail(operation, 1, when);
            let both = writes(&cloud, "wamid.2", 2, Some(MONA), Some(MONA_USER));
            assert_eq!(cloud.own(&[both]).await, ["failed"]);
            cloud.world.minutes(3).await;
            let messages = known.len() + 1;
            assert_eq!(people(&cloud).len(), 1, "{operation} {when:?}");
            let thread = thread(&cloud, cloud.thread()).await;
            assert_eq!(thread.len(), messages, "{operation} {when:?}");
            let unread = cloud.world.conversation(cloud.thread()).unread;
            assert_eq!(usize::try_from(unread).unwrap(), messages);
        }
    }
}

/// Another name at Meta: the old one and the new one are the same person, by whichever item it is said.
#[tokio::test]
async fn another_name_leads_to_the_same_thread() {
    let cloud = Cloud::new();
    cloud
        .own(&[writes(&cloud, "wamid.0", 0, Some(MONA), Some(MONA_USER))])
        .await;
    for _ in 0..2 {
        let renamed = changed_user(&cloud, MONA_USER, OTHER_USER);
        assert_eq!(cloud.own(&[renamed]).await, ["identity:linked"]);
    }
    cloud
        .own(&[writes(&cloud, "wamid.1", 1, None, Some(OTHER_USER))])
        .await;
    assert_eq!(people(&cloud).len(), 1);
    assert_eq!(thread(&cloud, cloud.thread()).await, ["wamid.1", "wamid.0"]);

    let nobody = changed_user(&cloud, "BH.7Nobody0001", "BH.7Nobody0002");
    assert_eq!(cloud.own(&[nobody]).await, ["identity:unknown person"]);
    assert_eq!(people(&cloud).len(), 1);
}

/// Another number: she is written to under the new one, in her old thread, and an older change that
/// comes late or again does not take her back.
#[tokio::test]
async fn another_number_is_written_to_from_now_on() {
    let cloud = Cloud::new();
    cloud
        .own(&[writes(&cloud, "wamid.0", 0, Some(MONA), None)])
        .await;
    let contact = cloud.mona().id;
    let first = changed_number(&cloud, "wamid.C1", MONA, NASR);
    let second = changed_number(&cloud, "wamid.C2", NASR, THIRD);
    let told = cloud.own(std::slice::from_ref(&first)).await;
    assert_eq!(told, ["applied", "identity:linked"]);
    assert_eq!(cloud.mona().phone.unwrap().digits(), NASR);
    cloud.own(&[second, first]).await;
    let mona = cloud.mona();
    assert_eq!((mona.id, mona.phone.unwrap().digits()), (contact, THIRD));
    for alias in [phone(MONA), phone(NASR), phone(THIRD)] {
        assert_eq!(cloud.person(&alias).unwrap().id, contact);
    }
    // Answering in her thread goes to the newest number.
    let agent = cloud.world.acme.user(Role::Agent);
    let (accept, attempt) = (cloud.world.accept(), cloud.world.attempt());
    let thread = cloud.thread();
    let said = domain::service::converse::say(&accept, &attempt, &agent, thread, "Hi".into(), None);
    assert_eq!(said.await.unwrap().message.status(), Status::Sent);
    let (_, request) = cloud.world.gate.sent().pop().unwrap();
    assert_eq!(request.body.unwrap()["to"], format!("+{THIRD}"));
}

/// The new number was a contact of its own: both are one person then.
#[tokio::test]
async fn a_new_number_that_is_known_joins_both() {
    let cloud = Cloud::new();
    cloud
        .own(&[
            writes(&cloud, "wamid.0", 0, Some(MONA), None),
            writes(&cloud, "wamid.1", 1, Some(NASR), None),
        ])
        .await;
    let changed = changed_number(&cloud, "wamid.C", MONA, NASR);
    cloud.own(&[changed]).await;
    assert_eq!(people(&cloud).len(), 1);
    let mona = cloud.mona();
    assert_eq!(mona.phone.as_ref().unwrap().digits(), NASR);
    let thread = thread(&cloud, cloud.thread()).await;
    assert_eq!(thread.len(), 3, "{thread:?}");
}

/// S4.12: the same names are somebody else at another company.
#[tokio::test]
async fn names_are_a_companys_own() {
    let cloud = Cloud::new();
    let item = |id: &str| with(text(id, MONA, 0, "Hi"), "from_user_id", MONA_USER);
    cloud
        .platform(&[
            messages(&cloud.shared, &[item("wamid.0")]),
            messages(&cloud.theirs, &[item("wamid.1")]),
        ])
        .await;
    let people = people(&cloud);
    assert_eq!(people.len(), 2);
    for contact in &people {
        let own = ContactId::of_alias(contact.tenant, phone(MONA).as_str());
        assert_eq!(contact.id, own);
    }
    let sent = cloud.world.send(notice()).await.unwrap().message;
    assert_eq!(sent.contact, cloud.mona().id);
}
