//! What it costs to keep a record before acknowledging it.
//!
//! `cargo bench -p telemetry`: `process` is on every turn's path, `power` is one disk sync.

use divan::Bencher;
use telemetry::log::{Durability, Log, Record, Settings};
use telemetry::redact;

fn main() {
    divan::main();
}

fn record(bytes: usize) -> Record {
    Record {
        tenant: "akron".into(),
        kind: "turn_event".into(),
        id: "0197a2b4-5b1c-7c3e-9a54-2f6f0f3f8d11".into(),
        seq: 7,
        at_micros: 1_763_000_000_000_000,
        body: serde_json::json!({ "type": "text_delta", "text": "x".repeat(bytes) }),
    }
}

fn settings(durability: Durability) -> Settings {
    Settings { durability, max_total_bytes: 64 << 30, ..Settings::default() }
}

#[divan::bench(args = [200, 2048, 16384], sample_count = 5000, sample_size = 1)]
fn append_process(bencher: Bencher<'_, '_>, bytes: usize) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let log = Log::open(dir.path(), settings(Durability::Process)).expect("a new log");
    let record = record(bytes);
    bencher.bench_local(|| log.append(&record).expect("room in the log"));
}

#[divan::bench(args = [1, 2, 64], sample_count = 300, sample_size = 1)]
fn append_power_with_writers(bencher: Bencher<'_, '_>, writers: usize) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let log = Log::open(dir.path(), settings(Durability::Power)).expect("a new log");
    let record = record(2048);
    // One sample is one record from each writer.
    bencher.bench_local(|| {
        std::thread::scope(|scope| {
            for _ in 0..writers {
                scope.spawn(|| log.append(&record).expect("room in the log"));
            }
        });
    });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn read_20_000_records_of_2_kb(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let log = Log::open(dir.path(), settings(Durability::Process)).expect("a new log");
    (0..20_000).for_each(|_| {
        log.append(&record(2048)).expect("room in the log");
    });
    bencher.bench_local(|| {
        let mut reader = log.read_from(log.checkpoint());
        std::iter::from_fn(|| reader.next_entry().expect("a sound log")).count()
    });
}

/// A tool's output of about 2 KB, as is common: half of it text.
#[divan::bench]
fn redact_2_kb(bencher: Bencher<'_, '_>) {
    let rows: Vec<_> = (0..16)
        .map(|row| {
            serde_json::json!({
                "lot": format!("L24-{row:04}"),
                "note": "moved from line 3 to the cold store, 4.1 C, checked by the shift lead",
                "units": row * 17,
                "at": "2026-03-18T12:00:00Z",
            })
        })
        .collect();
    let output = serde_json::json!({ "rows": rows });
    bencher.with_inputs(|| output.clone()).bench_local_values(|mut output| {
        redact::value(&mut output);
        output
    });
}
