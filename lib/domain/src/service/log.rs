//! The message log as people look through it: filtered, sorted, in pages whose price does not grow.

mod days;

use std::{collections::HashMap, ops::ControlFlow};

use jiff::Timestamp;

pub use self::days::{Edge, stretch};
use crate::{
    contact::Alias,
    failure::{AppFailure, StoreFailure},
    ids::{ChannelId, ContactId, ConversationId, TenantId},
    message::{Class, Context, Message, MessageType, Status, Trigger},
    phone::PhoneNumber,
    ports::{
        Contacts, Conversations, Directory, LogOrder, LogPart, LogRange, MessageLog, Outbox, Page,
    },
    principal::Principal,
};

/// Messages looked at for one page where a filter has no index. A page may end early there; its cursor
/// goes on.
const LOOKED_AT: usize = 500;
/// Entries read at a time where most may be left out.
const CHUNK: u16 = 100;

/// The classes in the order of the three words of source 1: Pending, Sent, Failed; then the cancelled.
const BY_STATUS: [Class; 5] = [
    Class::Open,
    Class::Sent,
    Class::Replied,
    Class::Failed,
    Class::Cancelled,
];

/// Reads a status as it is asked for: one of ours, or a word of source 1 that stands for several (X4).
#[must_use]
pub fn statuses(name: &str) -> Option<Vec<Status>> {
    match name {
        "Pending" => Some(vec![Status::Queued, Status::Pending]),
        "Sent" => Some(vec![
            Status::Sent,
            Status::Delivered,
            Status::Read,
            Status::Replied,
        ]),
        "Failed" => Some(vec![Status::Failed]),
        // An unknown outcome is shown as pending.
        "unknown" => Some(vec![Status::Pending]),
        name => Status::parse(name).map(|status| vec![status]),
    }
}

/// Whose messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Those of a contact.
    Contact(ContactId),
    /// Those of whoever has this number.
    Number(PhoneNumber),
}

/// How a log is sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// Pending, sent, replied, failed, cancelled; the newest of each first.
    Status,
    /// The newest first, and each page by the names of its customers (X38).
    CustomerName,
}

/// What somebody looks for in the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only messages that show one of these; all when empty.
    pub statuses: Vec<Status>,
    /// Only those for this.
    pub message_type: Option<MessageType>,
    /// Only those caused by this.
    pub trigger: Option<Trigger>,
    /// Only those of this channel.
    pub channel: Option<ChannelId>,
    /// Only those of one person.
    pub whose: Option<Whose>,
    /// Only those accepted then or later.
    pub from: Option<Timestamp>,
    /// Only those accepted before then.
    pub before: Option<Timestamp>,
    /// Only those that wait for a time after this one (S1.62).
    pub scheduled_after: Option<Timestamp>,
    /// How they are sorted.
    pub sort: Sort,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The message.
    pub message: Message,
    /// What its contact is called, if that is known.
    pub customer_name: Option<String>,
}

impl LogFilter {
    fn admits(&self, message: &Message) -> bool {
        let status = message.status();
        (self.statuses.is_empty() || self.statuses.contains(&status))
            && self.message_type.is_none_or(|t| message.message_type == t)
            && self.trigger.is_none_or(|t| message.trigger == t)
            && self.channel.is_none_or(|c| message.channel == c)
            && self.from.is_none_or(|from| message.created_at >= from)
            && self.before.is_none_or(|before| message.created_at < before)
            && self.scheduled_after.is_none_or(|now| {
                status == Status::Queued && message.scheduled_for.is_some_and(|at| at > now)
            })
    }

    /// Whether the index alone finds what is asked for, or nearly.
    fn is_indexed(&self) -> bool {
        self.message_type.is_none()
            && self.trigger.is_none()
            && self.channel.is_none()
            && self.scheduled_after.is_none()
            && self.whose.is_none()
            && self.asks_for_whole_classes()
    }

    fn asks_for_whole_classes(&self) -> bool {
        let classes = self.classes();
        self.statuses.is_empty()
            || Status::ALL
                .iter()
                .filter(|status| classes.contains(&status.class()))
                .all(|status| self.statuses.contains(status))
    }

    fn classes(&self) -> Vec<Class> {
        if self.scheduled_after.is_some() {
            return vec![Class::Open];
        }
        BY_STATUS
            .into_iter()
            .filter(|class| {
                self.statuses.is_empty() || self.statuses.iter().any(|s| s.class() == *class)
            })
            .collect()
    }

    fn range(&self, part: LogPart) -> LogRange {
        LogRange {
            part,
            from: self.from,
            until: self.before,
            order: match self.sort {
                Sort::Oldest => LogOrder::OldestFirst,
                Sort::Newest | Sort::Status | Sort::CustomerName => LogOrder::NewestFirst,
            },
        }
    }
}

/// What a page has gathered so far.
struct Gathered {
    messages: Vec<Message>,
    looked_at: usize,
    limit: usize,
}

impl Gathered {
    /// Reads one range from a position on, until the page is full, enough was looked at, or the range
    /// ends. Breaks with the position to go on from.
    async fn read<S: MessageLog>(
        &mut self,
        store: &S,
        tenant: TenantId,
        filter: &LogFilter,
        range: &LogRange,
        mut after: Option<String>,
    ) -> Result<ControlFlow<String>, StoreFailure> {
        loop {
            let missing = self.limit.saturating_sub(self.messages.len());
            let chunk = match u16::try_from(missing) {
                Ok(missing) if filter.is_indexed() => missing.clamp(1, CHUNK),
                Ok(_) | Err(_) => CHUNK,
            };
            let page = store.log(tenant, range, after.as_deref(), chunk).await?;
            self.looked_at += usize::from(chunk);
            let count = page.items.len();
            for (n, (message, position)) in page.items.into_iter().enumerate() {
                if !filter.admits(&message) {
                    continue;
                }
                self.messages.push(message);
                if self.messages.len() < self.limit {
                    continue;
                }
                // Behind the last entry the range may end.
                let last = n + 1 == count;
                return Ok(match page.next {
                    None if last => ControlFlow::Continue(()),
                    Some(next) if last => ControlFlow::Break(next),
                    Some(_) | None => ControlFlow::Break(position),
                });
            }
            let Some(next) = page.next else {
                return Ok(ControlFlow::Continue(()));
            };
            if self.looked_at >= LOOKED_AT {
                return Ok(ControlFlow::Break(next));
            }
            after = Some(next);
        }
    }

    fn is_full(&self) -> bool {
        self.messages.len() >= self.limit || self.looked_at >= LOOKED_AT
    }
}

/// A page of the log. It may hold fewer than `limit` and still have a next one.
///
/// # Errors
/// Storage failures.
pub async fn page<S>(
    store: &S,
    principal: &Principal,
    filter: &LogFilter,
    after: Option<&str>,
    limit: u16,
) -> Result<Page<LogLine>, AppFailure>
where
    S: MessageLog + Contacts + Conversations + Directory,
{
    let tenant = principal.tenant();
    let mut gathered = Gathered {
        messages: Vec::new(),
        looked_at: 0,
        limit: usize::from(limit.max(1)),
    };
    let next = match &filter.whose {
        Some(whose) => {
            let threads = threads(store, tenant, whose).await?;
            let range = filter.range(LogPart::Threads(threads));
            let after = after.map(str::to_owned);
            match gathered.read(store, tenant, filter, &range, after).await? {
                ControlFlow::Break(next) => Some(next),
                ControlFlow::Continue(()) => None,
            }
        }
        None => by_class(store, tenant, filter, after, &mut gathered).await?,
    };
    let mut items = named(store, tenant, gathered.messages).await?;
    match filter.sort {
        Sort::CustomerName => items.sort_by_key(|line| {
            let name = line.customer_name.as_deref().map(str::to_lowercase);
            // Those without a name come last.
            (name.is_none(), name)
        }),
        Sort::Newest | Sort::Oldest | Sort::Status => {}
    }
    Ok(Page { items, next })
}

/// A page of the messages about a thing of the company's own system, newest first, as far as the filter
/// lets them through.
///
/// # Errors
/// Storage failures.
pub async fn about<S: Outbox + MessageLog>(
    store: &S,
    principal: &Principal,
    context: &Context,
    filter: &LogFilter,
    after: Option<&str>,
    limit: u16,
) -> Result<Page<LogLine>, AppFailure> {
    let tenant = principal.tenant();
    let mut page = store.by_context(tenant, context, after, limit).await?;
    page.items.retain(|message| filter.admits(message));
    Ok(Page {
        items: named(store, tenant, page.items).await?,
        next: page.next,
    })
}

/// Reads the classes together, or one after the other where they are sorted by status: then a position
/// begins with the letter of its class.
async fn by_class<S: MessageLog>(
    store: &S,
    tenant: TenantId,
    filter: &LogFilter,
    after: Option<&str>,
    gathered: &mut Gathered,
) -> Result<Option<String>, StoreFailure> {
    let classes = filter.classes();
    if filter.sort != Sort::Status {
        let range = filter.range(LogPart::Classes(classes));
        let after = after.map(str::to_owned);
        return Ok(
            match gathered.read(store, tenant, filter, &range, after).await? {
                ControlFlow::Break(next) => Some(next),
                ControlFlow::Continue(()) => None,
            },
        );
    }
    let mut letters = after.unwrap_or_default().chars();
    let first = letters.next();
    let mut position = Some(letters.as_str().to_owned()).filter(|rest| !rest.is_empty());
    let mut waiting = classes
        .into_iter()
        .skip_while(|class| first.is_some_and(|letter| class.letter() != letter))
        .peekable();
    while let Some(class) = waiting.next() {
        let range = filter.range(LogPart::Classes(vec![class]));
        let read = gathered.read(store, tenant, filter, &range, position.take());
        if let ControlFlow::Break(next) = read.await? {
            return Ok(Some(format!("{}{next}", class.letter())));
        }
        if gathered.is_full() {
            return Ok(waiting.peek().map(|class| class.letter().to_string()));
        }
    }
    Ok(None)
}

/// The threads of a person on every channel, those taken in from merged contacts too.
async fn threads<S>(
    store: &S,
    tenant: TenantId,
    whose: &Whose,
) -> Result<Vec<ConversationId>, StoreFailure>
where
    S: Contacts + Conversations + Directory,
{
    let contact = match whose {
        Whose::Contact(id) => store.contact_by_id(tenant, *id).await?,
        Whose::Number(phone) => store.contact(tenant, &Alias::phone(phone)).await?,
    };
    let Some(contact) = contact else {
        return Ok(Vec::new());
    };
    let channels = store.channels(tenant).await?;
    let mut threads: Vec<ConversationId> = channels
        .iter()
        .map(|channel| ConversationId::of(channel.id, contact.id))
        .collect();
    for conversation in store.conversations_by_id(tenant, &threads).await? {
        threads.extend(conversation.threads());
    }
    threads.sort_unstable_by_key(|id| id.uuid());
    threads.dedup();
    Ok(threads)
}

async fn named<S: MessageLog>(
    store: &S,
    tenant: TenantId,
    messages: Vec<Message>,
) -> Result<Vec<LogLine>, StoreFailure> {
    let contacts: Vec<ContactId> = messages.iter().map(|message| message.contact).collect();
    let names: HashMap<ContactId, String> = store.contact_names(tenant, &contacts).await?;
    let line = |message: Message| LogLine {
        customer_name: names.get(&message.contact).cloned(),
        message,
    };
    Ok(messages.into_iter().map(line).collect())
}
