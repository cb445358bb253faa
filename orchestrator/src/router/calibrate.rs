//! The temperature that makes the router's probabilities mean what they say.

use super::Corpus;
use super::features::Vector;
use super::logistic::{Linear, softmax};

/// Every so many phrases of a label, one is held out.
const HELD_OUT: u32 = 4;

/// With fewer held-out sentences than this, probabilities stay as they are.
const ENOUGH: usize = 40;

/// The temperature with the least cross-entropy on phrases that a model did not see.
///
/// Whole phrases are held out with all their sentences, since the sentences of one phrase resemble
/// each other more than any utterance will resemble them.
pub(super) fn temperature(
    vectors: &[Vector],
    corpus: &Corpus,
    fit: &impl Fn(&[Vector], &[u32]) -> Linear,
) -> f32 {
    let (mut seen, mut seen_labels) = (Vec::new(), Vec::new());
    let mut held = Vec::new();
    for ((vector, &label), &rank) in vectors.iter().zip(&corpus.labels).zip(&corpus.ranks) {
        if rank % HELD_OUT == HELD_OUT - 1 {
            held.push((vector, label));
        } else {
            seen.push(vector.clone());
            seen_labels.push(label);
        }
    }
    if held.len() < ENOUGH {
        return 1.0;
    }
    let model = fit(&seen, &seen_labels);
    let scored: Vec<(Vec<f32>, u32)> = held
        .into_iter()
        .map(|(vector, label)| {
            let mut scores = Vec::new();
            model.scores(vector, &mut scores);
            (scores, label)
        })
        .collect();
    grid()
        .min_by(|&a, &b| cross_entropy(&scored, a).total_cmp(&cross_entropy(&scored, b)))
        .unwrap_or(1.0)
}

/// From 0.25 to 4 in steps of a twelfth of an octave.
fn grid() -> impl Iterator<Item = f32> {
    (-24..=24_i16).map(|step| (f32::from(step) / 12.0).exp2())
}

fn cross_entropy(scored: &[(Vec<f32>, u32)], temperature: f32) -> f64 {
    let mut probabilities = Vec::new();
    scored
        .iter()
        .map(|(scores, label)| {
            probabilities.resize(scores.len(), 0.0);
            softmax(scores, temperature, &mut probabilities);
            -f64::from(probabilities[*label as usize].max(1e-9)).ln()
        })
        .sum()
}
