//! What must hold when nothing is open any more, whatever happened before.

use std::collections::BTreeMap;

use domain::{
    ids::JobId,
    job::Totals,
    message::{Message, Phase, Status},
    notice::NoticeState,
    ports::{Acceptances, Inbox, Notices},
    service::outbox,
};

use crate::{days, recovery::Left, world::World};

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    Lost,
    SecondCall,
    CounterDrift,
    UsageDrift,
    SentTwice,
    Duplicate,
    WrongStatus,
    LostReply,
    Inbound,
    Mails,
    Open,
    CreatedTwice,
    SpentTwice,
    LedgerDrift,
    Credited,
    Counted,
    Told,
    Channel,
    Broken,
}

impl Check {
    pub const ALL: [Self; 19] = [
        Self::Lost,
        Self::SecondCall,
        Self::CounterDrift,
        Self::UsageDrift,
        Self::SentTwice,
        Self::Duplicate,
        Self::WrongStatus,
        Self::LostReply,
        Self::Inbound,
        Self::Mails,
        Self::Open,
        Self::CreatedTwice,
        Self::SpentTwice,
        Self::LedgerDrift,
        Self::Credited,
        Self::Counted,
        Self::Told,
        Self::Channel,
        Self::Broken,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "messages lost",
            Self::SecondCall => "second calls of one attempt",
            Self::CounterDrift => "counter drift",
            Self::UsageDrift => "usage drift",
            Self::SentTwice => "messages sent twice",
            Self::Duplicate => "messages doubled for one key",
            Self::WrongStatus => "wrong final status",
            Self::LostReply => "replies lost",
            Self::Inbound => "inbound doubled or lost",
            Self::Mails => "mails lost or doubled",
            Self::Open => "work left open",
            Self::CreatedTwice => "channels created twice",
            Self::SpentTwice => "days spent twice",
            Self::LedgerDrift => "ledger drift",
            Self::Credited => "days credited wrongly",
            Self::Counted => "payments counted wrongly",
            Self::Told => "companies told twice or never",
            Self::Channel => "channels left wrong",
            Self::Broken => "recovery refused",
        }
    }
}

/// What was found in one run.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    pub wrong: Vec<(Check, String)>,
    /// Mails of which nobody can say whether they were sent: told as such, by design.
    pub unconfirmed: usize,
}

impl Findings {
    pub fn add(&mut self, check: Check, what: String) {
        self.wrong.push((check, what));
    }
}

/// Looks at everything.
pub async fn check(world: &World, left: &Left<'_>, mailed: usize, found: &mut Findings) {
    let mut texts: BTreeMap<String, Vec<Message>> = BTreeMap::new();
    let messages = world.outbound().await;
    for message in &messages {
        texts
            .entry(world.text(message).await)
            .or_default()
            .push(message.clone());
    }
    every_request_has_its_message(&texts, left, found);
    ends(world, left, &texts, found);
    calls(&texts, left, found);
    counters(world, &messages, found).await;
    stored_once(world, left, messages.len(), found).await;
    replies(world, &texts, found);
    mails(world, mailed, found).await;
    days::check(world, left, found).await;
    for what in (world.scenario.finally)(world).await {
        found.add(Check::Inbound, what);
    }
    found.wrong.extend((world.scenario.settled)(world).await);
}

fn every_request_has_its_message(
    texts: &BTreeMap<String, Vec<Message>>,
    left: &Left<'_>,
    found: &mut Findings,
) {
    for (text, id) in &left.answered {
        let known = texts
            .get(text)
            .into_iter()
            .flatten()
            .any(|message| message.id == *id);
        if !known {
            found.add(
                Check::Lost,
                format!("`{text}` was answered with {id}, which is not there"),
            );
        }
    }
    for (text, messages) in texts.iter().filter(|(_, messages)| messages.len() > 1) {
        found.add(
            Check::Duplicate,
            format!("{} messages say `{text}`", messages.len()),
        );
    }
}

fn ends(
    world: &World,
    left: &Left<'_>,
    texts: &BTreeMap<String, Vec<Message>>,
    found: &mut Findings,
) {
    for message in texts.values().flatten() {
        let over = matches!(
            message.sending.phase,
            Phase::Accepted | Phase::Failed | Phase::Cancelled
        );
        if !over || message.sending.due.is_some() {
            let (id, sending) = (message.id, &message.sending);
            found.add(Check::Lost, format!("{id} is not over: {sending:?}"));
        }
    }
    for (request, end) in world.scenario.requests.iter().zip(world.scenario.ends) {
        for message in texts.get(request.text).into_iter().flatten() {
            let status = message.status();
            // What a person typed is never tried again by itself (S4.53): when it died before the provider
            // took it, it ends failed, and the person is told so.
            let untaken = request.conversation && !taken(left, request.text);
            if status != *end && !(untaken && status == Status::Failed) {
                let facts = &message.facts;
                let what = format!("`{}` is {status:?}, not {end:?}: {facts:?}", request.text);
                found.add(Check::WrongStatus, what);
            }
        }
    }
}

/// Whether the provider took this text.
fn taken(left: &Left<'_>, text: &str) -> bool {
    let messages = left.provider.messages(None);
    let mut ours = messages.iter().filter(|message| message.from_me);
    ours.any(|message| message.body["body"] == text)
}

/// What the provider received against what the messages count.
fn calls(texts: &BTreeMap<String, Vec<Message>>, left: &Left<'_>, found: &mut Findings) {
    let words = |body: &serde_json::Value| {
        let text = body["body"]
            .as_str()
            .or_else(|| body["body"]["text"].as_str());
        text.unwrap_or_default().to_owned()
    };
    let mut received: BTreeMap<String, usize> = BTreeMap::new();
    for request in left.provider.requests(None) {
        if request.method == "POST" && request.path.starts_with("/messages/") {
            *received.entry(words(&request.body)).or_default() += 1;
        }
    }
    for (text, calls) in received {
        let messages = texts.get(&text).into_iter().flatten();
        let attempts: usize = messages.map(|m| usize::from(m.sending.attempt)).sum();
        if calls > attempts {
            let what = format!("{calls} calls for `{text}`, {attempts} attempts");
            found.add(Check::SecondCall, what);
        }
    }
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for message in left
        .provider
        .messages(None)
        .iter()
        .filter(|message| message.from_me)
    {
        *taken.entry(words(&message.body)).or_default() += 1;
    }
    for (text, times) in taken {
        if times > 1 {
            found.add(
                Check::SentTwice,
                format!("the provider took `{text}` {times} times"),
            );
        }
        for message in texts.get(&text).into_iter().flatten() {
            if matches!(message.status(), Status::Failed | Status::Cancelled) {
                let what = format!(
                    "the provider took `{text}`, which is {:?}",
                    message.status()
                );
                found.add(Check::WrongStatus, what);
            }
        }
    }
}

async fn counters(world: &World, messages: &[Message], found: &mut Findings) {
    let manager = world.manager();
    let mut jobs: BTreeMap<JobId, Totals> = BTreeMap::new();
    for message in messages {
        *jobs.entry(message.job).or_default().of(message.status()) += 1;
    }
    for (job, mut counted) in jobs {
        let view = outbox::job(&world.store, &manager, job).await.unwrap();
        // Rows of a bulk job that was cancelled before they had a message.
        let never = view.job.size - counted.sum();
        *counted.of(Status::Cancelled) += never;
        if view.totals != counted {
            let what = format!("{:?} on the board, {counted:?} messages", view.totals);
            found.add(Check::CounterDrift, what);
        }
    }
    let today = world.company.tenant.day(world.place.at);
    let days = [today.yesterday(), Ok(today), today.tomorrow()];
    for day in days.into_iter().flatten() {
        let used = world.store.used(world.place.tenant, day).await.unwrap();
        let counted = messages
            .iter()
            .filter(|m| m.usage_day == day && m.facts.cancelled.is_none())
            .count();
        if used as usize != counted {
            found.add(
                Check::UsageDrift,
                format!("{used} used on {day}, {counted} messages"),
            );
        }
    }
}

/// The table holds no message that no job lists, and what came in is there once.
async fn stored_once(world: &World, left: &Left<'_>, listed: usize, found: &mut Findings) {
    let items = left.database.items().await;
    let ending = |sk: &str| {
        let is = |item: &&testkit::database::Item| {
            let text = |name: &str| item.get(name).and_then(|v| v.as_s().ok()).cloned();
            text("sk").is_some_and(|own| own == sk)
                && text("pk").is_some_and(|pk| pk.contains("#M#"))
        };
        items.iter().filter(is).count()
    };
    let stored = ending("M");
    if stored != listed {
        found.add(
            Check::Lost,
            format!("{stored} messages are stored, {listed} are listed"),
        );
    }
    let (inbound, unread) = world.scenario.inbound;
    let came = ending("I");
    if came != inbound {
        found.add(
            Check::Inbound,
            format!("{came} messages came in, not {inbound}"),
        );
    }
    let conversation = world
        .store
        .conversation(world.place.tenant, world.conversation())
        .await;
    let counted = conversation
        .unwrap()
        .map_or(0, |conversation| conversation.unread);
    if counted != unread {
        found.add(
            Check::Inbound,
            format!("{counted} are unread, not {unread}"),
        );
    }
}

fn replies(world: &World, texts: &BTreeMap<String, Vec<Message>>, found: &mut Findings) {
    if !world.scenario.replied {
        return;
    }
    let first = world.scenario.requests.first();
    let message = first.and_then(|first| texts.get(first.text)?.first());
    let reply = message.and_then(|message| message.facts.reply.clone());
    let whole = reply.as_ref().is_some_and(|reply| {
        reply.title == "Confirmed" && reply.button_id.as_deref() == Some("btn1")
    });
    if !whole {
        found.add(Check::LostReply, format!("the answer is {reply:?}"));
    }
}

/// One mail for each terminal failure; none only where nobody can know, and then it says so.
async fn mails(world: &World, mailed: usize, found: &mut Findings) {
    let keys = world.notices.lock().unwrap().clone();
    let mut unconfirmed = std::collections::HashSet::new();
    for key in keys {
        let notice = world.store.notice(&key).await.unwrap();
        if notice.is_some_and(|notice| notice.state == NoticeState::Unconfirmed) {
            unconfirmed.insert(key);
        }
    }
    found.unconfirmed = unconfirmed.len();
    let wanted = world.scenario.mails;
    if mailed > wanted || mailed + unconfirmed.len() < wanted {
        let what = format!(
            "{mailed} mails, not {wanted}; {} unconfirmed",
            unconfirmed.len()
        );
        found.add(Check::Mails, what);
    }
}
