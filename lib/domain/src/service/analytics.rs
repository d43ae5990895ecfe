//! Delivery rates, the use of templates and response times (S2.110): sheets of days, folded from the
//! messages when somebody looks, a bounded piece at a time.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use super::log::day_of;
use crate::{
    analytics::{Fold, Growing, Sheet},
    failure::{AppFailure, FieldProblem, StoreFailure},
    message::Class,
    ports::{Directory, LogOrder, LogPart, LogRange, MessageLog, Saved, Sheets},
    principal::Principal,
    tenant::Tenant,
};

/// The most days of one answer.
pub const LONGEST: u8 = 31;
/// Messages read for one answer. What is left is read for the next.
pub const MOST_READ: usize = 2_000;
/// Entries read at a time.
const PAGE: u16 = 100;
/// How old the figures of a running day may be.
const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// How long after its end a day may still change: receipts come late.
const SETTLED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The figures of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayFigures {
    /// The day, in the company's zone.
    pub day: Date,
    /// As of when; none when it was not read to its end yet.
    pub as_of: Option<Timestamp>,
    /// What is known.
    pub fold: Fold,
}

/// The figures of some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analytics {
    /// The days, the earliest first.
    pub days: Vec<DayFigures>,
    /// Whether every day was read to its end. Asked again, the rest is read.
    pub complete: bool,
}

impl Analytics {
    /// All days together.
    #[must_use]
    pub fn sum(&self) -> Fold {
        let mut sum = Fold::default();
        for day in &self.days {
            sum.add(&day.fold);
        }
        sum
    }
}

/// The figures from one day to another; the last seven when none are given.
///
/// # Errors
/// VALIDATION for more than [`LONGEST`] days or days in the wrong order; `NOT_FOUND` when there is no such
/// company any more; storage failures.
pub async fn analytics<S: Directory + MessageLog + Sheets>(
    store: &S,
    principal: &Principal,
    from: Option<Date>,
    to: Option<Date>,
    now: Timestamp,
) -> Result<Analytics, AppFailure> {
    let tenant = store
        .tenant(principal.tenant())
        .await?
        .ok_or_else(|| AppFailure::not_found("There is no such company."))?;
    let days = asked(&tenant, from, to, now)?;
    let mut sheets = known(store, &tenant, &days).await?;
    let mut left = MOST_READ;
    // The latest first: they are what most look at.
    for sheet in sheets.iter_mut().rev() {
        if left == 0 {
            break;
        }
        if is_stale(&tenant, sheet, now) {
            left = advance(store, &tenant, sheet, now, left).await?;
        }
    }
    let complete = sheets.iter().all(|sheet| sheet.whole.is_some());
    let days = sheets.into_iter().map(|sheet| {
        let (as_of, fold) = sheet.whole.unzip();
        let growing = sheet.growing.map(|growing| growing.fold);
        DayFigures {
            day: sheet.day,
            as_of,
            // Something of a day is better than nothing, and it says that it is not all.
            fold: fold.or(growing).unwrap_or_default(),
        }
    });
    Ok(Analytics {
        days: days.collect(),
        complete,
    })
}

/// The days that are asked for; those ahead hold nothing and are left out.
fn asked(
    tenant: &Tenant,
    from: Option<Date>,
    to: Option<Date>,
    now: Timestamp,
) -> Result<Vec<Date>, AppFailure> {
    let wrong = |field, message: &str| {
        AppFailure::validation(
            "These days cannot be asked for together.",
            vec![FieldProblem::new(field, "RANGE", message)],
        )
    };
    let today = tenant.day(now);
    let last = to.unwrap_or(today).min(today);
    let first = from.unwrap_or_else(|| last.saturating_sub(6.days()));
    if first > last && from.is_some_and(|from| to.is_some_and(|to| from > to)) {
        return Err(wrong("to", "give a last day that is not before the first"));
    }
    let mut days = Vec::new();
    let mut day = first;
    while day <= last {
        if days.len() == usize::from(LONGEST) {
            return Err(wrong("from", "ask for at most 31 days at a time"));
        }
        days.push(day);
        let Ok(next) = day.tomorrow() else {
            break;
        };
        day = next;
    }
    Ok(days)
}

/// The sheets of these days in their order, empty where nobody wrote one.
async fn known<S: Sheets>(
    store: &S,
    tenant: &Tenant,
    days: &[Date],
) -> Result<Vec<Sheet>, StoreFailure> {
    let written = store.sheets(tenant.id, days).await?;
    let zone = &tenant.settings.zone;
    let sheet = |day: &Date| {
        let written = written.iter().find(|sheet| sheet.day == *day).cloned();
        let Some(sheet) = written else {
            return Sheet::empty(*day, zone);
        };
        if sheet.zone == *zone {
            return sheet;
        }
        // Of another zone: other hours, to be read anew.
        Sheet {
            version: sheet.version,
            ..Sheet::empty(*day, zone)
        }
    };
    Ok(days.iter().map(sheet).collect())
}

/// Whether a day may have changed since it was read. The longer ago it was, the more rarely it is read
/// again; after a week it stands.
fn is_stale(tenant: &Tenant, sheet: &Sheet, now: Timestamp) -> bool {
    let Some((read, _)) = &sheet.whole else {
        return true;
    };
    let Some((begins, ends)) = day_of(&tenant.settings.time_zone(), sheet.day) else {
        return false;
    };
    if *read >= ends + SETTLED {
        return false;
    }
    let rest = match *read < ends {
        true => FRESH,
        false => FRESH.max(read.duration_since(begins) / 6),
    };
    now.duration_since(*read) >= rest
}

/// Reads on in a day and writes what it came to; answers how many more may be read.
async fn advance<S: MessageLog + Sheets>(
    store: &S,
    tenant: &Tenant,
    sheet: &mut Sheet,
    now: Timestamp,
    mut left: usize,
) -> Result<usize, StoreFailure> {
    let Some((begins, ends)) = day_of(&tenant.settings.time_zone(), sheet.day) else {
        return Ok(left);
    };
    let range = LogRange {
        part: LogPart::Classes(Class::ALL.to_vec()),
        from: Some(begins),
        until: Some(ends),
        // What comes meanwhile comes behind.
        order: LogOrder::OldestFirst,
    };
    let (began, mut fold, mut after) = match sheet.growing.take() {
        Some(growing) => (growing.began, growing.fold, Some(growing.next)),
        None => (now, Fold::default(), None),
    };
    let mut last = None;
    loop {
        let page = store.log(tenant.id, &range, after.as_deref(), PAGE).await?;
        left = left.saturating_sub(usize::from(PAGE));
        for (message, _) in &page.items {
            // The index lags: a message that moves may be listed twice, side by side.
            let again = last.replace(message.id) == Some(message.id);
            // The end of a day is the beginning of the next.
            if !again && message.created_at >= begins && message.created_at < ends {
                fold.note(message);
            }
        }
        match page.next {
            None => {
                sheet.whole = Some((began, fold));
                break;
            }
            Some(next) if left == 0 => {
                sheet.growing = Some(Growing { began, fold, next });
                break;
            }
            Some(next) => after = Some(next),
        }
    }
    let mut written = sheet.clone();
    // Somebody who read the same day meanwhile is as right; what was read here is still answered.
    if store.save_sheet(tenant.id, &mut written).await? == Saved::Done {
        *sheet = written;
    }
    Ok(left)
}
