//! The same for people: one page, no script.

use std::fmt::Write;

use serde_json::Value;
use toolkit::{Effect, Method, Registry, ToolSpec, Workspace};

use super::curl::curl;
use super::document::{is_required, properties};

/// The page that describes these tools, as served at this address.
pub fn page(registry: &Registry, server: &str) -> String {
    let mut nav = String::new();
    let mut main = String::new();
    for workspace in registry.workspaces() {
        let tools: Vec<&ToolSpec> =
            registry.specs().filter(|it| it.workspace() == workspace.id).collect();
        write_workspace((&mut nav, &mut main), workspace, &tools, server);
    }
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Quartermaster API</title>\n<link rel=\"stylesheet\" href=\"/api/docs.css\">\n\
         </head>\n<body>\n<nav aria-label=\"Tools\">\n<p class=\"brand\">Quartermaster \
         <small>{version}</small></p>\n{nav}</nav>\n<main>\n{INTRODUCTION}{main}</main>\n</body>\n</html>\n"
    )
}

const INTRODUCTION: &str = "<h1>API</h1>\n\
<p class=\"lead\">Every tool is an operation: by its name at <code>POST /api/v1/tools/{name}</code>, \
and many at a path of their own. The machine-readable description is \
<a href=\"/api/openapi.json\">openapi.json</a>.</p>\n\
<ul>\n<li>A <b>read</b> answers <code>200</code> with its output.</li>\n\
<li>A <b>write</b> answers <code>202</code>: it was previewed and undone. A person keeps it with \
<code>POST /copilot/confirm</code> and <code>{\"held_id\": …, \"decision\": \"confirm\"}</code>.</li>\n\
<li>The header <code>X-Receipt-Id</code> opens the receipt of each call at \
<code>/receipts/{id}</code>.</li>\n\
<li>Errors are problems of RFC 9457: <code>detail</code> says what to do, <code>field</code> names \
the argument, <code>nearest</code> the closest value that exists.</li>\n\
<li>On the machine the server runs on no key is needed; elsewhere send \
<code>Authorization: Bearer qm_…</code> or <code>X-API-Key</code>. Make one with \
<code>quartermaster key add</code>.</li>\n</ul>\n";

fn write_workspace(
    (nav, main): (&mut String, &mut String),
    workspace: &Workspace,
    tools: &[&ToolSpec],
    server: &str,
) {
    let (id, title) = (escaped(workspace.id), escaped(workspace.title));
    let _ = write!(nav, "<h2><a href=\"#{id}\">{title}</a></h2>\n<ul>\n");
    let _ = write!(
        main,
        "<section id=\"{id}\">\n<h2>{title}</h2>\n<p>{}</p>\n",
        escaped(workspace.description)
    );
    for spec in tools {
        let _ = writeln!(
            nav,
            "<li><a href=\"#{}\">{}</a></li>",
            escaped(spec.name),
            escaped(spec.title)
        );
        write_tool(main, spec, server);
    }
    nav.push_str("</ul>\n");
    main.push_str("</section>\n");
}

fn write_tool(main: &mut String, spec: &ToolSpec, server: &str) {
    let effect = match spec.effect {
        Effect::Read => "read",
        Effect::Add => "adds",
        Effect::Change => "changes",
    };
    let _ = write!(
        main,
        "<article id=\"{name}\">\n<h3><a href=\"#{name}\">{title}</a> \
         <span class=\"tag {effect}\">{effect}</span></h3>\n<p class=\"names\"><code>{name}</code> \
         · needs <code>{}</code></p>\n<p>{}</p>\n",
        escaped(&spec.permission.to_string()),
        prose(&spec.description),
        name = escaped(spec.name),
        title = escaped(spec.title),
    );
    if let Some(route) = spec.route {
        let method = match route.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        let _ = writeln!(
            main,
            "<p class=\"route\"><b>{method}</b> <code>/api{}</code></p>",
            escaped(route.path)
        );
    }
    let _ = writeln!(
        main,
        "<p class=\"route\"><b>POST</b> <code>/api/v1/tools/{}</code></p>",
        escaped(spec.name)
    );
    write_arguments(main, &spec.input_schema);
    let _ = writeln!(
        main,
        "<h4>Example</h4>\n<pre><code>{}</code></pre>",
        escaped(&curl(spec, server))
    );
    write_output(main, spec);
    main.push_str("</article>\n");
}

fn write_arguments(main: &mut String, schema: &Value) {
    if properties(schema).next().is_none() {
        main.push_str("<p>Takes no arguments.</p>\n");
        return;
    }
    main.push_str("<h4>Arguments</h4>\n");
    write_members(main, schema);
}

fn write_output(main: &mut String, spec: &ToolSpec) {
    let title = match spec.effect {
        Effect::Read => "Response",
        Effect::Add | Effect::Change => "Preview, then kept",
    };
    if properties(&spec.output_schema).next().is_none() {
        return;
    }
    let _ = writeln!(main, "<details><summary>{title}</summary>");
    write_members(main, &spec.output_schema);
    main.push_str("</details>\n");
}

fn write_members(main: &mut String, schema: &Value) {
    main.push_str("<dl>\n");
    for (name, member) in properties(schema) {
        let need = if is_required(schema, name) { "" } else { " <i>optional</i>" };
        let _ = write!(
            main,
            "<dt><code>{}</code> <span class=\"type\">{}</span>{need}</dt>\n<dd>{}",
            escaped(name),
            escaped(&type_of(member)),
            prose(member["description"].as_str().unwrap_or_default())
        );
        let inner = if member["type"] == "array" { &member["items"] } else { member };
        if properties(inner).next().is_some() {
            write_members(main, inner);
        }
        main.push_str("</dd>\n");
    }
    main.push_str("</dl>\n");
}

/// A schema's type in a few words.
pub(super) fn type_of(schema: &Value) -> String {
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values
            .iter()
            .map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned))
            .collect();
        return values.join(" | ");
    }
    let name = match &schema["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => {
            let names = names.iter().filter_map(Value::as_str).filter(|it| *it != "null");
            names.collect::<Vec<_>>().join(" | ")
        }
        _ => "any".into(),
    };
    match name.as_str() {
        "array" => format!("list of {}", type_of(&schema["items"])),
        _ => name,
    }
}

/// Text with its `code` marked up.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| match at % 2 {
            1 => format!("<code>{}</code>", escaped(part)),
            _ => escaped(part),
        })
        .collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_is_escaped_and_code_marked_up() {
        assert_eq!(prose("a `b<c` & d"), "a <code>b&lt;c</code> &amp; d");
    }

    #[test]
    fn types_read_as_words() {
        assert_eq!(type_of(&json!({ "type": ["integer", "null"] })), "integer");
        let list = json!({ "type": "array", "items": { "enum": ["a", "b"] } });
        assert_eq!(type_of(&list), "list of a | b");
    }
}
