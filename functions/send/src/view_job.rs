//! What a caller reads of a bulk job they opened.

use std::collections::BTreeMap;

use domain::{
    bulk::Run,
    service::{bulk::BulkAccepted, import::RowProblem},
};
use files::UploadForm;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How a bulk job stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobState {
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    channel_id: String,
    /// `scheduled`, `running`, `paused`, `cancelled` or `done` (everything was attempted).
    #[schema(example = "running")]
    state: &'static str,
    /// Its messages.
    size: u32,
    priority: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<&Run> for JobState {
    fn from(run: &Run) -> Self {
        Self {
            id: run.job.to_string(),
            channel_id: run.channel.to_string(),
            state: run.shown(),
            size: run.size,
            priority: run.priority,
            scheduled_for: run.scheduled_for,
            created_at: run.created_at,
        }
    }
}

/// An accepted bulk job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenedJob)]
pub struct Opened {
    #[serde(flatten)]
    job: JobState,
    /// Rows that were left out.
    left_out: u32,
    /// The first of what is wrong with them; `GET /v1/jobs/{id}/report` has all of it.
    problems: Vec<RowProblemShown>,
}

/// One thing wrong with one row.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobRowProblem)]
struct RowProblemShown {
    /// The line in the file, or the place in the list; the first is 1.
    line: u32,
    column: String,
    #[schema(example = "PHONE")]
    code: &'static str,
    message: String,
}

impl From<&RowProblem> for RowProblemShown {
    fn from(problem: &RowProblem) -> Self {
        Self {
            line: problem.line,
            column: problem.column.clone(),
            code: problem.code,
            message: problem.message.clone(),
        }
    }
}

impl From<&BulkAccepted> for Opened {
    fn from(accepted: &BulkAccepted) -> Self {
        Self {
            job: JobState::from(&accepted.run),
            left_out: accepted.run.left_out,
            problems: accepted.problems.iter().map(Into::into).collect(),
        }
    }
}

/// Where a file goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Upload {
    /// For `POST /v1/jobs`.
    #[schema(format = Uuid)]
    upload_id: String,
    /// Post a form here.
    url: String,
    /// Its fields, which come before `file`.
    fields: BTreeMap<String, String>,
    /// Until then.
    expires_at: Timestamp,
}

impl Upload {
    pub fn new(id: Uuid, form: UploadForm) -> Self {
        Self {
            upload_id: id.to_string(),
            url: form.url,
            fields: form.fields,
            expires_at: form.expires_at,
        }
    }
}

/// A link to a file, for a few minutes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportLink {
    url: String,
    expires_in_seconds: u64,
}

impl ReportLink {
    pub fn new(url: String) -> Self {
        Self {
            url,
            expires_in_seconds: files::LINK_LIFE.as_secs(),
        }
    }
}
