//! Search without a database: the whole index in memory.
//!
//! It ranks by the same rules as the SQL store, so that what an evaluation measures here is what
//! a tenant gets.

use std::collections::BTreeSet;

use crate::analyze::{Analysis, Analyzer};
use crate::embed::{Lex640, dot};
use crate::fuse::{Legs, Weights, best, fuse, towards};
use crate::gate::{self, Calibration, Gate};
use crate::lexical::{
    FEEDBACK_PASSAGES, Feedback, Postings, Sparse, document_weights, expand, idf, query_weights,
};

/// Candidates that BM25 and the dense leg propose each.
pub const DEPTH: usize = 100;

/// Times that a title counts: its few words say most about what a passage is about.
const TITLE_WEIGHT: usize = 3;

/// A passage to index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub id: String,
    pub title: String,
    pub text: String,
}

/// A passage found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Its place among the documents that the index was built from.
    pub document: u32,
    pub score: f32,
    pub legs: Legs,
}

/// What a search found, best first, and whether it is evidence at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    pub hits: Vec<Hit>,
    /// The strength of the evidence, 0 to 1: see [`gate::strength`].
    pub strength: f32,
    /// Whether the evidence is strong enough to answer from.
    pub answerable: bool,
}

/// An index over passages, in memory.
pub struct Index {
    analyzer: Analyzer,
    documents: Vec<Document>,
    analyses: Vec<Analysis>,
    weights: Vec<Sparse>,
    postings: Postings,
    vectors: Vec<Vec<f32>>,
    model: Lex640,
    gate: Gate,
}

/// The text that is analysed for a passage: its title counts more than its words, and the
/// headings above it count as if they were part of it.
pub fn indexed_text(title: &str, heading: &str, text: &str) -> String {
    let mut whole = format!("{title}\n").repeat(TITLE_WEIGHT);
    whole.push_str(heading);
    whole.push('\n');
    whole.push_str(text);
    whole
}

impl Index {
    /// Analyses, weighs and embeds every document; trains the embedding and the gate on them.
    pub fn new(documents: Vec<Document>) -> Index {
        let analyzer = Analyzer::default();
        let mut analyses: Vec<Analysis> = documents
            .iter()
            .map(|document| analyzer.analyze(&indexed_text(&document.title, "", &document.text)))
            .collect();
        let total: u64 = analyses.iter().map(|analysis| u64::from(analysis.words)).sum();
        let avg_len = total as f64 / analyses.len().max(1) as f64;
        let weights: Vec<Sparse> =
            analyses.iter().map(|a| document_weights(&a.terms, a.words, avg_len)).collect();
        let postings = Postings::new(&weights);
        let model = Lex640::train(&analyses);
        let vectors = analyses.iter().map(|analysis| model.embed(analysis)).collect();
        // The n-grams are in the vectors now, and they are most of what an analysis weighs.
        analyses.iter_mut().for_each(|analysis| analysis.grams = Vec::new());
        let mut calibration = Calibration::new(analyses.len());
        analyses.iter().for_each(|analysis| calibration.add(analysis));
        let gate = calibration.finish();
        Index { analyzer, documents, analyses, weights, postings, vectors, model, gate }
    }

    /// The documents, in the order given.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The best passages for a question.
    pub fn search(&self, question: &str, limit: usize) -> Ranking {
        let question = self.analyzer.analyze(question);
        let query = query_weights(&question, self.len(), |term| self.postings.df(term));
        let bm25 = self.postings.scores(&query);
        let top = best(&bm25, FEEDBACK_PASSAGES);
        let feedback = self.postings.scores(&self.expanded(&query, &bm25, &top));
        let vector = self.model.embed(&question);
        let dense: Vec<f32> = self.vectors.iter().map(|v| dot(&vector, v)).collect();
        let mut candidates: BTreeSet<u32> = self.with_codes(&question).collect();
        // Feedback only scores: candidates of its own would change no result that was measured.
        for leg in [&bm25, &dense] {
            candidates.extend(best(leg, DEPTH));
        }
        let candidates: Vec<u32> = candidates.into_iter().collect();
        let legs = |n: &u32| Legs {
            bm25: bm25[*n as usize],
            feedback: feedback[*n as usize],
            dense: dense[*n as usize],
            codes: self.codes_in(&question, *n),
        };
        let mut legs: Vec<Legs> = candidates.iter().map(legs).collect();
        let scores = self.twice(&question, &vector, &candidates, &mut legs);
        let hits: Vec<Hit> = best(&scores, limit)
            .into_iter()
            .map(|at| at as usize)
            .map(|at| Hit { document: candidates[at], score: scores[at], legs: legs[at] })
            .collect();
        let strength = self.strength(&question, &top);
        let coded = hits.first().is_some_and(|hit| hit.legs.codes > 0);
        Ranking { hits, strength, answerable: coded || self.gate.passes(strength) }
    }

    /// Fuses, moves the question's vector towards the best candidates, and fuses again.
    fn twice(
        &self,
        question: &Analysis,
        vector: &[f32],
        candidates: &[u32],
        legs: &mut [Legs],
    ) -> Vec<f32> {
        let weights = Weights::lex640(question);
        let of = |at: u32| self.vectors[candidates[at as usize] as usize].as_slice();
        let first = best(&fuse(legs, weights), FEEDBACK_PASSAGES);
        let moved = towards(vector, first.into_iter().map(of));
        for (at, legs) in (0..).zip(legs.iter_mut()) {
            legs.dense = dot(&moved, of(at));
        }
        fuse(legs, weights)
    }

    fn len(&self) -> u32 {
        u32::try_from(self.documents.len()).unwrap_or(u32::MAX)
    }

    fn expanded(&self, query: &Sparse, bm25: &[f32], top: &[u32]) -> Sparse {
        let passage = |n: &u32| Feedback {
            score: bm25[*n as usize],
            len: self.analyses[*n as usize].words,
            terms: self.analyses[*n as usize].terms.clone(),
        };
        let passages: Vec<Feedback> = top.iter().map(passage).collect();
        expand(query, &passages, |term| idf(self.len(), self.postings.df(term)))
    }

    fn with_codes(&self, question: &Analysis) -> impl Iterator<Item = u32> {
        question.codes.iter().flat_map(|code| self.postings.passages(*code))
    }

    fn codes_in(&self, question: &Analysis, passage: u32) -> u32 {
        question.codes.iter().map(|code| u32::from(self.postings.holds(*code, passage))).sum()
    }

    fn strength(&self, question: &Analysis, top: &[u32]) -> f32 {
        let weights = top.iter().map(|n| &self.weights[*n as usize]);
        gate::strength(question, weights, |term| idf(self.len(), self.postings.df(term)))
    }
}
