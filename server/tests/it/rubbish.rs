//! Rubbish in: an answer that says what is wrong, never a 5xx, never a panic.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Map, Value, json};
use store::testing::block_on;

use crate::bench::Bench;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(1e308)),
        "\\PC{0,24}".prop_map(Value::from),
        Just(json!("\u{0}")),
        Just(json!("9999-99-99")),
        Just(json!("'; drop table held_call; --")),
        Just(json!("ל".repeat(5000))),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..5)
                .prop_map(|it| Value::Object(it.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A tool's example with one member replaced, removed or added.
fn bent(example: &Value, (at, with): (usize, Option<Value>)) -> Value {
    let mut bent = example.clone();
    let Some(members) = bent.as_object_mut() else { return with.unwrap_or_default() };
    let name = members.keys().nth(at % (members.len() + 1)).cloned();
    match (name, with) {
        (Some(name), Some(value)) => drop(members.insert(name, value)),
        (Some(name), None) => drop(members.shift_remove(&name)),
        (None, Some(value)) => drop(members.insert("extra".into(), value)),
        (None, None) => {}
    }
    bent
}

/// `QM_FUZZ=10000` makes every test here run that many cases a door.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration to read it from")]
fn runner(cases: u32) -> TestRunner {
    let cases = std::env::var("QM_FUZZ").ok().and_then(|it| it.parse().ok()).unwrap_or(cases);
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

/// A server on which nobody is too fast.
fn patient() -> Bench {
    block_on(Bench::with(|it| (it.rate, it.burst) = (1e6, 1_000_000)))
}

#[test]
fn bent_arguments_are_answered_over_rest() {
    bend(0);
}

#[test]
fn bent_arguments_are_answered_over_mcp() {
    bend(1);
}

#[test]
fn bent_arguments_are_answered_by_the_copilot() {
    bend(2);
}

fn bend(door: u8) {
    let bench = patient();
    let specs: Vec<(&str, Value)> =
        bench.app.executor.registry().specs().map(|it| (it.name, it.example.clone())).collect();
    let any = (0..specs.len(), 0_usize..8, prop::option::weighted(0.8, any_json()));
    let done = runner(120).run(&any, |(tool, at, with)| {
        let (name, example) = &specs[tool];
        let arguments = bent(example, (at, with));
        let (status, body) = block_on(async {
            let asked = match door {
                0 => bench.request(Method::POST, &format!("/api/v1/tools/{name}")).json(&arguments),
                2 => bench
                    .request(Method::POST, "/copilot")
                    .json(&json!({ "intent": name, "args": arguments })),
                _ => bench
                    .request(Method::POST, "/mcp")
                    .header("accept", "application/json, text/event-stream")
                    .header("mcp-protocol-version", "2026-07-28")
                    .header("mcp-method", "tools/call")
                    .header("mcp-name", *name)
                    .json(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
                        "name": name, "arguments": arguments, "_meta": {
                            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                            "io.modelcontextprotocol/clientCapabilities": {} } } })),
            };
            let response = asked.send().await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap())
        });
        prop_assert!(status < 500, "{name} {arguments}: {status} {body}");
        prop_assert!(!body.contains("-32603"), "{name} {arguments}: {body}");
        prop_assert!(!body.contains("/problems/internal"), "{name} {arguments}: {body}");
        Ok(())
    });
    done.unwrap();
}

#[test]
fn any_message_is_answered() {
    let bench = patient();
    let done = runner(60).run(&"\\PC{1,80}", |message| {
        let asked = json!({ "message": message });
        let status = block_on(async { bench.post("/copilot", &asked).await.status().as_u16() });
        prop_assert!((200..500).contains(&status), "{message}: {status}");
        Ok(())
    });
    done.unwrap();
}

#[test]
fn bytes_that_are_no_json_are_answered() {
    let bench = patient();
    let paths = ["/api/v1/tools/vending_list_devices", "/mcp", "/copilot", "/copilot/confirm"];
    let any = (prop::sample::select(paths.to_vec()), prop::collection::vec(any::<u8>(), 0..200));
    let done = runner(100).run(&any, |(path, bytes)| {
        let status = block_on(async {
            let asked =
                bench.request(Method::POST, path).header("content-type", "application/json");
            let asked = asked.header("accept", "application/json, text/event-stream");
            asked.body(bytes).send().await.unwrap().status().as_u16()
        });
        prop_assert!((200..500).contains(&status), "{path}: {status}");
        Ok(())
    });
    done.unwrap();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    block_on(async {
        let asked =
            bench.request(Method::POST, paths[0]).header("content-type", "application/json");
        assert_eq!(asked.body(deep).send().await.unwrap().status(), 422);
    });
}

#[test]
fn strange_paths_and_queries_are_answered() {
    let bench = patient();
    let own: Vec<&str> = bench
        .app
        .executor
        .registry()
        .specs()
        .filter_map(|it| it.route.map(|route| route.path))
        .collect();
    let any = (prop::sample::select(own), "[^/?#]{1,12}", "\\PC{0,30}");
    let done = runner(100).run(&any, |(path, value, query)| {
        let mut url = reqwest::Url::parse(&bench.url("/")).unwrap();
        let path: String = path
            .split('/')
            .skip(1)
            .map(|it| if it.starts_with('{') { value.as_str() } else { it })
            .fold("/api".into(), |path, it| format!("{path}/{it}"));
        url.set_path(&path);
        url.set_query(Some(&query));
        let status =
            block_on(async { bench.client.get(url.clone()).send().await.unwrap().status() });
        prop_assert!(status.as_u16() < 500, "{url}: {status}");
        Ok(())
    });
    done.unwrap();
}
