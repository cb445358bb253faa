//! Which tool an utterance asks for, decided without a language model.
//!
//! A linear classifier over hashed word and letter n-grams is trained at boot from the phrases that
//! the tools carry, with a class of its own for what no tool answers. Its probabilities are
//! calibrated, so below a bar it asks back with the nearest labels, and below another it abstains.
//! Pure and deterministic: the same examples give the same router, bit for bit.

pub mod phrases;
pub mod text;

mod calibrate;
mod clauses;
mod features;
mod logistic;
mod mask;

use std::collections::BTreeMap;

use self::features::{Buckets, Unit, Vector, Vocabulary};
use self::logistic::{Linear, Problem, softmax};
use crate::slots::Entity;

pub use self::clauses::clauses;

/// The label of what no tool answers.
pub const NONE: &str = "none";

/// What nobody here can answer, one a line: far (weather, jokes) and near (the trade, but no tool).
const NEGATIVES: &str = include_str!("none.txt");

/// A phrase for a label: plain words, `(alternatives|like these)` and slots such as `{lot}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    pub label: String,
    /// The workspace the label belongs to, for [`Context::workspace`].
    pub workspace: String,
    pub text: String,
}

/// How a router is trained, and when it is sure enough to act.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Inverse strength of the L2 penalty.
    pub c: f32,
    /// Passes over the training sentences, at most.
    pub epochs: usize,
    /// Examples of the `none` class.
    pub negatives: Vec<String>,
    /// Probability from which the best label runs without asking.
    pub run: f32,
    /// How far the best label must be ahead of the next to run.
    pub margin: f32,
    /// Probability from which labels are offered in a question.
    pub ask: f32,
    /// Log-odds that a label gains when its workspace is the one in use.
    pub workspace_bonus: f32,
    /// Log-odds that a label gains when the page offers it.
    pub page_bonus: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            c: 30.0,
            epochs: 20,
            negatives: NEGATIVES
                .lines()
                .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
                .map(str::to_owned)
                .collect(),
            run: 0.5,
            margin: 0.1,
            ask: 0.2,
            workspace_bonus: 1.0,
            page_bonus: 1.0,
        }
    }
}

/// What is known around an utterance. It tilts the odds and never hides a label.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// The workspace in use.
    pub workspace: Option<&'a str>,
    /// Labels that the page offers, such as those of its smart buttons.
    pub page_labels: &'a [&'a str],
    /// What [`crate::slots::recognise`] found in the utterance: replaced by placeholders.
    pub entities: &'a [Entity],
}

/// A label and how probable it is that the utterance asks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    pub label: String,
    /// Between 0 and 1, calibrated.
    pub probability: f32,
}

/// What to do with an utterance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Sure enough to run.
    Run(String),
    /// "Did you mean": one to three labels, likeliest first.
    Ask(Vec<String>),
    /// No label fits.
    None,
}

/// An utterance, routed.
#[derive(Debug, Clone, PartialEq)]
pub struct Routing {
    pub decision: Decision,
    /// The likeliest labels, at most five, without [`NONE`].
    pub ranked: Vec<Scored>,
    /// How probable it is that no label fits.
    pub none: f32,
}

/// A trained classifier of utterances.
#[derive(Debug, Clone)]
pub struct Router {
    vocabulary: Vocabulary,
    model: Linear,
    /// Label and workspace of each class, by label; [`NONE`] is last, beyond this list.
    classes: Vec<(String, String)>,
    temperature: f32,
    settings: Settings,
}

/// How many labels a routing ranks.
const RANKED: usize = 5;

/// How many labels a question offers.
const OFFERED: usize = 3;

impl Router {
    /// Trains on `examples` and on `settings.negatives`.
    ///
    /// Labels named [`NONE`] join the negatives. With no examples every utterance is routed nowhere.
    pub fn train(examples: &[Example], settings: &Settings) -> Self {
        let corpus = Corpus::build(examples, settings);
        let vocabulary = Vocabulary::learn(corpus.texts.iter());
        let vectors: Vec<Vector> =
            corpus.texts.iter().map(|text| vocabulary.vector(text)).collect();
        let fit = |vectors: &[Vector], labels: &[u32]| {
            Linear::fit(&Problem {
                vectors,
                labels,
                features: vocabulary.len(),
                classes: corpus.classes.len() + 1,
                c: settings.c,
                epochs: settings.epochs,
            })
        };
        let temperature = calibrate::temperature(&vectors, &corpus, &fit);
        let model = fit(&vectors, &corpus.labels);
        let classes = corpus.classes;
        Self { vocabulary, model, classes, temperature, settings: settings.clone() }
    }

    /// Finds the label that `text` asks for.
    pub fn route(&self, text: &str, context: &Context<'_>) -> Routing {
        let probabilities = self.probabilities(text, context);
        let none = probabilities.last().copied().unwrap_or(1.0);
        let mut ranked: Vec<(f32, &str)> = probabilities
            .iter()
            .zip(&self.classes)
            .map(|(&probability, (label, _))| (probability, label.as_str()))
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        ranked.truncate(RANKED);
        let decision = self.decide(&ranked);
        let ranked = ranked
            .into_iter()
            .map(|(probability, label)| Scored { label: label.to_owned(), probability })
            .collect();
        Routing { decision, ranked, none }
    }

    fn decide(&self, ranked: &[(f32, &str)]) -> Decision {
        let Some(&(best, label)) = ranked.first() else { return Decision::None };
        let next = ranked.get(1).map_or(0.0, |&(probability, _)| probability);
        if best >= self.settings.run && best - next >= self.settings.margin {
            return Decision::Run(label.to_owned());
        }
        if best < self.settings.ask {
            return Decision::None;
        }
        let least = best / 8.0;
        let offered = ranked.iter().take(OFFERED).filter(|&&(probability, _)| probability >= least);
        Decision::Ask(offered.map(|&(_, label)| label.to_owned()).collect())
    }

    /// The probability of each class, [`NONE`] last.
    fn probabilities(&self, text: &str, context: &Context<'_>) -> Vec<f32> {
        let units = mask::units(text, context.entities);
        let vector = self.vocabulary.vector(&Buckets::of(&units));
        let mut scores = Vec::new();
        self.model.scores(&vector, &mut scores);
        for (score, (label, workspace)) in scores.iter_mut().zip(&self.classes) {
            *score /= self.temperature;
            if context.workspace == Some(workspace) {
                *score += self.settings.workspace_bonus;
            }
            if context.page_labels.contains(&label.as_str()) {
                *score += self.settings.page_bonus;
            }
        }
        if let Some(none) = scores.last_mut() {
            *none /= self.temperature;
        }
        let mut probabilities = vec![0.0; scores.len()];
        softmax(&scores, 1.0, &mut probabilities);
        probabilities
    }
}

/// The training sentences.
#[derive(Default)]
struct Corpus {
    /// Label and workspace, by label.
    classes: Vec<(String, String)>,
    texts: Vec<Buckets>,
    /// The class of each text; the number of classes for [`NONE`].
    labels: Vec<u32>,
    /// How many phrases each class has.
    phrases: Vec<u32>,
    /// The place, among the phrases of its label, of the phrase each text is a sentence of.
    ranks: Vec<u32>,
}

impl Corpus {
    fn build(examples: &[Example], settings: &Settings) -> Self {
        let mut phrases: BTreeMap<&str, (&str, Vec<&str>)> = BTreeMap::new();
        let mut negatives: Vec<&str> = settings.negatives.iter().map(String::as_str).collect();
        for example in examples {
            if example.label == NONE {
                negatives.push(&example.text);
            } else {
                let entry = phrases.entry(&example.label);
                entry.or_insert((&example.workspace, Vec::new())).1.push(&example.text);
            }
        }
        let mut corpus = Self::default();
        for (label, (workspace, phrases)) in phrases {
            corpus.add(&phrases);
            corpus.classes.push((label.to_owned(), workspace.to_owned()));
        }
        corpus.add(&negatives);
        corpus
    }

    /// Adds the sentences of `phrases` under the next class.
    fn add(&mut self, phrases: &[&str]) {
        let label = u32::try_from(self.classes.len()).unwrap_or(u32::MAX);
        self.phrases.push(u32::try_from(phrases.len()).unwrap_or(u32::MAX));
        for (rank, phrase) in (0..).zip(phrases) {
            for sentence in phrases::expand(phrase) {
                let units: Vec<Unit> = mask::sentence_units(&sentence);
                self.texts.push(Buckets::of(&units));
                self.labels.push(label);
                self.ranks.push(rank);
            }
        }
    }
}

#[cfg(test)]
mod tests;
