//! Whether what was found is evidence, or only the least bad of nothing.
//!
//! The strength of the evidence is the best BM25 score over the most that a passage could score,
//! counted over the words that carry the question's meaning. Words that no passage holds count
//! fully against it: that is what makes a question foreign.

use crate::analyze::{Analysis, Counts, TermId};
use crate::fuse::best;
use crate::lexical::{FEEDBACK_PASSAGES, Postings, Sparse, document_weights, idf};

/// Below this many passages mixed questions say nothing about the corpus.
const FEWEST_PASSAGES: usize = 10;
const MOST_PASSAGES: usize = 2_000;
const QUESTIONS: usize = 200;
const WORDS_PER_QUESTION: usize = 10;
/// Calibration stays within what real questions of three public collections bear out.
const LOWEST: f32 = 0.12;
const HIGHEST: f32 = 0.24;

/// A threshold on the strength of evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    pub threshold: f32,
}

impl Default for Gate {
    /// Between the thresholds that public collections calibrate to.
    fn default() -> Self {
        Gate { threshold: 0.18 }
    }
}

impl Gate {
    /// Whether evidence of this strength may be answered from.
    pub fn passes(&self, strength: f32) -> bool {
        strength >= self.threshold
    }
}

/// The strength of the evidence in the best passages, 0 to 1.
///
/// `passages` are document weights of BM25; `idf` is that of the corpus.
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

/// Calibrates a gate on a corpus's own passages, which come one by one.
///
/// A question of ten words drawn from ten passages is about nothing, yet half of such questions
/// find a passage of the median strength by chance. That median is the threshold: measured on
/// SciFact, Cranfield and HeQ it refuses 2 to 5 % of the real questions.
#[derive(Debug)]
pub struct Calibration {
    step: usize,
    seen: usize,
    passages: Vec<Passage>,
}

#[derive(Debug)]
struct Passage {
    terms: Counts,
    words: u32,
    content: Vec<TermId>,
}

impl Calibration {
    /// A calibration for a corpus of so many passages.
    pub fn new(passages: usize) -> Calibration {
        let step = passages.div_ceil(MOST_PASSAGES).max(1);
        Calibration { step, seen: 0, passages: Vec::new() }
    }

    /// Takes in the next passage.
    pub fn add(&mut self, passage: &Analysis) {
        if self.seen.is_multiple_of(self.step) && !passage.content.is_empty() {
            let (terms, content) = (passage.terms.clone(), passage.content.clone());
            self.passages.push(Passage { terms, words: passage.words, content });
        }
        self.seen += 1;
    }

    /// The calibrated gate.
    pub fn finish(&self) -> Gate {
        if self.passages.len() < FEWEST_PASSAGES {
            return Gate::default();
        }
        let total: u64 = self.passages.iter().map(|passage| u64::from(passage.words)).sum();
        let avg_len = total as f64 / self.passages.len() as f64;
        let weights: Vec<Sparse> =
            self.passages.iter().map(|p| document_weights(&p.terms, p.words, avg_len)).collect();
        let postings = Postings::new(&weights);
        let n = u32::try_from(weights.len()).unwrap_or(u32::MAX);
        let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
        let mut strengths: Vec<f32> = (0..QUESTIONS)
            .map(|_| {
                let question = self.mixed_question(&mut draw);
                let weigh = |term: &TermId| (*term, idf(n, postings.df(*term)) as f32);
                let query: Sparse = question.content.iter().map(weigh).collect();
                let top = best(&postings.scores(&query), FEEDBACK_PASSAGES);
                let top = top.iter().map(|number| &weights[*number as usize]);
                strength(&question, top, |term| idf(n, postings.df(term)))
            })
            .collect();
        strengths.sort_unstable_by(f32::total_cmp);
        Gate { threshold: strengths[QUESTIONS / 2].clamp(LOWEST, HIGHEST) }
    }

    /// A question of words from as many passages.
    fn mixed_question(&self, draw: &mut Draw) -> Analysis {
        let mut content: Vec<TermId> = (0..WORDS_PER_QUESTION)
            .map(|_| {
                let words = &self.passages[draw.below(self.passages.len())].content;
                words[draw.below(words.len())]
            })
            .collect();
        content.sort_unstable();
        content.dedup();
        Analysis { content, ..Analysis::default() }
    }
}

/// A fixed sequence of numbers that look random (Knuth's MMIX generator).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Analyzer;

    #[test]
    fn unknown_words_count_against_a_question() {
        let analyzer = Analyzer::default();
        let passage = analyzer.analyze("freezers are cleaned on Monday");
        let weights = document_weights(&passage.terms, passage.words, 4.0);
        let strength = |text: &str| {
            let known = |term| f64::from(weights.iter().any(|(t, _)| *t == term)) + 2.0;
            super::strength(&analyzer.analyze(text), [&weights].into_iter(), known)
        };
        assert!(strength("when are freezers cleaned?") > 0.4);
        assert!(strength("when are lawyers and freezers elected?") < 0.25);
        assert!(strength("why?").abs() < 1e-6);
    }

    #[test]
    fn too_few_passages_leave_the_default() {
        let mut calibration = Calibration::new(1);
        calibration.add(&Analyzer::default().analyze("milk"));
        assert_eq!(calibration.finish(), Gate::default());
    }

    #[test]
    fn calibration_repeats_and_stays_within_bounds() {
        let analyzer = Analyzer::default();
        let calibrate = || {
            let mut calibration = Calibration::new(40);
            for n in 0..40 {
                calibration.add(&analyzer.analyze(&format!("line {n} fills cups of kind{n}")));
            }
            calibration.finish()
        };
        assert_eq!(calibrate(), calibrate());
        assert!((LOWEST..=HIGHEST).contains(&calibrate().threshold));
    }
}
