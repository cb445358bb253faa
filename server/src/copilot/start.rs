//! From a request to a running turn.

use std::sync::Arc;

use kernel::{RequestContext, Result};
use orchestrator::{Asked, CallState, Caps, Carry, Start, Turn, run_decisions, run_turn};
use store::Access;
use telemetry::turns::{self, RunFilter};
use toolkit::{Decision, HeldCall, Language};
use tracing::Instrument;
use uuid::Uuid;

use super::runs::{Run, Sink};
use super::shapes::Ask;
use crate::App;

/// A run that has begun.
pub(super) struct Begun {
    pub(super) run_id: String,
    pub(super) run: Arc<Run>,
}

/// Begin the turn a request asks for; it goes on by itself and is followed through its run.
///
/// # Errors
/// [`kernel::Error::Unavailable`] when the log has no room, [`kernel::Error::Conflict`] when the
/// run's id was used before.
pub(super) async fn begin(app: &Arc<App>, request: RequestContext, ask: Ask) -> Result<Begun> {
    app.recorder.admit()?;
    let run_id = ask.run_id.clone().unwrap_or_else(|| format!("run_{}", Uuid::now_v7().simple()));
    let thread_id =
        ask.thread_id.clone().unwrap_or_else(|| format!("th_{}", Uuid::now_v7().simple()));
    let request = RequestContext { run_id: Some(run_id.clone()), ..request };
    let carry = carry(app, &request, &ask).await?;
    let run = app.runs.begin(&request, &run_id)?;
    let start = Start {
        run_id: run_id.clone(),
        thread_id,
        user: request.principal.user.clone(),
        door: request.door,
        workspace: ask.workspace.clone(),
        language: language(&ask),
        message: ask.message,
        intent: ask.intent,
        page: ask.page,
        carry,
        now: request.now,
        prompts_version: prompts::version().to_owned(),
    };
    let asked = proposed(app, &request, &ask.decisions).await;
    let span = tracing::info_span!("turn", run_id = %run_id);
    let (app, followed) = (app.clone(), run.clone());
    tokio::spawn(async move { drive(&app, request, (start, asked), run).await }.instrument(span));
    Ok(Begun { run_id, run: followed })
}

async fn drive(
    app: &App,
    request: RequestContext,
    (start, asked): (Start, Vec<Asked>),
    run: Arc<Run>,
) {
    let tenant = request.principal.tenant.clone();
    let recorder = app.recorder.clone();
    let (thread_id, run_id) = (start.thread_id.clone(), start.run_id.clone());
    let sink = Sink { run: run.clone(), recorder, tenant, run_id };
    let turn = match asked.is_empty() {
        true => {
            let parts = (app.planner.as_ref() as _, app.executor.as_ref());
            run_turn(&request, start, parts, Caps::default(), &sink).await
        }
        false => {
            let parts = (app.narrator.as_ref(), app.executor.as_ref());
            run_decisions(&request, start, asked, parts, &sink).await
        }
    };
    match turn {
        Ok(turn) => app.runs.leave(&request, &thread_id, turn.carry()),
        Err(error) => tracing::error!(%error, "a turn stopped: its events could not be kept"),
    }
    run.over();
}

fn language(ask: &Ask) -> Language {
    match ask.language.as_deref() {
        Some("he") => Language::Hebrew,
        Some("en") => Language::English,
        _ => Language::of(&ask.message),
    }
}

/// What the conversation's latest turn left behind: remembered, or folded from its record.
async fn carry(app: &App, request: &RequestContext, ask: &Ask) -> Result<Carry> {
    let Some(thread_id) = &ask.thread_id else { return Ok(Carry::default()) };
    if let Some(carry) = app.runs.carry(request, thread_id) {
        return Ok(carry);
    }
    let turn = latest_turn(app, request, thread_id).await?;
    Ok(turn.map(|it| it.carry()).unwrap_or_default())
}

async fn latest_turn(app: &App, request: &RequestContext, thread_id: &str) -> Result<Option<Turn>> {
    let tenant = &request.principal.tenant;
    let mut tx = app.store.begin(tenant, Access::Read).await?;
    let filter = RunFilter {
        thread_id: Some(thread_id.to_owned()),
        user: Some(request.principal.user.clone()),
        limit: 1,
        ..RunFilter::default()
    };
    let Some(latest) = turns::runs(&mut tx, &filter).await?.into_iter().next() else {
        return Ok(None);
    };
    let run = (tenant, latest.run_id.as_str());
    let events = turns::load_turn(&app.recorder, &mut tx, run, None).await?;
    Ok(Some(Turn::replay(events.iter().map(|it| &it.event))))
}

/// The decisions with the calls that proposed them, as the earlier run's stream named them.
async fn proposed(
    app: &App,
    request: &RequestContext,
    decisions: &[(String, Decision)],
) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (held_id, decision) in decisions {
        let tool_call_id = proposer(app, request, held_id).await;
        asked.push(Asked { held_id: held_id.clone(), tool_call_id, decision: *decision });
    }
    asked
}

async fn proposer(app: &App, request: &RequestContext, held_id: &str) -> Option<String> {
    let tenant = &request.principal.tenant;
    let mut tx = app.store.begin(tenant, Access::Read).await.ok()?;
    let run_id = HeldCall::proposed_in(&mut tx, held_id).await.ok().flatten()?;
    let events = turns::load_turn(&app.recorder, &mut tx, (tenant, &run_id), None).await.ok()?;
    let turn = Turn::replay(events.iter().map(|it| &it.event));
    let step = turn.calls.iter().find(|step| match &step.state {
        CallState::Held { held, .. } => held.id == held_id,
        _ => false,
    })?;
    Some(format!("{run_id}:{}", step.call.id))
}
