//! Quality of retrieval: on a small collection of our own always, on public ones when
//! `../shared/data` is there.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests stop, and say what they measure"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use flate2::read::GzDecoder;
use rag::corpus::{Document, Index};
use rag::eval::{self, Qrels, Report};

fn food() -> Report {
    eval::run(
        &include_bytes!("food/corpus.jsonl")[..],
        &include_bytes!("food/queries.jsonl")[..],
        &include_bytes!("food/qrels.tsv")[..],
    )
    .unwrap()
}

fn data(name: &str) -> Option<PathBuf> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/retrieval").join(name);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn unpacked(path: PathBuf) -> impl BufRead {
    BufReader::new(GzDecoder::new(File::open(path).unwrap()))
}

fn measure(set: &str) -> Option<Report> {
    let part = |name: &str| data(&format!("{set}/{name}.gz")).map(unpacked);
    let report =
        eval::run(part("corpus.jsonl")?, part("queries.jsonl")?, part("qrels.tsv")?).unwrap();
    println!("{set}: {report:#?}");
    Some(report)
}

#[test]
fn our_own_collection_is_found() {
    let report = food();
    println!("food: {report:#?}");
    assert!(report.ndcg10 > 0.95 && report.ndcg10 > report.bm25_ndcg10);
    assert!((report.recall10 - 1.0).abs() < 1e-9);
}

#[test]
fn the_same_collection_gives_the_same_report() {
    assert_eq!(food(), food());
}

#[test]
fn scifact_and_cranfield_beat_bm25() {
    let (Some(scifact), Some(cranfield)) = (measure("scifact"), measure("cranfield")) else {
        return;
    };
    assert!(scifact.bm25_ndcg10 > 0.68, "the baseline itself is right");
    assert!(scifact.ndcg10 >= 0.70);
    assert!(cranfield.ndcg10 >= 0.43);
    assert!(scifact.answered > 0.95 && cranfield.answered > 0.95);
}

/// The questions of HeQ over its paragraphs: every answerable question's paragraph is its only
/// relevant one.
fn heq(path: PathBuf) -> (Vec<Document>, Vec<(String, String)>, Qrels) {
    let file: serde_json::Value = serde_json::from_reader(unpacked(path)).unwrap();
    let paragraphs = file["data"].as_array().unwrap().iter();
    let paragraphs = paragraphs.flat_map(|article| article["paragraphs"].as_array().unwrap());
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    let (mut documents, mut queries, mut qrels) = (Vec::new(), Vec::new(), Qrels::new());
    for paragraph in paragraphs {
        let text = paragraph["context"].as_str().unwrap();
        let id = ids.entry(text).or_insert_with(|| {
            let id = format!("p{}", documents.len());
            let document = Document { id: id.clone(), title: String::new(), text: text.to_owned() };
            documents.push(document);
            id
        });
        for question in paragraph["qas"].as_array().unwrap() {
            let answered = question["answers"].as_array().is_some_and(|it| !it.is_empty());
            if question["is_impossible"].as_bool() != Some(true) && answered {
                let number = format!("q{}", queries.len());
                qrels.entry(number.clone()).or_default().insert(id.clone(), 1);
                queries.push((number, question["question"].as_str().unwrap().to_owned()));
            }
        }
    }
    (documents, queries, qrels)
}

#[test]
fn hebrew_questions_find_their_paragraphs() {
    let Some(path) = data("heq-val.json.gz") else { return };
    let (documents, queries, qrels) = heq(path);
    let report = eval::evaluate(documents, &queries, &qrels).unwrap();
    println!("heq: {report:#?}");
    assert!(report.ndcg10 >= 0.955);
    assert!(report.recall10 >= 0.98);
    assert!(report.ndcg10 > report.bm25_ndcg10 + 0.05);
}

#[test]
fn foreign_questions_are_refused() {
    let part = |set: &str, name: &str| data(&format!("{set}/{name}.gz")).map(unpacked);
    let Some(corpus) = part("cranfield", "corpus.jsonl") else { return };
    let Some(foreign) = part("scifact", "queries.jsonl") else { return };
    let field = |line: &str, name: &str| -> String {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value[name].as_str().unwrap().to_owned()
    };
    let document = |line: std::io::Result<String>| {
        let line = line.unwrap();
        let of = |name| field(&line, name);
        Document { id: of("_id"), title: of("title"), text: of("text") }
    };
    let index = Index::new(corpus.lines().map(document).collect());
    let questions: Vec<String> = foreign.lines().map(|l| field(&l.unwrap(), "text")).collect();
    let refused = questions.iter().filter(|q| !index.search(q, 1).answerable).count();
    println!("refused {refused} of {} foreign questions", questions.len());
    assert!(refused * 100 >= questions.len() * 90);
}

/// Two hundred records that differ in nothing but their codes, asked for in other spellings.
#[test]
fn a_code_is_always_found_first() {
    let record = |n: u32| {
        let text = format!(
            "Lot LOT-{} of almond flour, SKU#{}-{}/5, article 72900000{:05}, arrived 2026-0{}-{:02}.",
            2000 + n,
            10 + n % 80,
            100 + n,
            10_000 + n,
            1 + n % 9,
            1 + n % 28,
        );
        Document { id: n.to_string(), title: "Receiving log".to_owned(), text }
    };
    let index = Index::new((0..200).map(record).collect());
    for n in 0..200 {
        let questions = [
            format!("what happened to lot {}?", 2000 + n),
            format!("lot#{} almond flour receiving log", 2000 + n),
            format!("{}-{}/5", 10 + n % 80, 100 + n),
            format!("which article is 72900000{:05}", 10_000 + n),
        ];
        for question in questions {
            let ranking = index.search(&question, 1);
            assert_eq!(ranking.hits[0].document, n, "{question}");
            assert!(ranking.answerable);
        }
    }
}
