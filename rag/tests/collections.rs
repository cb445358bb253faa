//! Quality on public collections, when `../shared/data` is there.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use flate2::read::GzDecoder;
use rag::eval::{self, Report};

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/retrieval").join(name)
}

fn open(name: &str) -> impl BufRead + use<> {
    BufReader::new(GzDecoder::new(File::open(data(name)).unwrap()))
}

fn measure(set: &str) -> Option<Report> {
    if !data(set).is_dir() {
        println!("skipped: {} is not there", data(set).display());
        return None;
    }
    let part = |name: &str| open(&format!("{set}/{name}.gz"));
    let report = eval::run(part("corpus.jsonl"), part("queries.jsonl"), part("qrels.tsv")).unwrap();
    println!("{set}: {report:#?}");
    Some(report)
}

#[test]
fn scifact_and_cranfield_beat_bm25() {
    let (Some(scifact), Some(cranfield)) = (measure("scifact"), measure("cranfield")) else {
        return;
    };
    assert!(scifact.bm25_ndcg10 > 0.68, "the baseline itself is right");
    assert!(scifact.ndcg10 >= scifact.bm25_ndcg10 - 0.005);
    assert!(
        scifact.ndcg10 + cranfield.ndcg10 > scifact.bm25_ndcg10 + cranfield.bm25_ndcg10 + 0.02
    );
}
