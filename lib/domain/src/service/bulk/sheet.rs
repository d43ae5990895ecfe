//! A file of recipients as lines: the columns are named by its first line, and those that are neither
//! the number nor the name are parameters.

use csv::{ReaderBuilder, StringRecord};

use super::draft::NewRow;
use crate::{
    bulk::MOST_ROWS,
    failure::{AppFailure, FieldProblem},
    service::import::sheet::{Lines, separator},
};

/// One recipient and where they stand.
#[derive(Debug)]
pub(super) struct Line {
    /// The line of the file, or the place in the request's list; the first is 1.
    pub(super) line: u32,
    /// Who.
    pub(super) row: NewRow,
    /// Whether there are more cells than columns.
    pub(super) overflows: bool,
}

/// Recipients with the name of the column their number stands in.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) number: String,
    pub(super) lines: Vec<Line>,
}

/// The recipients of a request.
pub(super) fn inline(rows: Vec<NewRow>) -> Sheet {
    let lines = (1_u32..).zip(rows).map(|(line, row)| Line {
        line,
        row,
        overflows: false,
    });
    Sheet {
        number: "to".into(),
        lines: lines.collect(),
    }
}

struct Columns {
    number: usize,
    spelled: String,
    name: Option<usize>,
    parameters: Vec<(usize, String)>,
    width: usize,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, AppFailure> {
        let mut columns = Self {
            number: usize::MAX,
            spelled: String::new(),
            name: None,
            parameters: Vec::new(),
            width: header.len(),
        };
        for (place, title) in header.iter().map(str::trim).enumerate() {
            match title.to_lowercase().as_str() {
                "" => {}
                "to" | "phone" | "number" | "mobile" => {
                    if columns.number != usize::MAX {
                        return Err(refused(
                            "DUPLICATE_COLUMN",
                            "two columns are for the number; leave one of them",
                        ));
                    }
                    columns.number = place;
                    title.clone_into(&mut columns.spelled);
                }
                "name" if columns.name.is_none() => columns.name = Some(place),
                _ => {
                    if columns.parameters.iter().any(|(_, known)| known == title) {
                        return Err(refused(
                            "DUPLICATE_COLUMN",
                            "two columns have the same name; leave one of them",
                        ));
                    }
                    columns.parameters.push((place, title.to_owned()));
                }
            }
        }
        if columns.number == usize::MAX {
            return Err(refused(
                "NO_PHONE_COLUMN",
                "the first line must name the columns, and one of them to, phone, number or mobile",
            ));
        }
        Ok(columns)
    }

    fn row(&self, record: &StringRecord) -> NewRow {
        let cell = |place: usize| record.get(place).unwrap_or_default();
        NewRow {
            to: cell(self.number).to_owned(),
            name: self.name.map(cell).map(str::to_owned),
            parameters: self
                .parameters
                .iter()
                .map(|(place, name)| (name.clone(), cell(*place).to_owned()))
                .collect(),
        }
    }
}

/// Reads a file.
///
/// # Errors
/// VALIDATION when it cannot be read as a whole: no UTF-8, no column of numbers, no or too many rows.
pub(super) fn file(bytes: &[u8]) -> Result<Sheet, AppFailure> {
    let text = std::str::from_utf8(bytes).map_err(|bad| {
        let (before, _) = bytes.split_at(bad.valid_up_to());
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let message = format!("line {line} is not UTF-8; save the file as \"CSV UTF-8\"");
        refused("NOT_UTF8", &message)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut numbers = Lines::new(text);
    let mut columns: Option<Columns> = None;
    let mut lines = Vec::new();
    let mut record = StringRecord::new();
    loop {
        let more = reader.read_record(&mut record);
        if !more.map_err(|cause| refused("NOT_CSV", &cause.to_string()))? {
            break;
        }
        let line = numbers.of(&record);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let Some(columns) = &columns else {
            columns = Some(Columns::of(&record)?);
            continue;
        };
        if lines.len() == MOST_ROWS as usize {
            let message = format!("a job may have {MOST_ROWS} rows; split the file");
            return Err(refused("TOO_MANY_ROWS", &message));
        }
        let mut beyond = record.iter().skip(columns.width);
        lines.push(Line {
            line,
            row: columns.row(&record),
            overflows: beyond.any(|cell| !cell.trim().is_empty()),
        });
    }
    let (Some(columns), false) = (columns, lines.is_empty()) else {
        return Err(refused(
            "EMPTY",
            "there is no line below the names of the columns",
        ));
    };
    Ok(Sheet {
        number: columns.spelled,
        lines,
    })
}

fn refused(code: &'static str, message: &str) -> AppFailure {
    AppFailure::validation(
        format!("Nothing was accepted: {message}."),
        vec![FieldProblem::new("upload_id", code, message)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S2.39: every further column is a parameter; lines are counted as an editor shows them.
    #[test]
    fn columns_are_numbers_names_and_parameters() {
        let read =
            file("\u{feff}Mobile;Name;city\r\n+97333000001;Amal;Riffa\r\n\r\n2;;;x\r\n".as_bytes());
        let read = read.unwrap();
        assert_eq!(read.number, "Mobile");
        let [first, second] = read.lines.as_slice() else {
            panic!("{:?}", read.lines)
        };
        assert_eq!(first.row.name.as_deref(), Some("Amal"));
        assert_eq!(first.row.parameters["city"], "Riffa");
        assert_eq!((first.line, second.line), (2, 4));
        assert_eq!((first.overflows, second.overflows), (false, true));
    }

    #[test]
    fn a_file_that_is_none_says_what_to_do() {
        for (bytes, code) in [
            (&b""[..], "EMPTY"),
            (b"to\n", "EMPTY"),
            (b"name,city\nAmal,Riffa\n", "NO_PHONE_COLUMN"),
            (b"to,phone\n1,2\n", "DUPLICATE_COLUMN"),
            (b"to,city,city\n1,2,3\n", "DUPLICATE_COLUMN"),
            (b"to\n\xff\xfe\n", "NOT_UTF8"),
        ] {
            let failure = file(bytes).unwrap_err();
            assert_eq!(failure.fields()[0].code, code);
        }
    }
}
