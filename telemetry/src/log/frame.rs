//! How a record lies in a segment: `magic | length | crc32 | one JSON line`.
//!
//! The magic holds bytes that UTF-8 never has, so it cannot occur inside a payload: after
//! damage, the next frame is found by looking for it. The checksum covers length and payload.

use std::sync::Arc;

use super::{LogError, Record};

const MAGIC: [u8; 4] = [0xF5, b'Q', b'M', 0xFF];
/// Bytes before the payload.
pub(super) const HEADER: usize = 12;
/// The largest payload, in bytes.
pub(super) const MAX_PAYLOAD: usize = 32 << 20;

/// The frame of a record, ready for one write.
///
/// # Errors
/// [`LogError::TooLarge`] above 32 MiB, [`LogError::Encode`] when the body is no JSON.
pub(super) fn encode(record: &Record) -> Result<Vec<u8>, LogError> {
    let mut frame = Vec::with_capacity(1024);
    frame.extend_from_slice(&[0; HEADER]);
    serde_json::to_writer(&mut frame, record).map_err(|e| LogError::Encode(Arc::new(e)))?;
    frame.push(b'\n');
    let bytes = frame.len() - HEADER;
    let length = u32::try_from(bytes)
        .ok()
        .filter(|_| bytes <= MAX_PAYLOAD)
        .ok_or(LogError::TooLarge { bytes, limit: MAX_PAYLOAD })?
        .to_le_bytes();
    let crc = checksum(length, &frame[HEADER..]);
    frame[..4].copy_from_slice(&MAGIC);
    frame[4..8].copy_from_slice(&length);
    frame[8..12].copy_from_slice(&crc.to_le_bytes());
    Ok(frame)
}

fn checksum(length: [u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(payload);
    hasher.finalize()
}

/// What the first bytes of a slice are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    Whole(&'a [u8]),
    /// A frame may begin here, but this many bytes are needed to tell.
    Short(usize),
    Bad,
}

/// Read the frame at the start of `bytes`.
pub(super) fn parse(bytes: &[u8]) -> Frame<'_> {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
        return Frame::Short(HEADER);
    };
    let [m0, m1, m2, m3, l0, l1, l2, l3, c0, c1, c2, c3] = *header;
    let length = [l0, l1, l2, l3];
    let size = u32::from_le_bytes(length) as usize;
    if [m0, m1, m2, m3] != MAGIC || size > MAX_PAYLOAD {
        return Frame::Bad;
    }
    let Some(payload) = rest.get(..size) else { return Frame::Short(HEADER + size) };
    if checksum(length, payload) == u32::from_le_bytes([c0, c1, c2, c3]) {
        Frame::Whole(payload)
    } else {
        Frame::Bad
    }
}

/// Where in `bytes`, after its first byte, the next whole frame begins.
pub(super) fn find_whole(bytes: &[u8]) -> Option<usize> {
    (1..bytes.len()).find(|&at| {
        bytes[at..].starts_with(&MAGIC) && matches!(parse(&bytes[at..]), Frame::Whole(_))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> Record {
        Record {
            tenant: "akron".into(),
            kind: "turn_event".into(),
            id: "r1".into(),
            seq: 3,
            at_micros: 1_763_000_000_000_000,
            body: serde_json::json!({ "text": text }),
        }
    }

    #[test]
    fn a_frame_reads_back_as_its_record_on_one_line() {
        let frame = encode(&record("two\nlines")).unwrap();
        let Frame::Whole(payload) = parse(&frame) else { panic!("not whole") };
        assert_eq!(payload.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(serde_json::from_slice::<Record>(payload).unwrap(), record("two\nlines"));
    }

    #[test]
    fn every_prefix_is_short_and_every_flipped_bit_is_noticed() {
        let frame = encode(&record("x")).unwrap();
        for cut in 0..frame.len() {
            assert!(matches!(parse(&frame[..cut]), Frame::Short(need) if need > cut), "{cut}");
        }
        for bit in 0..frame.len() * 8 {
            let mut hurt = frame.clone();
            hurt[bit / 8] ^= 1 << (bit % 8);
            assert!(!matches!(parse(&hurt), Frame::Whole(_)), "bit {bit}");
        }
    }

    #[test]
    fn the_next_whole_frame_is_found_past_damage_and_past_a_torn_one() {
        let whole = encode(&record("second")).unwrap();
        let mut bytes = encode(&record("first")).unwrap();
        bytes.truncate(20);
        bytes.extend_from_slice(&MAGIC);
        let next = bytes.len();
        bytes.extend_from_slice(&whole);
        assert_eq!(find_whole(&bytes), Some(next));
        assert_eq!(find_whole(&bytes[..next]), None);
    }

    #[test]
    fn a_record_above_the_limit_is_refused() {
        let huge = record(&"x".repeat(MAX_PAYLOAD));
        assert!(matches!(encode(&huge), Err(LogError::TooLarge { .. })));
    }
}
