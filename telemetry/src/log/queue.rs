//! What the writers of a log share: the batch that gathers, and what is committed.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::{LogError, Position};

/// The shared state of a log's writers; touched for nanoseconds, never during I/O.
#[derive(Debug)]
pub(super) struct Queue {
    /// Whether a writer is at the disk, for itself and others.
    pub(super) writing: bool,
    /// How many writers sleep until it is back.
    pub(super) waiting: usize,
    /// Whether the last write found the disk full.
    pub(super) disk_full: bool,
    pub(super) checkpoint: Position,
    gathering: Batch,
    /// Committed length of each segment there is.
    segments: BTreeMap<u64, u64>,
    spare: Vec<u8>,
}

/// Frames that go to the disk in one write.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    pub(super) outcome: Outcome,
}

/// What became of a batch, for each of its writers: where it begins, or why it failed.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome(Arc<OnceLock<Result<Position, LogError>>>);

impl Outcome {
    pub(super) fn outcome(&self) -> Option<Result<Position, LogError>> {
        self.0.get().cloned()
    }

    pub(super) fn settle(&self, result: Result<Position, LogError>) {
        // Only the writer that took the batch settles it, so it is never set already.
        let _ = self.0.set(result);
    }
}

impl Queue {
    pub(super) fn over(segments: Vec<(u64, u64)>, checkpoint: Position) -> Self {
        Self {
            writing: false,
            waiting: 0,
            disk_full: false,
            checkpoint,
            gathering: Batch::default(),
            segments: segments.into_iter().collect(),
            spare: Vec::new(),
        }
    }

    /// Add a frame to the batch; returns the batch's outcome and the frame's offset in it.
    pub(super) fn join(&mut self, frame: &[u8]) -> (Outcome, u64) {
        let offset = self.gathering.bytes.len() as u64;
        self.gathering.bytes.extend_from_slice(frame);
        (self.gathering.outcome.clone(), offset)
    }

    pub(super) fn take_batch(&mut self) -> Batch {
        let next = Batch { bytes: std::mem::take(&mut self.spare), outcome: Outcome::default() };
        std::mem::replace(&mut self.gathering, next)
    }

    /// Keep a written batch's memory for the next one, unless it grew out of the ordinary.
    pub(super) fn reuse(&mut self, mut bytes: Vec<u8>) {
        if bytes.capacity() <= 1 << 20 {
            bytes.clear();
            self.spare = bytes;
        }
    }

    /// Note how far the last segment is committed.
    pub(super) fn grow(&mut self, end: Position) {
        self.segments.insert(end.segment, end.offset);
    }

    pub(super) fn end(&self) -> Position {
        let (segment, offset) =
            self.segments.last_key_value().map_or((0, 0), |(n, len)| (*n, *len));
        Position { segment, offset }
    }

    /// Bytes from the checkpoint on, and those about to follow.
    pub(super) fn undrained(&self) -> u64 {
        let behind = self.segments.range(self.checkpoint.segment..).map(|(_, len)| len);
        let gathering = self.gathering.bytes.len() as u64;
        (behind.sum::<u64>() + gathering).saturating_sub(self.checkpoint.offset)
    }

    pub(super) fn bounds(&self, segment: u64) -> (Option<u64>, Option<u64>) {
        let following = self.segments.range(segment + 1..).next().map(|(number, _)| *number);
        (self.segments.get(&segment).copied(), following)
    }

    /// Move the checkpoint; returns the segments that are drained by it.
    pub(super) fn drop_before(&mut self, position: Position) -> Vec<u64> {
        self.checkpoint = self.checkpoint.max(position);
        let kept = self.segments.split_off(&self.checkpoint.segment);
        std::mem::replace(&mut self.segments, kept).into_keys().collect()
    }
}
