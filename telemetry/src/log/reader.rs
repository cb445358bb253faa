//! Reading the log from a position on, while others append to it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::frame::{self, Frame};
use super::{Log, LogError, Position, Record};

/// How much is asked of the disk at a time, in bytes.
const CHUNK: u64 = 256 << 10;

/// A place in the log that moves forward.
#[derive(Debug)]
pub struct Reader {
    log: Log,
    position: Position,
    /// The segment that is open, and how many of its bytes are known to be committed.
    open: Option<(File, u64)>,
    /// Bytes of the segment; those before `used` lie before `position`.
    window: Vec<u8>,
    used: usize,
}

/// A record and where it lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub at: Position,
    /// Where the record after it begins.
    pub next: Position,
    pub record: Record,
}

impl Reader {
    pub(super) const fn new(log: Log, position: Position) -> Self {
        Self { log, position, open: None, window: Vec::new(), used: 0 }
    }

    /// Where the next record will be read.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The next record, or `None` at the end of what has been acknowledged.
    ///
    /// # Errors
    /// [`LogError::Corrupt`] at damage, and again at each call until [`Reader::skip_to`];
    /// [`LogError::Io`] when the disk fails.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, LogError> {
        if !self.settle()? {
            return Ok(None);
        }
        let mut need = frame::HEADER;
        let payload = loop {
            let whole = self.fill(need)?;
            match frame::parse(&self.window[self.used..]) {
                Frame::Whole(payload) => break payload,
                Frame::Short(more) if whole => need = more,
                Frame::Short(_) | Frame::Bad => return Err(self.damage()?),
            }
        };
        let size = frame::HEADER + payload.len();
        let Ok(record) = serde_json::from_slice(payload) else { return Err(self.damage()?) };
        let at = self.position;
        self.used += size;
        self.position = at.plus(size as u64);
        Ok(Some(Entry { at, next: self.position, record }))
    }

    /// Go on at `position`, leaving out what lies before it.
    ///
    /// Used after [`LogError::Corrupt`] with its `resumes_at`: the segment is then kept aside
    /// as `*.damaged` when it would be deleted.
    pub fn skip_to(&mut self, position: Position) {
        self.log.mark_damaged(self.position.segment);
        self.go_to(position);
    }

    fn go_to(&mut self, position: Position) {
        self.position = position;
        self.open = None;
        self.window.clear();
        self.used = 0;
    }

    /// Open the segment at hand; step into the next one at its end. False at the log's end.
    fn settle(&mut self) -> Result<bool, LogError> {
        loop {
            let (end, following) = self.log.bounds(self.position.segment);
            let Some(end) = end else {
                // The segment is gone: drained by now, or lost.
                let checkpoint = self.log.checkpoint();
                match following {
                    _ if self.position < checkpoint => self.go_to(checkpoint),
                    Some(next) => return Err(self.corrupt(Position::start_of(next))),
                    None => return Ok(false),
                }
                continue;
            };
            if self.position.offset < end {
                self.reopen(end)?;
                return Ok(true);
            }
            if following.is_none() {
                return Ok(false);
            }
            self.go_to(Position::start_of(self.position.segment + 1));
        }
    }

    fn reopen(&mut self, end: u64) -> Result<(), LogError> {
        if let Some((_, known)) = &mut self.open {
            *known = end;
            return Ok(());
        }
        let path = self.log.segment_path(self.position.segment);
        let file = File::open(&path).map_err(|e| LogError::io("read", &path, e))?;
        self.open = Some((file, end));
        Ok(())
    }

    /// Have `need` unused bytes in the window; false when the segment ends before.
    fn fill(&mut self, need: usize) -> Result<bool, LogError> {
        if self.window.len() - self.used >= need {
            return Ok(true);
        }
        self.window.drain(..self.used);
        self.used = 0;
        let from = self.position.offset + self.window.len() as u64;
        let Some((file, end)) = &mut self.open else { return Ok(false) };
        let missing = (need - self.window.len()) as u64;
        // Never past what is committed: a failed write behind it may yet be taken back.
        let take = missing.max(CHUNK).min(end.saturating_sub(from));
        let window = &mut self.window;
        let read = file
            .seek(SeekFrom::Start(from))
            .and_then(|_| io::Read::by_ref(file).take(take).read_to_end(window));
        if let Err(error) = read {
            let path = self.log.segment_path(self.position.segment);
            return Err(LogError::io("read", &path, error));
        }
        Ok(self.window.len() >= need)
    }

    /// The damage at hand, with the next whole frame behind it.
    fn damage(&mut self) -> Result<LogError, LogError> {
        let end = self.open.as_ref().map_or(self.position.offset, |(_, end)| *end);
        let rest = usize::try_from(end - self.position.offset).unwrap_or(usize::MAX);
        self.fill(rest)?;
        let resumes_at = match frame::find_whole(&self.window[self.used..]) {
            Some(skip) => self.position.plus(skip as u64),
            None => Position { segment: self.position.segment, offset: end },
        };
        Ok(self.corrupt(resumes_at))
    }

    fn corrupt(&self, resumes_at: Position) -> LogError {
        let segment = self.log.segment_path(self.position.segment);
        LogError::Corrupt { segment, at: self.position, resumes_at }
    }
}
