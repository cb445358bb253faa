//! What can go wrong with a database, in sentences that say what to do.

use kernel::Error;

/// The database cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the data folder open.
    #[error(
        "the data folder `{0}` is in use by another Quartermaster: stop it, or start this one with another `--data` folder"
    )]
    InUse(String),
    /// The data folder cannot be written.
    #[error("the data folder `{folder}` cannot be used: {reason}")]
    Folder {
        /// Which folder.
        folder: String,
        /// What the system said, and what to do.
        reason: String,
    },
    /// `DATABASE_URL` does not lead to a database.
    #[error(
        "cannot reach the database at `{url}`: {reason}. Check DATABASE_URL (postgres://user:password@host:5432/name) and that the server is running"
    )]
    Unreachable {
        /// The URL without its password.
        url: String,
        /// What the driver said.
        reason: String,
    },
    /// pgvector is missing or too old.
    #[error("the database has no usable pgvector: {0}")]
    Pgvector(String),
    /// The server is older than this program supports.
    #[error("PostgreSQL {0} is too old: use version 15 or newer")]
    TooOld(String),
    /// A migration did not apply.
    #[error("the schema `{schema}` could not be brought up to date: {reason}")]
    Migration {
        /// Which schema.
        schema: String,
        /// What the migrator said.
        reason: String,
    },
    /// Built without the embedded database.
    #[error(
        "this build has no embedded database: set DATABASE_URL to a PostgreSQL 15 or newer with pgvector"
    )]
    NoEmbedded,
    /// Anything else.
    #[error("the database failed: {0}")]
    Sql(#[from] sqlx::Error),
}

/// Turns the driver's error into the one that crosses doors.
pub trait DbResult<T> {
    /// Conflicts, time-outs and outages become errors the caller can act on; the rest is internal.
    fn db(self) -> Result<T, Error>;
}

impl<T> DbResult<T> for Result<T, sqlx::Error> {
    fn db(self) -> Result<T, Error> {
        self.map_err(crossing)
    }
}

/// See <https://www.postgresql.org/docs/current/errcodes-appendix.html> for the codes.
fn crossing(error: sqlx::Error) -> Error {
    let code = match &error {
        sqlx::Error::Database(it) => it.code().map(|code| code.into_owned()),
        sqlx::Error::PoolTimedOut => {
            return Error::Unavailable("the database is busy: try again in a moment".into());
        }
        sqlx::Error::Io(_) | sqlx::Error::PoolClosed => {
            return Error::Unavailable("the database is away: try again in a moment".into());
        }
        _ => None,
    };
    match code.as_deref() {
        Some("40001" | "40P01") => {
            Error::Conflict("someone else changed the same records just now: try again".into())
        }
        Some("57014") => Error::Unavailable(
            "the question took too long: narrow it (fewer days, one device, one lot)".into(),
        ),
        Some("22021" | "22P05") => {
            Error::invalid("text", "holds a NUL character, which no record can: leave it out")
        }
        Some("53100") => {
            Error::Unavailable("the database's disk is full: free space, then try again".into())
        }
        Some("57P01" | "57P02" | "57P03" | "53300") => {
            Error::Unavailable("the database is restarting: try again in a moment".into())
        }
        _ => Error::internal(error),
    }
}
