//! Scenarios: what is set up undisturbed, what is done while the process may die at any point, and how
//! it must end, wherever it died.

mod approval;
mod background;
mod bulk;
mod by_hand;
mod calendar;
mod doubt;
mod events;
mod hooks;
mod inbox;
mod managed;
mod paypal;
mod sending;

use std::pin::Pin;

use domain::{
    ids::{ContactId, ConversationId},
    message::{Message, Status},
    ports::Outbox,
    service::{
        accept::{Draft, DraftContent},
        rows,
        send::FirstAttempt,
    },
};
use jiff::{SignedDuration, Timestamp};
use sandbox::faults::{Fault, FaultOrder};
use testkit::builders::{RECIPIENT, interactive_draft, text_draft};

use crate::{checks::Check, world::World};

/// Something that is being done.
pub type Doing<'w> = Pin<Box<dyn Future<Output = ()> + 'w>>;

/// Something to do in a world.
pub type Deed = for<'w> fn(&'w World) -> Doing<'w>;

/// What somebody looks at in the end.
pub type Found<'w> = Pin<Box<dyn Future<Output = Vec<String>> + 'w>>;

/// Looks at a world in the end; every line is something wrong.
pub type Look = for<'w> fn(&'w World) -> Found<'w>;

/// What somebody finds wrong of channels, days and payments, each with the count that tells it.
pub type Unsettled<'w> = Pin<Box<dyn Future<Output = Vec<(Check, String)>> + 'w>>;

/// Looks at channels, days and payments in the end.
pub type Settled = for<'w> fn(&'w World) -> Unsettled<'w>;

/// A caller's request. Its text is its own, so that the provider's side can be told apart.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    pub text: &'static str,
    pub buttons: bool,
    pub first: FirstAttempt,
    /// Scheduled so long after the scenario's beginning.
    pub after: Option<SignedDuration>,
    /// Whether an agent answers in the conversation, rather than a programme writing to the number.
    pub conversation: bool,
}

impl Request {
    const fn here(text: &'static str) -> Self {
        Self {
            text,
            buttons: false,
            first: FirstAttempt::Here,
            after: None,
            conversation: false,
        }
    }

    const fn in_lane(text: &'static str) -> Self {
        Self {
            first: FirstAttempt::InLane,
            ..Self::here(text)
        }
    }

    const fn in_conversation(text: &'static str) -> Self {
        Self {
            conversation: true,
            ..Self::here(text)
        }
    }

    const fn with_buttons(text: &'static str) -> Self {
        Self {
            buttons: true,
            ..Self::here(text)
        }
    }

    const fn scheduled(text: &'static str, minutes: i64) -> Self {
        Self {
            after: Some(SignedDuration::from_mins(minutes)),
            ..Self::in_lane(text)
        }
    }

    /// The caller's idempotency key.
    pub fn key(&self) -> String {
        self.text.replace(' ', "-")
    }

    /// What the caller asks for.
    pub fn draft(&self, begin: Timestamp) -> Draft {
        let mut draft = match self.buttons {
            true => interactive_draft(RECIPIENT),
            false => text_draft(RECIPIENT, self.text),
        };
        if let DraftContent::Interactive { body, .. } = &mut draft.content {
            *body = self.text.to_owned();
        }
        draft.scheduled_for = self.after.map(|after| (begin + after).to_string());
        draft
    }
}

/// One scenario.
#[derive(Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    /// What callers ask for; after a crash they ask again.
    pub requests: &'static [Request],
    /// How the message of each request ends.
    pub ends: &'static [Status],
    /// Failure mails in all.
    pub mails: usize,
    /// Messages that came in, echoes of the phone included, and those that count as unread.
    pub inbound: (usize, u32),
    /// Whether the first message has its answer by button.
    pub replied: bool,
    /// What the provider reports of every message it took: statuses, or `press`.
    pub fate: &'static [&'static str],
    /// Whether the dying process reaches the provider at all.
    pub reachable: bool,
    /// What goes wrong at the provider.
    pub faults: fn() -> Vec<FaultOrder>,
    /// Done before points count.
    pub setup: Deed,
    /// Done while they count.
    pub act: Deed,
    /// What a person does again who got no answer.
    pub again: Deed,
    /// What else must be so in the end.
    pub finally: Look,
    /// What must be so of channels, days and payments.
    pub settled: Settled,
}

/// The usual: one text that is sent.
pub const PLAIN: Scenario = Scenario {
    name: "",
    requests: &[Request::here("Your parcel arrives tomorrow")],
    ends: &[Status::Sent],
    mails: 0,
    inbound: (0, 0),
    replied: false,
    fate: &[],
    reachable: true,
    faults: Vec::new,
    setup: nothing,
    act: nothing,
    again: nothing,
    finally: inbox::no_more,
    settled: all_settled,
};

/// All of them.
pub fn all() -> Vec<Scenario> {
    [
        sending::ALL,
        doubt::ALL,
        hooks::ALL,
        by_hand::ALL,
        background::ALL,
        bulk::ALL,
        inbox::ALL,
        calendar::ALL,
        events::ALL,
        managed::ALL,
        paypal::ALL,
        approval::ALL,
    ]
    .concat()
}

fn nothing(_world: &World) -> Doing<'_> {
    Box::pin(async {})
}

fn all_settled(_world: &World) -> Unsettled<'_> {
    Box::pin(async { Vec::new() })
}

/// The next send meets this fault.
fn once(kind: Fault) -> Vec<FaultOrder> {
    vec![order("POST", kind)]
}

/// Every send meets it.
fn always(kind: Fault) -> Vec<FaultOrder> {
    vec![FaultOrder {
        times: 1_000,
        ..order("POST", kind)
    }]
}

/// No look-up is answered.
fn no_look_ups() -> FaultOrder {
    let kind = Fault::Status {
        code: 503,
        body_shape: sandbox::faults::BodyShape::Html,
        message: None,
        retry_after: None,
    };
    FaultOrder {
        times: 1_000,
        ..order("GET", kind)
    }
}

fn order(method: &str, kind: Fault) -> FaultOrder {
    FaultOrder {
        path: Some("/messages/*".to_owned()),
        method: Some(method.to_owned()),
        ..FaultOrder::once(kind)
    }
}

fn refused() -> Fault {
    Fault::Status {
        code: 400,
        body_shape: sandbox::faults::BodyShape::Nested,
        message: Some("wrong parameters".into()),
        retry_after: None,
    }
}

/// Makes the requests of a scenario, one after the other. An error is an answer too.
async fn request_all(world: &World, requests: &[Request]) {
    for request in requests {
        let _ = world.request(request).await;
    }
}

/// The one message of a world with one request.
async fn the_message(world: &World) -> Message {
    let messages = world.points.aside(world.outbound()).await;
    messages.into_iter().next().unwrap()
}

/// What the provider calls the one message.
async fn provider_id(world: &World) -> String {
    let message = the_message(world).await;
    let accepted = message.facts.accepted.values().next().unwrap();
    accepted.provider_id.clone().unwrap()
}

impl World {
    /// The one contact.
    pub fn contact(&self) -> ContactId {
        let phone = domain::phone::PhoneNumber::parse(RECIPIENT).unwrap();
        domain::contact::Contact::met(self.place.tenant, &phone, None).id
    }

    /// The conversation with the one contact.
    pub fn conversation(&self) -> ConversationId {
        ConversationId::of(self.place.channel, self.contact())
    }

    /// Every outbound message, by its job.
    pub async fn outbound(&self) -> Vec<Message> {
        let tenant = self.place.tenant;
        let jobs = self.store.jobs(tenant, None, 100).await.unwrap();
        let rows = jobs.items.iter().flat_map(|job| job.messages(0..job.size));
        let ids: Vec<_> = rows.collect();
        Outbox::messages(&self.store, tenant, &ids).await.unwrap()
    }

    /// The text of a message.
    pub async fn text(&self, message: &Message) -> String {
        use domain::message::Content;
        let payload = rows::payload(&self.store, providers::adapter, message).await;
        match payload.unwrap().unwrap().content {
            Content::Text { body } => body,
            Content::Interactive(interactive) => interactive.body,
            Content::Image(_) | Content::Document(_) | Content::List(_) | Content::Template(_) => {
                String::new()
            }
        }
    }
}
