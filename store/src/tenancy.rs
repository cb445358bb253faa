//! Tenants: provisioning, and the transaction that is the only way to their rows.

use std::ops::{Deref, DerefMut};

use chrono::{DateTime, Utc};
use kernel::{Error, Result, TenantId};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};

use crate::{DbResult, Store, StoreError, migrate, open};

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A repeatable snapshot; Postgres itself refuses a write.
    Read,
    /// Serialisable: of two writers that disagree, one is told to try again.
    Write,
}

/// A transaction inside one tenant's schema. Dropped without [`commit`](Self::commit), it is
/// rolled back.
#[derive(Debug)]
pub struct TenantTx(Transaction<'static, Postgres>);

impl TenantTx {
    /// Keep what was written.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another transaction got there first.
    pub async fn commit(self) -> Result<()> {
        self.0.commit().await.db()
    }

    /// Undo what was written.
    ///
    /// # Errors
    /// An outage of the database.
    pub async fn rollback(self) -> Result<()> {
        self.0.rollback().await.db()
    }
}

impl Deref for TenantTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for TenantTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

/// Longer than this no statement runs.
const STATEMENT_TIMEOUT_MS: u32 = 10_000;

impl Store {
    /// Begin a transaction in the tenant's schema.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is free in time.
    pub async fn begin(&self, tenant: &TenantId, access: Access) -> Result<TenantTx> {
        let mode = match access {
            Access::Read => "REPEATABLE READ READ ONLY",
            Access::Write => "SERIALIZABLE",
        };
        // One round trip for all three. The schema's name is safe: a TenantId cannot hold more
        // than lower-case letters, digits and underscores.
        let statement = format!(
            "BEGIN ISOLATION LEVEL {mode}; SET LOCAL search_path TO {}, {}; \
             SET LOCAL statement_timeout TO {STATEMENT_TIMEOUT_MS}",
            tenant.schema(),
            self.extension_schema
        );
        self.pool.begin_with(AssertSqlSafe(statement)).await.map(TenantTx).db()
    }

    /// A write transaction without the statement time-out: for imports and background work.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub async fn begin_long(&self, tenant: &TenantId) -> Result<TenantTx> {
        let statement = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL search_path TO {}, {}",
            tenant.schema(),
            self.extension_schema
        );
        self.pool.begin_with(AssertSqlSafe(statement)).await.map(TenantTx).db()
    }

    /// Make room for a tenant, or bring its schema up to date. Doing it twice changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Migration`] when a migration fails.
    pub async fn provision(
        &self,
        tenant: &TenantId,
        title: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut conn = self.pool.acquire().await?;
        migrate::migrate_tenant(&mut conn, &tenant.schema(), &self.extension_schema).await?;
        sqlx::query(
            "INSERT INTO quartermaster.tenant (tenant_id, title, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant_id) DO NOTHING",
        )
        .bind(tenant.as_str())
        .bind(title)
        .bind(now)
        .execute(&mut *conn)
        .await?;
        Ok(())
    }

    /// Every tenant, by name.
    ///
    /// # Errors
    /// An outage of the database.
    pub async fn tenants(&self) -> Result<Vec<TenantId>> {
        let names: Vec<String> =
            sqlx::query_scalar("SELECT tenant_id FROM quartermaster.tenant ORDER BY tenant_id")
                .fetch_all(&self.pool)
                .await
                .db()?;
        names.into_iter().map(TenantId::try_from).collect()
    }

    /// Remove a tenant and everything it holds.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such tenant.
    pub async fn remove_tenant(&self, tenant: &TenantId) -> Result<()> {
        let mut conn = self.pool.acquire().await.db()?;
        sqlx::query("DELETE FROM quartermaster.api_key WHERE tenant_id = $1")
            .bind(tenant.as_str())
            .execute(&mut *conn)
            .await
            .db()?;
        let removed = sqlx::query("DELETE FROM quartermaster.tenant WHERE tenant_id = $1")
            .bind(tenant.as_str())
            .execute(&mut *conn)
            .await
            .db()?;
        if removed.rows_affected() == 0 {
            return Err(Error::not_found("tenant", tenant.as_str()));
        }
        open::drop_schema(&mut conn, &tenant.schema()).await.db()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestTenant, block_on};
    use sqlx::Executor;

    #[test]
    fn a_read_transaction_cannot_write_and_a_dropped_one_keeps_nothing() {
        block_on(async {
            let tenant = TestTenant::new().await;
            let insert = "INSERT INTO data_version (area, version) VALUES ('x', 1)";
            let mut tx = tenant.store().begin(tenant.id(), Access::Read).await.unwrap();
            assert!(tx.execute(insert).await.is_err());
            drop(tx);
            let mut tx = tenant.store().begin(tenant.id(), Access::Write).await.unwrap();
            tx.execute(insert).await.unwrap();
            drop(tx);
            let mut tx = tenant.store().begin(tenant.id(), Access::Read).await.unwrap();
            let count: i64 = sqlx::query_scalar("SELECT count(*) FROM data_version")
                .fetch_one(&mut *tx)
                .await
                .unwrap();
            assert_eq!(count, 0);
        });
    }

    #[test]
    fn tenants_see_only_their_own_rows() {
        block_on(async {
            let (a, b) = (TestTenant::new().await, TestTenant::new().await);
            let mut tx = a.store().begin(a.id(), Access::Write).await.unwrap();
            tx.execute("INSERT INTO data_version (area, version) VALUES ('x', 1)").await.unwrap();
            tx.commit().await.unwrap();
            for (tenant, expected) in [(&a, 1_i64), (&b, 0), (&a, 1), (&b, 0)] {
                let mut tx = tenant.store().begin(tenant.id(), Access::Read).await.unwrap();
                let count: i64 = sqlx::query_scalar("SELECT count(*) FROM data_version")
                    .fetch_one(&mut *tx)
                    .await
                    .unwrap();
                assert_eq!(count, expected);
            }
        });
    }

    #[test]
    fn every_migration_has_a_way_back_and_forth_again() {
        block_on(async {
            let tenant = TestTenant::new().await;
            let store = tenant.store();
            let schema = tenant.id().schema();
            let mut conn = store.connection().await.unwrap();
            let before = tables(&mut conn, &schema).await;
            crate::undo_tenant_to(&mut conn, &schema, store.extension_schema(), 0).await.unwrap();
            assert_eq!(tables(&mut conn, &schema).await, ["_migration"]);
            migrate::migrate_tenant(&mut conn, &schema, store.extension_schema()).await.unwrap();
            assert_eq!(tables(&mut conn, &schema).await, before);
        });
    }

    async fn tables(conn: &mut PgConnection, schema: &str) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'S') ORDER BY 1",
        )
        .bind(schema)
        .fetch_all(conn)
        .await
        .unwrap()
    }
}
