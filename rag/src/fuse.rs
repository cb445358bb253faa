//! One ranking from several: a convex combination of scores.
//!
//! Each score is divided by the best of its kind among the candidates, then weighted. Combining
//! scores keeps the distances that reciprocal rank fusion throws away (Bruch, Gai and Ingber,
//! 2023), and with a weak dense leg rank fusion falls below BM25 alone.

use crate::analyze::Analysis;
use crate::embed::Scripts;

/// What the legs say about one candidate. All scores are exact for every candidate, whichever
/// leg proposed it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Legs {
    /// BM25 for the question.
    pub bm25: f32,
    /// BM25 for the question expanded by feedback.
    pub feedback: f32,
    /// Inner product of the dense vectors.
    pub dense: f32,
    /// How many of the question's decisive codes it holds.
    pub codes: u32,
}

/// How much each leg counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    pub bm25: f32,
    pub feedback: f32,
    pub dense: f32,
}

impl Weights {
    /// The weights for a question when the dense vectors are `lex640`'s.
    pub fn lex640(question: &Analysis) -> Weights {
        if question.is_hebrew() {
            Weights { bm25: 0.8, feedback: 0.0, dense: 0.2 }
        } else {
            Weights { bm25: 0.35, feedback: 0.25, dense: 0.4 }
        }
    }

    /// The weights for a question when the dense vectors come from a model with weights.
    ///
    /// A model that does not cover the question's script does not count.
    pub fn model(question: &Analysis, scripts: Scripts) -> Weights {
        if question.is_hebrew() && scripts == Scripts::Latin {
            Weights { bm25: 1.0, feedback: 0.0, dense: 0.0 }
        } else {
            Weights { bm25: 0.4, feedback: 0.0, dense: 0.6 }
        }
    }

    /// The weights when there is no dense vector at all.
    pub fn words_only(question: &Analysis) -> Weights {
        let Weights { bm25, feedback, .. } = Weights::lex640(question);
        Weights { bm25, feedback, dense: 0.0 }
    }
}

/// The fused score of each candidate: at most 1, plus 2 for every decisive code it holds, so
/// that a passage with the code asked for always comes first.
pub fn fuse(candidates: &[Legs], weights: Weights) -> Vec<f32> {
    let best = |leg: fn(&Legs) -> f32| candidates.iter().map(leg).fold(1e-12, f32::max);
    let (bm25, feedback, dense) = (best(|c| c.bm25), best(|c| c.feedback), best(|c| c.dense));
    let score = |c: &Legs| {
        weights.bm25 * c.bm25.max(0.0) / bm25
            + weights.feedback * c.feedback.max(0.0) / feedback
            + weights.dense * c.dense.max(0.0) / dense
            + 2.0 * c.codes as f32
    };
    candidates.iter().map(score).collect()
}

/// The question's vector moved towards the vectors of the best passages (Rocchio, 1971).
///
/// The second look scores the same candidates by it: what the best passages have in common is
/// closer to the answer than the question's few words.
pub fn towards<'a>(
    question: &[f32],
    passages: impl ExactSizeIterator<Item = &'a [f32]>,
) -> Vec<f32> {
    let share = 1.0 / passages.len().max(1) as f32;
    let mut moved = question.to_vec();
    for passage in passages {
        moved.iter_mut().zip(passage).for_each(|(x, y)| *x += share * y);
    }
    moved
}

/// The numbers of the best `limit` scores above zero, best first, ties by number.
pub fn best(scores: &[f32], limit: usize) -> Vec<u32> {
    let mut numbers: Vec<u32> =
        (0..).zip(scores).filter(|(_, score)| **score > 0.0).map(|(number, _)| number).collect();
    let order =
        |a: &u32, b: &u32| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b));
    if limit < numbers.len() && limit > 0 {
        numbers.select_nth_unstable_by(limit - 1, order);
    }
    numbers.truncate(limit);
    numbers.sort_unstable_by(order);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHTS: Weights = Weights { bm25: 0.25, feedback: 0.35, dense: 0.4 };

    #[test]
    fn the_best_of_every_leg_scores_one() {
        let legs = Legs { bm25: 12.0, feedback: 0.3, dense: 0.8, codes: 0 };
        assert!((fuse(&[legs, Legs::default()], WEIGHTS)[0] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_code_beats_everything_else() {
        let wordy = Legs { bm25: 12.0, feedback: 0.3, dense: 0.8, codes: 0 };
        let coded = Legs { codes: 1, ..Legs::default() };
        let scores = fuse(&[wordy, coded], WEIGHTS);
        assert_eq!(best(&scores, 1), [1]);
    }

    #[test]
    fn the_question_moves_to_the_middle_of_the_passages() {
        let passages: [&[f32]; 2] = [&[0.0, 1.0], &[0.0, 0.5]];
        assert_eq!(towards(&[1.0, 0.0], passages.into_iter()), [1.0, 0.75]);
    }

    #[test]
    fn negative_scores_count_as_none() {
        let candidates = [Legs { dense: -0.5, ..Legs::default() }];
        assert!(fuse(&candidates, WEIGHTS)[0].abs() < 1e-6);
    }

    #[test]
    fn ties_go_to_the_lower_number_and_zeros_are_dropped() {
        assert_eq!(best(&[0.5, 0.0, 0.7, 0.5], 3), [2, 0, 3]);
        assert_eq!(best(&[0.5, 0.5], 1), [0]);
        assert!(best(&[0.5], 0).is_empty());
    }
}
