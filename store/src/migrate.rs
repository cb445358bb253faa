//! Bringing schemas up to date, and back.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::StoreError;

/// The schema that all tenants share: who may use the server.
pub(crate) const SHARED_SCHEMA: &str = "quartermaster";

fn shared() -> Migrator {
    aimed_at(sqlx::migrate!("../migrations/shared"), SHARED_SCHEMA)
}

fn tenant(schema: &str) -> Migrator {
    aimed_at(sqlx::migrate!("../migrations/tenant"), schema)
}

/// Migrations are recorded inside the schema they belong to. Locking is ours: on an error the
/// migrator's own session lock would stay on the pooled connection.
fn aimed_at(mut migrator: Migrator, schema: &str) -> Migrator {
    migrator.set_locking(false);
    migrator.dangerous_set_table_name(format!("{schema}._migration"));
    migrator.create_schema(Cow::Owned(schema.to_owned()));
    migrator
}

pub(crate) async fn migrate_shared(
    conn: &mut PgConnection,
    extension_schema: &str,
) -> Result<(), StoreError> {
    run(conn, shared(), SHARED_SCHEMA, extension_schema).await
}

pub(crate) async fn migrate_tenant(
    conn: &mut PgConnection,
    schema: &str,
    extension_schema: &str,
) -> Result<(), StoreError> {
    run(conn, tenant(schema), schema, extension_schema).await
}

async fn run(
    conn: &mut PgConnection,
    migrator: Migrator,
    schema: &str,
    extension_schema: &str,
) -> Result<(), StoreError> {
    point_at(conn, schema, extension_schema).await?;
    // Two servers starting at once must not both apply a migration.
    conn.execute("SELECT pg_advisory_lock(7151200)").await?;
    let done = migrator.run_direct(None, conn, false).await;
    conn.execute("SELECT pg_advisory_unlock(7151200)").await?;
    conn.execute("RESET search_path").await?;
    done.map_err(|error| failed(schema, &error))
}

/// Take the tenant's schema back to `version` (0 undoes everything).
///
/// # Errors
/// [`StoreError::Migration`] when a way back fails.
pub async fn undo_tenant_to(
    conn: &mut PgConnection,
    schema: &str,
    extension_schema: &str,
    version: i64,
) -> Result<(), StoreError> {
    point_at(conn, schema, extension_schema).await?;
    let done = tenant(schema).undo(&mut *conn, version).await;
    conn.execute("RESET search_path").await?;
    done.map_err(|error| failed(schema, &error))
}

/// Take the shared schema back to `version` (0 undoes everything).
///
/// # Errors
/// [`StoreError::Migration`] when a way back fails.
pub async fn undo_shared_to(
    conn: &mut PgConnection,
    extension_schema: &str,
    version: i64,
) -> Result<(), StoreError> {
    point_at(conn, SHARED_SCHEMA, extension_schema).await?;
    let done = shared().undo(&mut *conn, version).await;
    conn.execute("RESET search_path").await?;
    done.map_err(|error| failed(SHARED_SCHEMA, &error))
}

/// The versions of all tenant migrations this program knows, oldest first.
pub fn pending_tenant_versions() -> Vec<i64> {
    let mut versions: Vec<i64> = tenant("t_none").iter().map(|it| it.version).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

async fn point_at(
    conn: &mut PgConnection,
    schema: &str,
    extension_schema: &str,
) -> Result<(), StoreError> {
    let path = format!("SET search_path TO {schema}, {extension_schema}");
    conn.execute(AssertSqlSafe(path)).await?;
    Ok(())
}

fn failed(schema: &str, error: &MigrateError) -> StoreError {
    StoreError::Migration { schema: schema.to_owned(), reason: error.to_string() }
}
