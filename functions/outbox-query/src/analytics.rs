//! `GET /v1/analytics`: delivery rates, the use of templates and response times.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use domain::{
    analytics::{Figures, Fold, STEPS, Took},
    failure::AppFailure,
    message::{MadeFrom, Status},
    principal::Action,
    service::analytics::{self, Analytics},
};
use jiff::{Timestamp, civil::Date};
use runtime::{
    auth::Caller,
    http::{
        Outcome, Query, Success,
        openapi::{Enveloped, NotModified, Refuses, asks},
    },
};
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;

use crate::list::wrong;

/// Which days.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnalyticsQuery {
    /// The first day, in your company's time zone; six days before the last when left out.
    #[param(example = "2026-11-14")]
    from: Option<String>,
    /// The last day; today when left out. At most 31 days at a time.
    #[param(example = "2026-11-20")]
    to: Option<String>,
}

/// What became of messages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Analytics)]
pub struct AnalyticsShown {
    #[schema(value_type = String, format = Date)]
    from: Date,
    #[schema(value_type = String, format = Date)]
    to: Date,
    /// `false` while days are still being read: ask again for the rest.
    complete: bool,
    /// All days together.
    total: Rates,
    /// The earliest first.
    days: Vec<DayShown>,
    message_types: Vec<TypeShown>,
    channels: Vec<ChannelShown>,
    /// The most used first.
    templates: Vec<TemplateUseShown>,
    response_times: ResponseTimes,
}

/// Delivery in figures. Rates are of those that went out or failed to, from 0 to 1.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryRates)]
struct Rates {
    messages: u32,
    /// How many show each status.
    #[schema(value_type = BTreeMap<String, u32>)]
    by_status: BTreeMap<&'static str, u32>,
    delivered: u32,
    read: u32,
    replied: u32,
    /// `null` while nothing went out.
    delivery_rate: Option<f64>,
    read_rate: Option<f64>,
    failure_rate: Option<f64>,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsDay)]
struct DayShown {
    #[schema(value_type = String, format = Date)]
    day: Date,
    /// As of when; `null` while the day is still being read.
    as_of: Option<Timestamp>,
    #[serde(flatten)]
    rates: Rates,
}

/// The messages for one thing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsType)]
struct TypeShown {
    #[schema(example = "invoice")]
    message_type: &'static str,
    #[serde(flatten)]
    rates: Rates,
}

/// The messages of one channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsChannel)]
struct ChannelShown {
    #[schema(format = Uuid)]
    channel_id: String,
    #[serde(flatten)]
    rates: Rates,
}

/// The messages made from one template.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TemplateUse)]
struct TemplateUseShown {
    /// One of the company's own.
    #[schema(value_type = Option<String>, format = Uuid)]
    template_id: Option<String>,
    /// A provider's, with its language.
    #[schema(example = "order_ready en_US")]
    provider_template: Option<String>,
    #[serde(flatten)]
    rates: Rates,
}

/// How long things took.
#[derive(Debug, Serialize, ToSchema)]
struct ResponseTimes {
    /// From a customer's last message to the first answer a person gave in the inbox.
    to_answer: Answers,
    /// From the provider's acceptance to delivery.
    to_delivered: TookShown,
    /// From the provider's acceptance to being read.
    to_read: TookShown,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Duration)]
struct TookShown {
    count: u32,
    mean_seconds: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Answers {
    count: u32,
    mean_seconds: Option<i64>,
    /// How many took no longer than each, and longer than the one before.
    steps: Vec<AnswerStep>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AnswerStep {
    /// `null`: longer than all others.
    up_to_seconds: Option<i64>,
    count: u32,
}

impl From<Took> for TookShown {
    fn from(took: Took) -> Self {
        Self {
            count: took.count,
            mean_seconds: took.mean(),
        }
    }
}

impl From<&Figures> for Rates {
    fn from(figures: &Figures) -> Self {
        let tried = figures.tried();
        let rate = |part: u32| (tried > 0).then(|| f64::from(part) / f64::from(tried));
        let statuses = Status::ALL.into_iter();
        Self {
            messages: figures.total(),
            by_status: statuses
                .map(|status| (status.as_str(), figures.shown(status)))
                .collect(),
            delivered: figures.delivered,
            read: figures.read,
            replied: figures.replied,
            delivery_rate: rate(figures.delivered),
            read_rate: rate(figures.read),
            failure_rate: rate(figures.shown(Status::Failed)),
        }
    }
}

impl From<&Figures> for Answers {
    fn from(figures: &Figures) -> Self {
        let ends = STEPS.into_iter().map(Some).chain([None]);
        let steps = ends.zip(figures.answers);
        Self {
            count: figures.to_answer.count,
            mean_seconds: figures.to_answer.mean(),
            steps: steps
                .map(|(up_to_seconds, count)| AnswerStep {
                    up_to_seconds,
                    count,
                })
                .collect(),
        }
    }
}

fn grouped<K: Ord>(
    fold: &Fold,
    key: impl Fn(&domain::analytics::Line) -> K,
) -> BTreeMap<K, Figures> {
    let mut groups: BTreeMap<K, Figures> = BTreeMap::new();
    for line in &fold.lines {
        groups.entry(key(line)).or_default().add(&line.figures);
    }
    groups
}

impl AnalyticsShown {
    fn new(analytics: &Analytics, from: Date, to: Date) -> Self {
        let sum = analytics.sum();
        let total = sum.total();
        let mut uses: Vec<_> = sum.uses.iter().collect();
        uses.sort_by(|one, other| {
            let place = |used: &domain::analytics::Use| std::cmp::Reverse(used.figures.total());
            (place(one), &one.made_from).cmp(&(place(other), &other.made_from))
        });
        let days = analytics.days.iter().map(|day| DayShown {
            day: day.day,
            as_of: day.as_of,
            rates: Rates::from(&day.fold.total()),
        });
        let types = grouped(&sum, |line| line.message_type.as_str()).into_iter();
        let channels = grouped(&sum, |line| line.channel).into_iter();
        let uses = uses.into_iter().map(|used| {
            let (template_id, provider_template) = match &used.made_from {
                MadeFrom::Own(id) => (Some(id.to_string()), None),
                MadeFrom::Provider(name) => (None, Some(name.clone())),
            };
            TemplateUseShown {
                template_id,
                provider_template,
                rates: Rates::from(&used.figures),
            }
        });
        Self {
            from,
            to,
            complete: analytics.complete,
            total: Rates::from(&total),
            days: days.collect(),
            message_types: types
                .map(|(message_type, figures)| TypeShown {
                    message_type,
                    rates: Rates::from(&figures),
                })
                .collect(),
            channels: channels
                .map(|(channel, figures)| ChannelShown {
                    channel_id: channel.to_string(),
                    rates: Rates::from(&figures),
                })
                .collect(),
            templates: uses.collect(),
            response_times: ResponseTimes {
                to_answer: Answers::from(&total),
                to_delivered: total.to_delivered.into(),
                to_read: total.to_read.into(),
            },
        }
    }
}

fn day(field: &str, given: Option<&str>) -> Result<Option<Date>, AppFailure> {
    let read = |text: &str| text.parse().ok().filter(|_| text.len() == 10);
    given
        .map(|text| read(text).ok_or_else(|| wrong(field, "FORMAT", "write a day as 2026-11-20")))
        .transpose()
}

/// Tells what became of some days' messages: delivery, templates, response times.
///
/// Days are read when somebody asks, and kept. Where a day has many messages one request reads a part of
/// it: `complete` is `false` then, and asking again reads on.
#[utoipa::path(
    get,
    path = "/v1/analytics",
    operation_id = "readAnalytics",
    tag = "Figures",
    params(AnalyticsQuery),
    responses(
        (status = 200, body = Enveloped<AnalyticsShown>, description = "The figures"),
        NotModified, Refuses<422>,
    ),
    extensions(("x-waypost-action" = json!(asks(Action::ReadOutbox)))),
)]
pub async fn analytics(
    State(store): State<Arc<Store>>,
    Caller(caller): Caller,
    Query(query): Query<AnalyticsQuery>,
) -> Outcome<AnalyticsShown> {
    let principal = caller.may(Action::ReadOutbox)?;
    let from = day("from", query.from.as_deref())?;
    let to = day("to", query.to.as_deref())?;
    let found = analytics::analytics(&*store, &principal, from, to, Timestamp::now()).await?;
    let (Some(first), Some(last)) = (found.days.first(), found.days.last()) else {
        return Err(wrong("from", "RANGE", "give a day that is not ahead").into());
    };
    let shown = AnalyticsShown::new(&found, first.day, last.day);
    Ok(Success::ok(shown).tagged_by_content())
}
