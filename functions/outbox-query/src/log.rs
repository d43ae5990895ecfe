//! The message log: filtered, sorted, page by page.

use std::sync::Arc;

use axum::extract::State;
use domain::{
    failure::AppFailure,
    ids::{ChannelId, ContactId},
    message::{Context, MessageType, Status, Trigger},
    phone::PhoneNumber,
    principal::{Action, Principal},
    service::{
        change,
        log::{self, Edge, LogFilter, LogLine, Sort, Whose},
    },
};
use jiff::Timestamp;
use runtime::{
    auth::Caller,
    http::{
        Outcome, Query, Success, cursor, limited,
        openapi::{Enveloped, NotModified, Refuses, asks},
    },
};
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;

use crate::{about, handler::opened, list::wrong, view::MessageShown};

/// Which messages.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogQuery {
    /// A status, or one of the words that stand for several: `Pending` (queued, pending), `Sent` (sent,
    /// delivered, read, replied), `Failed`.
    #[param(example = "Failed")]
    status: Option<String>,
    /// What they are for.
    #[param(example = "invoice")]
    message_type: Option<String>,
    /// What caused them: `auto`, `scheduled`, `manual`.
    #[param(example = "auto")]
    trigger: Option<String>,
    /// The number they go out from.
    #[param(format = Uuid)]
    channel_id: Option<String>,
    /// The customer.
    #[param(format = Uuid)]
    contact_id: Option<String>,
    /// The customer's number.
    #[param(example = "+97333000001")]
    number: Option<String>,
    /// The first day, in your company's time zone, or an RFC 3339 time.
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// The last day, which is included, or an RFC 3339 time, before which they were accepted.
    #[param(example = "2026-11-20")]
    to: Option<String>,
    /// `true`: only those that wait for a time that was set for them.
    scheduled: Option<bool>,
    /// The type given as `context.type` when they were sent; `context_id` belongs to it.
    #[param(example = "order")]
    context_type: Option<String>,
    /// The id given as `context.id`.
    #[param(example = "A-1001")]
    context_id: Option<String>,
    /// `-created_at` (the newest first), `created_at`, `status` (pending, sent, failed, cancelled), or
    /// `customer_name`, which sorts each page by itself and the pages by time.
    #[param(default = "-created_at")]
    sort: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before, with the same filters and sort.
    cursor: Option<String>,
}

/// A line of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogLineShown {
    #[serde(flatten)]
    message: MessageShown,
    /// What the customer is called, if that is known.
    customer_name: Option<String>,
    /// Why it failed, as a sentence.
    failure_reason: Option<String>,
    /// Whether you may have it tried again.
    can_retry: bool,
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogPage {
    /// The messages.
    pub items: Vec<LogLineShown>,
    /// Where the next page begins; `null` on the last.
    pub next_cursor: Option<String>,
}

impl LogLineShown {
    fn new(line: &LogLine, principal: &Principal, now: Timestamp) -> Self {
        let message = &line.message;
        Self {
            customer_name: line.customer_name.clone(),
            failure_reason: (message.status() == Status::Failed)
                .then(|| message.facts.failed.get(&message.sending.attempt))
                .flatten()
                .map(|failed| failed.reason.clone()),
            can_retry: change::can_retry(principal, message, now),
            message: message.into(),
        }
    }
}

fn one_of<T>(
    field: &str,
    given: Option<&str>,
    known: &[&str],
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, AppFailure> {
    let Some(name) = given else {
        return Ok(None);
    };
    read(name).map(Some).ok_or_else(|| {
        let text = format!("use one of {}", known.join(", "));
        wrong(field, "UNKNOWN_VALUE", &text)
    })
}

fn parsed<T, E>(
    field: &str,
    given: Option<&str>,
    remedy: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, AppFailure> {
    given
        .map(|text| parse(text).map_err(|_| wrong(field, "FORMAT", remedy)))
        .transpose()
}

const ID: &str = "give the id as it was answered";
const EDGE: &str = "write a day as 2026-11-20, or an RFC 3339 time as 2026-11-20T09:00:00Z";

impl LogQuery {
    /// What is looked for, but for the dates.
    fn filter(&self, now: Timestamp) -> Result<LogFilter, AppFailure> {
        let mut known = vec!["Pending", "Sent", "Failed"];
        known.extend(Status::ALL.map(Status::as_str));
        let types = MessageType::ALL.map(MessageType::as_str);
        let triggers = [Trigger::Auto, Trigger::Scheduled, Trigger::Manual];
        let trigger = |name: &str| triggers.into_iter().find(|t| t.as_str() == name);
        let contact = parsed(
            "contact_id",
            self.contact_id.as_deref(),
            ID,
            ContactId::parse,
        )?;
        let number = parsed(
            "number",
            self.number.as_deref(),
            "write the number with its country code, for example +97333000001",
            PhoneNumber::parse,
        )?;
        if contact.is_some() && number.is_some() {
            return Err(wrong(
                "number",
                "ONE_OF",
                "give the customer's number or contact_id, not both",
            ));
        }
        let sorts = |name: &str| match name {
            "-created_at" => Some(Sort::Newest),
            "created_at" => Some(Sort::Oldest),
            "status" => Some(Sort::Status),
            "customer_name" => Some(Sort::CustomerName),
            _ => None,
        };
        let names = ["-created_at", "created_at", "status", "customer_name"];
        Ok(LogFilter {
            statuses: one_of("status", self.status.as_deref(), &known, log::statuses)?
                .unwrap_or_default(),
            message_type: one_of(
                "message_type",
                self.message_type.as_deref(),
                &types,
                MessageType::parse,
            )?,
            trigger: one_of(
                "trigger",
                self.trigger.as_deref(),
                &triggers.map(Trigger::as_str),
                trigger,
            )?,
            channel: parsed(
                "channel_id",
                self.channel_id.as_deref(),
                ID,
                ChannelId::parse,
            )?,
            whose: number.map(Whose::Number).or(contact.map(Whose::Contact)),
            from: None,
            before: None,
            scheduled_after: (self.scheduled == Some(true)).then_some(now),
            sort: one_of("sort", self.sort.as_deref(), &names, sorts)?.unwrap_or_default(),
        })
    }

    fn edge(field: &str, given: Option<&str>) -> Result<Option<Edge>, AppFailure> {
        parsed(field, given, EDGE, |text| Edge::parse(text).ok_or(()))
    }

    /// Whether it says how many.
    pub(crate) const fn limits(&self) -> bool {
        self.limit.is_some()
    }

    /// What a cursor belongs to: everything that was asked but the cursor itself.
    pub(crate) fn name(&self) -> String {
        let asked = Self {
            cursor: None,
            limit: None,
            ..self.clone()
        };
        format!("log {asked:?}")
    }
}

/// What is asked for, read and checked.
pub(crate) struct Asked {
    pub(crate) filter: LogFilter,
    /// What the messages are about, where that is asked for.
    pub(crate) context: Option<Context>,
    /// The position to go on from.
    pub(crate) after: Option<String>,
}

impl Asked {
    /// Reads a query whose cursors belong to `name`.
    ///
    /// # Errors
    /// VALIDATION naming the parameter that is wrong.
    pub(crate) async fn read(
        store: &Store,
        principal: &Principal,
        query: &LogQuery,
        name: &str,
        now: Timestamp,
    ) -> Result<Self, AppFailure> {
        let mut filter = query.filter(now)?;
        let from = LogQuery::edge("from", query.from.as_deref())?;
        let to = LogQuery::edge("to", query.to.as_deref())?;
        let context = about::context(query.context_type.as_deref(), query.context_id.as_deref())?;
        let after = opened(principal, name, query.cursor.as_deref())?;
        (filter.from, filter.before) = log::stretch(store, principal, from, to).await?;
        if context.is_some() && (filter.whose.is_some() || filter.sort != Sort::Newest) {
            let text = "messages with a context come newest first, whoever's they are: leave `sort`, `contact_id` and `number` out";
            return Err(wrong("context_type", "ALONE", text));
        }
        Ok(Self {
            filter,
            context,
            after,
        })
    }
}

/// Lists messages: the log viewer.
///
/// Sorted by time or status over all pages, by customer name within each page. A page may hold fewer
/// than `limit` and still have a next one.
#[utoipa::path(
    get,
    path = "/v1/messages",
    operation_id = "listMessages",
    tag = "Messages",
    params(LogQuery),
    responses(
        (status = 200, body = Enveloped<LogPage>, description = "A page of messages. It may hold fewer than `limit` and still have a next one"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn messages(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Query(query): Query<LogQuery>,
) -> Outcome<LogPage> {
    let principal = caller.may(Action::ReadOutbox)?;
    let now = Timestamp::now();
    let (limit, name) = (limited(query.limit)?, query.name());
    let asked = Asked::read(&store, &principal, &query, &name, now).await?;
    let after = asked.after.as_deref();
    let page = match &asked.context {
        None => log::page(&*store, &principal, &asked.filter, after, limit).await?,
        Some(context) => {
            log::about(&*store, &principal, context, &asked.filter, after, limit).await?
        }
    };
    let lines = page.items.iter();
    Ok(Success::ok(LogPage {
        items: lines
            .map(|line| LogLineShown::new(line, &principal, now))
            .collect(),
        next_cursor: page
            .next
            .map(|next| cursor::seal(principal.tenant(), &name, &next)),
    })
    .tagged_by_content())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(change: impl Fn(&mut LogQuery)) -> LogQuery {
        let mut query = LogQuery::default();
        change(&mut query);
        query
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    /// S1.112, S1.113: each parameter that is wrong is named, with what to write instead.
    #[test]
    fn what_is_wrong_is_named() {
        for (field, query) in [
            ("status", ask(|q| q.status = text("pendingg"))),
            ("message_type", ask(|q| q.message_type = text("Invoice"))),
            ("trigger", ask(|q| q.trigger = text("cron"))),
            ("channel_id", ask(|q| q.channel_id = text("x"))),
            ("contact_id", ask(|q| q.contact_id = text("1#2"))),
            ("number", ask(|q| q.number = text("12"))),
            ("sort", ask(|q| q.sort = text("-status"))),
        ] {
            let refused = query.filter(Timestamp::UNIX_EPOCH).unwrap_err();
            assert_eq!(refused.fields()[0].field, field);
        }
        for wrong in ["yesterday", "2026-13-01", "20261120", ""] {
            let refused = LogQuery::edge("from", Some(wrong)).unwrap_err();
            assert_eq!(refused.fields()[0].field, "from", "{wrong}");
        }
        let one = ask(|q| q.status = text("Sent"));
        assert_eq!(one.filter(Timestamp::UNIX_EPOCH).unwrap().statuses.len(), 4);
        assert_ne!(one.name(), LogQuery::default().name());
    }
}
