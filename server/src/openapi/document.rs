//! The OpenAPI 3.1 document. It takes JSON Schema 2020-12 as it is, so schemas go in untouched.

use serde_json::{Map, Value, json};
use toolkit::{Effect, HeldCall, ImportReport, Method, Registry, Route, ToolSpec, input_schema_of};

/// Describe every operation of these tools, as served at this address.
pub fn document(registry: &Registry, server: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for spec in registry.specs() {
        add(&mut paths, &format!("/api/v1/tools/{}", spec.name), "post", by_name(spec));
        if let Some(route) = spec.route {
            let method = match route.method {
                Method::Get => "get",
                Method::Post => "post",
            };
            add(&mut paths, &format!("/api{}", route.path), method, own(spec, route));
        }
    }
    add(&mut paths, "/api/v1/tools", "get", tools());
    add(&mut paths, "/api/v1/import/{importer}", "post", import(registry));
    paths.sort_keys();
    let tags: Vec<Value> = registry
        .workspaces()
        .iter()
        .map(
            |it| json!({ "name": it.id, "x-displayName": it.title, "description": it.description }),
        )
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Quartermaster",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Deterministic engines for people who make, move and sell food.",
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": server }],
        "security": [{ "key": [] }, { "header": [] }, {}],
        "tags": tags,
        "paths": paths,
        "components": components(registry),
    })
}

const ABOUT: &str = "Every tool is an operation. A read answers 200 with its output. A write \
     answers 202: it was previewed and undone, and waits for a person to confirm it at \
     `/copilot/confirm`. The header `X-Receipt-Id` names the receipt of each call. Errors are \
     RFC 9457 problems. On the machine the server runs on no key is needed.";

fn add(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    let item = paths.entry(path).or_insert_with(|| json!({}));
    if let Some(item) = item.as_object_mut() {
        item.insert(method.to_owned(), operation);
    }
}

fn by_name(spec: &ToolSpec) -> Value {
    let mut operation = described(spec, spec.name);
    operation["requestBody"] = body(&spec.input_schema, &spec.example);
    operation
}

fn own(spec: &ToolSpec, route: Route) -> Value {
    let mut operation = described(spec, &format!("{}_route", spec.name));
    let in_path: Vec<&str> = names_in(route.path).collect();
    let in_query = route.method == Method::Get;
    let parameters: Vec<Value> = properties(&spec.input_schema)
        .filter(|(name, _)| in_query || in_path.contains(&name.as_str()))
        .map(|(name, schema)| parameter(spec, (name, schema), in_path.contains(&name.as_str())))
        .collect();
    operation["parameters"] = Value::Array(parameters);
    if !in_query {
        let (schema, example) = (without(&spec.input_schema, &in_path), &spec.example);
        let mut example = example.clone();
        if let Some(members) = example.as_object_mut() {
            members.retain(|name, _| !in_path.contains(&name.as_str()));
        }
        operation["requestBody"] = body(&schema, &example);
    }
    operation
}

/// The names in braces of a route's path.
pub(super) fn names_in(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'))
}

fn parameter(spec: &ToolSpec, (name, schema): (&String, &Value), in_path: bool) -> Value {
    let mut parameter = json!({
        "name": name,
        "in": if in_path { "path" } else { "query" },
        "required": in_path || is_required(&spec.input_schema, name),
        "description": schema["description"],
        "schema": without(schema, &[]),
    });
    if let Some(example) = spec.example.get(name).filter(|it| !it.is_null()) {
        parameter["example"] = example.clone();
    }
    if !in_path && schema["type"] == "array" {
        parameter["style"] = json!("form");
        parameter["explode"] = json!(false);
    }
    parameter
}

fn described(spec: &ToolSpec, id: &str) -> Value {
    let mut responses = json!({});
    match spec.effect {
        Effect::Read => responses["200"] = answer(spec),
        Effect::Add | Effect::Change => {
            responses["202"] = json!({ "$ref": "#/components/responses/Held" });
        }
    }
    responses["default"] = json!({ "$ref": "#/components/responses/Problem" });
    json!({
        "operationId": id,
        "tags": [spec.workspace()],
        "summary": spec.title,
        "description": spec.description,
        "x-permission": spec.permission,
        "x-effect": spec.effect,
        "responses": responses,
    })
}

fn answer(spec: &ToolSpec) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{}", output_name(spec)) });
    json!({
        "description": spec.title,
        "headers": { "X-Receipt-Id": { "$ref": "#/components/headers/Receipt" } },
        "content": { "application/json": { "schema": schema } },
    })
}

/// Outputs stand once, though two operations may answer them.
fn output_name(spec: &ToolSpec) -> String {
    format!("{}_output", spec.name)
}

fn body(schema: &Value, example: &Value) -> Value {
    let content = json!({ "application/json": { "schema": schema, "example": example } });
    json!({ "required": true, "content": content })
}

/// An object schema without some properties, and without its own description.
fn without(schema: &Value, names: &[&str]) -> Value {
    let mut schema = schema.clone();
    let Some(object) = schema.as_object_mut() else { return schema };
    object.remove("description");
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|name, _| !names.contains(&name.as_str()));
    }
    if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|it| it.as_str().is_none_or(|it| !names.contains(&it)));
    }
    schema
}

pub(super) fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

pub(super) fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|it| it.iter().any(|it| it == name))
}

fn tools() -> Value {
    json!({
        "operationId": "list_tools",
        "summary": "List the tools you may use",
        "responses": {
            "200": {
                "description": "The tools, by name",
                "content": { "application/json": { "schema": {
                    "type": "object",
                    "properties": { "tools": { "type": "array", "items": { "type": "object" } } },
                    "required": ["tools"],
                } } },
            },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    })
}

fn import(registry: &Registry) -> Value {
    let names: Vec<&str> =
        crate::import::importers(registry).map(toolkit::Importer::name).collect();
    let mut importer = json!({ "type": "string" });
    if !names.is_empty() {
        importer["enum"] = json!(names);
    }
    json!({
        "operationId": "import_file",
        "summary": "Import a file",
        "description": "Rows that cannot be read are reported and the rest is kept; importing a \
                        file twice adds nothing. Gzip is unpacked.",
        "parameters": [
            { "name": "importer", "in": "path", "required": true, "schema": importer },
            { "name": "name", "in": "query", "schema": { "type": "string" },
              "description": "The file's name, for the report." },
        ],
        "requestBody": { "required": true, "content": {
            "application/octet-stream": { "schema": { "type": "string", "format": "binary" } },
            "multipart/form-data": { "schema": { "type": "object",
                "properties": { "file": { "type": "string", "format": "binary" } },
                "required": ["file"] } },
        } },
        "responses": {
            "200": { "description": "What was imported", "content": {
                "application/json": { "schema": input_schema_of::<ImportReport>() } } },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    })
}

fn components(registry: &Registry) -> Value {
    let reads = registry.specs().filter(|it| it.effect == Effect::Read);
    let schemas: Map<String, Value> =
        reads.map(|it| (output_name(it), it.output_schema.clone())).collect();
    let problem = json!({ "application/problem+json": {
        "schema": input_schema_of::<kernel::Problem>() } });
    let held = json!({ "application/json": { "schema": {
        "type": "object",
        "properties": {
            "status": { "const": "held" },
            "held": input_schema_of::<HeldCall>(),
            "confirm": { "type": "object", "description": "The request that confirms it." },
        },
        "required": ["status", "held", "confirm"],
    } } });
    json!({
        "schemas": schemas,
        "securitySchemes": {
            "key": { "type": "http", "scheme": "bearer", "description": "An API key, `qm_…`." },
            "header": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
        },
        "headers": { "Receipt": {
            "description": "Opens the call's receipt at `/receipts/{id}`.",
            "schema": { "type": "string" },
        } },
        "responses": {
            "Held": {
                "description": "Previewed and undone; a person must confirm it.",
                "headers": { "X-Receipt-Id": { "$ref": "#/components/headers/Receipt" } },
                "content": held,
            },
            "Problem": { "description": "What went wrong and what to do.", "content": problem },
        },
    })
}
