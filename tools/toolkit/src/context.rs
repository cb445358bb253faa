//! All a tool may touch.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use kernel::{RequestContext, Result};
use sqlx::PgConnection;
use store::{Access, DbResult};
use uuid::Uuid;

use crate::derived::Derived;

/// All a tool may touch.
///
/// The connection is inside the tenant's transaction: a tool cannot reach another tenant's rows,
/// and nothing it writes is kept unless the executor commits.
pub struct ToolContext<'a> {
    /// Who asks, when, through which door.
    pub request: &'a RequestContext,
    /// The tenant's transaction.
    pub db: &'a mut PgConnection,
    pub(crate) access: Access,
    pub(crate) derived: &'a Derived,
    pub(crate) versions: BTreeMap<String, i64>,
    /// Names the call; ids are made from it, so a confirmed write makes the same ids again.
    pub(crate) seed: Uuid,
    pub(crate) ids_made: u32,
}

impl<'a> ToolContext<'a> {
    pub(crate) async fn new(
        request: &'a RequestContext,
        db: &'a mut PgConnection,
        derived: &'a Derived,
        (access, seed): (Access, Uuid),
    ) -> Result<Self> {
        let rows: Vec<(String, i64)> =
            sqlx::query_as("SELECT area, version FROM data_version ORDER BY area")
                .fetch_all(&mut *db)
                .await
                .db()?;
        let versions = rows.into_iter().collect();
        Ok(Self { request, db, access, derived, versions, seed, ids_made: 0 })
    }

    /// The instant of the request, which is the same when a held write is confirmed.
    pub fn now(&self) -> DateTime<Utc> {
        self.request.now
    }

    /// An id for a new record: the same one each time this call is run.
    pub fn new_id(&mut self) -> Uuid {
        self.ids_made += 1;
        Uuid::new_v5(&self.seed, &self.ids_made.to_be_bytes())
    }

    /// The version of some areas of the tenant's records: changes whenever their rows do.
    pub fn version_of(&self, areas: &[&str]) -> Vec<i64> {
        areas.iter().map(|it| self.versions.get(*it).copied().unwrap_or(0)).collect()
    }

    /// State that is derived from rows and too dear to rebuild per call, e.g. the lot graph.
    ///
    /// It is kept per tenant under `name` for as long as the rows of `areas` stay as they are.
    /// A write builds its own, because the rows it sees may never be kept.
    ///
    /// # Errors
    /// Whatever `build` returns.
    pub async fn derived<T, F>(&mut self, name: &str, areas: &[&str], build: F) -> Result<Arc<T>>
    where
        T: Any + Send + Sync,
        F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T>> + Send,
    {
        if self.access == Access::Write {
            return Ok(Arc::new(build(self.db).await?));
        }
        let version = self.version_of(areas);
        let tenant = &self.request.principal.tenant;
        if let Some(found) = self.derived.get::<T>(tenant, name, &version) {
            return Ok(found);
        }
        let built = Arc::new(build(self.db).await?);
        self.derived.put(tenant, name, version, built.clone());
        Ok(built)
    }
}
