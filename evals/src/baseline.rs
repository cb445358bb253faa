//! A run compared with the one that was committed: what flipped, and whether that may land.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::routing::RoutingReport;
use crate::turns::TurnsReport;

/// The figures of a run that a later run must not fall below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Share of phrasings whose tool ranks first.
    pub top1: f64,
    /// Share whose tool is among three.
    pub top3: f64,
    /// Share of foreign questions turned away.
    pub abstained: f64,
    /// Share of stated arguments filled.
    pub filled: f64,
    /// Whole questions answered right.
    pub turns_right: usize,
    /// Every phrasing, and whether it passed.
    pub cases: BTreeMap<String, bool>,
}

/// No figure may fall by more than this share.
const MOST_LOST: f64 = 0.005;

impl Baseline {
    /// The figures of a run.
    pub fn of(routing: &RoutingReport, turns: &TurnsReport) -> Self {
        let rounded = |x: f64| (x * 1e4).round() / 1e4;
        Self {
            top1: rounded(routing.top1),
            top3: rounded(routing.top3),
            abstained: rounded(routing.abstained),
            filled: rounded(routing.filled),
            turns_right: turns.cases - turns.misses.len(),
            cases: routing.passed.clone(),
        }
    }

    /// What changed from this baseline to a new run.
    pub fn diff(&self, new: &Baseline) -> Diff {
        let flipped = |from: bool| -> Vec<String> {
            self.cases
                .iter()
                .filter(|(text, passed)| **passed == from && new.cases.get(*text) == Some(&!from))
                .map(|(text, _)| text.clone())
                .collect()
        };
        let figures = [
            ("top-1", self.top1, new.top1),
            ("top-3", self.top3, new.top3),
            ("out-of-scope recall", self.abstained, new.abstained),
            ("arguments filled", self.filled, new.filled),
            ("turns right", self.turns_right as f64, new.turns_right as f64),
        ];
        let worse = figures
            .iter()
            .filter(|(_, before, after)| before - after > MOST_LOST)
            .map(|(name, before, after)| format!("{name} fell from {before} to {after}"))
            .collect();
        Diff { lost: flipped(true), won: flipped(false), worse }
    }
}

/// What changed between two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Phrasings that passed before and fail now.
    pub lost: Vec<String>,
    /// Phrasings that failed before and pass now.
    pub won: Vec<String>,
    /// Figures that fell further than allowed.
    pub worse: Vec<String>,
}

impl Diff {
    /// Whether the new run may land.
    pub fn acceptable(&self) -> bool {
        self.worse.is_empty()
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} phrasings lost, {} won", self.lost.len(), self.won.len())?;
        for (sign, texts) in [("-", &self.lost), ("+", &self.won)] {
            for text in texts {
                write!(f, "\n  {sign} {text}")?;
            }
        }
        for figure in &self.worse {
            write!(f, "\n  worse: {figure}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(passed: &[(&str, bool)], top1: f64) -> Baseline {
        let cases = passed.iter().map(|(text, it)| ((*text).to_owned(), *it)).collect();
        Baseline { top1, top3: 1.0, abstained: 0.8, filled: 0.9, turns_right: 3, cases }
    }

    #[test]
    fn flips_are_listed_and_a_fall_is_refused() {
        let before = run(&[("a", true), ("b", false), ("gone", true)], 0.95);
        let after = run(&[("a", false), ("b", true), ("new", false)], 0.94);
        let diff = before.diff(&after);
        assert_eq!(
            (diff.lost.as_slice(), diff.won.as_slice()),
            (&["a".to_owned()][..], &["b".to_owned()][..])
        );
        assert_eq!(diff.worse, ["top-1 fell from 0.95 to 0.94"]);
        assert!(!diff.acceptable() && before.diff(&before).acceptable());
    }
}
