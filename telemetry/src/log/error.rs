//! What can go wrong with the log.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Position;

/// Why a record could not be kept or read.
///
/// Cloneable, because one failed write answers every writer of its batch.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogError {
    /// Another process has the folder open.
    #[error(
        "the log folder `{}` is in use by {holder}; stop that process, or choose another data folder",
        dir.display()
    )]
    Locked { dir: PathBuf, holder: String },
    /// There is no room: refuse new turns (503) until the drainer or an operator makes some.
    #[error(
        "the log in `{}` is full ({limit}); bring the database back, or free disk space",
        dir.display()
    )]
    Full { dir: PathBuf, limit: Limit },
    #[error("a record of {bytes} bytes is above the limit of {limit}; send a smaller body")]
    TooLarge { bytes: usize, limit: usize },
    /// Bytes that were once whole no longer match their checksum.
    #[error(
        "segment `{}` is damaged at byte {}; the next readable record is at {resumes_at}",
        segment.display(),
        at.offset
    )]
    Corrupt { segment: PathBuf, at: Position, resumes_at: Position },
    #[error("a record cannot be written as JSON: {0}")]
    Encode(Arc<serde_json::Error>),
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: Arc<io::Error> },
}

/// Which limit a full log ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `max_total_bytes` of the settings.
    Total { used: u64, allowed: u64 },
    /// The disk itself, or the quota on it.
    Disk,
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Limit::Total { used, allowed } => write!(f, "{used} of {allowed} bytes used"),
            Limit::Disk => f.write_str("no space left on the disk"),
        }
    }
}

impl LogError {
    /// An I/O error with the path it happened at; a full disk is [`LogError::Full`].
    pub(crate) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => {
                let dir = path.parent().unwrap_or(path).to_owned();
                LogError::Full { dir, limit: Limit::Disk }
            }
            _ => LogError::Io { doing, path: path.to_owned(), source: Arc::new(source) },
        }
    }
}
