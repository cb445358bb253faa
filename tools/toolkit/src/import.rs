//! Bringing files in: what can be read is kept, what cannot is reported with its line and reason.

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use kernel::{Permission, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

/// Reads one kind of file into a workspace's tables.
///
/// Rows that cannot be read are quarantined and the rest is kept; importing a file twice adds
/// nothing, because every row's id is made from its content.
pub trait Importer: Send + Sync {
    /// As written on the command line, e.g. `epcis`.
    fn name(&self) -> &'static str;

    /// One sentence: which files it reads.
    fn about(&self) -> &'static str;

    /// What whoever imports must be allowed to do.
    fn permission(&self) -> Permission;

    /// Read the whole file into the tenant's tables, inside the caller's transaction.
    ///
    /// # Errors
    /// [`kernel::Error::Invalid`] when the file as a whole is not what it should be; the database's.
    fn import<'a>(
        &'a self,
        db: &'a mut PgConnection,
        file: ImportFile<'a>,
    ) -> BoxFuture<'a, Result<ImportReport>>;
}

/// A file to import.
#[derive(Clone, Copy)]
pub struct ImportFile<'a> {
    /// Its name, for reports.
    pub name: &'a str,
    /// Its content, decompressed.
    pub bytes: &'a [u8],
    /// The instant of the import.
    pub now: DateTime<Utc>,
    /// Told how many of how many rows are done, now and then.
    pub progress: &'a (dyn Fn(usize, usize) + Send + Sync),
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportReport {
    /// Rows, events or baskets in the file.
    pub read: usize,
    /// New ones.
    pub added: usize,
    /// Ones that were there already.
    pub known: usize,
    /// Ones that could not be read.
    pub quarantined: Vec<Quarantined>,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quarantined {
    /// Where: `line 12`, `event 3 (/epcisBody/eventList/3)`.
    pub place: String,
    /// Why, and what would be right.
    pub reason: String,
}
