//! What the server does every hour: old records go, turns that never ended are marked.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::{Result, TenantId};
use telemetry::retention::{Retention, close_abandoned, delete_old};

use crate::{App, clock};

/// How often.
const EVERY: Duration = Duration::from_secs(3_600);

/// A turn that has not ended within this time never will.
const ABANDONED_AFTER: chrono::Duration = chrono::Duration::hours(1);

/// Keep house until told to stop.
pub async fn keep(app: &App, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        if let Err(error) = tidy(app).await {
            tracing::warn!(%error, "old records could not be deleted now: trying again in an hour");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = &mut stop => return,
        }
    }
}

/// Tidy every tenant once.
///
/// # Errors
/// An outage of the database; tenants before it are done.
pub async fn tidy(app: &App) -> Result<()> {
    for tenant in app.store.tenants().await? {
        tidy_tenant(app, &tenant, clock::now()).await?;
    }
    Ok(())
}

/// Tidy one tenant as of an instant.
///
/// # Errors
/// An outage of the database; nothing is deleted then.
pub async fn tidy_tenant(app: &App, tenant: &TenantId, now: DateTime<Utc>) -> Result<()> {
    let mut tx = app.store.begin_long(tenant).await?;
    let deleted = delete_old(&mut tx, Retention::default(), now).await?;
    let closed = close_abandoned(&mut tx, now - ABANDONED_AFTER).await?;
    tx.commit().await?;
    if deleted.content + deleted.metadata + closed > 0 {
        let (content, metadata) = (deleted.content, deleted.metadata);
        tracing::info!(%tenant, content, metadata, closed, "old records deleted");
    }
    Ok(())
}
