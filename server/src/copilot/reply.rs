//! A finished turn as one JSON answer.

use orchestrator::{CallState, Turn};
use serde_json::{Value, json};

/// The answer, its buttons, its citations, and what waits for a person.
pub fn json(turn: &Turn) -> Value {
    let answer = turn.answer.clone().unwrap_or_default();
    let citations: Vec<Value> = answer
        .citations
        .iter()
        .map(|it| {
            json!({ "start": it.start, "end": it.end, "call": it.call_id, "path": it.pointer,
                "text": answer.text.get(it.start..it.end), "receipt": format!("/receipts/{}", it.receipt_id) })
        })
        .collect();
    let tools_used: Vec<&str> = turn.calls.iter().map(|it| it.call.name.as_str()).collect();
    let start = turn.start.as_ref();
    json!({
        "answer": answer.text,
        "actions": answer.actions,
        "citations": citations,
        "results": results(turn),
        "confirm": confirm(turn),
        "problem": turn.problem,
        "metadata": {
            "threadId": start.map(|it| it.thread_id.as_str()),
            "runId": start.map(|it| it.run_id.as_str()),
            "tools_used": tools_used,
            "outcome": turn.ending,
            "language": start.map(|it| it.language),
        },
    })
}

/// What each call came back with, for programs that want more than words.
fn results(turn: &Turn) -> Vec<Value> {
    turn.calls
        .iter()
        .map(|step| {
            let mut result = json!({ "call": step.call.id, "tool": step.call.name,
                "arguments": step.call.arguments });
            match &step.state {
                CallState::Done { output, receipt_id } => {
                    result["output"] = output.clone();
                    result["receipt"] = json!(format!("/receipts/{receipt_id}"));
                }
                CallState::Held { held, .. } => result["held"] = json!(held.id),
                CallState::Failed(problem) => result["problem"] = json!(problem),
                CallState::Running => {}
            }
            result
        })
        .collect()
}

fn confirm(turn: &Turn) -> Value {
    let Some(held) = turn.held().next() else { return Value::Null };
    json!({
        "held_id": held.id,
        "tool": held.tool,
        "arguments": held.arguments,
        "preview": held.preview,
        "expires_at": held.expires_at,
        "confirm_with": { "method": "POST", "path": "/copilot/confirm",
            "body": { "held_id": held.id, "decision": "confirm" } },
    })
}
