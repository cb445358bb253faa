//! Listing the tools a caller may use.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use kernel::{Error, Result};
use serde_json::{Value, json};
use toolkit::ToolSpec;

use crate::problem::Failure;
use crate::{App, Caller};

pub(super) async fn tools(State(app): State<Arc<App>>, caller: Caller) -> Json<Value> {
    let registry = app.executor.registry();
    let tools: Vec<&ToolSpec> = registry.visible_to(&caller.principal).collect();
    Json(json!({ "tools": tools }))
}

pub(super) async fn tool(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<Value>, Failure> {
    let registry = app.executor.registry();
    let found = registry.visible_to(&caller.principal).find(|it| it.name == name);
    let found = found.ok_or_else(|| Error::NotFound {
        what: "tool",
        nearest: toolkit::nearest(&name, registry.visible_to(&caller.principal).map(|it| it.name)),
        id: name.chars().take(80).collect(),
    })?;
    Ok(Json(json!(found)))
}
