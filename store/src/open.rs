//! Opening the database: embedded in a data folder, or a server behind a URL.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::embedded::EmbeddedServer;
use crate::{StoreError, migrate};

/// Where the records are kept.
#[derive(Debug, Clone)]
pub enum Location {
    /// An embedded Postgres in this folder: nothing to install, one connection.
    Embedded(PathBuf),
    /// Any PostgreSQL 15 or newer with pgvector.
    Url {
        /// `postgres://user:password@host:port/name`.
        url: String,
        /// Connections to open at most.
        max_connections: u32,
    },
}

/// An open database whose shared schema is up to date. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: PgPool,
    /// The schema pgvector lives in; it follows the tenant's on the search path.
    pub(crate) extension_schema: String,
    versions: Versions,
    embedded: Option<Arc<EmbeddedServer>>,
}

/// What is running underneath.
#[derive(Debug, Clone)]
pub struct Versions {
    /// PostgreSQL's own version, e.g. `17.5`.
    pub postgres: String,
    /// pgvector's version, e.g. `0.8.2`.
    pub pgvector: String,
    /// Whether the server is the embedded one.
    pub embedded: bool,
}

impl Store {
    /// Open the database and bring the shared schema and every tenant's schema up to date.
    ///
    /// # Errors
    /// A [`StoreError`] whose text says what to do: folder in use, wrong URL, missing pgvector.
    pub async fn open(location: &Location) -> Result<Self, StoreError> {
        let store = Self::connect(location).await?;
        let mut conn = store.pool.acquire().await?;
        migrate::migrate_shared(&mut conn, &store.extension_schema).await?;
        let tenants: Vec<String> =
            sqlx::query_scalar("SELECT tenant_id FROM quartermaster.tenant ORDER BY tenant_id")
                .fetch_all(&mut *conn)
                .await?;
        for tenant in tenants {
            let schema = format!("t_{tenant}");
            migrate::migrate_tenant(&mut conn, &schema, &store.extension_schema).await?;
        }
        drop(conn);
        Ok(store)
    }

    pub(crate) async fn connect(location: &Location) -> Result<Self, StoreError> {
        let (embedded, options, url, max_connections) = match location {
            Location::Embedded(folder) => {
                let server = EmbeddedServer::start(folder.clone()).await?;
                let options = server.connect_options();
                (Some(server), options, folder.display().to_string(), 1)
            }
            Location::Url { url, max_connections } => {
                let options = PgConnectOptions::from_str(url).map_err(|it| {
                    StoreError::Unreachable { url: without_password(url), reason: it.to_string() }
                })?;
                let shown = without_password(url);
                reach(&options, &shown).await?;
                (None, options, shown, (*max_connections).max(1))
            }
        };
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(Duration::from_secs(10))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(embedded.is_none())
            .connect_with(options)
            .await
            .map_err(|it| StoreError::Unreachable { url, reason: it.to_string() })?;
        Self::from_pool(pool, embedded).await
    }

    pub(crate) async fn from_pool(
        pool: PgPool,
        embedded: Option<EmbeddedServer>,
    ) -> Result<Self, StoreError> {
        let mut conn = pool.acquire().await?;
        let extension_schema = ensure_pgvector(&mut conn).await?;
        let versions = versions(&mut conn, embedded.is_some()).await?;
        drop(conn);
        Ok(Self { pool, extension_schema, versions, embedded: embedded.map(Arc::new) })
    }

    /// What is running underneath.
    pub fn versions(&self) -> &Versions {
        &self.versions
    }

    /// The schema pgvector lives in.
    pub fn extension_schema(&self) -> &str {
        &self.extension_schema
    }

    /// Answer whether the database answers.
    ///
    /// # Errors
    /// The driver's error, for a log.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        self.pool.acquire().await?.ping().await
    }

    /// Bytes the database takes on disk.
    ///
    /// # Errors
    /// The driver's error.
    pub async fn size_bytes(&self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("SELECT pg_database_size(current_database())")
            .fetch_one(&self.pool)
            .await
    }

    /// A connection outside any tenant's transaction: for the shared schema and migrations.
    ///
    /// # Errors
    /// The driver's error.
    pub async fn connection(
        &self,
    ) -> Result<sqlx::pool::PoolConnection<sqlx::Postgres>, sqlx::Error> {
        self.pool.acquire().await
    }

    /// Close every connection; with the last handle to it, stop the embedded server.
    pub async fn close(self) {
        self.pool.close().await;
        if let Some(server) = self.embedded.and_then(Arc::into_inner) {
            server.stop().await;
        }
    }
}

/// Connect once before the pool does, which would keep trying until its time-out.
async fn reach(options: &PgConnectOptions, shown: &str) -> Result<(), StoreError> {
    let unreachable = |reason: String| StoreError::Unreachable { url: shown.to_owned(), reason };
    let connecting = PgConnection::connect_with(options);
    match tokio::time::timeout(Duration::from_secs(10), connecting).await {
        Ok(Ok(conn)) => Ok(conn.close().await?),
        Ok(Err(error)) => Err(unreachable(error.to_string())),
        Err(_) => Err(unreachable("no answer within 10 s".into())),
    }
}

/// pgvector from 0.8.2 on: older parallel index builds leak other tables' bytes (CVE-2026-3172).
async fn ensure_pgvector(conn: &mut PgConnection) -> Result<String, StoreError> {
    let found = extension_schema(conn).await?;
    let schema = match found {
        Some(schema) => schema,
        None => {
            conn.execute("CREATE SCHEMA IF NOT EXISTS extensions").await?;
            conn.execute("CREATE EXTENSION vector WITH SCHEMA extensions").await.map_err(|it| {
                StoreError::Pgvector(format!(
                    "{it}. Install pgvector 0.8.2 or newer on the server and let an administrator \
                     run `CREATE EXTENSION vector`"
                ))
            })?;
            extension_schema(conn).await?.unwrap_or_else(|| "extensions".into())
        }
    };
    let version = pgvector_version(conn).await?;
    let parts: Vec<u32> = version.split('.').filter_map(|it| it.parse().ok()).collect();
    if parts < vec![0, 8, 2] {
        return Err(StoreError::Pgvector(format!(
            "version {version} is installed, 0.8.2 or newer is needed: update the package, then \
             run `ALTER EXTENSION vector UPDATE`"
        )));
    }
    Ok(schema)
}

async fn extension_schema(conn: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT quote_ident(n.nspname) FROM pg_extension e \
         JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'",
    )
    .fetch_optional(conn)
    .await
}

async fn pgvector_version(conn: &mut PgConnection) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        .fetch_one(conn)
        .await
}

async fn versions(conn: &mut PgConnection, embedded: bool) -> Result<Versions, StoreError> {
    let number: String =
        sqlx::query_scalar("SHOW server_version_num").fetch_one(&mut *conn).await?;
    let postgres: String = sqlx::query_scalar("SHOW server_version").fetch_one(&mut *conn).await?;
    if number.parse::<u32>().unwrap_or(0) < 150_000 {
        return Err(StoreError::TooOld(postgres));
    }
    Ok(Versions { postgres, pgvector: pgvector_version(conn).await?, embedded })
}

/// A URL that may be shown: user and host stay, the password goes.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "(not a URL)".into() };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let path = path.split('?').next().unwrap_or_default();
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}/{path}")
        }
        None => format!("{scheme}://{authority}/{path}"),
    }
}

pub(crate) async fn drop_schema(conn: &mut PgConnection, schema: &str) -> Result<(), sqlx::Error> {
    conn.execute(AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {schema} CASCADE"))).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_url_has_no_password() {
        let shown = without_password("postgres://ada:s3cret@db.example:5432/qm?sslmode=require");
        assert_eq!(shown, "postgres://ada@db.example:5432/qm");
        assert_eq!(without_password("postgres://u:p@ss@h/x"), "postgres://u@h/x");
    }

    #[test]
    fn a_wrong_url_says_what_to_check() {
        let url = "postgres://ada:s3cret@127.0.0.1:1/none".to_owned();
        let location = Location::Url { url, max_connections: 1 };
        let text = crate::testing::block_on(Store::open(&location)).unwrap_err().to_string();
        assert!(text.contains("DATABASE_URL") && !text.contains("s3cret"), "{text}");
    }
}
