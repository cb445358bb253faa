//! A tenant's people reach nothing of another tenant's, whatever they name.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};
use store::testing::{TestTenant, block_on};
use toolkit::Effect;

use crate::bench::Bench;

/// What one tenant has that another must not reach.
struct Secrets {
    receipts: Vec<String>,
    held: Vec<String>,
    runs: Vec<String>,
}

async fn secrets(bench: &Bench) -> Secrets {
    let mut secrets = Secrets { receipts: Vec::new(), held: Vec::new(), runs: Vec::new() };
    for spec in bench.app.executor.registry().specs() {
        let response = bench.post(&format!("/api/v1/tools/{}", spec.name), &spec.example).await;
        secrets.receipts.push(response.headers()["x-receipt-id"].to_str().unwrap().to_owned());
        if spec.effect != Effect::Read {
            let body: Value = response.json().await.unwrap();
            secrets.held.push(body["held"]["id"].as_str().unwrap().to_owned());
        }
    }
    let turn = bench.post("/copilot", &json!({ "message": "which machines are there?" })).await;
    let turn: Value = turn.json().await.unwrap();
    secrets.runs.push(turn["metadata"]["runId"].as_str().unwrap().to_owned());
    secrets
}

/// The ways to name something: method, path, body.
fn probes(secrets: &Secrets) -> Vec<(Method, String, Value)> {
    let mut probes = Vec::new();
    for id in &secrets.receipts {
        probes.push((Method::GET, format!("/receipts/{id}"), Value::Null));
    }
    for id in &secrets.held {
        probes.push((Method::GET, format!("/copilot/held/{id}"), Value::Null));
        for decision in ["confirm", "decline"] {
            let body = json!({ "held_id": id, "decision": decision });
            probes.push((Method::POST, "/copilot/confirm".into(), body));
        }
    }
    for id in &secrets.runs {
        for tail in ["", "/events", "/replay"] {
            probes.push((Method::GET, format!("/copilot/runs/{id}{tail}"), Value::Null));
        }
        probes.push((Method::POST, format!("/copilot/runs/{id}/cancel"), json!({})));
    }
    probes
}

#[test]
fn nothing_of_another_tenant_can_be_reached() {
    let (bench, key, probes, devices) = block_on(async {
        let bench = Bench::with(|it| (it.rate, it.burst) = (1e6, 1_000_000)).await;
        let stranger = TestTenant::new().await;
        let key = bench.key(stranger.id(), &["all"]).await;
        let probes = probes(&secrets(&bench).await);
        let devices = bench.post("/api/v1/tools/vending_list_devices", &json!({})).await;
        let devices: Value = devices.json().await.unwrap();
        (bench, key, probes, devices)
    });
    assert!(probes.len() > 5);
    let mut runner =
        TestRunner::new(Config { cases: 1_000, failure_persistence: None, ..Config::default() });
    let any = (0..probes.len(), prop::sample::select(vec!["", "x", "0", "%00", "/../"]));
    let done = runner.run(&any, |(at, tail)| {
        let (method, path, body) = &probes[at];
        let status = block_on(async {
            let asked = bench.request(method.clone(), &format!("{path}{tail}")).bearer_auth(&key);
            let asked = if body.is_null() { asked } else { asked.json(body) };
            asked.send().await.unwrap().status().as_u16()
        });
        prop_assert!((400..500).contains(&status), "{method} {path}{tail}: {status}");
        Ok(())
    });
    done.unwrap();
    block_on(async {
        let theirs = bench
            .request(Method::POST, "/api/v1/tools/vending_list_devices")
            .bearer_auth(&key)
            .json(&json!({}));
        let theirs = theirs.send().await.unwrap().text().await.unwrap();
        let ours = devices.to_string();
        for code in ours.split('"').filter(|it| it.starts_with("VM-")) {
            assert!(!theirs.contains(code), "{code} is in {theirs}");
        }
        // The owner still can: nothing was used up by the strangers' attempts.
        let (_, path, body) = probes.iter().find(|it| it.1 == "/copilot/confirm").unwrap();
        assert_eq!(bench.post(path, body).await.status(), 200);
    });
}
