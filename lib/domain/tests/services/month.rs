//! Thirty days of companies in four zones, half an hour at a time: invoices told and paid on
//! random days, crons that fire twice, late or not at all, a provider that is out of reach every day,
//! quiet hours, clocks that change. The seed is fixed, so a month that fails fails again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::{
    business::{BusinessEvent, Invoice},
    failure::ProviderFailure,
    ids::{InvoiceId, TenantId},
    message::{Message, MessageType, Status},
    ports::Clock,
    principal::Role,
    quiet, reminder,
    service::events::EventDesk,
};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use serde_json::{Value, json};
use testkit::{builders::Company, fakes::FakeGate};

use crate::world::{World, taken};

const START: &str = "2027-03-01T00:00:00Z";
/// Thirty days in which invoices come, and seventeen in which the last of them end.
const STEPS: u32 = 47 * 48;
const STEP: SignedDuration = SignedDuration::from_mins(30);
const INVOICES: u32 = 32;

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}

/// What is told, at which step, by which company.
type Told = BTreeMap<u32, Vec<(usize, Value)>>;

fn plan(companies: &[Company], dice: &mut Dice) -> Told {
    let start: Timestamp = START.parse().unwrap();
    let mut told = Told::new();
    for (which, company) in companies.iter().enumerate() {
        let zone = company.tenant.settings.time_zone();
        for n in 0..INVOICES {
            let step = u32::try_from(dice.below(30 * 48)).unwrap();
            let at = start + STEP * i32::try_from(step).unwrap();
            let today = at.to_zoned(zone.clone()).date();
            let date = today - i64::try_from(dice.below(4)).unwrap().days();
            let due = date + i64::try_from(dice.below(9)).unwrap().days();
            let number = ["+9733300", "+1212555", "+447700900", "+9198000000"][n as usize % 4];
            let width = if n % 4 < 2 { 4 } else { 3 };
            let phone = format!("{number}{:0width$}", n % 7 + 10);
            told.entry(step).or_default().push((
                which,
                json!({
                    "id": format!("issued-{n}"), "type": "invoice.issued",
                    "customer": {"name": format!("Customer {n}"), "phone": phone},
                    "data": {"invoice_id": format!("I-{n}"), "invoice_number": format!("INV-{n}"),
                        "invoice_date": date, "due_date": due, "amount": "12.5",
                        "document_url": "https://files.example/1.pdf"},
                }),
            ));
            if dice.below(100) < 55 {
                let later = step + u32::try_from(dice.below(12 * 48)).unwrap();
                // Many while reminders wait for the morning.
                let night = later.next_multiple_of(48) + u32::try_from(dice.below(10)).unwrap();
                let later = if dice.one_in(2) { night } else { later };
                told.entry(later).or_default().push((
                    which,
                    json!({
                        "id": format!("paid-{n}"), "type": "invoice.paid",
                        "data": {"invoice_id": format!("I-{n}")},
                    }),
                ));
            }
        }
    }
    told
}

struct Month {
    world: World,
    companies: Vec<Company>,
    outage: Arc<AtomicBool>,
    /// The days each company went through, and when.
    runs: BTreeMap<TenantId, Vec<(Date, Timestamp)>>,
}

impl Month {
    fn new() -> Self {
        let mut world = World::new();
        let outage = Arc::new(AtomicBool::new(false));
        let out = outage.clone();
        world.gate = FakeGate::answering(move |_, count| {
            if out.load(Ordering::Relaxed) {
                return Err(ProviderFailure::NotSent { what: "connect" });
            }
            Ok(taken(count))
        });
        world.clock.set(START.parse().unwrap());
        let zones = [
            "Asia/Bahrain",
            "America/New_York",
            "Europe/London",
            "Asia/Kolkata",
        ];
        let mut companies = Vec::new();
        for zone in zones {
            let mut company = Company::named(zone);
            company.tenant.settings.zone = zone.into();
            let (tenant, channel) = (company.tenant.clone(), company.channel.clone());
            let mut state = world.store.state();
            state.channels.insert((tenant.id, channel.id), channel);
            state.tenants.insert(tenant.id, tenant);
            companies.push(company);
        }
        Self {
            world,
            companies,
            outage,
            runs: BTreeMap::new(),
        }
    }

    async fn tell(&self, which: usize, event: &Value) {
        let event: BusinessEvent = serde_json::from_value(event.clone()).unwrap();
        let desk = EventDesk {
            store: &self.world.store,
            lanes: &self.world.lanes,
            clock: &self.world.clock,
            trusted_origin: None,
        };
        let manager = self.companies[which].user(Role::Manager);
        desk.tell(&manager, event).await.unwrap();
    }

    /// Does what waits in the lanes, now and then everything twice at once.
    async fn drain(&self, twice: bool) {
        while let Some(task) = self.world.lanes.take() {
            if twice {
                tokio::join!(self.world.task(&task), self.world.task(&task));
            } else {
                self.world.task(&task).await;
            }
        }
    }

    fn days(&self) -> BTreeMap<TenantId, Option<Date>> {
        let state = self.world.store.state();
        let days = state.days.iter();
        days.map(|(tenant, work)| (*tenant, work.day)).collect()
    }

    async fn step(&mut self, number: u32, told: &Told, dice: &mut Dice) {
        self.world.clock.advance(STEP);
        self.outage.store(
            matches!(number % 48, 5 | 9 | 10 | 16 | 26),
            Ordering::Relaxed,
        );
        for (which, event) in told.get(&number).into_iter().flatten() {
            self.tell(*which, event).await;
        }
        self.drain(dice.one_in(5)).await;
        // Two days without any cron; else one in six does not fire, and one in six fires twice.
        let missed = (9 * 48..11 * 48).contains(&number);
        if missed || dice.one_in(6) {
            return;
        }
        let before = self.days();
        let twice = dice.one_in(6);
        self.world.sweep().await;
        if twice {
            self.world.sweep().await;
        }
        self.drain(twice).await;
        let now = self.world.clock.now();
        for (tenant, day) in self.days() {
            if before.get(&tenant) != Some(&day) {
                let runs = self.runs.entry(tenant).or_default();
                runs.push((day.unwrap(), now));
            }
        }
    }

    fn reminders(&self, tenant: TenantId, invoice: &str) -> Vec<Message> {
        let state = self.world.store.state();
        let mut found: Vec<_> = state
            .messages
            .values()
            .filter(|m| m.tenant == tenant && m.message_type == MessageType::PaymentReminder)
            .filter(|m| m.context.as_ref().is_some_and(|about| about.id == invoice))
            .cloned()
            .collect();
        found.sort_by_key(|m| m.created_at);
        found
    }

    fn invoice(&self, tenant: TenantId, n: u32) -> Invoice {
        let id = InvoiceId::of(tenant, &format!("I-{n}"));
        self.world.store.state().invoices[&(tenant, id)].clone()
    }

    /// The reminders that the days a company really went through call for.
    fn expected(&self, company: &Company, invoice: &Invoice) -> BTreeSet<u16> {
        let settings = &company.tenant.settings;
        let bill = invoice.bill.as_ref().unwrap();
        let base = reminder::base(settings, bill.date, bill.due_date);
        let known = invoice.issued_at.unwrap();
        let runs = self.runs[&company.tenant.id].iter();
        runs.filter(|(_, at)| known <= *at && invoice.paid_at.is_none_or(|paid| paid > *at))
            .filter_map(|(day, _)| reminder::wanted(&settings.reminder_days, base, *day))
            .collect()
    }

    /// One reminder: in the recipient's own day, never after the payment, and over.
    fn check(&self, company: &Company, invoice: &Invoice, message: &Message) -> bool {
        let accepted = message.facts.accepted.values().next().map(|fact| fact.at);
        match message.status() {
            Status::Sent => {
                let at = accepted.unwrap();
                let settings = &company.tenant.settings;
                assert_eq!(quiet::until(settings, None, &message.to, at), None, "{at}");
                assert!(
                    invoice.paid_at.is_none_or(|paid| paid >= at),
                    "sent after the payment"
                );
                true
            }
            Status::Cancelled | Status::Failed => {
                assert!(invoice.paid_at.is_some(), "{:?}", message.status());
                assert_eq!(accepted, None);
                false
            }
            other => {
                assert_eq!(other, Status::Sent, "it is still open");
                false
            }
        }
    }
}

/// S1.8, S1.30, S1.124–S1.129, S1.146, X7, X19, X20: every open invoice is recalled for exactly the days
/// it calls for, once each, in its recipient's own day; none after it was paid; everything ends.
#[tokio::test]
async fn a_month_of_reminders() {
    let mut dice = Dice(20_270_301);
    let mut month = Month::new();
    let told = plan(&month.companies, &mut dice);
    for number in 0..STEPS {
        month.step(number, &told, &mut dice).await;
    }
    let (mut sent, mut withdrawn, mut whole) = (0, 0, 0);
    for company in &month.companies {
        let tenant = company.tenant.id;
        let runs = &month.runs[&tenant];
        let days: BTreeSet<Date> = runs.iter().map(|(day, _)| *day).collect();
        assert_eq!(days.len(), runs.len(), "a day is gone through once");
        assert!(runs.len() > 25, "{}: {}", company.tenant.name, runs.len());
        for (day, at) in runs {
            let there = at.to_zoned(company.tenant.settings.time_zone());
            // In the night after a missed day it is that day which is made up for.
            let begun = if there.hour() < 2 {
                there.date().yesterday().unwrap()
            } else {
                there.date()
            };
            assert_eq!(begun, *day, "{there}");
        }
        for n in 0..INVOICES {
            let invoice = month.invoice(tenant, n);
            let expected = month.expected(company, &invoice);
            let reminders = month.reminders(tenant, &invoice.id);
            assert_eq!(reminders.len(), expected.len(), "{}", invoice.id);
            for message in &reminders {
                if month.check(company, &invoice, message) {
                    sent += 1;
                } else {
                    withdrawn += 1;
                }
            }
            whole += u32::from(invoice.is_open() && expected.len() == 2);
        }
    }
    // The month holds what it is about.
    assert!(
        sent > 100 && withdrawn > 1 && whole > 40,
        "{sent} {withdrawn} {whole}"
    );
    {
        let state = month.world.store.state();
        let retried = state.messages.values().filter(|m| m.sending.retries > 0);
        assert!(retried.count() > 5);
        assert!(state.messages.values().all(|m| m.sending.due.is_none()));
        assert!(
            state.days.values().all(|work| work.due.is_none()),
            "no work without invoices"
        );
    }
    month.world.assert_consistent().await;
}
