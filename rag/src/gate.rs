//! Whether what was found is evidence, or only the least bad of nothing.
//!
//! The strength of the evidence is the best BM25 score over the most that a passage could score,
//! counted over the words that carry the question's meaning. Words that no passage holds count
//! fully against it: that is what makes a question foreign.

use crate::analyze::{Analysis, TermId};
use crate::lexical::Sparse;

/// A threshold on the strength of evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    pub threshold: f32,
}

impl Default for Gate {
    fn default() -> Self {
        Gate { threshold: 0.15 }
    }
}

impl Gate {
    /// Whether evidence of this strength may be answered from.
    pub fn passes(&self, strength: f32) -> bool {
        strength >= self.threshold
    }
}

/// The strength of the evidence in the best passages, 0 to 1.
pub fn strength<'a>(
    question: &Analysis,
    passages: impl Iterator<Item = &'a Sparse>,
    idf: impl Fn(TermId) -> f64,
) -> f32 {
    let weighted: Vec<(TermId, f64)> =
        question.content.iter().map(|term| (*term, idf(*term))).collect();
    let most: f64 = weighted.iter().map(|(_, idf)| idf).sum();
    let held = |passage: &Sparse| -> f64 {
        let weight = |term: &TermId| {
            passage.binary_search_by_key(term, |(t, _)| *t).map_or(0.0, |at| passage[at].1)
        };
        weighted.iter().map(|(term, idf)| idf * f64::from(weight(term))).sum()
    };
    let best = passages.map(held).fold(0.0, f64::max);
    if most > 0.0 { (best / most) as f32 } else { 0.0 }
}
