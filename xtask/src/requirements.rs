//! `cargo xtask requirements FILE`: which requirement ids no test names in its doc comment.
//!
//! A test names what it proves: `/// S0.35, X9`, also as a range: `/// S0.1–S0.12`. What is decided
//! otherwise stands in a table of docs/decisions: `| S1.85 | why not |`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use xtask::workspace::root;

/// Which ids are asked for.
#[derive(Args)]
pub(crate) struct Options {
    /// The list of requirements: one `- **S0.1** … [tag]` per line
    file: PathBuf,
    /// Only ids that begin so, for example `S0.`
    #[arg(long, default_value = "")]
    prefix: String,
    /// Only ids with one of these tags, for example `send,lib`
    #[arg(long, value_delimiter = ',')]
    tags: Vec<String>,
    /// No ids with one of these tags, for example `console`
    #[arg(long, value_delimiter = ',')]
    without: Vec<String>,
}

/// Source, number.
type Id = (u32, u32);

struct Requirement {
    id: Id,
    line: String,
}

/// Prints what no test names; fails when something is left.
pub(crate) fn run(options: &Options) -> Result<()> {
    let text = fs::read_to_string(&options.file)
        .with_context(|| format!("cannot read {}", options.file.display()))?;
    let wanted: Vec<_> = text
        .lines()
        .filter_map(requirement)
        .filter(|r| format!("S{}.{}", r.id.0, r.id.1).starts_with(&options.prefix))
        .filter(|r| options.tags.is_empty() || r.has_one_of(&options.tags))
        .filter(|r| !r.has_one_of(&options.without))
        .collect();
    ensure!(
        !wanted.is_empty(),
        "no requirement matches; is this the right file?"
    );
    let mut named = BTreeSet::new();
    let mut tests = 0;
    for folder in ["lib", "functions", "tests", "sandbox", "xtask"] {
        collect(&root().join(folder), &mut named, &mut tests)?;
    }
    let decided = decided(&root().join("docs/decisions"))?;
    let untested: Vec<_> = wanted.iter().filter(|r| !named.contains(&r.id)).collect();
    let (otherwise, missing): (Vec<_>, Vec<_>) =
        untested.into_iter().partition(|r| decided.contains(&r.id));
    for requirement in &missing {
        println!("{}", requirement.line);
    }
    println!(
        "{} requirements, {} without a test, {} decided otherwise; {} tests name a requirement",
        wanted.len(),
        missing.len(),
        otherwise.len(),
        tests
    );
    ensure!(
        missing.is_empty(),
        "{} requirements have no test",
        missing.len()
    );
    Ok(())
}

impl Requirement {
    fn has_one_of(&self, tags: &[String]) -> bool {
        let has = |tag: &String| self.line.contains(&format!("[{tag}]"));
        tags.iter().any(has)
    }
}

/// Ids that begin a row of a table.
fn decided(folder: &Path) -> Result<BTreeSet<Id>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let text = fs::read_to_string(entry?.path())?;
        found.extend(text.lines().flat_map(row));
    }
    Ok(found)
}

fn row(line: &str) -> Vec<Id> {
    let first = line
        .strip_prefix("| S")
        .and_then(|rest| rest.split_once('|'));
    first.map_or_else(Vec::new, |(first, _)| ids(&format!("S{first}")))
}

fn requirement(line: &str) -> Option<Requirement> {
    let rest = line.strip_prefix("- **S")?;
    let (id, _) = rest.split_once("**")?;
    Some(Requirement {
        id: id_of(id)?,
        line: line.to_owned(),
    })
}

fn id_of(text: &str) -> Option<Id> {
    let (source, number) = text.split_once('.')?;
    Some((source.parse().ok()?, number.parse().ok()?))
}

fn collect(folder: &Path, named: &mut BTreeSet<Id>, tests: &mut u32) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, named, tests)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            scan(&fs::read_to_string(&path)?, named, tests);
        }
    }
    Ok(())
}

/// Takes the ids of doc comments that stand on a test: `#[test]`, `#[tokio::test]`, or a case of the
/// stack's own list (a function that takes the world, or stands in the list by its name alone).
fn scan(text: &str, named: &mut BTreeSet<Id>, tests: &mut u32) {
    let mut comment = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            comment.push_str(doc);
            comment.push('\n');
            continue;
        }
        let test = line.starts_with("#[test]")
            || line.starts_with("#[tokio::test")
            || (line.starts_with("fn ") && line.contains("world: Arc<World>"))
            || line
                .strip_prefix("fn ")
                .and_then(|rest| rest.strip_suffix("() {"))
                .is_some_and(|name| text.contains(&format!("\", {name}),")));
        if test {
            let found = ids(&comment);
            *tests += u32::from(!found.is_empty());
            named.extend(found);
        }
        if !line.starts_with("#[") {
            comment.clear();
        }
    }
}

/// `S0.1–S0.12, S0.36` → all thirteen.
fn ids(comment: &str) -> Vec<Id> {
    let mut found: Vec<(usize, usize, Id)> = Vec::new();
    let bytes = comment.as_bytes();
    let mut at = 0;
    while let Some(offset) = comment.get(at..).and_then(|rest| rest.find('S')) {
        let start = at + offset;
        let end = start
            + 1
            + bytes
                .get(start + 1..)
                .unwrap_or_default()
                .iter()
                .take_while(|b| b.is_ascii_digit() || **b == b'.')
                .count();
        let text = comment.get(start + 1..end).unwrap_or_default();
        if let Some(id) = id_of(text.trim_end_matches('.')) {
            found.push((start, start + 1 + text.trim_end_matches('.').len(), id));
        }
        at = end.max(start + 1);
    }
    let mut all = Vec::new();
    let mut before: Option<(usize, Id)> = None;
    for (start, end, id) in found {
        let joined = before.and_then(|(last, from)| {
            let between = comment.get(last..start)?.trim();
            (between == "–" && from.0 == id.0).then_some(from)
        });
        match joined {
            Some(from) => all.extend((from.1..=id.1).map(|number| (id.0, number))),
            None => all.push(id),
        }
        before = Some((end, id));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_ranges_are_read() {
        assert_eq!(
            ids(" S0.1–S0.3, X9, S1.149. And S0.36"),
            [(0, 1), (0, 1), (0, 2), (0, 3), (1, 149), (0, 36)]
        );
        assert_eq!(ids(" Some words about SQS and S3."), []);
    }

    #[test]
    fn rows_of_a_table_are_decisions_and_mentions_are_not() {
        assert_eq!(
            row("| S1.85, S1.87–S1.88 | not built |"),
            [(1, 85), (1, 87), (1, 87), (1, 88)]
        );
        assert_eq!(row("| id | S1.85 |"), []);
        assert_eq!(row("S1.85 | is like this"), []);
    }

    #[test]
    fn only_comments_of_tests_count() {
        let (mut named, mut tests) = (BTreeSet::new(), 0);
        scan(
            "/// S0.1: x\nfn helper() {}\n/// S0.2\n#[tokio::test]\nasync fn t() {}\n\
             /// S0.3\nfn alone() {\n}\n/// S0.4\nfn unlisted() {\n}\nlist![(\"a::b\", alone),];\n",
            &mut named,
            &mut tests,
        );
        assert_eq!((named, tests), (BTreeSet::from([(0, 2), (0, 3)]), 2));
    }
}
