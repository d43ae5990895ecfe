//! What the runs of one function come to, against design.md's bars.

use std::fmt;
use std::fs;

use anyhow::{Context, Result};

use super::trial::{Program, Trial};

const MAX_SIZE_MB: f64 = 8.0;
const MAX_RESIDENT_MB: f64 = 25.0;
const MAX_POLL_RATIO: f64 = 2.0;
const MAX_ANSWER_RATIO: f64 = 4.0;

/// The figures of one function: medians over its runs; ratios are medians of the ratios of each run to
/// the hello beside it, so that a busy machine slows both.
pub struct Figures {
    name: String,
    size_mb: f64,
    resident_mb: f64,
    peak_mb: f64,
    poll_ms: f64,
    poll_ratio: f64,
    answer_ms: f64,
    answer_ratio: f64,
    said: String,
}

impl Figures {
    /// The head of the table.
    pub const HEADER: &str = "\
function          size MB   RSS MB  peak MB   poll ms  x hello  answer ms  x hello\n\
bar                   8.0     25.0     25.0               2.00                4.00";

    /// Computes them from pairs of a run and the hello beside it.
    pub fn of(program: &Program, pairs: &[(Trial, Trial)]) -> Result<Self> {
        let of = |figure: fn(&Trial) -> f64| median(pairs.iter().map(|(own, _)| figure(own)));
        let ratio = |figure: fn(&Trial) -> f64| {
            median(pairs.iter().map(|(own, hello)| figure(own) / figure(hello)))
        };
        let poll = |run: &Trial| run.poll.as_secs_f64() * 1e3;
        let answer = |run: &Trial| run.answer.as_secs_f64() * 1e3;
        #[expect(clippy::cast_precision_loss, reason = "a size in bytes fits a float")]
        let size_mb = fs::metadata(&program.path)?.len() as f64 / 1e6;
        #[expect(clippy::cast_precision_loss, reason = "kilobytes fit a float")]
        let (resident, peak) = (
            |run: &Trial| run.resident as f64 / 1e3,
            |run: &Trial| run.peak as f64 / 1e3,
        );
        Ok(Self {
            name: program.name.clone(),
            size_mb,
            resident_mb: of(resident)?,
            peak_mb: of(peak)?,
            poll_ms: of(poll)?,
            poll_ratio: ratio(poll)?,
            answer_ms: of(answer)?,
            answer_ratio: ratio(answer)?,
            said: pairs
                .last()
                .map(|(own, _)| own.said.clone())
                .unwrap_or_default(),
        })
    }

    /// The bars this function misses, in words.
    pub fn missed(&self) -> Vec<String> {
        let resident = self.resident_mb.max(self.peak_mb);
        [
            ("MB of binary", self.size_mb, MAX_SIZE_MB),
            ("MB resident", resident, MAX_RESIDENT_MB),
            ("times hello's first poll", self.poll_ratio, MAX_POLL_RATIO),
            (
                "times hello's first answer",
                self.answer_ratio,
                MAX_ANSWER_RATIO,
            ),
        ]
        .into_iter()
        .filter(|(_, figure, bar)| figure > bar)
        .map(|(what, figure, bar)| format!("{}: {figure:.2} {what}, bar {bar}", self.name))
        .collect()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<16} {:>8.2} {:>8.1} {:>8.1} {:>9.2} {:>8.2} {:>10.2} {:>8.2}",
            self.name,
            self.size_mb,
            self.resident_mb,
            self.peak_mb,
            self.poll_ms,
            self.poll_ratio,
            self.answer_ms,
            self.answer_ratio,
        )?;
        let said: String = self.said.chars().take(120).collect();
        write!(f, "\n    answered {said}")
    }
}

fn median(figures: impl Iterator<Item = f64>) -> Result<f64> {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().context("no runs")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;

    fn trial(poll: u64, answer: u64, resident: u64) -> Trial {
        Trial {
            poll: Duration::from_micros(poll),
            answer: Duration::from_micros(answer),
            resident,
            peak: resident,
            said: String::new(),
        }
    }

    fn check(own: (u64, u64, u64)) -> Vec<String> {
        let program = Program {
            name: "send".to_owned(),
            path: PathBuf::from("/proc/self/exe"),
            event: String::new(),
            calls: true,
        };
        let pair = || (trial(own.0, own.1, own.2), trial(1_000, 2_000, 3_000));
        let mut figures = Figures::of(&program, &[pair(), pair(), pair()]).unwrap();
        figures.size_mb = 5.0;
        figures.missed()
    }

    #[test]
    fn each_bar_is_held_or_named() {
        assert_eq!(check((1_900, 7_900, 24_000)), Vec::<String>::new());
        let missed = check((2_100, 8_100, 26_000));
        assert_eq!(missed.len(), 3, "{missed:?}");
        assert!(missed.iter().all(|line| line.starts_with("send: ")));
    }

    #[test]
    fn the_median_ignores_one_slow_run() {
        assert_eq!(
            median([9.0, 1.0, 1.1].into_iter()).unwrap().to_string(),
            "1.1"
        );
        assert!(median(std::iter::empty()).is_err());
    }
}
