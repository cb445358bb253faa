//! Pseudo-relevance feedback: the best passages lend the question their telling terms.
//!
//! RM3 in Rocchio's manner (Lavrenko and Croft, 2001): the terms of the first five passages,
//! weighted by passage score, frequency and idf; the best twenty are mixed into the question.

use crate::analyze::{Counts, TermId};

use super::Sparse;

/// Passages that feed back.
pub const FEEDBACK_PASSAGES: usize = 5;
const EXPANSION_TERMS: usize = 20;
/// The share of the question in the mixture.
const QUESTION_SHARE: f64 = 0.7;

/// A passage believed relevant.
#[derive(Debug, Clone, PartialEq)]
pub struct Feedback {
    /// Its BM25 score for the question, above 0.
    pub score: f32,
    /// Its length in words.
    pub len: u32,
    /// Its term counts.
    pub terms: Counts,
}

/// The question's weights mixed with the telling terms of the best passages.
///
/// `idf` is that of the corpus. Without passages the question comes back, scaled to sum 1.
pub fn expand(query: &Sparse, passages: &[Feedback], idf: impl Fn(TermId) -> f64) -> Sparse {
    let total: f64 = query.iter().map(|(_, weight)| f64::from(*weight)).sum();
    let own = query.iter().map(|(term, weight)| (*term, f64::from(*weight) / total.max(1e-12)));
    let lent = telling_terms(passages, idf);
    if lent.is_empty() {
        return own.map(|(term, weight)| (term, weight as f32)).collect();
    }
    let mut mixed: Vec<(TermId, f64)> =
        own.map(|(term, weight)| (term, QUESTION_SHARE * weight)).collect();
    mixed.extend(lent.into_iter().map(|(term, w)| (term, (1.0 - QUESTION_SHARE) * w)));
    merge(mixed).into_iter().map(|(term, weight)| (term, weight as f32)).collect()
}

/// The best terms of the passages, with weights that sum to 1.
fn telling_terms(passages: &[Feedback], idf: impl Fn(TermId) -> f64) -> Vec<(TermId, f64)> {
    let total: f64 = passages.iter().map(|passage| f64::from(passage.score)).sum();
    let mut all = Vec::new();
    for passage in passages {
        let share = f64::from(passage.score) / total.max(1e-12) / f64::from(passage.len.max(1));
        all.extend(passage.terms.iter().map(|(term, tf)| (*term, share * f64::from(*tf))));
    }
    let mut weighted: Vec<_> =
        merge(all).into_iter().map(|(term, weight)| (term, weight * idf(term))).collect();
    weighted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    weighted.truncate(EXPANSION_TERMS);
    let sum: f64 = weighted.iter().map(|(_, weight)| weight).sum();
    weighted.iter_mut().for_each(|(_, weight)| *weight /= sum.max(1e-12));
    weighted
}

/// Sorts by term and adds equal terms up.
fn merge(mut weights: Vec<(TermId, f64)>) -> Vec<(TermId, f64)> {
    weights.sort_by_key(|(term, _)| *term);
    weights.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Kind;

    fn term(text: &str) -> TermId {
        TermId::new(Kind::Word, text)
    }

    #[test]
    fn a_question_gains_terms_and_keeps_its_own_first() {
        let passage = Feedback {
            score: 3.0,
            len: 4,
            terms: crate::analyze::count(vec![term("milk"), term("listeria"), term("listeria")]),
        };
        let expanded = expand(&vec![(term("milk"), 2.0)], &[passage], |_| 1.0);
        let weight = |text: &str| expanded.iter().find(|(t, _)| *t == term(text)).unwrap().1;
        assert!(weight("milk") > weight("listeria") && weight("listeria") > 0.0);
        let sum: f32 = expanded.iter().map(|(_, weight)| weight).sum();
        assert!((sum - 1.0).abs() < 1e-5);
    }

    #[test]
    fn without_passages_the_question_is_only_scaled() {
        let expanded = expand(&vec![(term("a"), 1.0), (term("b"), 3.0)], &[], |_| 1.0);
        assert_eq!(expanded.len(), 2);
        assert!((expanded[0].1 + expanded[1].1 - 1.0).abs() < 1e-6);
    }
}
