//! MCP over a pipe: for Claude Desktop and other programs that start us themselves.

use std::sync::Arc;

use anyhow::Context;
use rmcp::ServiceExt;

use super::door::{McpDoor, Selection};
use crate::App;

/// Serve the local operator on stdin and stdout until the other end closes the pipe. Logs go to
/// stderr: stdout carries nothing but messages.
///
/// # Errors
/// When the first messages are not MCP.
pub async fn serve(app: Arc<App>, selection: Selection) -> anyhow::Result<()> {
    let operator = app.operator();
    let door = McpDoor::new(app, selection, Some(operator));
    let running = door.serve(rmcp::transport::stdio_pipes()).await;
    let running = running.context("the other end of the pipe does not speak MCP")?;
    running.waiting().await.context("the MCP service stopped")?;
    Ok(())
}
