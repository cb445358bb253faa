//! The log under truncation, damage, full disks, many threads and reopening.

use std::fs;

use proptest::prelude::*;

use super::*;

fn record(seq: u64, size: usize) -> Record {
    Record {
        tenant: "akron".into(),
        kind: "turn_event".into(),
        id: format!("r{seq}"),
        seq,
        at_micros: 1_763_000_000_000_000,
        body: serde_json::json!({ "text": "x".repeat(size) }),
    }
}

fn small() -> Settings {
    Settings { segment_bytes: 1000, max_total_bytes: 1 << 20, ..Settings::default() }
}

fn append_all(log: &Log, seqs: std::ops::Range<u64>, size: usize) {
    for seq in seqs {
        log.append(&record(seq, size)).unwrap();
    }
}

/// The sequence numbers that can be read from a position on.
fn seqs(log: &Log, from: Position) -> Vec<u64> {
    let mut reader = log.read_from(from);
    std::iter::from_fn(|| reader.next_entry().unwrap()).map(|entry| entry.record.seq).collect()
}

fn all(log: &Log) -> Vec<u64> {
    seqs(log, log.checkpoint())
}

fn files(log: &Log, ending: &str) -> usize {
    let names = fs::read_dir(log.dir()).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_str().unwrap().ends_with(ending)).count()
}

#[test]
fn records_come_back_in_order_over_segments_and_restarts() {
    let dir = tempfile::tempdir().unwrap();
    for part in 0..3 {
        let log = Log::open(dir.path(), small()).unwrap();
        for seq in part * 10..part * 10 + 10 {
            log.append(&record(seq, 200)).unwrap();
        }
        assert!(files(&log, ".log") > 2);
    }
    let log = Log::open(dir.path(), small()).unwrap();
    assert_eq!(all(&log), (0..30).collect::<Vec<_>>());
}

#[test]
fn an_appended_record_is_read_at_the_position_it_was_given() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), small()).unwrap();
    let places: Vec<_> = (0..20).map(|seq| log.append(&record(seq, 100)).unwrap()).collect();
    for (seq, place) in places.into_iter().enumerate() {
        let entry = log.read_from(place).next_entry().unwrap().unwrap();
        assert_eq!((entry.at, entry.record.seq), (place, seq as u64));
    }
}

#[test]
fn a_second_process_is_told_which_folder_is_taken_and_by_whom() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), small()).unwrap();
    // A lock belongs to the open file, so a second handle stands for a second process.
    let refused = Log::open(dir.path(), small()).unwrap_err().to_string();
    assert!(refused.contains(dir.path().to_str().unwrap()), "{refused}");
    assert!(refused.contains(&std::process::id().to_string()), "{refused}");
    drop(log);
    Log::open(dir.path(), small()).unwrap();
}

#[test]
fn a_tail_cut_at_any_byte_loses_only_the_records_it_cuts() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), Settings::default()).unwrap();
    let ends: Vec<_> = (0..3)
        .map(|seq| {
            log.append(&record(seq, 20)).unwrap();
            log.end().offset
        })
        .collect();
    let name = log.segment_path(1).file_name().unwrap().to_owned();
    let bytes = fs::read(log.segment_path(1)).unwrap();
    for cut in 0..bytes.len() {
        let other = tempfile::tempdir().unwrap();
        fs::write(other.path().join(&name), &bytes[..cut]).unwrap();
        let log = Log::open(other.path(), Settings::default()).unwrap();
        let whole = ends.iter().filter(|end| **end <= cut as u64).count() as u64;
        log.append(&record(99, 20)).unwrap();
        let expected: Vec<_> = (0..whole).chain([99]).collect();
        assert_eq!(all(&log), expected, "cut at {cut}");
    }
}

#[test]
fn damage_in_the_middle_is_reported_then_stepped_over_and_kept_aside() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), small()).unwrap();
    let places: Vec<_> = (0..12).map(|seq| log.append(&record(seq, 100)).unwrap()).collect();
    let path = log.segment_path(1);
    drop(log);
    let mut bytes = fs::read(&path).unwrap();
    bytes[usize::try_from(places[1].offset).unwrap() + 40] ^= 1;
    fs::write(&path, bytes).unwrap();

    let log = Log::open(dir.path(), small()).unwrap();
    let mut reader = log.read_from(log.checkpoint());
    assert_eq!(reader.next_entry().unwrap().unwrap().record.seq, 0);
    for _ in 0..2 {
        let error = reader.next_entry().unwrap_err();
        let LogError::Corrupt { at, resumes_at, .. } = error else { panic!("{error}") };
        assert_eq!((at, resumes_at), (places[1], places[2]));
    }
    reader.skip_to(places[2]);
    let mut rest = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        rest.push(entry.record.seq);
    }
    assert_eq!(rest, (2..12).collect::<Vec<_>>());
    log.set_checkpoint(reader.position()).unwrap();
    assert_eq!((files(&log, ".damaged"), files(&log, ".log")), (1, 1));
}

#[test]
fn a_segment_that_is_gone_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), small()).unwrap();
    append_all(&log, 0..30, 100);
    let path = log.segment_path(2);
    drop(log);
    fs::remove_file(path).unwrap();
    let log = Log::open(dir.path(), small()).unwrap();
    let mut reader = log.read_from(log.checkpoint());
    let error = (0..30).find_map(|_| reader.next_entry().err()).unwrap();
    assert!(matches!(error, LogError::Corrupt { resumes_at, .. } if resumes_at.segment == 3));
}

#[test]
fn drained_segments_are_deleted_and_the_rest_is_read_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), small()).unwrap();
    let places: Vec<_> = (0..30).map(|seq| log.append(&record(seq, 200)).unwrap()).collect();
    let before = files(&log, ".log");
    log.set_checkpoint(places[17]).unwrap();
    log.set_checkpoint(places[3]).unwrap();
    assert_eq!(log.checkpoint(), places[17]);
    assert!(files(&log, ".log") < before);
    assert_eq!(seqs(&log, places[2]), (17..30).collect::<Vec<_>>());
    drop(log);
    let log = Log::open(dir.path(), small()).unwrap();
    assert_eq!(all(&log), (17..30).collect::<Vec<_>>());
}

#[test]
fn a_log_drained_to_its_end_starts_afresh_and_keeps_what_comes_next() {
    let dir = tempfile::tempdir().unwrap();
    for seq in 0..3 {
        let log = Log::open(dir.path(), Settings::default()).unwrap();
        assert_eq!((files(&log, ".log"), log.undrained_bytes()), (1, 0));
        log.append(&record(seq, 10)).unwrap();
        assert_eq!(all(&log), [seq]);
        log.set_checkpoint(log.end()).unwrap();
    }
}

#[test]
fn a_log_that_lost_drained_bytes_does_not_hide_new_ones_before_the_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), Settings::default()).unwrap();
    append_all(&log, 0..5, 10);
    log.set_checkpoint(log.end()).unwrap();
    let path = log.segment_path(1);
    drop(log);
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(30).unwrap();
    let log = Log::open(dir.path(), Settings::default()).unwrap();
    log.append(&record(7, 10)).unwrap();
    assert_eq!(all(&log), [7]);
}

#[test]
fn an_unreadable_checkpoint_means_reading_all_again() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), Settings::default()).unwrap();
    let places: Vec<_> = (0..3).map(|seq| log.append(&record(seq, 10)).unwrap()).collect();
    log.set_checkpoint(places[2]).unwrap();
    drop(log);
    fs::write(dir.path().join("checkpoint.json"), "{\"segm").unwrap();
    let log = Log::open(dir.path(), Settings::default()).unwrap();
    assert_eq!(all(&log), [0, 1, 2]);
}

#[test]
fn the_total_limit_refuses_new_turns_first_then_records_and_draining_makes_room() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { max_total_bytes: 10_000, ..small() };
    let log = Log::open(dir.path(), settings).unwrap();
    let mut kept = 0;
    let mut admitted = 0;
    let error = loop {
        admitted += u64::from(log.admit().is_ok());
        match log.append(&record(kept, 100)) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, LogError::Full { limit: Limit::Total { .. }, .. }), "{error}");
    assert!(admitted < kept, "turns under way have room to end");
    assert_eq!(all(&log).len() as u64, kept);
    log.set_checkpoint(log.end()).unwrap();
    log.admit().unwrap();
    log.append(&record(kept, 100)).unwrap();
    assert_eq!(all(&log), [kept]);
}

#[test]
fn a_full_disk_fails_the_record_whole_and_is_got_over() {
    for cannot_truncate in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::open(dir.path(), Settings::default()).unwrap();
        log.append(&record(0, 10)).unwrap();
        log.active().faults = segment::Faults { room: Some(50), cannot_truncate };
        let error = log.append(&record(1, 10)).unwrap_err();
        assert!(matches!(error, LogError::Full { limit: Limit::Disk, .. }), "{error}");
        log.active().faults = segment::Faults::default();
        log.admit().unwrap();
        log.append(&record(2, 10)).unwrap();
        assert_eq!(all(&log), [0, 2]);
    }
}

#[test]
fn many_threads_lose_and_double_nothing_with_either_durability() {
    for durability in [Durability::Process, Durability::Power] {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings { segment_bytes: 20_000, durability, ..Settings::default() };
        let log = Log::open(dir.path(), settings).unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let log = &log;
                scope.spawn(move || {
                    for n in 0..50 {
                        let seq = thread * 50 + n;
                        let place = log.append(&record(seq, 50)).unwrap();
                        let entry = log.read_from(place).next_entry().unwrap().unwrap();
                        assert_eq!(entry.record.seq, seq);
                    }
                });
            }
        });
        let mut found = all(&log);
        found.sort_unstable();
        assert_eq!(found, (0..400).collect::<Vec<_>>(), "{durability:?}");
    }
}

#[test]
fn a_reader_follows_a_writer() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), small()).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| append_all(&log, 0..500, 60));
        let mut reader = log.read_from(log.checkpoint());
        let mut expected = 0;
        while expected < 500 {
            match reader.next_entry().unwrap() {
                Some(entry) => {
                    assert_eq!(entry.record.seq, expected);
                    expected += 1;
                    if expected % 50 == 0 {
                        log.set_checkpoint(entry.next).unwrap();
                    }
                }
                None => std::thread::yield_now(),
            }
        }
    });
}

/// One thing that happens to a log.
#[derive(Debug, Clone)]
enum Happening {
    Append(usize),
    /// The process is killed while it writes: this many bytes of the record arrive.
    KilledWriting(usize),
    /// The disk fills up after this many bytes.
    DiskFull(usize),
    /// Drain this share of what is there, in per cent.
    Drain(usize),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (0usize..400).prop_map(Happening::Append),
        1 => (1usize..200).prop_map(Happening::KilledWriting),
        1 => (0usize..100).prop_map(Happening::DiskFull),
        1 => (0usize..=100).prop_map(Happening::Drain),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_acknowledged_and_undrained_records_are_there(
        happenings in proptest::collection::vec(happening(), 1..60),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut log = Log::open(dir.path(), small()).unwrap();
        let mut acknowledged = Vec::new();
        for (seq, happening) in happenings.into_iter().enumerate() {
            let seq = seq as u64;
            match happening {
                Happening::Append(size) => {
                    log.append(&record(seq, size)).unwrap();
                    acknowledged.push(seq);
                }
                Happening::KilledWriting(bytes) => {
                    let frame = frame::encode(&record(seq, 300)).unwrap();
                    let path = log.segment_path(log.end().segment);
                    drop(log);
                    let mut segment = fs::read(&path).unwrap();
                    segment.extend_from_slice(&frame[..bytes]);
                    fs::write(&path, segment).unwrap();
                    log = Log::open(dir.path(), small()).unwrap();
                }
                Happening::DiskFull(room) => {
                    log.active().faults.room = Some(room);
                    prop_assert!(log.append(&record(seq, 200)).is_err());
                    log.active().faults.room = None;
                }
                Happening::Drain(percent) => {
                    let count = acknowledged.len() * percent / 100;
                    let mut reader = log.read_from(log.checkpoint());
                    for _ in 0..count {
                        prop_assert!(reader.next_entry().unwrap().is_some());
                    }
                    log.set_checkpoint(reader.position()).unwrap();
                    acknowledged.drain(..count);
                }
            }
            prop_assert_eq!(&all(&log), &acknowledged);
        }
    }
}
