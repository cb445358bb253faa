//! SciFact through Postgres: how fast, and whether as good as in memory. Takes minutes, so it is
//! run by name: `cargo test -p rag --test scale -- --ignored --nocapture`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "it measures and prints")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use rag::eval::{Measures, Qrels};
use rag::{EVERYONE, NewDocument, Query, ingest, refresh, search};
use serde_json::Value;
use store::testing::{TestTenant, block_on, now};
use uuid::Uuid;

fn lines(name: &str) -> Option<Vec<String>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/retrieval/scifact")
        .join(name);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    let reader = BufReader::new(GzDecoder::new(File::open(path).unwrap()));
    Some(reader.lines().map(Result::unwrap).collect())
}

fn records(name: &str) -> Option<Vec<Value>> {
    Some(lines(name)?.iter().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn qrels() -> Option<Qrels> {
    let mut qrels = Qrels::new();
    for line in lines("qrels.tsv.gz")? {
        let columns: Vec<&str> = line.split('\t').collect();
        let gain = columns[2].parse().unwrap();
        qrels.entry(columns[0].to_owned()).or_default().insert(columns[1].to_owned(), gain);
    }
    Some(qrels)
}

fn percentile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share) as usize]
}

#[test]
#[ignore = "takes minutes"]
fn scifact_through_sql() {
    let (Some(corpus), Some(queries), Some(qrels)) =
        (records("corpus.jsonl.gz"), records("queries.jsonl.gz"), qrels())
    else {
        return;
    };
    block_on(async {
        let tenant = TestTenant::new().await;
        let mut tx = tenant.store().begin_long(tenant.id()).await.unwrap();
        let started = Instant::now();
        let mut ids: BTreeMap<Uuid, String> = BTreeMap::new();
        let mut chunks = 0;
        for (n, record) in (1_u128..).zip(&corpus) {
            let id = Uuid::from_u128(n);
            ids.insert(id, record["_id"].as_str().unwrap().to_owned());
            let new = NewDocument {
                id,
                title: record["title"].as_str().unwrap().to_owned(),
                mime: "text/plain".to_owned(),
                bytes: record["text"].as_str().unwrap().as_bytes().to_vec(),
                acl: vec![EVERYONE],
                created_by: "scale".to_owned(),
                now: now(),
            };
            chunks += ingest(&mut tx, new).await.unwrap().chunks;
        }
        let ingested = started.elapsed();
        refresh(&mut tx).await.unwrap();
        let refreshed = started.elapsed() - ingested;
        let (mut times, mut measures) = (Vec::new(), Measures::default());
        for query in &queries {
            let Some(relevant) = qrels.get(query["_id"].as_str().unwrap()) else { continue };
            let mut asked = Query::new(query["text"].as_str().unwrap(), &[], now());
            asked.limit = 50;
            let started = Instant::now();
            let found = search(&mut tx, &asked).await.unwrap();
            times.push(started.elapsed());
            let mut ranked: Vec<&str> = Vec::new();
            for passage in &found.passages {
                let id = ids[&passage.document_id].as_str();
                if !ranked.contains(&id) {
                    ranked.push(id);
                }
            }
            measures.add(&ranked, relevant);
        }
        println!(
            "{chunks} passages of {} documents: ingest {ingested:?}, refresh {refreshed:?}, \
             search p50 {:?} p95 {:?}, nDCG@10 {:.4} of {} questions",
            corpus.len(),
            percentile(&mut times, 0.5),
            percentile(&mut times, 0.95),
            measures.mean().ndcg10,
            measures.questions,
        );
        assert!(measures.mean().ndcg10 > 0.66);
    });
}
