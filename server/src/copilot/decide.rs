//! A person's yes or no to a write that waits.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kernel::Door;
use serde::Deserialize;
use serde_json::json;
use toolkit::{Decision, HeldCall};

use super::shapes::{Ask, Dialect};
use super::{reply, start, unreadable};
use crate::problem::Failure;
use crate::{App, Caller};

/// What `POST /copilot/confirm` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    held_id: String,
    decision: Decision,
    #[serde(default)]
    thread_id: Option<String>,
    #[serde(default)]
    lang: Option<String>,
}

/// Carry out a decision as a turn of its own; its problem's status is the answer's.
pub(super) async fn confirm(
    State(app): State<Arc<App>>,
    caller: Caller,
    body: Result<Json<Body>, JsonRejection>,
) -> Result<Response, Failure> {
    let Json(body) = body.map_err(unreadable)?;
    let ask = Ask {
        dialect: Dialect::Plain,
        thread_id: body.thread_id,
        run_id: None,
        workspace: None,
        message: String::new(),
        intent: None,
        page: json!({}),
        decisions: vec![(body.held_id, body.decision)],
        language: body.lang,
    };
    let begun = start::begin(&app, caller.context(Door::Copilot), ask.checked()?).await?;
    let _reader = begun.run.reader();
    let turn = begun.run.finished().await;
    let problem = turn.decisions.iter().find_map(|it| it.problem.clone());
    if let Some(problem) = problem {
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::CONFLICT);
        let kind = [("content-type", "application/problem+json")];
        return Ok((status, kind, Json(problem)).into_response());
    }
    let mut answer = reply::json(&turn);
    answer["kept"] = json!(turn.decisions.iter().find_map(|it| it.output.clone()));
    Ok(Json(answer).into_response())
}

/// `GET /copilot/held/{id}`: what waits, for the person who decides.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<HeldCall>, Failure> {
    Ok(Json(app.executor.held(&caller.context(Door::Copilot), &id).await?))
}
