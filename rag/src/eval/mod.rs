//! Measures retrieval on judged questions.

mod beir;
mod measures;

use std::collections::BTreeMap;
use std::io::BufRead;

use serde::Serialize;

use crate::analyze::{Analyzer, TermId, count};
use crate::corpus::{Document, Index};
use crate::fuse::best;
use crate::lexical::{Postings, Sparse, document_weights, idf};

pub use beir::EvalError;
pub use measures::{Measures, Qrels};

/// How well the index ranks, beside a textbook BM25 over the same passages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub documents: usize,
    /// Questions with at least one judged document.
    pub queries: usize,
    /// Normalised discounted cumulative gain of the first ten, 0 to 1.
    pub ndcg10: f64,
    /// The share of relevant documents among the first ten.
    pub recall10: f64,
    pub recall100: f64,
    /// Mean reciprocal rank of the first relevant document among ten.
    pub mrr10: f64,
    pub bm25_ndcg10: f64,
    pub bm25_recall10: f64,
    /// The share of questions that the gate would have answered.
    pub answered: f64,
}

/// Ranks and judges a collection in BEIR's layout: JSON lines `{_id, title, text}` and
/// `{_id, text}`, and tab-separated `query-id corpus-id score`, with or without a header.
///
/// # Errors
///
/// [`EvalError`] names the file and line that cannot be read, or says that nothing is judged.
pub fn run(
    corpus: impl BufRead,
    queries: impl BufRead,
    qrels: impl BufRead,
) -> Result<Report, EvalError> {
    let documents = beir::documents(corpus)?;
    let queries = beir::queries(queries)?;
    let qrels = beir::qrels(qrels)?;
    evaluate(documents, &queries, &qrels)
}

/// The same over values: `queries` are (id, text) pairs.
///
/// # Errors
///
/// [`EvalError::NothingJudged`] when no question has a relevant document.
pub fn evaluate(
    documents: Vec<Document>,
    queries: &[(String, String)],
    qrels: &Qrels,
) -> Result<Report, EvalError> {
    let judged: Vec<_> = queries
        .iter()
        .filter_map(|(id, text)| Some((text.as_str(), qrels.get(id)?)))
        .filter(|(_, relevant)| relevant.values().any(|gain| *gain > 0))
        .collect();
    if judged.is_empty() {
        return Err(EvalError::NothingJudged);
    }
    let plain = PlainBm25::new(&documents);
    let index = Index::new(documents);
    let ids: Vec<&str> = index.documents().iter().map(|document| document.id.as_str()).collect();
    let (mut hybrid, mut baseline) = (Measures::default(), Measures::default());
    let mut answered = 0;
    for (question, relevant) in &judged {
        let ranking = index.search(question, 100);
        answered += usize::from(ranking.answerable);
        let ranked = ranking.hits.iter().map(|hit| ids[hit.document as usize]);
        hybrid.add(&ranked.collect::<Vec<_>>(), relevant);
        let ranked = plain.search(question).into_iter().map(|n| ids[n as usize]);
        baseline.add(&ranked.collect::<Vec<_>>(), relevant);
    }
    let (hybrid, baseline) = (hybrid.mean(), baseline.mean());
    Ok(Report {
        documents: ids.len(),
        queries: judged.len(),
        ndcg10: hybrid.ndcg10,
        recall10: hybrid.recall10,
        recall100: hybrid.recall100,
        mrr10: hybrid.mrr10,
        bm25_ndcg10: baseline.ndcg10,
        bm25_recall10: baseline.recall10,
        answered: answered as f64 / judged.len() as f64,
    })
}

/// BM25 over stems, as a textbook has it: the baseline to beat.
struct PlainBm25 {
    analyzer: Analyzer,
    postings: Postings,
    passages: u32,
}

impl PlainBm25 {
    fn new(documents: &[Document]) -> PlainBm25 {
        let analyzer = Analyzer::default();
        let texts = documents.iter().map(|d| format!("{} {}", d.title, d.text));
        let terms: Vec<Vec<TermId>> = texts.map(|text| analyzer.plain_terms(&text)).collect();
        let total: usize = terms.iter().map(Vec::len).sum();
        let avg_len = total as f64 / terms.len().max(1) as f64;
        let weigh = |terms: Vec<TermId>| {
            let len = u32::try_from(terms.len()).unwrap_or(u32::MAX);
            document_weights(&count(terms), len, avg_len)
        };
        let weights: Vec<Sparse> = terms.into_iter().map(weigh).collect();
        let passages = u32::try_from(weights.len()).unwrap_or(u32::MAX);
        PlainBm25 { analyzer, postings: Postings::new(&weights), passages }
    }

    fn search(&self, question: &str) -> Vec<u32> {
        let terms: BTreeMap<TermId, f32> =
            count(self.analyzer.plain_terms(question)).into_iter().collect();
        let weight = |(term, n): (TermId, f32)| {
            (term, n * idf(self.passages, self.postings.df(term)) as f32)
        };
        let query: Sparse = terms.into_iter().map(weight).collect();
        best(&self.postings.scores(&query), 100)
    }
}
