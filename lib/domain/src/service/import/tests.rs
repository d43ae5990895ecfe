//! Files as people have them, and as they should not.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::contact::Consent;

fn judged(file: &[u8]) -> Result<(Sheet, Vec<Good>, Vec<RowProblem>), AppFailure> {
    let sheet = Sheet::read(file)?;
    let (good, problems) = judge(&sheet);
    Ok((sheet, good, problems))
}

/// Line, column, code.
fn told(problems: &[RowProblem]) -> Vec<(u32, &str, &str)> {
    let short = |p| -> (u32, &str, &str) {
        let p: &RowProblem = p;
        (p.line, p.column.as_str(), p.code)
    };
    problems.iter().map(short).collect()
}

#[test]
fn every_separator_line_end_and_spelling_of_columns_is_read() {
    for file in [
        "phone,name,consent\n+97333000017,Amal Heron,given\n+97333000018,Basil Crane,\n",
        "\u{feff}Phone;Name;Consent\r\n+97333000017;Amal Heron;given\r\n\r\n97333000018;Basil Crane\r\n",
        "Mobile\tNAME\tConsent\r+97333000017\tAmal Heron\tgiven\r97333000018\t\"Basil Crane\"",
        "\n\nconsent , name , number\n\"given\",\"Amal Heron\",\"+973 3300 0017\"\n,,\n,Basil Crane,97333000018\n",
    ] {
        let (sheet, good, problems) = judged(file.as_bytes()).unwrap();
        assert_eq!(
            (told(&problems), sheet.unknown.len()),
            (vec![], 0),
            "{file}"
        );
        let read: Vec<_> = good
            .iter()
            .map(|(_, new)| (new.phone.as_str(), new.name.as_deref(), new.consent))
            .collect();
        let expected = [
            ("+97333000017", Some("Amal Heron"), Some(Consent::Given)),
            ("+97333000018", Some("Basil Crane"), None),
        ];
        assert_eq!(read, expected, "{file}");
    }
}

#[test]
fn a_bad_row_is_told_with_its_line_and_the_files_own_word_for_the_column() {
    let file = "Mobile;city;name;consent\r\n\
        +97333000017;Manama;Amal;given\r\n\
        \r\n\
        12;Manama;Basil;maybe\r\n\
        +97333000019;Riffa;\"Clea\r\nCrane\";given\r\n\
        +973 3300 0017;Riffa;Amal again;\r\n\
        +97333000020;Riffa;Dara;given;more\r\n\
        +97333000021;Riffa;Edda;;\r\n";
    let (sheet, good, problems) = judged(file.as_bytes()).unwrap();
    assert_eq!(sheet.unknown, ["city"]);
    let lines: Vec<_> = good.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 9], "a separator at the end is no further cell");
    assert_eq!(
        told(&problems),
        [
            (4, "Mobile", "PHONE"),
            (4, "consent", "UNKNOWN_VALUE"),
            (5, "name", "CHARACTER"),
            (7, "Mobile", "DUPLICATE"),
            (8, "", "CELLS"),
        ]
    );
    assert!(problems[3].message.contains("line 2"));
}

#[test]
fn what_is_no_such_file_is_refused_as_a_whole() {
    let long = format!("phone\n{}", "97333000017\n".repeat(MOST_ROWS + 1));
    let cases: [(&[u8], &str); 8] = [
        (b"", "EMPTY"),
        (b"\xef\xbb\xbf\r\n\r\n", "EMPTY"),
        (b"phone,name\n", "EMPTY"),
        (b"phone,name\n,\n", "EMPTY"),
        (b"+97333000017,Amal\n", "NO_PHONE_COLUMN"),
        (b"name\nAmal\n", "NO_PHONE_COLUMN"),
        (b"phone,mobile\n1,2\n", "DUPLICATE_COLUMN"),
        (long.as_bytes(), "TOO_MANY_ROWS"),
    ];
    for (file, code) in cases {
        let failure = judged(file).unwrap_err();
        assert_eq!(failure.fields()[0].code, code, "{failure}");
        assert_eq!(failure.code(), Code::Validation);
    }
    let limit = judged(long.as_bytes()).unwrap_err();
    assert!(limit.message().contains("2000 rows") && limit.message().contains("split"));
    let latin = judged(b"phone,name\n97333000017,Andr\xe9\n").unwrap_err();
    assert!(latin.is_unreadable() && latin.message().contains("line 2"));
    assert!(judged(b"\xff\xfep\0h\0").unwrap_err().is_unreadable());
}

#[test]
fn as_many_rows_as_allowed_are_read() {
    let rows: String = (0..MOST_ROWS).map(|n| format!("9733300{n:04}\n")).collect();
    let (sheet, good, _) = judged(format!("phone\n{rows}").as_bytes()).unwrap();
    assert_eq!((sheet.rows.len(), good.len()), (MOST_ROWS, MOST_ROWS));
}

/// Every row is either good or told, and no row is both.
fn accounted(file: &[u8]) -> Result<Option<Sheet>, TestCaseError> {
    let Ok((sheet, good, problems)) = judged(file) else {
        return Ok(None);
    };
    let rows: Vec<_> = sheet.rows.iter().map(|row| row.line).collect();
    prop_assert!(rows.is_sorted_by(|a, b| a < b), "{rows:?}");
    let good: BTreeSet<_> = good.iter().map(|(line, _)| *line).collect();
    let bad: BTreeSet<_> = problems.iter().map(|problem| problem.line).collect();
    prop_assert!(good.is_disjoint(&bad));
    prop_assert_eq!(rows, good.union(&bad).copied().collect::<Vec<_>>());
    Ok(Some(sheet))
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(vec![
            ",", ";", "\t", "\n", "\r\n", "\r", "\"", "\"\"", " ", "\u{feff}", "\0",
            "97333000017", "+97333000018", "12", "Amal", "given", "stopped", "no", "name", "phone",
        ]).prop_map(str::to_owned),
        1 => ".{0,6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50_000))]

    /// Quotes may hide lines inside of cells; whatever comes, nothing is lost between good and bad.
    #[test]
    fn whatever_a_file_holds_every_row_is_stored_or_told(
        header in select(vec!["phone,name,consent\n", "name;mobile\r\n", "number\tcity\n", ""]),
        pieces in vec(piece(), 0..40),
        bytes in vec(any::<u8>(), 0..4),
    ) {
        let mut file = format!("{header}{}", pieces.concat()).into_bytes();
        accounted(&file)?;
        file.extend(bytes);
        accounted(&file)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Without quotes the lines of a file can be counted by hand.
    #[test]
    fn each_line_with_anything_in_it_is_one_row_of_that_number(pieces in vec(piece(), 0..40)) {
        let body = pieces.concat().replace('"', "");
        let file = format!("phone,name,consent\n{body}");
        let written = file.replace("\r\n", "\n").replace('\r', "\n");
        let blank = |line: &str| line.chars().all(|c| c == ',' || c.is_whitespace());
        let lines: Vec<_> = (1..)
            .zip(written.split('\n'))
            .skip(1)
            .filter(|(_, line)| !blank(line))
            .map(|(number, _)| number)
            .collect();
        let rows: Option<Vec<u32>> = accounted(file.as_bytes())?
            .map(|sheet| sheet.rows.iter().map(|row| row.line).collect());
        prop_assert_eq!(rows.unwrap_or_default(), lines);
    }
}
