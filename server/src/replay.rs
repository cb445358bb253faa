//! Replaying a turn: the same answer from the same record, and the same figures from the same
//! engines.

use kernel::{Error, RequestContext, Result};
use orchestrator::local::compose;
use orchestrator::run::surroundings;
use orchestrator::{Answer, CallState, CallStep, Planner, Step, Turn};
use serde::Serialize;
use serde_json::Value;

use crate::{App, copilot};

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replay {
    /// The turn.
    pub run_id: String,
    /// The answer as it was given.
    pub recorded: String,
    /// The answer made anew from the turn's record.
    pub replayed: String,
    /// Whether the two are the same, byte for byte, citations included.
    pub identical: bool,
    /// Each read, run again at the turn's instant on the records as they are now.
    pub calls: Vec<CallAgain>,
}

/// One read, run again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallAgain {
    /// Its name within the turn.
    pub call_id: String,
    /// The tool.
    pub tool: String,
    /// Its receipt.
    pub receipt_id: String,
    /// Whether the output is the same as recorded.
    pub same: bool,
    /// When it is not: why that may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Replay a turn of the caller's.
///
/// # Errors
/// [`Error::NotFound`] when there is no such turn of theirs; the database's.
pub async fn replay(app: &App, request: &RequestContext, run_id: &str) -> Result<Replay> {
    let events = copilot::recorded(app, request, run_id).await?;
    let turn = Turn::replay(&events);
    let Some(start) = &turn.start else { return Err(Error::not_found("run", run_id)) };
    let then = RequestContext { now: start.now, ..request.clone() };
    let answer = again(app, &then, &turn).await?;
    let recorded = turn.answer.clone().unwrap_or_default();
    let mut calls = Vec::new();
    for step in &turn.calls {
        if let CallState::Done { output, receipt_id } = &step.state {
            let rerun = app.executor.rerun(&then, &step.call).await.map(redacted);
            let same = rerun.as_ref().is_ok_and(|it| it == output);
            calls.push(CallAgain {
                note: note(same, rerun.err()),
                ..called(step, receipt_id, same)
            });
        }
    }
    Ok(Replay {
        run_id: run_id.to_owned(),
        identical: answer == recorded,
        recorded: recorded.text,
        replayed: answer.text,
        calls,
    })
}

/// The answer made anew: told from the recorded results, or planned again when nothing was called.
async fn again(app: &App, request: &RequestContext, turn: &Turn) -> Result<Answer> {
    if !turn.calls.is_empty() || !turn.decisions.is_empty() {
        return compose(turn, app.executor.registry(), &app.narrator);
    }
    let around = surroundings(&app.executor, request).await?;
    let fresh = Turn { start: turn.start.clone(), ..Turn::default() };
    let step = app.planner.next_step(&fresh, &around, &orchestrator::run::Unheard).await;
    match step.map_err(|it| Error::Unavailable(it.to_string()))? {
        Step::Answer { answer, .. } => Ok(answer),
        Step::CallTools { .. } => Ok(Answer::default()),
    }
}

/// As it would lie in the record.
fn redacted(mut output: Value) -> Value {
    telemetry::redact::value(&mut output);
    output
}

fn called(step: &CallStep, receipt_id: &str, same: bool) -> CallAgain {
    CallAgain {
        call_id: step.call.id.clone(),
        tool: step.call.name.clone(),
        receipt_id: receipt_id.to_owned(),
        same,
        note: None,
    }
}

fn note(same: bool, error: Option<Error>) -> Option<String> {
    match (same, error) {
        (true, _) => None,
        (false, None) => {
            Some("the records have changed since: the receipt shows what was read".into())
        }
        (false, Some(error)) => Some(error.to_string()),
    }
}
