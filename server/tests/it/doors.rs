//! Doors agree: the same call through REST, MCP and the command line is the same JSON.

use std::sync::Arc;

use reqwest::Method as Http;
use rmcp::ServiceExt;
use rmcp::model::CallToolRequestParams;
use rmcp::transport::StreamableHttpClientTransport;
use serde_json::Value;
use store::testing::block_on;
use toolkit::{Effect, Method, ToolSpec};

use crate::bench::Bench;

/// The same example, as a path and a query.
fn as_query(spec: &ToolSpec, path: &str) -> (String, Vec<(String, String)>) {
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for (name, value) in spec.example.as_object().unwrap() {
        let text = match value {
            Value::Null => continue,
            Value::String(it) => it.clone(),
            other => other.to_string(),
        };
        let slot = format!("{{{name}}}");
        match path.contains(&slot) {
            true => path = path.replace(&slot, &text),
            false => query.push((name.clone(), text)),
        }
    }
    (path, query)
}

/// The same example, as flags.
fn as_flags(spec: &ToolSpec) -> Vec<String> {
    let example = spec.example.as_object().unwrap();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    example
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| format!("--{}={}", name.replace('_', "-"), text(value)))
        .collect()
}

/// An output with the instants in it set aside: each call has its own.
fn timeless(mut output: Value) -> Value {
    match &mut output {
        Value::String(text) if chrono::DateTime::parse_from_rfc3339(text).is_ok() => {
            *text = "(an instant)".into();
        }
        Value::Array(items) => items.iter_mut().for_each(|it| *it = timeless(it.take())),
        Value::Object(members) => {
            members.iter_mut().for_each(|(_, it)| *it = timeless(it.take()));
        }
        _ => {}
    }
    output
}

async fn over_the_command_line(bench: &Bench, spec: &ToolSpec) -> Value {
    let done = tokio::process::Command::new(env!("CARGO_BIN_EXE_quartermaster"))
        .args(["call", spec.name, "--json", "--url", &bench.url("")])
        .args(as_flags(spec))
        .output()
        .await
        .unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{}: {errors}", spec.name);
    serde_json::from_slice(&done.stdout).unwrap()
}

#[test]
fn each_example_is_the_same_through_every_door() {
    block_on(async {
        let bench = Bench::new().await;
        let client = ().serve(StreamableHttpClientTransport::from_uri(bench.url("/mcp"))).await;
        let client = client.unwrap();
        let app = Arc::clone(&bench.app);
        for spec in app.executor.registry().specs().filter(|it| it.effect == Effect::Read) {
            let path = format!("/api/v1/tools/{}", spec.name);
            let response = bench.post(&path, &spec.example).await;
            assert!(response.headers().contains_key("x-receipt-id"), "{}", spec.name);
            let rest = timeless(response.json().await.unwrap());

            if let Some(route) = spec.route {
                let (path, query) = as_query(spec, &format!("/api{}", route.path));
                let asked = match route.method {
                    Method::Get => bench.request(Http::GET, &path).query(&query),
                    Method::Post => bench.request(Http::POST, &path).json(&spec.example),
                };
                let own: Value = asked.send().await.unwrap().json().await.unwrap();
                assert_eq!(timeless(own), rest, "{} at its own route", spec.name);
            }

            let arguments = spec.example.as_object().unwrap().clone();
            let call = CallToolRequestParams::new(spec.name).with_arguments(arguments);
            let result = client.call_tool(call).await.unwrap();
            let structured = result.structured_content.clone().unwrap();
            assert_eq!(timeless(structured), rest, "{} over MCP", spec.name);
            let text = &result.content[0].as_text().unwrap().text;
            assert!(!text.trim().is_empty() && text.len() < 16_000, "{}: {text}", spec.name);

            assert_eq!(
                timeless(over_the_command_line(&bench, spec).await),
                rest,
                "{} as a command",
                spec.name
            );
        }
        client.cancel().await.unwrap();
    });
}

#[test]
fn a_write_waits_at_every_door_and_is_kept_once() {
    block_on(async {
        let bench = Bench::new().await;
        let app = Arc::clone(&bench.app);
        for spec in app.executor.registry().specs().filter(|it| it.effect != Effect::Read) {
            let path = format!("/api/v1/tools/{}", spec.name);
            let response = bench.post(&path, &spec.example).await;
            assert_eq!(response.status(), 202, "{}", spec.name);
            let held: Value = response.json().await.unwrap();
            let confirm = &held["confirm"];
            let href = confirm["href"].as_str().unwrap().replace(&bench.url(""), "");
            let kept = bench.post(&href, &confirm["body"]).await;
            assert_eq!(kept.status(), 200, "{}", spec.name);
            let again = bench.post(&href, &confirm["body"]).await;
            assert_eq!(again.status(), 409, "{}", spec.name);
        }
    });
}
