//! Tools for MCP clients, in both eras of the protocol: stateless (2026-07-28) and with sessions.
//!
//! `/mcp` lists every tool the caller may use; `/mcp/readonly` only those that change nothing;
//! `/mcp/x/{workspace}` only those of one workspace. `quartermaster mcp` speaks the same on stdio.

mod confirm;
mod door;
mod render;
mod result;
mod sessions;
mod stdio;
mod tools;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

use crate::App;
use crate::config::Config;
use sessions::Sessions;

pub(crate) use render::rendered;
pub(crate) use result::told;

pub use door::{INSTRUCTIONS, McpDoor, Selection};
pub use stdio::serve as serve_stdio;
pub use tools::tool;

/// An idle legacy session is forgotten after this long: each takes some 56 KB.
const IDLE: Duration = Duration::from_secs(120);

/// `/mcp` and its narrower neighbours.
pub fn router(app: &Arc<App>) -> Router {
    let mut manager = LocalSessionManager::default();
    manager.session_config.keep_alive = Some(IDLE);
    let manager = Arc::new(manager);
    let service = |selection: Selection| {
        let door = Arc::new(McpDoor::new(app.clone(), selection, None));
        let manager = manager.clone();
        StreamableHttpService::new(move || Ok(door.clone()), manager, transport(&app.config))
    };
    let mut router = Router::new()
        .route_service("/mcp", service(Selection::All))
        .route_service("/mcp/readonly", service(Selection::Reads));
    for workspace in app.executor.registry().workspaces() {
        let path = format!("/mcp/x/{}", workspace.id);
        router = router.route_service(&path, service(Selection::Workspace(workspace.id)));
    }
    let sessions = Arc::new(Sessions::new(manager, app.config.mcp_sessions));
    router.layer(from_fn_with_state(sessions, sessions::bound))
}

/// The guard before this door checks hosts and origins too; here they are checked in the terms of
/// the protocol, for reads as well.
fn transport(config: &Config) -> StreamableHttpServerConfig {
    let loopback = ["127.0.0.1", "localhost", "::1"].map(str::to_owned);
    let pages = ["http://127.0.0.1:*", "http://localhost:*", "http://[::1]:*"].map(str::to_owned);
    let origins = pages.into_iter().chain(config.origins.iter().cloned());
    let origins = origins.chain(config.public_url.iter().map(|it| origin_of(it)));
    let transport = StreamableHttpServerConfig::default()
        .with_json_response(true)
        .with_allowed_origins(origins)
        .enforce_origin_validation()
        .with_max_request_body_bytes(config.body_limit);
    match config.hosts.is_empty() && !config.listen.ip().is_loopback() {
        true => transport.disable_allowed_hosts(),
        false => {
            transport.with_allowed_hosts(loopback.into_iter().chain(config.hosts.iter().cloned()))
        }
    }
}

/// Scheme and authority of a URL.
fn origin_of(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    format!("{scheme}://{}", rest.split('/').next().unwrap_or_default())
}
