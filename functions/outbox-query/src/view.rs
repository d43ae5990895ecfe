//! What a caller reads of jobs and messages.

use domain::{
    bulk::Run,
    job::Totals,
    message::{Content, MadeFrom, Message, Payload, ReplyKind},
    provider::WireRequest,
    service::outbox::{self, JobView},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobPage {
    /// The jobs.
    pub items: Vec<JobShown>,
    /// Where the next page begins; `null` on the last.
    pub next_cursor: Option<String>,
}

/// A job with its counts, which sum to its size.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct JobShown {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    channel_id: String,
    /// `pending` while anything of it may still change by itself, else `done`.
    #[schema(example = "done")]
    status: &'static str,
    r#type: &'static str,
    /// What its messages are for: `invoice`, `promotion`; `other` where nobody said.
    message_type: &'static str,
    trigger: &'static str,
    size: u32,
    totals: TotalsShown,
    /// How far it is, if it is a bulk job.
    #[serde(skip_serializing_if = "Option::is_none")]
    bulk: Option<BulkShown>,
    created_at: Timestamp,
    created_by: String,
}

/// How far a bulk job is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BulkProgress)]
struct BulkShown {
    /// `scheduled`, `running`, `paused`, `cancelled` or `done` (everything was attempted).
    #[schema(example = "running")]
    state: &'static str,
    priority: u8,
    scheduled_for: Option<Timestamp>,
    /// Rows whose messages were made; the others are not in the job's messages yet.
    rows_made: u32,
    /// Wrong rows that were left out.
    left_out: u32,
    /// Where they are told: ask there for a link.
    report: Option<String>,
}

impl From<&Run> for BulkShown {
    fn from(run: &Run) -> Self {
        let report = format!("/v1/jobs/{}/report", run.job);
        Self {
            state: run.shown(),
            priority: run.priority,
            scheduled_for: run.scheduled_for,
            rows_made: run.next,
            left_out: run.left_out,
            report: run.report.as_ref().map(|_| report),
        }
    }
}

/// S0.32's seven counters, and the cancelled ones.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Totals)]
struct TotalsShown {
    queued: u32,
    pending: u32,
    sent: u32,
    delivered: u32,
    read: u32,
    failed: u32,
    replied: u32,
    cancelled: u32,
}

impl From<Totals> for TotalsShown {
    fn from(totals: Totals) -> Self {
        Self {
            queued: totals.queued,
            pending: totals.pending,
            sent: totals.sent,
            delivered: totals.delivered,
            read: totals.read,
            failed: totals.failed,
            replied: totals.replied,
            cancelled: totals.cancelled,
        }
    }
}

impl From<&JobView> for JobShown {
    fn from(view: &JobView) -> Self {
        let job = &view.job;
        Self {
            id: job.id.to_string(),
            channel_id: job.channel.to_string(),
            status: view.totals.job_status(),
            r#type: job.kind.as_str(),
            message_type: job.message_type.as_str(),
            trigger: job.trigger.as_str(),
            size: job.size,
            totals: view.totals.into(),
            bulk: view.run.as_ref().map(Into::into),
            created_at: job.created_at,
            created_by: job.created_by.to_string(),
        }
    }
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagePage {
    /// The messages.
    pub items: Vec<MessageShown>,
    /// Where the next page begins; `null` on the last.
    pub next_cursor: Option<String>,
}

/// A message in a list: status, last answer, last change (S0.33).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageShown {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    job_id: String,
    #[schema(format = Uuid)]
    channel_id: String,
    /// The customer: `GET /v1/contacts/{id}` has them as soon as they are known.
    #[schema(format = Uuid)]
    contact_id: String,
    #[schema(example = "+97300000001")]
    to: String,
    #[schema(example = "interactive")]
    r#type: &'static str,
    /// What it is for: `invoice`, `payment_reminder`; `other` where nobody said.
    #[schema(example = "other")]
    message_type: &'static str,
    #[schema(example = "manual")]
    trigger: &'static str,
    /// The company's own template it was made from.
    #[schema(format = Uuid)]
    template_id: Option<String>,
    /// The provider's template it was made from: name and language.
    #[schema(example = "order_ready en")]
    provider_template: Option<String>,
    /// What it is about in the company's own system.
    context: Option<ContextShown>,
    #[schema(example = "replied")]
    status: &'static str,
    provider_message_id: Option<String>,
    /// The pill: what was pressed or written, and when (S0.41).
    last_reply: Option<ReplyShown>,
    last_reply_at: Option<Timestamp>,
    error: Option<ErrorShown>,
    retry_count: u8,
    max_retries: u8,
    next_attempt_at: Option<Timestamp>,
    /// What the next attempt waits for besides its time: `quiet_hours` of the recipient, or nothing.
    waits_for: Option<&'static str>,
    scheduled_for: Option<Timestamp>,
    accepted_at: Option<Timestamp>,
    sent_at: Option<Timestamp>,
    delivered_at: Option<Timestamp>,
    read_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A thing of the company's own system.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Context)]
struct ContextShown {
    #[schema(example = "order")]
    r#type: String,
    #[schema(example = "A-1001")]
    id: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reply)]
struct ReplyShown {
    /// `button`, `list_row` or `text`.
    kind: &'static str,
    button_id: Option<String>,
    title: String,
    at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageError)]
struct ErrorShown {
    code: String,
    message: String,
}

impl From<&Message> for MessageShown {
    fn from(message: &Message) -> Self {
        let attempt = message.sending.attempt;
        let facts = &message.facts;
        let accepted = facts.accepted.values().next_back();
        let (template_id, provider_template) = match &message.made_from {
            None => (None, None),
            Some(MadeFrom::Own(id)) => (Some(id.to_string()), None),
            Some(MadeFrom::Provider(name)) => (None, Some(name.clone())),
        };
        Self {
            template_id,
            provider_template,
            id: message.id.to_string(),
            job_id: message.job.to_string(),
            channel_id: message.channel.to_string(),
            contact_id: message.contact.to_string(),
            to: message.to.as_str().to_owned(),
            r#type: message.kind.as_str(),
            message_type: message.message_type.as_str(),
            trigger: message.trigger.as_str(),
            context: message.context.as_ref().map(|context| ContextShown {
                r#type: context.kind.clone(),
                id: context.id.clone(),
            }),
            status: message.status().as_str(),
            provider_message_id: accepted.and_then(|a| a.provider_id.clone()),
            last_reply: facts.reply.as_ref().map(|reply| ReplyShown {
                kind: match reply.kind {
                    ReplyKind::Button => "button",
                    ReplyKind::ListRow => "list_row",
                    ReplyKind::Text => "text",
                },
                button_id: reply.button_id.clone(),
                title: reply.title.clone(),
                at: reply.at,
            }),
            last_reply_at: facts.reply.as_ref().map(|reply| reply.at),
            error: facts.failed.get(&attempt).map(|failed| ErrorShown {
                code: failed.code.clone(),
                message: failed.reason.clone(),
            }),
            retry_count: message.sending.retries,
            max_retries: message.sending.policy.max,
            next_attempt_at: message.next_attempt_at(),
            waits_for: message.sending.quiet.then_some("quiet_hours"),
            scheduled_for: message.scheduled_for,
            accepted_at: accepted.map(|a| a.at),
            sent_at: facts.sent.values().next_back().copied(),
            delivered_at: facts.delivered_at(),
            read_at: facts.read,
            created_at: message.created_at,
            updated_at: message.updated_at,
        }
    }
}

/// A message with what it says and the exact request that carried it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageDetails {
    #[serde(flatten)]
    message: MessageShown,
    /// What it says; `type` names the kind.
    #[schema(value_type = Option<Object>)]
    content: Option<Content>,
    /// The exact request the provider was given, without its secret: `method`, `path` and `body`.
    #[schema(value_type = Option<Object>)]
    payload: Option<WireRequest>,
}

impl MessageDetails {
    /// The payload is left out for those who may not see it.
    pub fn new(message: &Message, payload: Option<Payload>) -> Self {
        let (content, payload) = payload.map(|p| (p.content, p.request)).unzip();
        Self {
            message: message.into(),
            content,
            payload,
        }
    }
}

/// What happened to a message, in the order of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct Timeline {
    items: Vec<MomentShown>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Moment)]
struct MomentShown {
    at: Timestamp,
    /// A machine word: `accepted`, `attempt_failed`.
    event: &'static str,
    /// The same as a sentence.
    text: String,
    /// What to do next, where a message failed.
    advice: Option<&'static str>,
}

impl Timeline {
    /// The timeline of a message.
    pub fn of(message: &Message) -> Self {
        Self {
            items: outbox::timeline(message)
                .into_iter()
                .map(|moment| MomentShown {
                    at: moment.at,
                    event: moment.event,
                    text: moment.text,
                    advice: moment.advice,
                })
                .collect(),
        }
    }
}
