//! The same as a file of the repository: `docs/tools.md`.

use std::fmt::Write;

use serde_json::Value;
use toolkit::{Effect, Method, Registry, ToolSpec};

use super::document::{is_required, properties};
use super::page::type_of;

/// Every tool: what it does, what it takes, how to ask for it.
pub fn markdown(registry: &Registry) -> String {
    let mut text = String::from(
        "# Tools\n\nMade by `quartermaster docs --write`; do not edit.\n\nEvery tool is served as an \
         MCP tool, at `POST /api/v1/tools/{name}`, as `quartermaster call {name}` and to the \
         copilot. A tool that adds or changes records only proposes; a person confirms.\n",
    );
    for workspace in registry.workspaces() {
        let _ = write!(text, "\n## {}\n\n{}\n", workspace.title, workspace.description);
        for spec in registry.specs().filter(|it| it.workspace() == workspace.id) {
            write_tool(&mut text, spec);
        }
        for recipe in workspace.recipes {
            let steps: Vec<String> =
                recipe.steps.iter().map(|it| format!("`{}`", it.tool)).collect();
            let _ = write!(
                text,
                "\n### {}\n\nRecipe `{}`: {}\n\nSteps: {}.\n",
                recipe.title,
                recipe.name,
                recipe.description,
                steps.join(", ")
            );
        }
    }
    text
}

fn write_tool(text: &mut String, spec: &ToolSpec) {
    let effect = match spec.effect {
        Effect::Read => "reads",
        Effect::Add => "adds records",
        Effect::Change => "changes records",
    };
    let _ = write!(
        text,
        "\n### {}\n\n`{}` · {effect} · needs `{}`",
        spec.title, spec.name, spec.permission
    );
    if let Some(route) = spec.route {
        let method = match route.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let _ = write!(text, " · `{method} /api{}`", route.path);
    }
    let _ = write!(text, "\n\n{}\n", spec.description);
    if properties(&spec.input_schema).next().is_some() {
        text.push_str("\n| argument | type | |\n|---|---|---|\n");
    }
    for (name, schema) in properties(&spec.input_schema) {
        let name_shown = match is_required(&spec.input_schema, name) {
            true => format!("**{name}**"),
            false => name.clone(),
        };
        let _ = writeln!(
            text,
            "| {name_shown} | {} | {} |",
            type_of(schema).replace('|', "\\|"),
            one_line(schema["description"].as_str().unwrap_or_default())
        );
    }
    let _ = write!(text, "\nExample: `{}`\n", spec.example);
    let phrases: Vec<String> = spec.phrases.iter().take(3).map(|it| format!("“{it}”")).collect();
    if !phrases.is_empty() {
        let _ = write!(text, "\nAsk: {}\n", phrases.join(", "));
    }
    let answers: Vec<&String> = properties(&spec.output_schema).map(|(name, _)| name).collect();
    if !answers.is_empty() {
        let named: Vec<String> = answers.iter().map(|it| format!("`{it}`")).collect();
        let _ = write!(text, "\nAnswers: {}\n", named.join(", "));
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// The tools as MCP lists them: `docs/mcp.json`.
pub(crate) fn mcp_list(registry: &Registry) -> Value {
    serde_json::json!({ "tools": registry.specs().map(crate::mcp::tool).collect::<Vec<_>>() })
}
