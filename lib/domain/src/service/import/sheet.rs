//! A file of contacts as lines and cells: written by spreadsheets of any country, so the separator, the
//! line ends and the mark at its beginning are found out.

use std::fmt::Display;

use csv::{ReaderBuilder, StringRecord};

use super::MOST_ROWS;
use crate::failure::{AppFailure, FieldProblem};

/// Most unknown columns that are named, and most characters of each.
const MOST_UNKNOWN: usize = 20;
const LONGEST_UNKNOWN: usize = 40;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// The number.
    Phone,
    /// The name.
    Name,
    /// What they said about messages.
    Consent,
}

impl Column {
    fn of(name: &str) -> Option<Self> {
        match name.to_lowercase().as_str() {
            "phone" | "number" | "mobile" => Some(Self::Phone),
            "name" => Some(Self::Name),
            "consent" => Some(Self::Consent),
            _ => None,
        }
    }

    /// The name in requests.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Name => "name",
            Self::Consent => "consent",
        }
    }
}

/// One line with anything in it.
#[derive(Debug)]
pub(super) struct Row {
    /// Where it begins; the first line of the file is 1.
    pub(super) line: u32,
    cells: StringRecord,
}

/// A file whose first line names its columns.
#[derive(Debug)]
pub(super) struct Sheet {
    /// The columns that mean something: what for, where, and as the file spells it.
    columns: Vec<(Column, usize, String)>,
    width: usize,
    /// Columns that mean nothing here.
    pub(super) unknown: Vec<String>,
    /// The lines below the first, blank ones aside.
    pub(super) rows: Vec<Row>,
}

impl Sheet {
    /// Reads a file.
    ///
    /// # Errors
    /// VALIDATION when it cannot be read as a whole: no UTF-8, no line of columns, too many rows.
    pub(super) fn read(file: &[u8]) -> Result<Self, AppFailure> {
        let text = std::str::from_utf8(file).map_err(|bad| {
            let (before, _) = file.split_at(bad.valid_up_to());
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            AppFailure::unreadable(format!(
                "The file is not UTF-8: line {line} is wrong. Save it as \"CSV UTF-8\"."
            ))
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            // A line of another width is told with its number, not by giving up.
            .flexible(true)
            .delimiter(separator(text))
            .from_reader(text.as_bytes());
        let mut lines = Lines::new(text);
        let mut sheet: Option<Self> = None;
        for record in reader.records() {
            let record = record.map_err(unread)?;
            let line = lines.of(&record);
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let Some(sheet) = &mut sheet else {
                sheet = Some(Self::headed(&record)?);
                continue;
            };
            if sheet.rows.len() == MOST_ROWS {
                return Err(too_many());
            }
            sheet.rows.push(Row {
                line,
                cells: record,
            });
        }
        let sheet = sheet.ok_or_else(|| refused("EMPTY", "the file is empty"))?;
        if sheet.rows.is_empty() {
            let below = "there is no line below the names of the columns";
            return Err(refused("EMPTY", below));
        }
        Ok(sheet)
    }

    fn headed(header: &StringRecord) -> Result<Self, AppFailure> {
        let mut columns: Vec<(Column, usize, String)> = Vec::new();
        let mut unknown = Vec::new();
        for (place, name) in header.iter().map(str::trim).enumerate() {
            let short: String = name.chars().take(LONGEST_UNKNOWN).collect();
            let Some(column) = Column::of(name) else {
                if !name.is_empty() && unknown.len() < MOST_UNKNOWN {
                    unknown.push(short);
                }
                continue;
            };
            if columns.iter().any(|(known, ..)| *known == column) {
                let message = format!(
                    "two columns are for the {}; leave one of them",
                    column.as_str()
                );
                return Err(refused("DUPLICATE_COLUMN", &message));
            }
            columns.push((column, place, short));
        }
        if !columns.iter().any(|(column, ..)| *column == Column::Phone) {
            return Err(refused(
                "NO_PHONE_COLUMN",
                "the first line must name the columns, and one of them phone, number or mobile",
            ));
        }
        Ok(Self {
            columns,
            width: header.len(),
            unknown,
            rows: Vec::new(),
        })
    }

    /// What a row says in a column; none when the file has no such column or the line ends before it.
    pub(super) fn cell<'r>(&self, row: &'r Row, column: Column) -> Option<&'r str> {
        let (_, place, _) = self.columns.iter().find(|(known, ..)| *known == column)?;
        row.cells.get(*place)
    }

    /// A column as the file spells it.
    pub(super) fn spelled(&self, column: &str) -> String {
        let known = self.columns.iter().find(|(c, ..)| c.as_str() == column);
        known.map_or_else(|| column.to_owned(), |(_, _, name)| name.clone())
    }

    /// Whether a row has cells with something in them beyond the last column.
    pub(super) fn overflows(&self, row: &Row) -> bool {
        let mut beyond = row.cells.iter().skip(self.width);
        beyond.any(|cell| !cell.trim().is_empty())
    }
}

/// The separator that the first line uses most, outside of quotes.
pub(in crate::service) fn separator(text: &str) -> u8 {
    let first = text.trim_start().split(['\r', '\n']).next();
    let first = first.unwrap_or_default();
    let bare: Vec<&str> = first.split('"').step_by(2).collect();
    let used = |separator: char| -> usize {
        let count = |part: &&str| part.matches(separator).count();
        bare.iter().map(count).sum()
    };
    let (commas, semicolons, tabs) = (used(','), used(';'), used('\t'));
    if commas >= semicolons && commas >= tabs {
        b','
    } else if semicolons >= tabs {
        b';'
    } else {
        b'\t'
    }
}

/// Numbers of lines. The reader's own count is one short after `\r\n` and stands at blank lines.
pub(in crate::service) struct Lines<'t> {
    text: &'t [u8],
    seen: usize,
    line: u32,
}

impl<'t> Lines<'t> {
    pub(in crate::service) fn new(text: &'t str) -> Self {
        Self {
            text: text.as_bytes(),
            seen: 0,
            line: 1,
        }
    }

    /// The line a record begins on.
    pub(in crate::service) fn of(&mut self, record: &StringRecord) -> u32 {
        let from = record.position().map_or(0, csv::Position::byte);
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let is_break = |byte: u8| byte == b'\n' || byte == b'\r';
        // Blank lines and the second half of a line end belong to no record.
        while let Some(&byte) = self.text.get(self.seen)
            && (self.seen < from || is_break(byte))
        {
            let next = self.text.get(self.seen + 1);
            if byte == b'\n' || byte == b'\r' && next != Some(&b'\n') {
                self.line = self.line.saturating_add(1);
            }
            self.seen += 1;
        }
        self.line
    }
}

fn unread(cause: impl Display) -> AppFailure {
    AppFailure::unreadable(format!("The file cannot be read as CSV: {cause}."))
}

fn too_many() -> AppFailure {
    let message = format!(
        "a file may have {MOST_ROWS} rows below the names of the columns; split it and import the parts one after the other"
    );
    refused("TOO_MANY_ROWS", &message)
}

fn refused(code: &'static str, message: &str) -> AppFailure {
    AppFailure::validation(
        format!("Nothing was imported: {message}."),
        vec![FieldProblem::new("file", code, message)],
    )
}
