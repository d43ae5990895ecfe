//! What is wrong with rows: the first of it in answers, all of it in a file.

use csv::Writer;

use super::judge::Judged;
use crate::{
    failure::{AppFailure, FieldProblem, StoreFailure, StoreFailureKind},
    ids::{JobId, TenantId},
    service::import::RowProblem,
};

/// How many problems an answer tells.
pub(super) const TOLD: usize = 100;

/// Where the report of a job lies.
pub(super) fn key(tenant: TenantId, job: JobId) -> String {
    format!("jobs/{}/{}/report.csv", tenant.key(), job.key())
}

/// Every problem as a file.
pub(super) fn file(problems: &[RowProblem]) -> Result<Vec<u8>, StoreFailure> {
    let mut writer = Writer::from_writer(Vec::new());
    let written = writer.write_record(["line", "column", "code", "reason"]);
    let mut written = written.is_ok();
    for problem in problems {
        let line = problem.line.to_string();
        let column = harmless(&problem.column);
        let cells = [&line, &column, problem.code, problem.message.as_str()];
        written &= writer.write_record(cells).is_ok();
    }
    let bytes = writer.into_inner().ok().filter(|_| written);
    bytes.ok_or_else(|| StoreFailure::new("jobs.report", StoreFailureKind::Refused))
}

/// A column's name is the caller's: it must not become a formula where the report is opened.
fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// The refusal of a job with wrong rows.
pub(super) fn refusal(judged: &Judged) -> AppFailure {
    let rows = judged.good.len() + judged.bad as usize;
    let fields = judged.problems.iter().take(TOLD).map(|problem| {
        let field = match problem.column.as_str() {
            "" => format!("line {}", problem.line),
            column => format!("line {}: {column}", problem.line),
        };
        FieldProblem::new(field, problem.code, problem.message.clone())
    });
    AppFailure::validation(
        format!(
            "Nothing was accepted: {} of {rows} rows are wrong. Correct them, or send keep_good_rows=true to leave them out.",
            judged.bad
        ),
        fields.collect(),
    )
    .with_detail("reason", "BAD_ROWS")
    .with_detail("rows", rows.to_string())
    .with_detail("bad_rows", judged.bad.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_line_column_and_reason_and_holds_no_formula() {
        let problem = RowProblem {
            line: 7,
            column: "=HYPERLINK(1)".into(),
            code: "MISSING",
            message: "give a value, please".into(),
        };
        let file = String::from_utf8(file(&[problem]).unwrap()).unwrap();
        assert_eq!(
            file,
            "line,column,code,reason\n7,'=HYPERLINK(1),MISSING,\"give a value, please\"\n"
        );
    }
}
