//! A test is a tenant: provisioned by the code that provisions real ones.
//!
//! Tests run on the embedded server, or on the server that `TEST_DATABASE_URL` names. One runtime
//! and one pool serve a whole test process, because connections belong to the runtime that opened
//! them and the embedded server has only one.

#![expect(clippy::expect_used, reason = "a test that cannot reach its database must stop")]

use std::future::Future;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use kernel::TenantId;
use sqlx::postgres::PgPoolOptions;
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

use crate::open::drop_schema;
use crate::{Access, Location, Store, StoreError, TenantTx};

/// Run a test's future on the runtime that the test database lives on.
pub fn block_on<F: Future>(future: F) -> F::Output {
    runtime().block_on(future)
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .worker_threads(2)
            .build()
            .expect("a runtime for tests")
    })
}

/// The instant at which tests happen: noon on a Wednesday.
pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 18, 12, 0, 0).single().expect("a valid instant")
}

/// The database of this test process.
pub async fn store() -> &'static Store {
    static STORE: OnceCell<Store> = OnceCell::const_new();
    STORE.get_or_init(open).await
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration to read it from")]
async fn open() -> Store {
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        let location = Location::Url { url, max_connections: 4 };
        return Store::open(&location).await.expect("TEST_DATABASE_URL leads to a usable Postgres");
    }
    let store = open_free_slot().await;
    let mut conn = store.pool.acquire().await.expect("a connection");
    let left_behind: Vec<String> =
        sqlx::query_scalar("SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 't\\_%'")
            .fetch_all(&mut *conn)
            .await
            .expect("schemas");
    for schema in left_behind {
        drop_schema(&mut conn, &schema).await.expect("dropping an old test's schema");
    }
    drop_schema(&mut conn, crate::migrate::SHARED_SCHEMA).await.expect("a clean shared schema");
    crate::migrate::migrate_shared(&mut conn, &store.extension_schema).await.expect("migrations");
    drop(conn);
    store
}

/// Data folders are kept between test processes, because making one anew costs more than a test;
/// each process takes the first that no other process has open.
async fn open_free_slot() -> Store {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/test-db"));
    for _ in 0..60 {
        for slot in 0..16 {
            let folder = root.join(slot.to_string());
            let Ok(server) = crate::embedded::EmbeddedServer::start_with(folder, false).await
            else {
                continue;
            };
            return Store::over(server).await.expect("the embedded test database");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Store::connect(&Location::Embedded(root.join("0"))).await.expect("a free test database")
}

impl Store {
    async fn over(server: crate::embedded::EmbeddedServer) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(60))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(server.connect_options())
            .await?;
        Self::from_pool(pool, Some(server)).await
    }
}

/// A tenant of its own for one test.
#[derive(Debug)]
pub struct TestTenant {
    id: TenantId,
    store: &'static Store,
}

impl TestTenant {
    /// Provision a tenant with all migrations applied and no rows.
    pub async fn new() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let store = store().await;
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let id: TenantId = name.parse().expect("a valid tenant name");
        store.provision(&id, "a test", now()).await.expect("a provisioned tenant");
        Self { id, store }
    }

    /// Its name.
    pub fn id(&self) -> &TenantId {
        &self.id
    }

    /// The database it lives in.
    pub fn store(&self) -> &'static Store {
        self.store
    }

    /// A write transaction in its schema.
    pub async fn begin(&self) -> TenantTx {
        self.store.begin(&self.id, Access::Write).await.expect("a transaction")
    }

    /// Run a fixture's statements and keep them.
    pub async fn load(&self, sql: &'static str) {
        let mut tx = self.begin().await;
        sqlx::raw_sql(sql).execute(&mut *tx).await.expect("the fixture applies");
        tx.commit().await.expect("the fixture is kept");
    }
}
