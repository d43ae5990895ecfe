//! The log as a file (S1.116): read page by page, kept in parts of bounded size, answered with a link.

use csv::{QuoteStyle, WriterBuilder};
use jiff::{SignedDuration, tz::TimeZone};
use uuid::Uuid;

use super::{
    cells::harmless,
    log::{self, LogFilter, LogLine},
};
use crate::{
    contact::Recipient,
    failure::{AppFailure, StoreFailure, StoreFailureKind},
    ids::TenantId,
    message::{Context, Status},
    ports::{Clock, Contacts, Conversations, Directory, MediaFiles, MessageLog, Outbox, Page},
    principal::Principal,
};

/// The most rows of one part.
pub const MOST_ROWS: usize = 5_000;
/// The most bytes of one part, so that no export is more than its function's memory takes.
pub const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Pages read for one part: where a filter has no index, most of a page may be left out.
const MOST_PAGES: usize = 60;
/// How long reading may take: the caller waits, and the gateway waits no longer than thirty seconds.
const LONGEST: SignedDuration = SignedDuration::from_secs(8);
/// Rows read at a time.
const PAGE: u16 = 100;
/// What the file is.
const TYPE: &str = "text/csv; charset=utf-8";
/// Tells spreadsheets that the letters are UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The columns of the log (S1.114).
pub const COLUMNS: [&str; 8] = [
    "Date & Time",
    "Customer Name",
    "WhatsApp Number",
    "Message Type",
    "Trigger Type",
    "Status",
    "Retry Count",
    "Failure Reason",
];

/// What exporting needs.
#[derive(Debug)]
pub struct Export<'a, S, F, C> {
    /// Storage.
    pub store: &'a S,
    /// Where the file goes.
    pub files: &'a F,
    /// The time.
    pub clock: &'a C,
}

/// Which messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exported {
    /// Those of the log.
    Log(LogFilter),
    /// Those about a thing of the company's own system.
    About(Context, LogFilter),
}

/// A part of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it can be downloaded for a few minutes.
    pub url: String,
    /// How many messages it holds.
    pub rows: usize,
    /// Where the next part begins; none when this is the last.
    pub next: Option<String>,
}

/// Where the exports of a company lie; a rule of the bucket takes them away after a day.
#[must_use]
pub fn export_key(tenant: TenantId, id: Uuid) -> String {
    format!("exports/{}/{}.csv", tenant.key(), id.simple())
}

impl<S, F, C> Export<'_, S, F, C>
where
    S: MessageLog + Outbox + Contacts + Conversations + Directory,
    F: MediaFiles,
    C: Clock,
{
    /// Keeps the messages from a position on as a file. What does not fit is the next part's.
    ///
    /// # Errors
    /// Storage failures.
    pub async fn part(
        &self,
        principal: &Principal,
        exported: &Exported,
        after: Option<&str>,
    ) -> Result<Part, AppFailure> {
        let begins = self.clock.now();
        let tenant = self.store.tenant(principal.tenant()).await?;
        let zone = tenant.map_or(TimeZone::UTC, |tenant| tenant.settings.time_zone());
        let mut sheet = Sheet::begun(zone)?;
        let mut after = after.map(str::to_owned);
        for _ in 0..MOST_PAGES {
            let page = self.page(principal, exported, after.as_deref()).await?;
            for line in &page.items {
                sheet.write(line)?;
            }
            after = page.next;
            let late = self.clock.now().duration_since(begins) >= LONGEST;
            if after.is_none() || late || sheet.is_full() {
                break;
            }
        }
        let (rows, bytes) = sheet.finish()?;
        let key = export_key(principal.tenant(), Uuid::now_v7());
        self.files.keep(&key, bytes, TYPE).await?;
        let url = self.files.link(&key, "messages.csv", TYPE).await?;
        tracing::info!(tenant.id = %principal.tenant(), rows, "exported {rows} messages");
        Ok(Part {
            url,
            rows,
            next: after,
        })
    }

    async fn page(
        &self,
        principal: &Principal,
        exported: &Exported,
        after: Option<&str>,
    ) -> Result<Page<LogLine>, AppFailure> {
        match exported {
            Exported::Log(filter) => log::page(self.store, principal, filter, after, PAGE).await,
            Exported::About(context, filter) => {
                log::about(self.store, principal, context, filter, after, PAGE).await
            }
        }
    }
}

/// A file being written.
struct Sheet {
    writer: csv::Writer<Vec<u8>>,
    zone: TimeZone,
    rows: usize,
}

impl Sheet {
    fn begun(zone: TimeZone) -> Result<Self, StoreFailure> {
        let writer = WriterBuilder::new()
            .quote_style(QuoteStyle::Necessary)
            .terminator(csv::Terminator::CRLF)
            .from_writer(MARK.to_vec());
        let mut sheet = Self {
            writer,
            zone,
            rows: 0,
        };
        sheet.writer.write_record(COLUMNS).map_err(unwritten)?;
        Ok(sheet)
    }

    fn write(&mut self, line: &LogLine) -> Result<(), StoreFailure> {
        let message = &line.message;
        let at = message.created_at.to_zoned(self.zone.clone());
        let failed = message.facts.failed.get(&message.sending.attempt);
        let failed = failed.filter(|_| message.status() == Status::Failed);
        let to = match &message.to {
            // A plus and digits: nothing that a spreadsheet could run.
            Recipient::Phone(number) => number.as_str().to_owned(),
            Recipient::User(_) => harmless(message.to.as_str()),
        };
        let cells = [
            at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            harmless(line.customer_name.as_deref().unwrap_or_default()),
            to,
            message.message_type.as_str().to_owned(),
            message.trigger.as_str().to_owned(),
            message.status().as_str().to_owned(),
            message.sending.retries.to_string(),
            failed.map_or_else(String::new, |failed| harmless(&failed.reason)),
        ];
        self.writer.write_record(&cells).map_err(unwritten)?;
        self.rows += 1;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.rows + usize::from(PAGE) > MOST_ROWS || self.writer.get_ref().len() >= MOST_BYTES
    }

    fn finish(self) -> Result<(usize, Vec<u8>), StoreFailure> {
        let bytes = self.writer.into_inner().map_err(|_| {
            StoreFailure::new("export.write", StoreFailureKind::Refused).because("not written")
        })?;
        Ok((self.rows, bytes))
    }
}

fn unwritten(cause: csv::Error) -> StoreFailure {
    StoreFailure::new("export.write", StoreFailureKind::Refused).because(cause)
}
