//! The assembled product: what every door works with.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};
use kernel::{Action, Permission, Principal, Result, TenantId};
use orchestrator::LocalPlanner;
use store::Store;
use telemetry::log::Settings;
use telemetry::metrics::Metrics;
use telemetry::{DrainSettings, Drainer, Recorder};
use toolkit::{Executor, Limits, Narrator, Registry, Workspace};

use crate::auth::{Gatekeeper, Sealer};
use crate::config::{Config, demo_tenant};
use crate::copilot::Runs;

/// Everything the doors share. Built once; handed around as `Arc<App>`.
pub struct App {
    /// The gate every call passes.
    pub executor: Arc<Executor>,
    /// The database.
    pub store: Arc<Store>,
    /// Tells results in words.
    pub narrator: Arc<Narrator>,
    /// Decides what a turn does next.
    pub planner: Arc<LocalPlanner>,
    /// Turns in progress and just finished.
    pub runs: Runs,
    /// Where everything that happens is put down.
    pub recorder: Arc<Recorder>,
    /// Figures for `/metrics`; absent when this process has none of its own.
    pub metrics: Option<Metrics>,
    /// As set.
    pub config: Config,
    /// Who may come in, and how often.
    pub gatekeeper: Gatekeeper,
    /// Seals what clients carry back and forth.
    pub sealer: Sealer,
}

impl App {
    /// Open the data folder or the database server, make the demo tenant, and assemble.
    ///
    /// # Errors
    /// Says what to do: folder in use, database away, disk full.
    pub async fn open(config: Config, now: DateTime<Utc>) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&config.data).with_context(|| {
            format!("the data folder `{}` cannot be made", config.data.display())
        })?;
        let store = Store::open(&config.location()).await?;
        let log = config.log_dir();
        let mut app = Self::assemble(config, store, (tools::WORKSPACES, &log))?;
        app.metrics = Metrics::install().ok();
        if app.config.demo {
            app.load_demo(&demo_tenant(), now).await.context("the demo records did not load")?;
        }
        Ok(app)
    }

    /// Assemble over an open database: the workspaces, and the folder for the log.
    ///
    /// # Errors
    /// When the log cannot be opened, or a tool's schema or narration does not read.
    pub fn assemble(
        config: Config,
        store: Store,
        (workspaces, log): (&'static [&'static Workspace], &Path),
    ) -> anyhow::Result<Self> {
        let settings = Settings { durability: config.durability, ..Settings::default() };
        let recorder = Recorder::open(log, settings)
            .with_context(|| format!("the log folder `{}` cannot be used", log.display()))?;
        let registry = Registry::new(workspaces)?;
        let narrator = Arc::new(Narrator::new(&registry)?);
        let planner = Arc::new(LocalPlanner::new(&registry, narrator.clone()));
        let store = Arc::new(store);
        let observer = recorder.clone();
        let executor = Executor::new(registry, store.clone(), observer, Limits::default());
        Ok(Self {
            executor: Arc::new(executor),
            store,
            narrator,
            planner,
            runs: Runs::default(),
            recorder,
            metrics: None,
            gatekeeper: Gatekeeper::new(&config),
            sealer: Sealer::open(&config.data)?,
            config,
        })
    }

    /// Fill a tenant with every workspace's demo records, once per workspace.
    ///
    /// # Errors
    /// Whatever the loader or the database says; nothing is kept then.
    pub async fn load_demo(&self, tenant: &TenantId, now: DateTime<Utc>) -> anyhow::Result<()> {
        self.store.provision(tenant, "Demo", now).await?;
        for workspace in self.executor.registry().workspaces() {
            let mut tx = self.store.begin_long(tenant).await?;
            if tx.first_time(&format!("demo:{}", workspace.id)).await? {
                (workspace.demo)(&mut tx, now)
                    .await
                    .with_context(|| format!("the demo of `{}`", workspace.id))?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Whoever sits at this machine: may do everything in the configured tenant.
    pub fn operator(&self) -> Principal {
        Principal {
            tenant: self.config.tenant.clone(),
            user: "operator".into(),
            permissions: self.all_permissions().collect(),
            groups: Vec::new(),
        }
    }

    /// Every permission there is.
    pub fn all_permissions(&self) -> impl Iterator<Item = Permission> {
        let actions = [Action::Read, Action::Write, Action::Approve];
        let workspaces = self.executor.registry().workspaces().iter();
        workspaces.flat_map(move |it| actions.map(|action| Permission::new(it.id, action)))
    }

    /// Moves what was recorded into the tables.
    pub fn drainer(&self) -> Drainer {
        Drainer::new(self.recorder.clone(), self.store.clone(), DrainSettings::default())
    }

    /// Check that a tenant exists, so that a typing error is not an empty answer.
    ///
    /// # Errors
    /// [`kernel::Error::NotFound`] with the nearest name.
    pub async fn require_tenant(&self, tenant: &TenantId) -> Result<()> {
        let tenants = self.store.tenants().await?;
        match tenants.contains(tenant) {
            true => Ok(()),
            false => Err(kernel::Error::NotFound {
                what: "tenant",
                id: tenant.to_string(),
                nearest: toolkit::nearest(tenant.as_str(), tenants.iter().map(TenantId::as_str)),
            }),
        }
    }

    /// Close the database. The embedded one stops when nothing else holds on to it.
    pub async fn close(self: Arc<Self>) {
        let Some(Self { executor, store, .. }) = Arc::into_inner(self) else {
            tracing::warn!("work is still under way: the database is left as after a crash");
            return;
        };
        drop(executor);
        match Arc::into_inner(store) {
            Some(store) => store.close().await,
            None => tracing::warn!("the database is still in use: it is left as after a crash"),
        }
    }
}
