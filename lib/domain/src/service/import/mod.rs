//! Contacts from a file: every line is judged before the first is stored, and every line that is not
//! stored says why. Importing a file again changes nothing that it changed before.

mod entry;
pub(super) mod sheet;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use futures::future::join_all;
use jiff::SignedDuration;
use tracing::{error, info};

use self::sheet::{Column, Row, Sheet};
use super::contacts::{ContactDesk, Entered, NewContact};
use crate::{
    failure::{AppFailure, Code, FieldProblem},
    phone::PhoneNumber,
    ports::{Clock, ContactBook, Contacts, Conversations, Directory},
    principal::Principal,
};

/// Most rows of one file: they are stored well within the thirty seconds that a request may take.
pub const MOST_ROWS: usize = 2_000;

/// Rows that are stored side by side. Each is another contact, so they do not stand in each other's way.
const AT_ONCE: usize = 16;

/// How long rows are stored; what is then left is told to be imported again.
const LONGEST: SignedDuration = SignedDuration::from_secs(20);

/// How a file is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It is only checked.
    Check,
    /// Nothing is stored unless every row is good.
    Whole,
    /// Good rows are stored although others are bad.
    Part,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was checked, and nothing was stored.
    Checked,
    /// Rows are bad, so nothing was stored.
    Refused,
    /// Every row is stored.
    Stored,
    /// The rows that are not reported are stored.
    StoredInPart,
}

impl Outcome {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checked => "checked",
            Self::Refused => "refused",
            Self::Stored => "stored",
            Self::StoredInPart => "stored_in_part",
        }
    }
}

/// One thing wrong with one row. It never repeats what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// The line the row begins on; the first of the file is 1.
    pub line: u32,
    /// The column as the file spells it; empty when it is about the whole row.
    pub column: String,
    /// A machine code: `PHONE`.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

/// What became of each row. Those that were stored or need not be, and those that failed, are all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What became of the file.
    pub outcome: Outcome,
    /// Rows below the names of the columns, blank lines aside.
    pub rows: u32,
    /// Rows that made a contact.
    pub new: u32,
    /// Rows that changed one.
    pub changed: u32,
    /// Rows that said nothing new.
    pub same: u32,
    /// Rows with a problem.
    pub failed: u32,
    /// Columns that mean nothing here and were not looked at.
    pub unknown_columns: Vec<String>,
    /// What is wrong, in the order of lines.
    pub problems: Vec<RowProblem>,
}

impl Report {
    /// What became of the file, in one sentence.
    #[must_use]
    pub fn message(&self) -> String {
        let (rows, failed) = (self.rows, self.failed);
        match self.outcome {
            Outcome::Checked if failed == 0 => {
                format!("Nothing was stored, this was a check: all {rows} rows are good.")
            }
            Outcome::Checked => {
                format!("Nothing was stored, this was a check: {failed} of {rows} rows are wrong.")
            }
            Outcome::Refused => format!(
                "Nothing was stored: {failed} of {rows} rows are wrong. Correct them, or import with partial=true to store the others."
            ),
            Outcome::Stored => format!("All {rows} rows are stored."),
            Outcome::StoredInPart => {
                let stored = rows - failed;
                format!(
                    "{stored} of {rows} rows are stored; of the others the problems are listed."
                )
            }
        }
    }
}

/// A row that can be stored.
type Good = (u32, NewContact);

/// Imports a file.
///
/// # Errors
/// VALIDATION when the file cannot be read as a whole, which names what to do; storage failures when
/// nothing was stored.
pub async fn import<S, C>(
    desk: &ContactDesk<'_, S, C>,
    principal: &Principal,
    file: &[u8],
    manner: Manner,
) -> Result<Report, AppFailure>
where
    S: Directory + Contacts + ContactBook + Conversations,
    C: Clock,
{
    let sheet = Sheet::read(file)?;
    let (good, problems) = judge(&sheet);
    let mut report = Report {
        outcome: Outcome::Checked,
        rows: count(sheet.rows.len()),
        new: 0,
        changed: 0,
        same: 0,
        failed: count(sheet.rows.len() - good.len()),
        unknown_columns: sheet.unknown,
        problems,
    };
    match manner {
        Manner::Check => return Ok(report),
        Manner::Whole if report.failed > 0 => {
            report.outcome = Outcome::Refused;
            return Ok(report);
        }
        Manner::Whole | Manner::Part => store(desk, principal, &good, &mut report).await?,
    }
    report.outcome = if report.failed == 0 {
        Outcome::Stored
    } else {
        Outcome::StoredInPart
    };
    info!(
        tenant.id = %principal.tenant(), rows = report.rows, new = report.new,
        changed = report.changed, same = report.same, failed = report.failed,
        "imported {} rows of contacts", report.rows - report.failed
    );
    Ok(report)
}

/// Splits rows into those that can be stored, each another number, and what is wrong with the others.
fn judge(sheet: &Sheet) -> (Vec<Good>, Vec<RowProblem>) {
    let mut first: HashMap<PhoneNumber, u32> = HashMap::new();
    let mut good = Vec::new();
    let mut problems = Vec::new();
    for row in &sheet.rows {
        match contact(sheet, row, &first) {
            Ok(new) => {
                first.insert(new.phone.clone(), row.line);
                good.push((row.line, new));
            }
            Err(wrong) => problems.extend(wrong.into_iter().map(|problem| RowProblem {
                line: row.line,
                column: sheet.spelled(&problem.field),
                code: problem.code,
                message: problem.message,
            })),
        }
    }
    (good, problems)
}

fn contact(
    sheet: &Sheet,
    row: &Row,
    first: &HashMap<PhoneNumber, u32>,
) -> Result<NewContact, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    if sheet.overflows(row) {
        let message = "the line has more cells than the first one; put values with separators in them between quotes";
        problems.push(FieldProblem::new("", "CELLS", message));
    }
    let cell = |column| sheet.cell(row, column);
    let read = NewContact::parse(
        cell(Column::Phone).unwrap_or_default(),
        cell(Column::Name),
        cell(Column::Consent),
    );
    let new = read.map_err(|mut wrong| {
        wrong.append(&mut problems);
        wrong
    })?;
    if let Some(line) = first.get(&new.phone) {
        let message = format!("the number stands in line {line} already; leave one of them");
        problems.push(FieldProblem::new("phone", "DUPLICATE", message));
    }
    if problems.is_empty() {
        return Ok(new);
    }
    Err(problems)
}

/// Stores rows until all are, storage fails, or the time is over.
async fn store<S, C>(
    desk: &ContactDesk<'_, S, C>,
    principal: &Principal,
    good: &[Good],
    report: &mut Report,
) -> Result<(), AppFailure>
where
    S: Directory + Contacts + ContactBook + Conversations,
    C: Clock,
{
    let until = desk.clock.now() + LONGEST;
    let mut failure = None;
    let mut rest = good;
    while let Some((some, more)) = rest.split_at_checked(AT_ONCE.min(rest.len()))
        && !some.is_empty()
        && failure.is_none()
        && desk.clock.now() < until
    {
        let entered = join_all(some.iter().map(|(_, new)| desk.enter(principal, new))).await;
        for ((line, _), entered) in some.iter().zip(entered) {
            match entered {
                Ok((Entered::New, _)) => report.new += 1,
                Ok((Entered::Changed, _)) => report.changed += 1,
                Ok((Entered::Same, _)) => report.same += 1,
                Err(cause) => {
                    left_out(report, *line);
                    // Others were first with this one person: no reason to stop.
                    if cause.code() != Code::Conflict {
                        failure = Some(cause);
                    }
                }
            }
        }
        rest = more;
    }
    if report.new + report.changed + report.same == 0
        && let Some(failure) = failure
    {
        return Err(failure);
    }
    if let Some(failure) = &failure {
        error!(tenant.id = %principal.tenant(), error = %failure, "an import of contacts broke off");
    }
    for (line, _) in rest {
        left_out(report, *line);
    }
    report.problems.sort_by_key(|problem| problem.line);
    Ok(())
}

fn left_out(report: &mut Report, line: u32) {
    report.failed += 1;
    report.problems.push(RowProblem {
        line,
        column: String::new(),
        code: "NOT_STORED",
        message:
            "this row was not stored in time; import it again, with or without the others: stored rows stay as they are"
                .into(),
    });
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
