//! Receipts over HTTP: the call behind a number.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use kernel::{Door, Error, RequestContext};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Access;
use telemetry::receipts;
use toolkit::{CallOutcome, CallRecord};

use crate::problem::Failure;
use crate::{App, Caller, replay};

#[derive(Deserialize)]
pub(super) struct At {
    /// A JSON pointer into the output: the value it leads to is shown beside the receipt.
    path: Option<String>,
}

/// `GET /receipts/{id}?path=/…`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(at): Query<At>,
) -> Result<Json<Value>, Failure> {
    let request = caller.context(Door::Copilot);
    let record = receipt(&app, &request, &id).await?;
    let mut shown = json!(record);
    if let Some(path) = at.path {
        let value = output(&record).and_then(|it| it.pointer(&path)).ok_or_else(|| {
            Error::invalid("path", format!("`{path}` leads to nothing in this receipt's output"))
        })?;
        shown["value"] = value.clone();
    }
    Ok(Json(shown))
}

/// `GET /copilot/runs/{id}/replay`.
pub(super) async fn replay(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<replay::Replay>, Failure> {
    Ok(Json(replay::replay(&app, &caller.context(Door::Copilot), &id).await?))
}

/// A receipt, for those who may use the tool that it is of.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Expired`].
pub async fn receipt(app: &App, request: &RequestContext, id: &str) -> kernel::Result<CallRecord> {
    let tenant = &request.principal.tenant;
    let mut tx = app.store.begin(tenant, Access::Read).await?;
    let record = receipts::receipt(&app.recorder, &mut tx, (tenant, id)).await?;
    match app.executor.registry().spec(&record.tool) {
        Some(spec) => request.principal.require(&spec.permission)?,
        None if record.user == request.principal.user => {}
        None => return Err(Error::not_found("receipt", id)),
    }
    Ok(record)
}

fn output(record: &CallRecord) -> Option<&Value> {
    match &record.outcome {
        CallOutcome::Done { output } | CallOutcome::Kept { output, .. } => Some(output),
        CallOutcome::Held { preview, .. } => Some(preview),
        CallOutcome::Failed { .. } => None,
    }
}
