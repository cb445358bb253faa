//! Results as MCP clients read them. The protocol's result type is made here and nowhere else.

use kernel::Error;
use rmcp::model::{CallToolResult, ContentBlock, MetaObject};
use serde_json::{Value, json};
use toolkit::{HeldCall, Language};

use super::door::server_info;
use super::render::rendered;
use crate::App;
use crate::rest::CONFIRM;

/// The key under which a result names its receipt.
const RECEIPT: &str = "quartermaster/receipt";

/// What every result carries: who made it, and the receipt that proves it.
pub(super) fn meta(receipt_id: Option<&str>) -> MetaObject {
    let mut meta = MetaObject::new();
    meta.insert("io.modelcontextprotocol/serverInfo".into(), json!(server_info()));
    if let Some(receipt_id) = receipt_id {
        meta.insert(RECEIPT.into(), json!(receipt_id));
    }
    meta
}

/// A read's output: told in words and as a table, and typed beside it.
pub(super) fn done(app: &App, tool: &str, output: Value, receipt_id: &str) -> CallToolResult {
    let text = told(app, tool, &output);
    let mut result = CallToolResult::structured(output);
    result.content = vec![ContentBlock::text(text)];
    result.with_meta(Some(meta(Some(receipt_id))))
}

/// The narration, then the figures.
pub(crate) fn told(app: &App, tool: &str, output: &Value) -> String {
    let figures = rendered(output);
    match app.narrator.narrate(tool, Language::English, output.clone()) {
        Ok(narration) if !narration.text.trim().is_empty() => {
            format!("{}\n\n{figures}", narration.text.trim())
        }
        Ok(_) => figures,
        Err(error) => {
            tracing::warn!(tool, %error, "a result could not be told in words");
            figures
        }
    }
}

/// A write that waits, for a client that cannot ask its person: the link to where they decide.
pub(super) fn held(app: &App, held: &HeldCall, receipt_id: &str) -> CallToolResult {
    let text = format!(
        "Nothing was written yet. The change `{}` waits as `{}` until {} for a person to confirm \
         it at {}{CONFIRM}?held_id={}. Tell them; you cannot confirm it.\n\nWhat would be kept:\n\n{}",
        held.tool,
        held.id,
        held.expires_at.format("%Y-%m-%d %H:%M UTC"),
        app.config.base_url(),
        held.id,
        told(app, &held.tool, &held.preview),
    );
    let mut result = CallToolResult::structured(json!({ "status": "held", "held": held }));
    result.content = vec![ContentBlock::text(text)];
    result.with_meta(Some(meta(Some(receipt_id))))
}

/// A person said no.
pub(super) fn declined(held_id: &str) -> CallToolResult {
    let text = format!("The person declined `{held_id}`. Nothing was written.");
    let mut result =
        CallToolResult::structured(json!({ "status": "declined", "held_id": held_id }));
    result.content = vec![ContentBlock::text(text)];
    result.with_meta(Some(meta(None)))
}

/// What went wrong, in words a model can mend its call with.
pub(super) fn failed(error: &Error, request_id: &str) -> CallToolResult {
    if let Error::Internal(source) = error {
        tracing::error!(request_id, %source, "a call failed");
    }
    let problem = error.to_problem(request_id);
    let text = format!("{}: {}", problem.title, problem.detail);
    let mut result = CallToolResult::structured_error(json!(problem));
    result.content = vec![ContentBlock::text(text)];
    result.with_meta(Some(meta(None)))
}

/// The question a person is asked before a change is kept.
pub(super) fn question(app: &App, held: &HeldCall) -> String {
    let title = app.executor.registry().spec(&held.tool).map_or("", |it| it.title);
    format!("{title}: keep this change?\n\n{}", told(app, &held.tool, &held.preview))
}
