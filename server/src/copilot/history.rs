//! Turns of the past, as lists and one by one.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use kernel::Door;
use orchestrator::Turn;
use serde_json::{Value, json};
use store::Access;
use telemetry::turns::{self, RunFilter};

use super::{reply, stream};
use crate::problem::Failure;
use crate::{App, Caller};

/// Lists read the tables, which the log reaches within this time.
const SETTLES: Duration = Duration::from_millis(500);

/// `GET /copilot/runs`: the caller's own turns, latest first.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(filter): Query<RunFilter>,
) -> Result<Json<Value>, Failure> {
    app.recorder.settled(SETTLES).await;
    let filter = RunFilter { user: Some(caller.principal.user.clone()), ..filter };
    let mut tx = app.store.begin(&caller.principal.tenant, Access::Read).await?;
    Ok(Json(json!({ "runs": turns::runs(&mut tx, &filter).await? })))
}

/// `GET /copilot/runs/{id}`: the turn as one answer, with its events.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(run_id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let request = caller.context(Door::Copilot);
    let events = stream::recorded(&app, &request, &run_id).await?;
    let mut answer = reply::json(&Turn::replay(&events));
    answer["events"] = json!(events);
    Ok(Json(answer))
}
