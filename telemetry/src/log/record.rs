//! What one entry of the log holds.

use serde::{Deserialize, Serialize};

/// One thing that happened, as a line of JSON inside a frame.
///
/// The log knows nothing of the body: `kind` says who can read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The tenant whose tables the record is bound for.
    pub tenant: String,
    /// What the body is, e.g. `turn_event`.
    pub kind: String,
    /// What the record belongs to: a run, a call, a piece of feedback.
    pub id: String,
    /// The place among the records of the same `id`; `(kind, id, seq)` names a record.
    pub seq: u64,
    /// When it happened, in microseconds since the Unix epoch.
    pub at_micros: i64,
    pub body: serde_json::Value,
}

/// A place in the log: the byte `offset` of segment number `segment`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash, Serialize, Deserialize,
)]
pub struct Position {
    pub segment: u64,
    pub offset: u64,
}

impl Position {
    pub(crate) const fn start_of(segment: u64) -> Self {
        Self { segment, offset: 0 }
    }

    pub(crate) const fn plus(self, bytes: u64) -> Self {
        Self { segment: self.segment, offset: self.offset + bytes }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.segment, self.offset)
    }
}
