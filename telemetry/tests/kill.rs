//! The promise of the log: what was acknowledged before a `kill -9` is there afterwards, once.

#![expect(clippy::unwrap_used, reason = "a test stops at the first failure")]
#![expect(
    clippy::print_stdout,
    reason = "the child speaks to its parent, the parent gives figures"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use telemetry::log::{Durability, Log, Record, Settings};

const FOLDER: &str = "TELEMETRY_KILL_FOLDER";
const POWER: &str = "TELEMETRY_KILL_POWER";
const WRITERS: u64 = 4;

fn settings(power: bool) -> Settings {
    let durability = if power { Durability::Power } else { Durability::Process };
    Settings { durability, segment_bytes: 1 << 20, max_total_bytes: 8 << 30 }
}

/// The process that gets killed: appends from several threads and says so after each record.
#[test]
#[ignore = "started by the other tests, in a process of its own"]
fn child_that_appends_until_it_is_killed() {
    let folder = std::env::var_os(FOLDER).expect("started by another test");
    let log = Log::open(Path::new(&folder), settings(std::env::var_os(POWER).is_some())).unwrap();
    // Bytes outnumber records, so each process counts on from where no other one has been.
    let first = (log.end().segment << 32) + log.end().offset;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let log = &log;
            scope.spawn(move || {
                for n in 0.. {
                    let seq = first + n * WRITERS + writer;
                    log.append(&record(seq)).unwrap();
                    println!("ack {seq}");
                }
            });
        }
    });
}

fn record(seq: u64) -> Record {
    Record {
        tenant: "akron".into(),
        kind: "turn_event".into(),
        id: "r1".into(),
        seq,
        at_micros: 1_763_000_000_000_000,
        body: serde_json::json!({ "text": "x".repeat(300) }),
    }
}

fn start(folder: &Path, power: bool) -> (Child, BufReader<ChildStdout>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child_that_appends_until_it_is_killed", "--ignored", "--nocapture"]);
    command.env(FOLDER, folder).stdout(Stdio::piped());
    if power {
        command.env(POWER, "1");
    }
    let mut child = command.spawn().unwrap();
    let acks = BufReader::new(child.stdout.take().unwrap());
    (child, acks)
}

/// Kill the child after `acks` acknowledgements; returns all that it got out.
fn kill_after(acks: usize, folder: &Path, power: bool) -> Vec<u64> {
    let (mut child, output) = start(folder, power);
    let mut acknowledged = Vec::new();
    // Lines that were in the pipe when the child died count: it had acknowledged them.
    for line in output.split(b'\n') {
        let line = String::from_utf8(line.unwrap()).unwrap();
        if let Some((_, seq)) = line.split_once("ack ") {
            acknowledged.extend(seq.parse::<u64>());
        }
        if acknowledged.len() == acks {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    acknowledged
}

/// How often each record is in the log.
fn counts(folder: &Path) -> BTreeMap<u64, u64> {
    let log = Log::open(folder, settings(false)).unwrap();
    let mut reader = log.read_from(log.checkpoint());
    let mut counts = BTreeMap::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        *counts.entry(entry.record.seq).or_default() += 1;
    }
    counts
}

fn rounds(rounds: usize, acks: usize, power: bool) {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..rounds {
        acknowledged.extend(kill_after(acks + round * 37, folder.path(), power));
    }
    let counts = counts(folder.path());
    let lost = acknowledged.iter().filter(|seq| !counts.contains_key(seq)).count();
    let doubled = counts.values().filter(|count| **count > 1).count();
    println!(
        "{rounds} kills, power={power}: {} acknowledged, {lost} lost, {doubled} doubled",
        acknowledged.len()
    );
    assert!(acknowledged.len() >= rounds * acks);
    assert_eq!((lost, doubled), (0, 0));
}

#[test]
fn kill_9_loses_and_doubles_nothing() {
    rounds(8, 500, false);
}

#[test]
fn kill_9_loses_and_doubles_nothing_with_group_commit() {
    rounds(3, 50, true);
}

#[test]
#[ignore = "the full figure, a minute or so: cargo nextest run -p telemetry --run-ignored all million"]
fn kill_9_loses_none_of_a_million() {
    rounds(40, 25_000, false);
}
