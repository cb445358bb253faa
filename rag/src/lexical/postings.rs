//! An inverted index in memory.

use crate::analyze::TermId;

use super::Sparse;

/// For each term the passages that hold it, with their weights.
#[derive(Debug, Default)]
pub struct Postings {
    terms: Vec<TermId>,
    /// `entries[starts[i]..starts[i + 1]]` belong to `terms[i]`.
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
    passages: usize,
}

impl Postings {
    /// Inverts the weights of passages, numbered from 0.
    pub fn new(passages: &[Sparse]) -> Postings {
        let mut all: Vec<(TermId, u32, f32)> = (0..).zip(passages).flat_map(spread).collect();
        all.sort_unstable_by_key(|(term, passage, _)| (*term, *passage));
        let mut postings = Postings { passages: passages.len(), ..Postings::default() };
        for (term, passage, weight) in all {
            if postings.terms.last() != Some(&term) {
                postings.terms.push(term);
                postings.starts.push(postings.entries.len());
            }
            postings.entries.push((passage, weight));
        }
        postings.starts.push(postings.entries.len());
        postings
    }

    /// In how many passages a term occurs.
    pub fn df(&self, term: TermId) -> u32 {
        u32::try_from(self.entries(term).len()).unwrap_or(u32::MAX)
    }

    /// The passages that hold a term, in order.
    pub fn passages(&self, term: TermId) -> impl Iterator<Item = u32> {
        self.entries(term).iter().map(|(passage, _)| *passage)
    }

    /// Whether a passage holds a term.
    pub fn holds(&self, term: TermId, passage: u32) -> bool {
        self.entries(term).binary_search_by_key(&passage, |(p, _)| *p).is_ok()
    }

    /// The inner product of a query with every passage.
    pub fn scores(&self, query: &Sparse) -> Vec<f32> {
        let mut scores = vec![0.0; self.passages];
        for (term, weight) in query {
            for (passage, w) in self.entries(*term) {
                scores[*passage as usize] += weight * w;
            }
        }
        scores
    }

    fn entries(&self, term: TermId) -> &[(u32, f32)] {
        match self.terms.binary_search(&term) {
            Ok(at) => &self.entries[self.starts[at]..self.starts[at + 1]],
            Err(_) => &[],
        }
    }
}

fn spread(
    (passage, weights): (u32, &Sparse),
) -> impl Iterator<Item = (TermId, u32, f32)> + use<'_> {
    weights.iter().map(move |(term, weight)| (*term, passage, *weight))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Kind;
    use crate::lexical::inner;

    #[test]
    fn scores_equal_the_inner_products() {
        let term = |text: &str| TermId::new(Kind::Word, text);
        let mut passages: Vec<Sparse> =
            vec![vec![(term("milk"), 0.5), (term("egg"), 0.25)], vec![], vec![(term("egg"), 0.75)]];
        passages.iter_mut().for_each(|weights| weights.sort_unstable_by_key(|(term, _)| *term));
        let postings = Postings::new(&passages);
        let mut query = vec![(term("egg"), 2.0), (term("milk"), 1.0), (term("soy"), 9.0)];
        query.sort_unstable_by_key(|(term, _)| *term);
        let expected: Vec<f32> = passages.iter().map(|passage| inner(passage, &query)).collect();
        assert_eq!(postings.scores(&query), expected);
        assert_eq!((postings.df(term("egg")), postings.df(term("soy"))), (2, 0));
        assert!(postings.holds(term("milk"), 0) && !postings.holds(term("milk"), 2));
    }
}
