//! Whether the server is alive, ready, and what its figures are.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use serde_json::{Value, json};

use crate::App;
use crate::problem::Failure;

/// `/health`, `/health/live` and `/health/ready`: open to everyone, telling nothing of tenants.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/health", get(ready))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

async fn live() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// Ready means: the database answers and what happens can be recorded.
async fn ready(State(app): State<Arc<App>>) -> Response {
    let ping = tokio::time::timeout(Duration::from_secs(2), app.store.ping()).await;
    let database = matches!(ping, Ok(Ok(())));
    let record = app.recorder.admit().is_ok();
    let word = |good: bool| if good { "ok" } else { "failing" };
    let status = match database && record {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let body = json!({
        "status": word(database && record),
        "version": env!("CARGO_PKG_VERSION"),
        "checks": { "database": word(database), "record": word(record) },
    });
    (status, Json(body)).into_response()
}

/// Figures in the Prometheus text format: for the local operator and bearers of a key.
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    match &app.metrics {
        Some(metrics) => {
            let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
            (kind, metrics.render()).into_response()
        }
        None => Failure::Http(StatusCode::NOT_FOUND, "this process collects no metrics".into())
            .into_response(),
    }
}
