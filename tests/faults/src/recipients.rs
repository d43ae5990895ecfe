//! A file of recipients for a campaign, some of its lines wrong in one way or another.

use std::{collections::BTreeSet, fmt::Write};

/// The file and the lines that are wrong. Each good row has a number of its own.
pub fn file(rows: u32, bad: u32) -> (String, BTreeSet<u32>) {
    let mut file = "mobile,name,city\n".to_owned();
    let mut wrong = BTreeSet::new();
    let every = rows / bad.max(1);
    for row in 0..rows {
        // The first line of the file names the columns.
        let line = row + 2;
        let spoilt = every > 0 && row % every == every - 1 && row / every < bad;
        if spoilt {
            wrong.insert(line);
        }
        let written = match (spoilt, row % 3) {
            (false, _) => writeln!(file, "+97333{row:06},Person {row},Town {row}"),
            (true, 0) => writeln!(file, "12,Nobody,Nowhere"),
            (true, 1) => writeln!(file, "+97333000000,Twice,Somewhere"),
            (true, _) => writeln!(file, "+97333{row:06},Townless,"),
        };
        written.unwrap();
    }
    (file, wrong)
}
