//! The description of the REST door, for programs and for people.

use std::sync::Arc;

use axum::Router;

use crate::App;

/// `/api/openapi.json` and `/api/docs`.
pub fn router() -> Router<Arc<App>> {
    Router::new()
}
