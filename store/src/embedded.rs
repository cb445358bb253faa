//! The embedded Postgres: PostgreSQL 17 with pgvector in this process, in a data folder.

use std::path::{Path, PathBuf};

#[cfg(feature = "embedded")]
use pglite_oxide::{PgliteServer, extensions};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::{StoreError, recovery};

/// A running embedded server. It serves one connection at a time.
#[derive(Debug)]
pub(crate) struct EmbeddedServer {
    #[cfg(feature = "embedded")]
    server: PgliteServer,
    socket_dir: Option<tempfile::TempDir>,
}

impl EmbeddedServer {
    /// Start with fsync on, after mending what an unclean end left behind.
    pub(crate) async fn start(folder: PathBuf) -> Result<Self, StoreError> {
        if recovery::needed(&folder) {
            recovery::run(&folder).await?;
        }
        Self::start_with(folder, true).await
    }

    #[cfg(not(feature = "embedded"))]
    pub(crate) async fn start_with(_: PathBuf, _: bool) -> Result<Self, StoreError> {
        Err(StoreError::NoEmbedded)
    }

    /// `durable` keeps fsync on; tests turn it off.
    #[cfg(feature = "embedded")]
    pub(crate) async fn start_with(folder: PathBuf, durable: bool) -> Result<Self, StoreError> {
        std::fs::create_dir_all(&folder).map_err(|it| unusable(&folder, &it))?;
        // A Unix socket's path may have 107 bytes, so it lives in a short private folder.
        let socket_dir = match cfg!(unix) {
            true => Some(
                tempfile::Builder::new()
                    .prefix("qm")
                    .tempdir()
                    .map_err(|it| unusable(&std::env::temp_dir(), &it))?,
            ),
            false => None,
        };
        let mut builder = PgliteServer::builder()
            .path(&folder)
            .postgres_config("fsync", if durable { "on" } else { "off" })
            .extension(extensions::VECTOR);
        #[cfg(unix)]
        if let Some(dir) = &socket_dir {
            builder = builder.unix(dir.path().join(".s.PGSQL.5432"));
        }
        let started = tokio::task::spawn_blocking(move || builder.start());
        match started.await {
            Ok(Ok(server)) => Ok(Self { server, socket_dir }),
            Ok(Err(error)) => Err(refused(&folder, &format!("{error:#}"))),
            Err(panic) => Err(refused(&folder, &panic.to_string())),
        }
    }

    #[cfg(feature = "embedded")]
    pub(crate) fn connect_options(&self) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass()
            .username("postgres")
            .database("template1")
            .ssl_mode(PgSslMode::Disable);
        match (&self.socket_dir, self.server.tcp_addr()) {
            (_, Some(address)) => options.host(&address.ip().to_string()).port(address.port()),
            (Some(dir), None) => options.socket(dir.path()).port(5432),
            (None, None) => options,
        }
    }

    #[cfg(not(feature = "embedded"))]
    pub(crate) fn connect_options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().ssl_mode(PgSslMode::Disable)
    }

    pub(crate) async fn stop(self) {
        #[cfg(feature = "embedded")]
        {
            let server = self.server;
            let stopped = tokio::task::spawn_blocking(move || server.shutdown()).await;
            if let Ok(Err(error)) = stopped {
                tracing::warn!(%error, "the embedded database did not stop cleanly");
            }
        }
        drop(self.socket_dir);
    }
}

fn refused(folder: &Path, reason: &str) -> StoreError {
    let folder_name = folder.display().to_string();
    if reason.contains("already in use") {
        return StoreError::InUse(folder_name);
    }
    if reason.contains("No space left") {
        let reason = "the disk is full: free space, then start again".to_owned();
        return StoreError::Folder { folder: folder_name, reason };
    }
    StoreError::Folder { folder: folder_name, reason: reason.to_owned() }
}

fn unusable(folder: &Path, error: &std::io::Error) -> StoreError {
    let reason = match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            format!("{error}: give this user the right to write there, or choose another folder")
        }
        std::io::ErrorKind::StorageFull => format!("{error}: free space, then start again"),
        _ => error.to_string(),
    };
    StoreError::Folder { folder: folder.display().to_string(), reason }
}
