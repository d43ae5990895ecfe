//! Every row is judged before the first is kept.

use std::collections::{BTreeSet, HashMap};

use super::sheet::{Line, Sheet};
use crate::{
    bulk::{FrozenRow, LONGEST_ROW, fill, placeholders},
    failure::FieldProblem,
    message::{Content, ContentLimits},
    phone::PhoneNumber,
    service::{contacts::NewContact, import::RowProblem},
};

/// What a job sends, against which its rows are judged.
pub(super) struct Yardstick<'a> {
    pub(super) content: &'a Content,
    pub(super) limits: &'a ContentLimits,
}

/// Rows that can be sent, and what is wrong with the others.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) good: Vec<FrozenRow>,
    /// How many rows are wrong; one may have several problems.
    pub(super) bad: u32,
    pub(super) problems: Vec<RowProblem>,
}

pub(super) fn judge(sheet: Sheet, yardstick: &Yardstick<'_>) -> Judged {
    let wanted = placeholders(yardstick.content);
    let mut first: HashMap<PhoneNumber, u32> = HashMap::new();
    let mut judged = Judged::default();
    for line in sheet.lines {
        let number = line.line;
        match row(line, yardstick, &wanted, &first) {
            Ok((phone, row)) => {
                first.insert(phone, number);
                judged.good.push(row);
            }
            Err(problems) => {
                judged.bad += 1;
                judged
                    .problems
                    .extend(problems.into_iter().map(|problem| RowProblem {
                        line: number,
                        column: match problem.field.as_str() {
                            "phone" => sheet.number.clone(),
                            _ => problem.field,
                        },
                        code: problem.code,
                        message: problem.message,
                    }));
            }
        }
    }
    judged
}

fn row(
    line: Line,
    yardstick: &Yardstick<'_>,
    wanted: &BTreeSet<String>,
    first: &HashMap<PhoneNumber, u32>,
) -> Result<(PhoneNumber, FrozenRow), Vec<FieldProblem>> {
    let mut problems = Vec::new();
    if line.overflows {
        let message = "the line has more cells than the first one; put values with separators in them between quotes";
        problems.push(FieldProblem::new("", "CELLS", message));
    }
    let read = NewContact::parse(&line.row.to, line.row.name.as_deref(), None);
    let person = match read {
        Ok(person) => Some(person),
        Err(wrong) => {
            problems.extend(wrong);
            None
        }
    };
    if let Some(before) = person.as_ref().and_then(|one| first.get(&one.phone)) {
        let message = format!("the number stands in line {before} already; leave one of them");
        problems.push(FieldProblem::new("phone", "DUPLICATE", message));
    }
    let mut parameters = line.row.parameters;
    parameters.retain(|name, _| wanted.contains(name));
    let mut row = FrozenRow {
        to: String::new(),
        name: line.row.name.filter(|name| !name.trim().is_empty()),
        parameters,
    };
    said(&row, yardstick, &mut problems);
    let Some(person) = person.filter(|_| problems.is_empty()) else {
        return Err(problems);
    };
    row.to = person.phone.as_str().to_owned();
    row.name = person.name;
    Ok((person.phone, row))
}

/// What the row's message would say, as far as it cannot be said.
fn said(row: &FrozenRow, yardstick: &Yardstick<'_>, problems: &mut Vec<FieldProblem>) {
    let values = row.parameters.iter().map(|(k, v)| k.len() + v.len() + 6);
    let size: usize = values.sum::<usize>() + row.name.as_ref().map_or(0, String::len) + 64;
    if size > LONGEST_ROW {
        let message = format!("the values of a row may have {LONGEST_ROW} bytes together");
        problems.push(FieldProblem::new("", "TOO_LONG", message));
        return;
    }
    match fill(yardstick.content, row) {
        Ok(content) => problems.extend(content.problems(yardstick.limits)),
        Err(missing) => problems.extend(missing.into_iter().map(|name| {
            let message = format!("give a value for {{{name}}}, or take it out of the message");
            FieldProblem::new(name, "MISSING", message)
        })),
    }
}
