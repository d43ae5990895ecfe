//! Festivals: made and changed by people, and everybody greeted once on the day.

mod changing;

use std::collections::BTreeMap;

use domain::{
    contact::{Consent, Contact},
    festival::{Festival, RoundEnd, USUAL_TIME},
    ids::TenantId,
    message::{Content, Message, MessageType, Status, Trigger},
    phone::PhoneNumber,
    ports::Task,
    principal::Role,
    service::festivals::{FestivalDesk, FestivalEdit, FestivalGiven, WordsGiven},
};
use jiff::{Timestamp, civil::date};
use testkit::{
    fakes::FakeClock,
    memory::{FailWhen, MemoryStore},
};

use crate::world::World;

fn desk(world: &World) -> FestivalDesk<'_, MemoryStore, FakeClock> {
    FestivalDesk {
        store: &world.store,
        clock: &world.clock,
    }
}

/// Five days after the world begins, at nine in Bahrain.
fn given(words: &str) -> FestivalGiven {
    FestivalGiven {
        name: "Harvest Day".into(),
        date: date(2026, 11, 25),
        yearly: true,
        time: USUAL_TIME,
        words: WordsGiven::Text {
            content: words.into(),
            defaults: BTreeMap::new(),
        },
        tag: None,
        channel: None,
        active: true,
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn meet(world: &World, tenant: TenantId, n: usize, change: impl FnOnce(&mut Contact)) {
    let phone = PhoneNumber::parse(&format!("+9733300{n:04}")).unwrap();
    let mut contact = Contact::met(tenant, &phone, Some(format!("Customer {n}")));
    contact.version = 1;
    change(&mut contact);
    let key = (tenant, contact.id);
    world.store.state().contacts.insert(key, contact);
}

async fn make(world: &World, given: FestivalGiven) -> Festival {
    let manager = world.acme.user(Role::Manager);
    desk(world).make(&manager, given, None).await.unwrap()
}

async fn read(world: &World, festival: &Festival) -> Festival {
    let manager = world.acme.user(Role::Manager);
    desk(world).read(&manager, festival.id).await.unwrap()
}

fn greetings(world: &World) -> Vec<Message> {
    let state = world.store.state();
    let all = state.messages.values();
    all.filter(|m| m.message_type == MessageType::Festival)
        .cloned()
        .collect()
}

fn says(world: &World, message: &Message) -> String {
    match &world.store.state().payloads[&(message.tenant, message.id)].content {
        Content::Text { body } => body.clone(),
        // No test expects this.
        other => format!("no text: {other:?}"),
    }
}

/// S1.4, S1.8, S1.34–S1.38, S1.44, S2.47: on its day, at nine where the company is, everybody with a
/// number is told the festival's own words, once; next year again.
#[tokio::test]
async fn everybody_is_greeted_once_a_year() {
    let world = World::new();
    let acme = world.acme.tenant.id;
    for n in 0..120 {
        meet(&world, acme, n, |_| {});
    }
    meet(&world, world.other.tenant.id, 900, |_| {});
    let festival = make(&world, given("Dear {customerName}, happy {festivalName}!")).await;
    assert_eq!(festival.due, Some(at("2026-11-25T06:00:00Z")));
    world.clock.set(at("2026-11-25T05:58:00Z"));
    world.minutes(1).await;
    assert_eq!(greetings(&world).len(), 0);
    world.minutes(4).await;
    let sent = greetings(&world);
    assert_eq!((sent.len(), world.sends()), (120, 120));
    assert!(sent.iter().all(|m| m.status() == Status::Sent));
    assert!(
        sent.iter()
            .all(|m| m.trigger == Trigger::Scheduled && m.tenant == acme)
    );
    let first = sent.iter().find(|m| m.to.as_str() == "+97333000007");
    assert_eq!(
        says(&world, first.unwrap()),
        "Dear Customer 7, happy Harvest Day!"
    );
    let after = read(&world, &festival).await;
    let round = after.round.clone().unwrap();
    assert_eq!(
        (round.greeted, round.refused, round.end),
        (120, 0, Some(RoundEnd::Done))
    );
    assert_eq!(after.due, Some(at("2027-11-25T06:00:00Z")));
    assert_eq!(after.version, 1, "greeting is no change that people made");
    // The task once more, at any time of the day: nothing.
    world.task(&Task::Festival(acme, festival.id)).await;
    world.minutes(30).await;
    assert_eq!(world.sends(), 120);
    world.clock.set(at("2027-11-25T06:01:00Z"));
    world.minutes(4).await;
    assert_eq!(greetings(&world).len(), 240);
    world.assert_consistent().await;
}

/// S1.35, S1.36, S1.75: only those with the tag, only those who may be written to; somebody far away in
/// their own morning.
#[tokio::test]
async fn only_those_are_greeted_who_are_meant() {
    let world = World::new();
    let acme = world.acme.tenant.id;
    meet(&world, acme, 1, |c| {
        c.tags.insert("wholesale".into());
    });
    meet(&world, acme, 2, |_| {});
    meet(&world, acme, 3, |c| {
        c.tags.insert("wholesale".into());
        c.consent = Consent::Stopped;
    });
    meet(&world, acme, 4, |c| {
        c.tags.insert("wholesale".into());
        c.zone = Some("America/New_York".into());
        c.name = None;
    });
    make(
        &world,
        FestivalGiven {
            tag: Some(" Wholesale ".into()),
            ..given("Dear {customerName}!")
        },
    )
    .await;
    world.clock.set(at("2026-11-25T06:00:00Z"));
    world.minutes(3).await;
    let mut sent = greetings(&world);
    sent.sort_by_key(|m| m.to.as_str().to_owned());
    assert_eq!(sent.len(), 2);
    assert_eq!(
        (sent[0].status(), sent[0].to.as_str()),
        (Status::Sent, "+97333000001")
    );
    assert_eq!(sent[1].status(), Status::Queued);
    assert_eq!(sent[1].next_attempt_at(), Some(at("2026-11-25T13:00:00Z")));
    assert_eq!(says(&world, &sent[1]), "Dear Customer!");
    world.clock.set(at("2026-11-25T13:00:00Z"));
    world.minutes(2).await;
    assert_eq!(world.sends(), 2);
}

/// A day that was missed is not made up for on another one; on the day itself it still is.
#[tokio::test]
async fn nobody_is_greeted_late() {
    let world = World::new();
    meet(&world, world.acme.tenant.id, 1, |_| {});
    let festival = make(&world, given("Happy {festivalName}")).await;
    world.clock.set(at("2026-11-25T21:00:00Z"));
    world.minutes(3).await;
    let after = read(&world, &festival).await;
    assert_eq!((after.round, world.sends()), (None, 0));
    assert_eq!(after.due, Some(at("2027-11-25T06:00:00Z")));
    // The evening of the day is soon enough, and then it is the recipient's night that decides.
    world.clock.set(at("2027-11-25T16:30:00Z"));
    world.minutes(3).await;
    assert_eq!((greetings(&world).len(), world.sends()), (1, 1));
}

/// S1.71, S1.75, S2.49: while the company's switches are off nobody is greeted; switched on on the day
/// they are. The plan's limit ends the greetings.
#[tokio::test]
async fn greetings_obey_switches_and_limits() {
    let world = World::new();
    let acme = world.acme.tenant.id;
    for n in 0..20 {
        meet(&world, acme, n, |_| {});
    }
    let set = |change: &dyn Fn(&mut domain::tenant::Tenant)| {
        change(world.store.state().tenants.get_mut(&acme).unwrap());
    };
    set(&|t| {
        t.settings.disabled.insert(MessageType::Festival);
    });
    let festival = make(&world, given("Happy {festivalName}")).await;
    world.clock.set(at("2026-11-25T06:00:00Z"));
    world.minutes(40).await;
    let waiting = read(&world, &festival).await.round.unwrap();
    assert_eq!(
        (waiting.reason.as_deref(), waiting.end),
        (Some("TYPE_DISABLED"), None)
    );
    set(&|t| {
        t.settings.disabled.clear();
        t.plan.as_mut().unwrap().daily_messages = 15;
    });
    world.minutes(40).await;
    let round = read(&world, &festival).await.round.unwrap();
    assert_eq!(
        (round.greeted, round.end),
        (15, Some(RoundEnd::LimitReached))
    );
    assert_eq!((greetings(&world).len(), world.sends()), (15, 15));
    world.assert_consistent().await;
}

/// Whatever store operation fails in the middle, before or after its effect, and whoever greets at the
/// same time: everybody once.
#[tokio::test]
async fn greetings_that_are_cut_off_go_on() {
    for operation in [
        "festivals.read",
        "festivals.save",
        "contacts.list",
        "acceptances.commit",
        "contacts.contact",
    ] {
        for when in [FailWhen::Before, FailWhen::After] {
            let world = World::new();
            for n in 0..70 {
                meet(&world, world.acme.tenant.id, n, |_| {});
            }
            let festival = make(&world, given("Happy {festivalName}")).await;
            world.clock.set(at("2026-11-25T06:00:00Z"));
            let skip = if operation == "acceptances.commit" {
                30
            } else {
                1
            };
            world.store.fail_after(
                operation,
                skip,
                2,
                when,
                domain::failure::StoreFailureKind::Unavailable,
            );
            let (acme, id) = (world.acme.tenant.id, festival.id);
            let task = Task::Festival(acme, id);
            tokio::join!(world.task(&task), world.task(&task));
            world.minutes(8).await;
            let round = read(&world, &festival).await.round.unwrap();
            assert_eq!(round.end, Some(RoundEnd::Done), "{operation} {when:?}");
            assert_eq!(
                (greetings(&world).len(), world.sends(), round.greeted),
                (70, 70, 70),
                "{operation} {when:?}"
            );
            world.assert_consistent().await;
        }
    }
}

/// An edit while greetings are under way: nobody is greeted twice, and the rest hear the new words.
#[tokio::test]
async fn an_edit_under_way_counts_for_the_rest() {
    let world = World::new();
    let manager = world.acme.user(Role::Manager);
    for n in 0..70 {
        meet(&world, world.acme.tenant.id, n, |_| {});
    }
    let festival = make(&world, given("Old")).await;
    world.clock.set(at("2026-11-25T06:00:00Z"));
    let task = Task::Festival(festival.tenant, festival.id);
    world.task(&task).await;
    assert_eq!(greetings(&world).len(), 50);
    let edit = FestivalEdit {
        version: 1,
        words: Some(WordsGiven::Text {
            content: "New".into(),
            defaults: BTreeMap::new(),
        }),
        ..FestivalEdit::default()
    };
    desk(&world)
        .edit(&manager, festival.id, edit)
        .await
        .unwrap();
    world.minutes(3).await;
    let sent = greetings(&world);
    let new = sent.iter().filter(|m| says(&world, m) == "New").count();
    assert_eq!((sent.len(), new), (70, 20));
}
