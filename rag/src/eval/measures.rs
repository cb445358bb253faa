//! The measures of ranked retrieval.

use std::collections::BTreeMap;

/// For each question the gain of each judged document.
pub type Qrels = BTreeMap<String, BTreeMap<String, u32>>;

/// Sums over questions; [`Measures::mean`] divides.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measures {
    pub questions: usize,
    pub ndcg10: f64,
    pub recall10: f64,
    pub recall100: f64,
    pub mrr10: f64,
}

impl Measures {
    /// Adds one question's ranking of at most 100 distinct documents.
    pub fn add(&mut self, ranked: &[&str], relevant: &BTreeMap<String, u32>) {
        let gain = |id: &&str| relevant.get(*id).copied().unwrap_or(0);
        let first_ten = &ranked[..ranked.len().min(10)];
        let mut ideal: Vec<u32> = relevant.values().copied().filter(|gain| *gain > 0).collect();
        let all = ideal.len().max(1) as f64;
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        ideal.truncate(10);
        let found = |ids: &[&str]| ids.iter().filter(|id| gain(id) > 0).count() as f64;
        let first = first_ten.iter().position(|id| gain(id) > 0);
        self.questions += 1;
        self.ndcg10 += dcg(first_ten.iter().map(gain)) / dcg(ideal.into_iter()).max(1e-12);
        self.recall10 += found(first_ten) / all;
        self.recall100 += found(ranked) / all;
        self.mrr10 += first.map_or(0.0, |at| 1.0 / (at + 1) as f64);
    }

    /// The means over the questions added.
    pub fn mean(&self) -> Measures {
        let n = self.questions.max(1) as f64;
        Measures {
            questions: self.questions,
            ndcg10: self.ndcg10 / n,
            recall10: self.recall10 / n,
            recall100: self.recall100 / n,
            mrr10: self.mrr10 / n,
        }
    }
}

/// Discounted cumulative gain: each gain over the binary logarithm of its rank plus one.
fn dcg(gains: impl Iterator<Item = u32>) -> f64 {
    (2_u32..).zip(gains).map(|(rank, gain)| f64::from(gain) / f64::from(rank).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_a_ranking_worked_by_hand() {
        let relevant = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 1)]);
        let mut measures = Measures::default();
        measures.add(&["x", "a", "y"], &relevant);
        let mean = measures.mean();
        let ideal = 1.0 + 1.0 / 3.0_f64.log2();
        assert!((mean.ndcg10 - (1.0 / 3.0_f64.log2()) / ideal).abs() < 1e-12);
        assert!((mean.recall10 - 0.5).abs() < 1e-12 && (mean.mrr10 - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_perfect_ranking_scores_one() {
        let relevant = BTreeMap::from([("a".to_owned(), 2), ("b".to_owned(), 1)]);
        let mut measures = Measures::default();
        measures.add(&["a", "b"], &relevant);
        assert!((measures.mean().ndcg10 - 1.0).abs() < 1e-12);
    }
}
