//! The temperature that makes the router's probabilities mean what they say.

use std::collections::BTreeSet;

use super::Corpus;
use super::features::Vector;
use super::logistic::{Linear, softmax};

/// Every so many phrases of a label, one is held out; of fewer, one.
const HELD_OUT: u32 = 4;

/// As many held-out phrases as the assumption that probabilities are right as they stand is worth.
/// With two or three phrases a label, what one of them says of the others is little and gloomy.
const PRIOR_PHRASES: f32 = 50.0;

/// A held-out sentence, scored.
struct Held {
    scores: Vec<f32>,
    label: u32,
    /// Sentences of one class weigh together what those of any other do.
    weight: f64,
}

/// The temperature with the least cross-entropy on phrases that a model did not see.
///
/// Whole phrases are held out with all their sentences, since the sentences of one phrase resemble
/// each other more than any utterance will resemble them. Classes weigh the same: negatives are many
/// and easy, and by their number alone would make the router too sure of itself.
pub(super) fn temperature(
    vectors: &[Vector],
    corpus: &Corpus,
    fit: &impl Fn(&[Vector], &[u32]) -> Linear,
) -> f32 {
    let (mut seen, mut seen_labels) = (Vec::new(), Vec::new());
    let mut held = Vec::new();
    let mut sizes = vec![0_u32; corpus.classes.len() + 1];
    let mut phrases = BTreeSet::new();
    for ((vector, &label), &rank) in vectors.iter().zip(&corpus.labels).zip(&corpus.ranks) {
        if is_held_out(label, rank, corpus.phrases[label as usize]) {
            sizes[label as usize] += 1;
            held.push((vector, label));
            if (label as usize) < corpus.classes.len() {
                phrases.insert((label, rank));
            }
        } else {
            seen.push(vector.clone());
            seen_labels.push(label);
        }
    }
    if phrases.is_empty() {
        return 1.0;
    }
    let model = fit(&seen, &seen_labels);
    let held: Vec<Held> = held
        .into_iter()
        .map(|(vector, label)| {
            let mut scores = Vec::new();
            model.scores(vector, &mut scores);
            Held { scores, label, weight: f64::from(sizes[label as usize]).recip() }
        })
        .collect();
    let best = grid()
        .min_by(|&a, &b| cross_entropy(&held, a).total_cmp(&cross_entropy(&held, b)))
        .unwrap_or(1.0);
    let phrases = phrases.len() as f32;
    best.powf(phrases / (phrases + PRIOR_PHRASES))
}

/// Whether a phrase is held out, by its place among those of its label. Labels differ in which place
/// it is, so that neither the first phrases nor the last are always the ones.
fn is_held_out(label: u32, rank: u32, phrases: u32) -> bool {
    let every = HELD_OUT.min(phrases);
    every > 1 && rank % every == label % every
}

/// From 0.25 to 4 in steps of a twelfth of an octave.
fn grid() -> impl Iterator<Item = f32> {
    (-24..=24_i16).map(|step| (f32::from(step) / 12.0).exp2())
}

fn cross_entropy(held: &[Held], temperature: f32) -> f64 {
    let mut probabilities = Vec::new();
    held.iter()
        .map(|Held { scores, label, weight }| {
            probabilities.resize(scores.len(), 0.0);
            softmax(scores, temperature, &mut probabilities);
            -weight * f64::from(probabilities[*label as usize].max(1e-9)).ln()
        })
        .sum()
}
