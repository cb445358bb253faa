//! Tools for MCP clients.

use std::sync::Arc;

use axum::Router;

use crate::App;

/// `/mcp`.
pub fn router(_: &Arc<App>) -> Router {
    Router::new()
}
