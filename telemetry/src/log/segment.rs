//! The segment that is being written, and how it is recovered after a crash.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use super::frame::{self, Frame};
use super::{Durability, Folder, LogError, Position, Settings};

/// The last segment, open for appending.
#[derive(Debug)]
pub(super) struct Active {
    number: u64,
    len: u64,
    file: File,
    path: PathBuf,
    /// Set when a failed write could not be taken back: no more bytes go after it.
    spoiled: bool,
    #[cfg(test)]
    pub(super) faults: Faults,
}

/// Failures to provoke in tests: the disk is full after `room` bytes.
#[cfg(test)]
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) room: Option<usize>,
    pub(super) cannot_truncate: bool,
}

impl Active {
    /// Start a new, empty segment.
    pub(super) fn create(folder: &Folder, number: u64) -> Result<Self, LogError> {
        let path = folder.segment(number);
        let file = OpenOptions::new()
            .create_new(true)
            .append(true)
            .open(&path)
            .map_err(|e| LogError::io("create", &path, e))?;
        folder.sync()?;
        Ok(Self::over(number, 0, file, path))
    }

    /// Open the last segment of an earlier process, and cut off a frame it did not finish.
    pub(super) fn recover(folder: &Folder, number: u64) -> Result<Self, LogError> {
        let path = folder.segment(number);
        let failed = |e| LogError::io("recover", &path, e);
        let bytes = fs::read(&path).map_err(failed)?;
        let sound = sound_length(&bytes);
        let file = OpenOptions::new().append(true).open(&path).map_err(failed)?;
        if sound < bytes.len() {
            let torn = bytes.len() - sound;
            tracing::warn!(segment = %path.display(), bytes = torn, "cut off an unfinished record");
            file.set_len(sound as u64).and_then(|()| file.sync_data()).map_err(failed)?;
        }
        Ok(Self::over(number, sound as u64, file, path))
    }

    fn over(number: u64, len: u64, file: File, path: PathBuf) -> Self {
        Self {
            number,
            len,
            file,
            path,
            spoiled: false,
            #[cfg(test)]
            faults: Faults::default(),
        }
    }

    pub(super) const fn end(&self) -> Position {
        Position { segment: self.number, offset: self.len }
    }

    /// Append a batch of frames whole or not at all, in a new segment when this one is full.
    ///
    /// Returns where the batch begins.
    pub(super) fn write(
        &mut self,
        batch: &[u8],
        folder: &Folder,
        settings: &Settings,
    ) -> Result<Position, LogError> {
        let full = self.len > 0 && self.len + batch.len() as u64 > settings.segment_bytes;
        if full || self.spoiled {
            self.roll(folder)?;
        }
        let start = self.end();
        let written = self.put(batch).and_then(|()| match settings.durability {
            Durability::Process => Ok(()),
            Durability::Power => self.file.sync_data(),
        });
        match written {
            Ok(()) => {
                self.len += batch.len() as u64;
                Ok(start)
            }
            Err(error) => {
                self.spoiled = self.take_back().is_err();
                Err(LogError::io("append to", &self.path, error))
            }
        }
    }

    /// Go on in the next segment.
    pub(super) fn roll(&mut self, folder: &Folder) -> Result<(), LogError> {
        let next = Self::create(folder, self.number + 1)?;
        #[cfg(test)]
        let next = Self { faults: std::mem::take(&mut self.faults), ..next };
        *self = next;
        Ok(())
    }

    fn take_back(&self) -> io::Result<()> {
        #[cfg(test)]
        if self.faults.cannot_truncate {
            return Err(io::Error::other("provoked"));
        }
        self.file.set_len(self.len)
    }

    #[cfg(not(test))]
    fn put(&mut self, batch: &[u8]) -> io::Result<()> {
        self.file.write_all(batch)
    }

    #[cfg(test)]
    fn put(&mut self, batch: &[u8]) -> io::Result<()> {
        let room = self.faults.room.unwrap_or(usize::MAX);
        if batch.len() <= room {
            self.faults.room = self.faults.room.map(|room| room - batch.len());
            return self.file.write_all(batch);
        }
        self.file.write_all(&batch[..room])?;
        Err(io::ErrorKind::StorageFull.into())
    }
}

/// How many bytes to keep: all but a last frame that was not finished.
///
/// Damage with whole frames behind it stays: the reader reports it.
fn sound_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() {
        match frame::parse(&bytes[at..]) {
            Frame::Whole(payload) => at += frame::HEADER + payload.len(),
            Frame::Short(_) | Frame::Bad => match frame::find_whole(&bytes[at..]) {
                Some(skip) => at += skip,
                None => return at,
            },
        }
    }
    at
}
