//! BM25 split between document and query, so that a sparse inner product computes it.
//!
//! The document side holds the saturation `tf / (tf + k1 (1 - b + b len / avg_len))`, the query
//! side holds `qtf * idf`. Their inner product is Okapi BM25 (Robertson and Walker, 1994) without
//! the constant factor `k1 + 1`, which changes no order.

mod postings;
mod prf;

use crate::analyze::{Analysis, Counts, TermId};

pub use postings::Postings;
pub use prf::{FEEDBACK_PASSAGES, Feedback, expand};

/// Saturation and length normalisation.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// A sparse vector: weights by ascending term.
pub type Sparse = Vec<(TermId, f32)>;

/// The document side of BM25.
///
/// `len` is the passage's length in words, `avg_len` the mean over the corpus.
pub fn document_weights(terms: &Counts, len: u32, avg_len: f64) -> Sparse {
    let k = length_factor(len, avg_len);
    let weight = |tf: f32| (f64::from(tf) / (f64::from(tf) + k)) as f32;
    terms.iter().map(|(term, tf)| (*term, weight(*tf))).collect()
}

/// The term counts behind [`document_weights`], to the precision of the weights.
pub fn counts_of(weights: &Sparse, len: u32, avg_len: f64) -> Counts {
    let k = length_factor(len, avg_len);
    let count =
        |w: f32| (f64::from(w) * k / (1.0 - f64::from(w)).max(1e-6)).round().max(1.0) as f32;
    weights.iter().map(|(term, weight)| (*term, count(*weight))).collect()
}

fn length_factor(len: u32, avg_len: f64) -> f64 {
    K1 * (1.0 - B + B * f64::from(len) / avg_len.max(1.0))
}

/// How telling a term is that occurs in `df` of `n` passages: `ln(1 + (n - df + 0.5) / (df + 0.5))`.
pub fn idf(n: u32, df: u32) -> f64 {
    let (n, df) = (f64::from(n), f64::from(df.min(n)));
    (1.0 + (n - df + 0.5) / (df + 0.5)).ln()
}

/// The query side of BM25, times [`Kind::weight`](crate::analyze::Kind::weight): `df` tells in how many of the `n` passages a term occurs.
pub fn query_weights(question: &Analysis, n: u32, df: impl Fn(TermId) -> u32) -> Sparse {
    let known = question.terms.iter().map(|(term, qtf)| (*term, *qtf, df(*term)));
    known
        .filter(|(_, _, df)| *df > 0)
        .map(|(term, qtf, df)| (term, qtf * term.kind().weight() * idf(n, df) as f32))
        .collect()
}

/// The inner product of two sparse vectors.
pub fn inner(a: &Sparse, b: &Sparse) -> f32 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                sum += a[i].1 * b[j].1;
                i += 1;
                j += 1;
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Kind;

    fn term(text: &str) -> TermId {
        TermId::new(Kind::Word, text)
    }

    #[test]
    fn matches_the_formula_by_hand() {
        let counts = vec![(term("milk"), 2.0)];
        let weights = document_weights(&counts, 10, 10.0);
        assert!((weights[0].1 - 2.0 / 3.2).abs() < 1e-6);
        assert!((idf(10, 1) - (1.0_f64 + 9.5 / 1.5).ln()).abs() < 1e-12);
    }

    #[test]
    fn counts_come_back_from_weights() {
        let counts: Counts = (1..40_u8).map(|n| (term(&n.to_string()), f32::from(n))).collect();
        for len in [5, 80, 900] {
            assert_eq!(counts_of(&document_weights(&counts, len, 60.0), len, 60.0), counts);
        }
    }

    #[test]
    fn longer_passages_weigh_less_and_rarer_terms_more() {
        let counts = vec![(term("milk"), 1.0)];
        assert!(document_weights(&counts, 5, 10.0)[0].1 > document_weights(&counts, 50, 10.0)[0].1);
        assert!(idf(100, 1) > idf(100, 50));
        assert!(idf(100, 100) > 0.0);
    }
}
