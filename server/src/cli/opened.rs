//! Where a command's work is done: in the data folder, or by a running server.

use std::sync::Arc;

use anyhow::Context;
use kernel::{Door, Error, RequestContext, Result};
use serde_json::Value;
use store::StoreError;
use toolkit::{Decision, HeldCall, ImportReport, Outcome, ToolCall};

use super::Shared;
use super::remote::Remote;
use crate::config::Flags;
use crate::http::Stamp;
use crate::import::{Upload, import};
use crate::{App, Caller, clock, mcp};

/// An open data folder, or a server to ask.
pub enum Opened {
    /// This process has the database open.
    Here(Arc<App>),
    /// Another process has.
    There(Remote),
}

/// What came of a call.
pub(super) enum Came {
    Done(Value),
    Held(Box<HeldCall>),
}

impl Opened {
    /// Open what the flags say.
    ///
    /// # Errors
    /// When the folder is in use, the database away, the tenant unknown.
    pub async fn open(shared: &Shared) -> anyhow::Result<Self> {
        if let Some(url) = &shared.url {
            return Ok(Self::There(Remote::new(url, shared.key.as_deref())?));
        }
        Ok(Self::Here(here(shared, Flags::default()).await?))
    }

    /// The open folder.
    ///
    /// # Errors
    /// When the command works on a running server, which cannot do this.
    pub fn app(&self) -> anyhow::Result<&Arc<App>> {
        match self {
            Self::Here(app) => Ok(app),
            Self::There(_) => {
                anyhow::bail!("this command opens the data folder itself: drop `--url`")
            }
        }
    }

    /// A request by the local operator.
    pub fn request(app: &App) -> RequestContext {
        let Stamp { request_id, now } = Stamp::new(None, clock::now());
        Caller { principal: app.operator(), request_id, now }.context(Door::Cli)
    }

    pub(super) async fn call(&self, tool: &str, arguments: Value) -> Result<Came> {
        match self {
            Self::Here(app) => {
                let call = ToolCall { id: "c1".into(), name: tool.to_owned(), arguments };
                Ok(match app.executor.call(&Self::request(app), &call).await? {
                    Outcome::Done { output, .. } => Came::Done(output),
                    Outcome::Held { held, .. } => Came::Held(Box::new(held)),
                })
            }
            Self::There(remote) => remote.call(tool, &arguments).await,
        }
    }

    /// What was kept, or nothing when it was declined.
    pub(super) async fn decide(&self, held_id: &str, decision: Decision) -> Result<Option<Value>> {
        match self {
            Self::Here(app) => {
                let request = Self::request(app);
                Ok(match app.executor.decide(&request, held_id, decision).await? {
                    Outcome::Done { output, .. } => Some(output),
                    Outcome::Held { .. } => None,
                })
            }
            Self::There(remote) => remote.decide(held_id, decision).await,
        }
    }

    pub(super) async fn import(&self, importer: &str, upload: Upload<'_>) -> Result<ImportReport> {
        match self {
            Self::Here(app) => import(app, &app.operator(), importer, upload).await,
            Self::There(remote) => remote.import(importer, upload).await,
        }
    }

    /// An output in words and figures.
    pub(super) fn told(&self, tool: &str, output: &Value) -> String {
        match self {
            Self::Here(app) => mcp::told(app, tool, output),
            Self::There(_) => mcp::rendered(output),
        }
    }

    /// Put what was recorded into the tables and close the database.
    pub async fn close(self) {
        let Self::Here(app) = self else { return };
        let drainer = app.drainer();
        while matches!(drainer.drain().await, Ok(1..)) {}
        drop(drainer);
        app.close().await;
    }
}

/// Open the data folder.
pub(super) async fn here(shared: &Shared, flags: Flags) -> anyhow::Result<Arc<App>> {
    let config = shared.settings(&flags)?;
    let listen = config.listen;
    let opened = App::open(config, clock::now()).await;
    let app = opened.map_err(|error| match error.downcast_ref::<StoreError>() {
        Some(in_use @ StoreError::InUse(_)) => Error::Unavailable(format!(
            "{in_use}; if that one is a server, ask it: add `--url http://{listen}`"
        ))
        .into(),
        _ => error,
    })?;
    app.require_tenant(&app.config.tenant).await.context("`--tenant` names nobody")?;
    Ok(Arc::new(app))
}
