//! What a company's calendar sends: reminders of a morning, greetings of a festival.

use domain::{
    business::{Amount, Bill, Invoice},
    contact::Contact,
    message::{Message, MessageType, Status},
    phone::PhoneNumber,
    ports::{Clock, Contacts, Days, Invoices},
    reminder::DayWork,
    service::{
        festivals::{FestivalDesk, FestivalGiven, WordsGiven},
        greeting::Greeting,
        reminding::Reminding,
    },
};
use jiff::{SignedDuration, civil::Date};

use super::{Doing, Found, PLAIN, Scenario};
use crate::world::World;

pub const ALL: &[Scenario] = &[
    // Two invoices that were issued three days ago: each is recalled once, however often the morning is
    // gone through.
    Scenario {
        name: "morning",
        requests: &[],
        setup: owing,
        act: morning,
        again: morning,
        finally: recalled_once,
        ..PLAIN
    },
    // A festival with two customers: each is greeted once.
    Scenario {
        name: "festival",
        requests: &[],
        setup: celebrating,
        act: greet,
        again: greet,
        finally: greeted_once,
        ..PLAIN
    },
];

/// Each with a name of their own: messages are told apart by their texts.
const CUSTOMERS: [(&str, &str); 2] = [
    ("+97333000017", "Amal Heron"),
    ("+97333000018", "Noor Fable"),
];

fn today(world: &World) -> Date {
    let zone = world.company.tenant.settings.time_zone();
    world.clock.now().to_zoned(zone).date()
}

async fn known(world: &World) -> Vec<Contact> {
    let mut contacts = Vec::new();
    for (number, name) in CUSTOMERS {
        let phone = PhoneNumber::parse(number).unwrap();
        let mut contact = Contact::met(world.place.tenant, &phone, Some(name.to_owned()));
        let aliases = contact.aliases.clone();
        let saved = world.store.save_contact(&mut contact, &aliases, None);
        saved.await.unwrap();
        contacts.push(contact);
    }
    contacts
}

fn owing(world: &World) -> Doing<'_> {
    Box::pin(async {
        let today = today(world);
        let three_days_ago = today.checked_sub(SignedDuration::from_hours(72)).unwrap();
        for (contact, number) in known(world).await.iter().zip(["INV-1", "INV-2"]) {
            let mut invoice = Invoice::unknown(world.place.tenant, number.to_owned());
            let bill = Bill {
                contact: contact.id,
                phone: contact.phone.as_ref().unwrap().as_str().to_owned(),
                customer_name: contact.name.clone(),
                number: number.to_owned(),
                date: three_days_ago,
                due_date: three_days_ago,
                amount: Amount::parse("12.500").unwrap(),
            };
            invoice.issue(bill, world.clock.now());
            world.store.save_invoice(&mut invoice).await.unwrap();
        }
        let mut work = DayWork::none(world.place.tenant);
        work.day = Some(today.yesterday().unwrap());
        work.due = Some(world.clock.now());
        world.store.save_day_work(&mut work).await.unwrap();
    })
}

fn morning(world: &World) -> Doing<'_> {
    Box::pin(async {
        let accept = world.accept();
        let reminding = Reminding { accept: &accept };
        let _ = reminding.run(world.place.tenant).await;
        world.drain().await;
    })
}

fn celebrating(world: &World) -> Doing<'_> {
    Box::pin(async {
        known(world).await;
        let desk = FestivalDesk {
            store: &world.store,
            clock: &world.clock,
        };
        let given = FestivalGiven {
            name: "Harvest Day".into(),
            date: today(world),
            yearly: false,
            time: "00:00".parse().unwrap(),
            words: WordsGiven::Standard,
            tag: None,
            channel: None,
            active: true,
        };
        desk.make(&world.manager(), given, None).await.unwrap();
    })
}

fn greet(world: &World) -> Doing<'_> {
    Box::pin(async {
        let desk = FestivalDesk {
            store: &world.store,
            clock: &world.clock,
        };
        let manager = world.manager();
        let festivals = desk.list(&manager, None, 9);
        let festivals = world.points.aside(festivals).await.unwrap();
        let accept = world.accept();
        for festival in festivals.items {
            let greeting = Greeting { accept: &accept };
            let _ = greeting.run(world.place.tenant, festival.id).await;
        }
        world.drain().await;
    })
}

/// Each customer has one message of this type, and it was sent.
fn each_once(sent: &[Message], wanted: MessageType) -> Vec<String> {
    let mut told: Vec<_> = sent
        .iter()
        .map(|one| (one.to.as_str().to_owned(), one.message_type, one.status()))
        .collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    let each = CUSTOMERS.map(|(number, _)| (number.to_owned(), wanted, Status::Sent));
    if told == each {
        return Vec::new();
    }
    vec![format!("messages of the calendar: {told:?}")]
}

fn recalled_once(world: &World) -> Found<'_> {
    Box::pin(async { each_once(&world.outbound().await, MessageType::PaymentReminder) })
}

fn greeted_once(world: &World) -> Found<'_> {
    Box::pin(async { each_once(&world.outbound().await, MessageType::Festival) })
}
