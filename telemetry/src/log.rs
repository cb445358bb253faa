//! The append-only log that every record reaches before it is acknowledged.
//!
//! Segment files of checksummed frames in one folder, owned by one process. An append returns
//! when its bytes are with the kernel ([`Durability::Process`]: a killed process loses nothing)
//! or on the disk ([`Durability::Power`]: nor does a power cut). Appends that wait for one
//! another go out as one write and one sync. A frame that a crash left unfinished is cut off
//! when the log is opened; damage anywhere else is reported by the [`Reader`], never skipped in
//! silence. A drainer reads from the checkpoint on, and moving the checkpoint deletes the
//! segments before it.
//!
//! ```
//! use telemetry::log::{Log, Record, Settings};
//! # let dir = tempfile::tempdir()?;
//! let log = Log::open(dir.path(), Settings::default())?;
//! log.append(&Record {
//!     tenant: "akron".into(),
//!     kind: "note".into(),
//!     id: "n1".into(),
//!     seq: 0,
//!     at_micros: 1_763_000_000_000_000,
//!     body: serde_json::json!({ "text": "line 3 stopped" }),
//! })?;
//! let mut reader = log.read_from(log.checkpoint());
//! let entry = reader.next_entry()?.ok_or("nothing there")?;
//! assert_eq!(entry.record.body["text"], "line 3 stopped");
//! log.set_checkpoint(entry.next)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

pub use error::{Limit, LogError};
pub use reader::{Entry, Reader};
pub use record::{Position, Record};

use folder::Folder;
use queue::{Batch, Queue};
use segment::Active;

mod error;
mod folder;
mod frame;
mod queue;
mod reader;
mod record;
mod segment;
#[cfg(test)]
mod tests;

/// What a log promises and how much room it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    pub durability: Durability,
    /// A new segment begins when the last one would grow above this many bytes.
    pub segment_bytes: u64,
    /// Undrained bytes above which appends fail; [`Log::admit`] refuses 1/16 earlier. The disk
    /// holds up to one segment more.
    pub max_total_bytes: u64,
}

impl Default for Settings {
    /// `process`, segments of 16 MiB, 2 GiB in all.
    fn default() -> Self {
        Self { durability: Durability::Process, segment_bytes: 16 << 20, max_total_bytes: 2 << 30 }
    }
}

/// What an acknowledged record survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// The end of the process, however sudden: the bytes are with the kernel.
    #[default]
    Process,
    /// The end of the machine too: the bytes are synced to the disk, many records at once.
    Power,
}

/// An open log. Clones share it; it may be used from any thread.
#[derive(Debug, Clone)]
pub struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: Folder,
    settings: Settings,
    queue: Mutex<Queue>,
    /// Rung when a batch was written.
    written: Condvar,
    /// Locked by the one writer that writes for all; never while `queue` is locked.
    active: Mutex<Active>,
    /// Segments in which a reader stepped over damage.
    damaged: Mutex<BTreeSet<u64>>,
}

impl Log {
    /// Lock the folder (made if need be), recover from a crash, and be ready to append.
    ///
    /// # Errors
    /// [`LogError::Locked`] when another process has it, [`LogError::Io`] when the disk fails.
    pub fn open(dir: impl AsRef<Path>, settings: Settings) -> Result<Self, LogError> {
        let folder = Folder::lock(dir.as_ref())?;
        let recorded = folder.checkpoint();
        let drained = recorded.map_or(0, |position| position.segment);
        for (number, _) in folder.segments()?.into_iter().filter(|(number, _)| *number < drained) {
            folder.remove(number)?;
        }
        let active = match folder.segments()?.last() {
            Some(&(number, _)) => Active::recover(&folder, number)?,
            None => Active::create(&folder, drained + 1)?,
        };
        let segments = folder.segments()?;
        let first = segments.first().map_or(drained + 1, |(number, _)| *number);
        let queue = Queue::over(segments, recorded.unwrap_or(Position::start_of(first)));
        let log = Self(Arc::new(Shared {
            folder,
            settings,
            queue: Mutex::new(queue),
            written: Condvar::new(),
            active: Mutex::new(active),
            damaged: Mutex::default(),
        }));
        log.leave_drained_segment()?;
        Ok(log)
    }

    /// Begin a new segment when the last one is drained to its end, or to beyond it.
    ///
    /// Beyond: a power cut took bytes that were drained already. New records must not land
    /// before the checkpoint, where nobody would look for them.
    fn leave_drained_segment(&self) -> Result<(), LogError> {
        let mut active = self.active();
        let (end, checkpoint) = (active.end(), self.checkpoint());
        if checkpoint < end || (checkpoint == end && end.offset == 0) {
            return Ok(());
        }
        if checkpoint > end {
            tracing::warn!(%checkpoint, %end, "the log ends before its checkpoint; going on behind");
        }
        let number = checkpoint.segment + 1;
        *active = Active::create(&self.0.folder, number)?;
        drop(active);
        self.queue().grow(Position::start_of(number));
        self.set_checkpoint(Position::start_of(number))
    }

    /// Keep a record. When this returns, the record survives what the [`Durability`] says.
    ///
    /// Blocks: microseconds with `process`, the time of one disk sync or two with `power`.
    ///
    /// # Errors
    /// [`LogError::Full`] when the total limit or the disk is reached, [`LogError::TooLarge`],
    /// [`LogError::Io`]. The record is then not in the log.
    pub fn append(&self, record: &Record) -> Result<Position, LogError> {
        let frame = frame::encode(record)?;
        let mut queue = self.queue();
        let allowed = self.0.settings.max_total_bytes;
        self.check_room(&queue, frame.len() as u64, allowed)?;
        let (batch, offset) = queue.join(&frame);
        loop {
            if let Some(outcome) = batch.outcome() {
                return outcome.map(|start| start.plus(offset));
            }
            queue = if queue.writing {
                queue.waiting += 1;
                let mut queue = self.0.written.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.waiting -= 1;
                queue
            } else {
                self.write_for_all(queue)
            };
        }
    }

    /// Write the waiting batch, one's own record in it, on behalf of every writer in it.
    fn write_for_all<'a>(&'a self, mut queue: MutexGuard<'a, Queue>) -> MutexGuard<'a, Queue> {
        queue.writing = true;
        let Batch { bytes, outcome } = queue.take_batch();
        drop(queue);
        let mut active = self.active();
        let result = active.write(&bytes, &self.0.folder, &self.0.settings);
        let end = active.end();
        drop(active);
        let mut queue = self.queue();
        queue.writing = false;
        queue.disk_full = matches!(result, Err(LogError::Full { .. }));
        queue.grow(end);
        queue.reuse(bytes);
        outcome.settle(result);
        if queue.waiting > 0 {
            self.0.written.notify_all();
        }
        queue
    }

    /// Whether new work may begin: there is room for it to be logged to its end.
    ///
    /// A server asks before it accepts a turn, and answers 503 on an error.
    ///
    /// # Errors
    /// [`LogError::Full`].
    pub fn admit(&self) -> Result<(), LogError> {
        let queue = self.queue();
        let limit = self.0.settings.max_total_bytes;
        self.check_room(&queue, 0, limit - limit / 16)?;
        let disk_full = queue.disk_full;
        drop(queue);
        if disk_full && !self.0.folder.disk_takes(1 << 20) {
            return Err(self.full(Limit::Disk));
        }
        Ok(())
    }

    fn check_room(&self, queue: &Queue, bytes: u64, allowed: u64) -> Result<(), LogError> {
        let used = queue.undrained() + bytes;
        if used > allowed { Err(self.full(Limit::Total { used, allowed })) } else { Ok(()) }
    }

    fn full(&self, limit: Limit) -> LogError {
        LogError::Full { dir: self.dir().to_owned(), limit }
    }

    /// Read from a position on, up to the last acknowledged record, and later ones as they come.
    pub fn read_from(&self, position: Position) -> Reader {
        Reader::new(self.clone(), position)
    }

    /// Everything before this position is drained.
    pub fn checkpoint(&self) -> Position {
        self.queue().checkpoint
    }

    /// Record that everything before `position` is safe elsewhere, and delete those segments.
    ///
    /// The checkpoint is on the disk before a segment goes. An earlier position than the
    /// current one is ignored.
    ///
    /// # Errors
    /// [`LogError::Io`] when the disk fails; the checkpoint may then be old, never wrong.
    pub fn set_checkpoint(&self, position: Position) -> Result<(), LogError> {
        if position <= self.checkpoint() {
            return Ok(());
        }
        self.0.folder.set_checkpoint(position)?;
        let drained = self.queue().drop_before(position);
        for number in drained {
            if self.damaged().remove(&number) {
                self.0.folder.keep_damaged(number)?;
            } else {
                self.0.folder.remove(number)?;
            }
        }
        Ok(())
    }

    /// Where the next record will go, as far as acknowledged.
    pub fn end(&self) -> Position {
        self.queue().end()
    }

    /// Bytes that are not yet drained.
    pub fn undrained_bytes(&self) -> u64 {
        self.queue().undrained()
    }

    pub fn dir(&self) -> &Path {
        self.0.folder.dir()
    }

    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn segment_path(&self, number: u64) -> PathBuf {
        self.0.folder.segment(number)
    }

    /// The committed length of a segment, if it is there, and the number of the one behind it.
    fn bounds(&self, segment: u64) -> (Option<u64>, Option<u64>) {
        self.queue().bounds(segment)
    }

    fn mark_damaged(&self, segment: u64) {
        self.damaged().insert(segment);
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn active(&self) -> MutexGuard<'_, Active> {
        self.0.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn damaged(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.0.damaged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
