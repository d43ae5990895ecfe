//! What a caller reads of an import.

use domain::service::import::{Report, RowProblem};
use serde::Serialize;
use utoipa::ToSchema;

/// What became of every row of a file: those that are `new`, `changed`, `same` and `failed` are all, once
/// they are stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReport {
    /// `checked`, `refused` (nothing was stored), `stored` or `stored_in_part`.
    #[schema(example = "stored")]
    outcome: &'static str,
    /// The same as a sentence.
    message: String,
    /// Rows below the names of the columns, blank lines aside.
    rows: u32,
    /// Rows that made a contact.
    new: u32,
    /// Rows that changed one.
    changed: u32,
    /// Rows that said nothing new.
    same: u32,
    /// Rows with a problem.
    failed: u32,
    /// Columns that mean nothing here and were not looked at.
    unknown_columns: Vec<String>,
    /// What is wrong, in the order of lines.
    problems: Vec<RowProblemShown>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RowProblem)]
struct RowProblemShown {
    /// The first line of the file is 1.
    line: u32,
    /// As the file spells it; empty when it is about the whole row.
    column: String,
    /// A machine code: `PHONE`, `CHARACTER`, `TOO_LONG`, `UNKNOWN_VALUE`, `DUPLICATE`, `CELLS`, `NOT_STORED`.
    code: &'static str,
    /// What is wrong and what to do.
    message: String,
}

impl From<Report> for ImportReport {
    fn from(report: Report) -> Self {
        Self {
            outcome: report.outcome.as_str(),
            message: report.message(),
            rows: report.rows,
            new: report.new,
            changed: report.changed,
            same: report.same,
            failed: report.failed,
            unknown_columns: report.unknown_columns,
            problems: report.problems.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<RowProblem> for RowProblemShown {
    fn from(problem: RowProblem) -> Self {
        Self {
            line: problem.line,
            column: problem.column,
            code: problem.code,
            message: problem.message,
        }
    }
}
