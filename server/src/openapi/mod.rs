//! The description of the REST door: OpenAPI 3.1 for programs, a page for people, both made from
//! the registry.

mod curl;
mod document;
mod markdown;
mod page;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use serde_json::Value;

use crate::App;

pub use document::document;
pub use markdown::markdown;
pub(crate) use markdown::mcp_list;
pub use page::page;

/// `/api/openapi.json` and `/api/docs`: open to everyone, telling nothing of tenants.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/api/openapi.json", get(json))
        .route("/api/docs", get(html))
        .route("/api/docs.css", get(css))
}

async fn json(State(app): State<Arc<App>>) -> Json<Value> {
    Json(document(app.executor.registry(), &app.config.base_url()))
}

/// Nothing on the page comes from elsewhere and nothing runs in it.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

async fn html(State(app): State<Arc<App>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, page(app.executor.registry(), &app.config.base_url())).into_response()
}

async fn css() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, include_str!("page.css")).into_response()
}
