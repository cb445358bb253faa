//! Does search find what judges marked, on anyone's collection in BEIR's layout?

use std::path::Path;

use anyhow::Result;
use rag::eval::Report;

use crate::files;

/// Rank and judge a collection; `.gz` files are read as they are.
///
/// # Errors
/// Names the file and line that cannot be read.
pub fn run(corpus: &Path, queries: &Path, qrels: &Path) -> Result<Report> {
    let (corpus, queries, qrels) =
        (files::open(corpus)?, files::open(queries)?, files::open(qrels)?);
    Ok(rag::eval::run(corpus, queries, qrels)?)
}

/// The figures that people compare.
pub fn table(report: &Report) -> String {
    format!(
        "documents  {}\nqueries    {}\nnDCG@10    {:.4}   (BM25 {:.4})\nrecall@10  {:.4}   (BM25 {:.4})\n\
         recall@100 {:.4}\nMRR@10     {:.4}\nanswered   {:.1} %",
        report.documents,
        report.queries,
        report.ndcg10,
        report.bm25_ndcg10,
        report.recall10,
        report.bm25_recall10,
        report.recall100,
        report.mrr10,
        100.0 * report.answered
    )
}
