//! The copilot door: streams that can be resumed, writes that wait, receipts, replay, feedback.

use reqwest::Method;
use serde_json::{Value, json};
use server::housekeeping;
use store::testing::block_on;

use crate::bench::{Bench, problem};

/// The numbered frames of a stream.
fn frames(text: &str) -> Vec<(u64, Value)> {
    let mut found = Vec::new();
    for block in text.split("\n\n") {
        let id = block.lines().find_map(|it| it.strip_prefix("id: "));
        let data = block.lines().find_map(|it| it.strip_prefix("data: "));
        if let (Some(id), Some(data)) = (id, data) {
            found.push((id.parse().unwrap(), serde_json::from_str(data).unwrap()));
        }
    }
    found
}

async fn stream(bench: &Bench, body: &Value) -> Vec<(u64, Value)> {
    let asked = bench
        .request(Method::POST, "/copilot")
        .header("accept", "text/event-stream")
        .json(body)
        .send()
        .await
        .unwrap();
    assert_eq!(asked.status(), 200);
    assert_eq!(asked.headers()["x-accel-buffering"], "no");
    frames(&asked.text().await.unwrap())
}

fn agui(run: &str, message: &str, resume: &Value) -> Value {
    json!({ "threadId": "thread-1", "runId": run, "protocolVersion": "1.0", "tools": [],
        "state": {}, "context": [], "resume": resume,
        "messages": [{ "id": "m1", "role": "user", "content": message }] })
}

fn last(frames: &[(u64, Value)]) -> &Value {
    &frames.last().unwrap().1
}

#[test]
fn a_dropped_stream_goes_on_where_it_stopped() {
    block_on(async {
        let bench = Bench::new().await;
        let whole = stream(&bench, &agui("run-1", "list the machines", &json!([]))).await;
        assert_eq!(whole[0].1["type"], "RUN_STARTED");
        assert_eq!(last(&whole)["type"], "RUN_FINISHED");
        assert_eq!(last(&whole)["outcome"]["type"], "success");
        let numbers: Vec<u64> = whole.iter().map(|it| it.0).collect();
        assert_eq!(numbers, (1..=whole.len() as u64).collect::<Vec<_>>());
        for after in [0, 1, whole.len() / 2, whole.len()] {
            let path = format!("/copilot/runs/run-1/events?after={after}");
            let rest = frames(&bench.get(&path).await.text().await.unwrap());
            assert_eq!(rest, whole[after..], "after {after}");
        }
        let again = bench.post("/copilot", &agui("run-1", "list the machines", &json!([]))).await;
        assert_eq!(problem(again).await["status"], 409);
    });
}

#[test]
fn a_write_waits_and_is_kept_by_a_resume() {
    block_on(async {
        let bench = Bench::new().await;
        let asked = agui("run-1", "put Coca-Cola in B3 on VM-001", &json!([]));
        let first = stream(&bench, &asked).await;
        let types: Vec<&str> = first.iter().map(|it| it.1["type"].as_str().unwrap()).collect();
        assert!(!types.contains(&"TOOL_CALL_RESULT"), "{types:?}");
        let tail = &types[types.len() - 3..];
        assert_eq!(tail, ["STATE_SNAPSHOT", "MESSAGES_SNAPSHOT", "RUN_FINISHED"]);
        let interrupt = &last(&first)["outcome"]["interrupts"][0];
        assert_eq!(interrupt["reason"], "tool_call");
        let declined = json!([{ "interruptId": interrupt["id"], "status": "resolved",
            "payload": { "approved": "yes" } }]);
        let approved = json!([{ "interruptId": interrupt["id"], "status": "resolved",
            "payload": { "approved": true } }]);
        let kept = stream(&bench, &agui("run-2", "", &approved)).await;
        let result = kept.iter().find(|it| it.1["type"] == "TOOL_CALL_RESULT").unwrap();
        assert_eq!(result.1["toolCallId"], interrupt["toolCallId"]);
        assert!(kept.iter().all(|it| it.1["type"] != "TOOL_CALL_START"));
        assert!(last(&kept)["result"]["answer"].as_str().unwrap().starts_with("Done."));
        let late = stream(&bench, &agui("run-3", "", &declined)).await;
        let told = last(&late)["result"]["answer"].as_str().unwrap().to_owned();
        assert!(told.contains("already confirmed"), "{told}");
    });
}

#[test]
fn every_number_opens_and_the_answer_is_made_again_byte_for_byte() {
    block_on(async {
        let bench = Bench::new().await;
        for message in ["list the machines", "trace lot L24-0117", "what is the weather like"] {
            let answer: Value =
                bench.post("/copilot", &json!({ "message": message })).await.json().await.unwrap();
            let text = answer["answer"].as_str().unwrap();
            for citation in answer["citations"].as_array().unwrap() {
                let at = |key: &str| citation[key].as_u64().unwrap() as usize;
                assert_eq!(&text[at("start")..at("end")], citation["text"]);
                let receipt = citation["receipt"].as_str().unwrap();
                let path = citation["path"].as_str().unwrap();
                let asked = bench.request(Method::GET, receipt).query(&[("path", path)]);
                let opened = asked.send().await.unwrap();
                assert_eq!(opened.status(), 200, "{receipt}{path}");
                let opened: Value = opened.json().await.unwrap();
                assert!(!opened["value"].is_null(), "{receipt}{path}");
            }
            let run = answer["metadata"]["runId"].as_str().unwrap();
            let replay: Value =
                bench.get(&format!("/copilot/runs/{run}/replay")).await.json().await.unwrap();
            assert_eq!(replay["identical"], true, "{replay}");
            assert_eq!(replay["replayed"], text);
            let same = replay["calls"].as_array().unwrap().iter().all(|it| it["same"] == true);
            assert!(same, "{replay}");
        }
    });
}

#[test]
fn a_verdict_is_kept_and_another_persons_run_is_not_there() {
    block_on(async {
        let bench = Bench::new().await;
        let answer: Value = bench
            .post("/copilot", &json!({ "message": "list the machines" }))
            .await
            .json()
            .await
            .unwrap();
        let run = answer["metadata"]["runId"].as_str().unwrap();
        let verdict = json!({ "run_id": run, "score": 1, "comment": "good" });
        assert_eq!(bench.post("/copilot/feedback", &verdict).await.status(), 204);
        let wrong = bench.post("/copilot/feedback", &json!({ "run_id": run, "score": 5 })).await;
        assert_eq!(problem(wrong).await["field"], "score");
        let nowhere = json!({ "run_id": "run_none", "score": 1 });
        assert_eq!(problem(bench.post("/copilot/feedback", &nowhere).await).await["status"], 404);
        let key = bench.key(bench.tenant.id(), &["all"]).await;
        for tail in ["", "/events", "/replay"] {
            let path = format!("/copilot/runs/{run}{tail}");
            let asked = bench.request(Method::GET, &path).bearer_auth(&key).send().await.unwrap();
            assert_eq!(asked.status(), 404, "a colleague opened {path}");
        }
    });
}

#[test]
fn a_conversation_carries_what_was_named_and_completes_a_question() {
    block_on(async {
        let bench = Bench::new().await;
        let ask = async |message: &str| -> Value {
            let body = json!({ "message": message, "thread_id": "t-1" });
            bench.post("/copilot", &body).await.json().await.unwrap()
        };
        let question = ask("show me a planogram").await;
        assert!(question["answer"].as_str().unwrap().starts_with("Which device"), "{question}");
        assert!(!question["actions"].as_array().unwrap().is_empty());
        let shown = ask("VM-002").await;
        assert_eq!(shown["metadata"]["tools_used"], json!(["vending_show_planogram"]));
        let zones = ask("and its heat zones?").await;
        assert_eq!(zones["results"][0]["arguments"]["device"], "VM-002", "{zones}");
    });
}

#[test]
fn old_answers_are_deleted_and_young_ones_stay() {
    block_on(async {
        let bench = Bench::new().await;
        let answer: Value = bench
            .post("/copilot", &json!({ "message": "list the machines" }))
            .await
            .json()
            .await
            .unwrap();
        let run = answer["metadata"]["runId"].as_str().unwrap();
        while bench.app.drainer().drain().await.unwrap() > 0 {}
        let now = server::clock::now();
        let tidy = |at| housekeeping::tidy_tenant(&bench.app, bench.tenant.id(), at);
        tidy(now).await.unwrap();
        assert_eq!(bench.get(&format!("/copilot/runs/{run}")).await.status(), 200);
        tidy(now + chrono::Duration::days(91)).await.unwrap();
        let gone = bench.get(&format!("/copilot/runs/{run}")).await;
        assert!(gone.status().is_client_error() || no_events(gone).await);
    });
}

async fn no_events(turn: reqwest::Response) -> bool {
    let turn: Value = turn.json().await.unwrap();
    turn["events"].as_array().is_none_or(Vec::is_empty)
}
