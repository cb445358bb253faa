//! A tool as MCP publishes it.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::Value;
use toolkit::{Effect, ToolSpec};

/// Name, title, description, schemas and hints, all from the one definition.
pub fn tool(spec: &ToolSpec) -> Tool {
    let hints = ToolAnnotations::new().read_only(spec.effect == Effect::Read).open_world(false);
    let hints = match spec.effect {
        Effect::Read => hints,
        Effect::Add => hints.destructive(false).idempotent(false),
        Effect::Change => hints.destructive(true).idempotent(false),
    };
    let tool = Tool::new(spec.name, spec.description.clone(), object(&spec.input_schema))
        .with_title(spec.title)
        .with_annotations(hints);
    match spec.effect {
        Effect::Read => tool.with_raw_output_schema(object(&spec.output_schema)),
        // A write first answers with what it would do, which no output schema promises.
        Effect::Add | Effect::Change => tool,
    }
}

/// The schema, without the description that the tool itself carries.
fn object(schema: &Value) -> Arc<JsonObject> {
    let mut object = schema.as_object().cloned().unwrap_or_default();
    object.remove("description");
    Arc::new(object)
}
