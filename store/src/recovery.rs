//! Bringing an embedded database back after its process ended.
//!
//! PostgreSQL replays its log on the next start and, with fsync on, first syncs every file and
//! folder of the cluster. WASI cannot sync a folder, so that start is refused, and so is the
//! checkpoint of an orderly stop: every end looks like a crash. Therefore the log is replayed once
//! with fsync off, where a checkpoint and an orderly stop work, and the files are synced from here;
//! after that the database starts with fsync on.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sqlx::{Connection, Executor, PgConnection};

use crate::StoreError;
use crate::embedded::EmbeddedServer;

/// Where the cluster lies below the data folder.
fn cluster(folder: &Path) -> PathBuf {
    folder.join("tmp/pglite/base")
}

/// Whether the cluster exists and was not shut down cleanly.
pub(crate) fn needed(folder: &Path) -> bool {
    state(&cluster(folder).join("global/pg_control")).is_some_and(|it| it != SHUT_DOWN)
}

/// `DB_SHUTDOWNED` of PostgreSQL's `DBState`.
const SHUT_DOWN: u32 = 1;

/// The state in a control file: a 32-bit number behind an 8-byte and two 4-byte ones
/// (`ControlFileData` in PostgreSQL's `catalog/pg_control.h`).
fn state(control: &Path) -> Option<u32> {
    let mut file = File::open(control).ok()?;
    file.seek(SeekFrom::Start(16)).ok()?;
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes).ok()?;
    Some(u32::from_le_bytes(bytes))
}

/// Replay the log, checkpoint, stop, and sync what was written.
pub(crate) async fn run(folder: &Path) -> Result<(), StoreError> {
    tracing::info!("the database was not closed cleanly: replaying its log");
    let server = EmbeddedServer::start_with(folder.to_path_buf(), false).await?;
    let mut conn = PgConnection::connect_with(&server.connect_options()).await?;
    conn.execute("CHECKPOINT").await?;
    conn.close().await?;
    server.stop().await;
    let root = cluster(folder);
    let synced = tokio::task::spawn_blocking(move || sync(&root)).await;
    synced
        .map_err(|it| it.to_string())
        .and_then(|it| it.map_err(|it| it.to_string()))
        .map_err(|reason| StoreError::Folder { folder: folder.display().to_string(), reason })
}

/// Sync every file and folder below a folder.
fn sync(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sync(&entry.path())?;
        } else if kind.is_file() {
            OpenOptions::new().read(true).write(true).open(entry.path())?.sync_all()?;
        }
    }
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(feature = "embedded")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::block_on;

    /// A copy of a running database's folder is what a killed process leaves behind.
    #[test]
    fn a_folder_that_was_not_closed_is_opened_with_all_that_was_committed() {
        block_on(async {
            let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let server = EmbeddedServer::start(from.path().into()).await.unwrap();
            let mut conn = PgConnection::connect_with(&server.connect_options()).await.unwrap();
            conn.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (41), (42)")
                .await
                .unwrap();
            copy(from.path(), to.path());
            assert!(needed(to.path()));
            let again = EmbeddedServer::start(to.path().into()).await.unwrap();
            let mut other = PgConnection::connect_with(&again.connect_options()).await.unwrap();
            let sum: i64 =
                sqlx::query_scalar("SELECT sum(n) FROM kept").fetch_one(&mut other).await.unwrap();
            assert_eq!(sum, 83);
            conn.close().await.unwrap();
            other.close().await.unwrap();
            server.stop().await;
            again.stop().await;
        });
    }

    fn copy(from: &Path, to: &Path) {
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let (source, target) = (entry.path(), to.join(entry.file_name()));
            if entry.file_type().unwrap().is_dir() {
                std::fs::create_dir_all(&target).unwrap();
                copy(&source, &target);
            } else if entry.file_type().unwrap().is_file() {
                std::fs::copy(&source, &target).unwrap();
            }
        }
    }
}
