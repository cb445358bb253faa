//! The folder a log lives in: its lock, its segments, its checkpoint.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::{LogError, Position};

const CHECKPOINT: &str = "checkpoint.json";

/// A folder that this process alone writes to.
#[derive(Debug)]
pub(super) struct Folder {
    dir: PathBuf,
    /// Held, never read: the lock ends with the handle, also when the process is killed.
    _lock: File,
}

impl Folder {
    /// Make the folder if need be, and lock it.
    ///
    /// # Errors
    /// [`LogError::Locked`] names the process that has it.
    pub(super) fn lock(dir: &Path) -> Result<Self, LogError> {
        fs::create_dir_all(dir).map_err(|e| LogError::io("create the folder", dir, e))?;
        let path = dir.join("lock");
        let failed = |e| LogError::io("lock", &path, e);
        let mut lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LogError::Locked { dir: dir.to_owned(), holder: holder(&mut lock) });
            }
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        lock.set_len(0).map_err(failed)?;
        lock.write_all(std::process::id().to_string().as_bytes()).map_err(failed)?;
        Ok(Self { dir: dir.to_owned(), _lock: lock })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn segment(&self, number: u64) -> PathBuf {
        self.dir.join(format!("{number:020}.log"))
    }

    /// The segments, oldest first, as number and length in bytes.
    pub(super) fn segments(&self) -> Result<Vec<(u64, u64)>, LogError> {
        let failed = |e| LogError::io("list", &self.dir, e);
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".log")?.parse().ok());
            if let Some(number) = number {
                found.push((number, entry.metadata().map_err(failed)?.len()));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Make names that were added to the folder survive a power cut.
    pub(super) fn sync(&self) -> Result<(), LogError> {
        let synced = File::open(&self.dir).and_then(|dir| dir.sync_all());
        synced.map_err(|e| LogError::io("sync the folder", &self.dir, e))
    }

    pub(super) fn remove(&self, number: u64) -> Result<(), LogError> {
        let path = self.segment(number);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(LogError::io("delete", &path, e)),
            _ => Ok(()),
        }
    }

    /// Put a damaged segment aside, for a person to look at, instead of deleting it.
    pub(super) fn keep_damaged(&self, number: u64) -> Result<(), LogError> {
        let path = self.segment(number);
        let renamed = fs::rename(&path, path.with_extension("damaged"));
        renamed.map_err(|e| LogError::io("put aside", &path, e))
    }

    /// The checkpoint, if there is a readable one.
    ///
    /// Without one everything is read again, which the tables' keys make harmless.
    pub(super) fn checkpoint(&self) -> Option<Position> {
        let path = self.dir.join(CHECKPOINT);
        let text = fs::read(&path).ok()?;
        let position = serde_json::from_slice(&text);
        if let Err(error) = &position {
            tracing::warn!(path = %path.display(), %error, "unreadable checkpoint: all is read again");
        }
        position.ok()
    }

    /// Replace the checkpoint; a crash leaves the old one or the new one, never half of one.
    pub(super) fn set_checkpoint(&self, position: Position) -> Result<(), LogError> {
        let (path, new) = (self.dir.join(CHECKPOINT), self.dir.join("checkpoint.new"));
        let written = File::create(&new).and_then(|mut file| {
            serde_json::to_writer(&mut file, &position)?;
            file.sync_data()?;
            fs::rename(&new, &path)
        });
        written.map_err(|e| LogError::io("write the checkpoint", &path, e))?;
        self.sync()
    }

    /// Whether the disk takes `bytes` more; what is written is taken away again.
    pub(super) fn disk_takes(&self, bytes: usize) -> bool {
        let path = self.dir.join("probe");
        let taken = fs::write(&path, vec![0; bytes]).is_ok();
        let _ = fs::remove_file(&path);
        taken
    }
}

fn holder(lock: &mut File) -> String {
    let mut pid = String::new();
    match lock.read_to_string(&mut pid) {
        Ok(_) if !pid.is_empty() => format!("process {pid}"),
        _ => "another process".into(),
    }
}
