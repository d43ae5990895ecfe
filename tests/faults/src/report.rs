//! What a whole command found: a table of scenarios, every violation with the way to see it again, and
//! the summary.

use std::fmt::Write;

use crate::{
    checks::Check,
    run::{Death, Order, Ran},
};

/// Violations told in full; the rest are only counted.
const TOLD: usize = 40;

/// Runs of one scenario.
#[derive(Debug, Default)]
struct Line {
    name: &'static str,
    points: usize,
    runs: usize,
    unconfirmed: usize,
    wrong: usize,
}

/// Everything found so far.
#[derive(Debug, Default)]
pub struct Report {
    lines: Vec<Line>,
    violations: Vec<(Check, String)>,
}

impl Report {
    /// Adds a run.
    pub fn add(&mut self, order: &Order, ran: &Ran) {
        let name = order.scenario.name;
        let known = self.lines.iter().position(|line| line.name == name);
        let place = known.unwrap_or_else(|| {
            self.lines.push(Line {
                name,
                ..Line::default()
            });
            self.lines.len() - 1
        });
        let Some(line) = self.lines.get_mut(place) else {
            return;
        };
        line.runs += 1;
        line.wrong += ran.found.wrong.len();
        line.unconfirmed += ran.found.unconfirmed;
        if matches!(order.death, Death::None) {
            line.points = ran.points.len();
        }
        let died = ran.killed.as_deref().unwrap_or("nowhere");
        let how = match order.death {
            Death::None => "not killed".to_owned(),
            Death::At(point) => format!("point {point}, {died}"),
            Death::After(wait) => format!("signal after {wait:?}, run {}", order.number),
        };
        for (check, what) in &ran.found.wrong {
            let text = format!("{}: {name} ({how}): {what}", check.name());
            self.violations.push((*check, text));
        }
    }

    /// How often this was found.
    pub fn count(&self, check: Check) -> usize {
        self.violations
            .iter()
            .filter(|(found, _)| *found == check)
            .count()
    }

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// The table, the violations and the summary.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{:<20}{:>8}{:>7}{:>12}\n",
            "scenario", "points", "runs", "violations"
        );
        for line in &self.lines {
            let Line {
                name,
                points,
                runs,
                wrong,
                ..
            } = line;
            writeln!(text, "{name:<20}{points:>8}{runs:>7}{wrong:>12}").unwrap();
        }
        text.push('\n');
        for (_, violation) in self.violations.iter().take(TOLD) {
            writeln!(text, "VIOLATION {violation}").unwrap();
        }
        if self.violations.len() > TOLD {
            writeln!(text, "… and {} more", self.violations.len() - TOLD).unwrap();
        }
        for check in Check::ALL {
            writeln!(text, "{:<32}{:>5}", check.name(), self.count(check)).unwrap();
        }
        let sum = |of: fn(&Line) -> usize| self.lines.iter().map(of).sum::<usize>();
        writeln!(
            text,
            "{:<32}{:>5}\n",
            "mails unconfirmed (by design)",
            sum(|l| l.unconfirmed)
        )
        .unwrap();
        let (points, runs) = (sum(|line| line.points), sum(|line| line.runs));
        write!(text, "points {points}, runs {runs}").unwrap();
        // The four that the bar names come first.
        for check in Check::ALL.into_iter().take(4) {
            write!(text, ", {} {}", check.name(), self.count(check)).unwrap();
        }
        text.push('\n');
        text
    }
}
